"""`python -m bench`: measure, and print the figures beside the aims. Exits 0 when it could measure."""

import logging
import os
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import click
import structlog

from bench import crowd, floor, kills, single
from bench.figures import Figure, table, write_json
from bench.lab import Lab
from bench.objects import NAMESPACE
from bench.view import NotConvergedError, View
from cluster import BuildError, ControlPlane, StartError, start
from cluster.operator import Operator, OperatorError
from fluid.kube import Connection, KubeError

PARTS = ("floor", "crowd", "alone", "loads", "kills")


@dataclass(frozen=True)
class Options:
    """What to measure."""

    datasets: int
    idle: float
    kills: int
    seed: int
    only: tuple[str, ...]


@click.command()
@click.option(
    "--datasets", type=click.IntRange(1, 400), default=100, show_default=True, help="Created at once."
)
@click.option(
    "--idle", type=float, default=300, show_default=True, help="Seconds to watch them at rest; 0: not."
)
@click.option("--kills", type=int, default=20, show_default=True, help="kill -9 of the operator, so often.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the moments of the kills.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Only this part (again for more).")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here too.")
def command(
    datasets: int, idle: float, kills: int, seed: int, only: tuple[str, ...], file: Path | None
) -> None:
    """Measure the operator on a control plane of its own, which ends with it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    machine, options = _machine(), Options(datasets, idle, kills, seed, only or PARTS)
    with tempfile.TemporaryDirectory(prefix="fluid-bench-") as folder:
        try:
            plane = start(Path(folder), tethered=True)
        except (BuildError, StartError) as error:
            raise click.ClickException(str(error)) from None
        try:
            figures, problems = anyio.run(_measure, plane, options)
        finally:
            plane.stop()
            Path(folder).mkdir()  # which the end of the block removes
    click.echo(f"{machine}\n\n{table(figures)}")
    for problem in problems:
        click.echo(f"\nerror: {problem}", err=True)
    if file:
        write_json(file, machine, figures, problems)
    sys.exit(1 if problems else 0)


async def _measure(plane: ControlPlane, options: Options) -> tuple[list[Figure], list[str]]:
    """The figures, and what kept the measurement from going on."""
    operator = Operator(plane)
    operator.install()
    plane.kubectl("create", "namespace", NAMESPACE)
    async with Connection.open(kubeconfig=plane.kubeconfig, user_agent="fluid-bench") as connection:
        lab = Lab(plane, connection, View(connection), operator)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lab.view.informers.run)
            await lab.view.informers.synced()
            try:
                await _parts(lab, options)
            except (NotConvergedError, OperatorError, KubeError) as error:
                return lab.figures, [str(error), f"the end of the operator's log:\n{operator.tail()}"]
            finally:
                if operator.running:
                    operator.stop()
                tasks.cancel_scope.cancel()
    return lab.figures, []


async def _parts(lab: Lab, options: Options) -> None:
    parts: dict[str, Callable[[], Awaitable[None]]] = {
        "floor": partial(floor.measure, lab, options.datasets),
        "crowd": partial(crowd.measure, lab, options.datasets, options.idle),
        "alone": partial(single.measure_alone, lab),
        "loads": partial(single.measure_loads, lab),
        "kills": partial(kills.measure, lab, options.kills, options.seed),
    }
    for name in (name for name in PARTS if name in options.only):
        click.echo(f"measuring: {name}", err=True)
        if name != "floor" and not lab.operator.running:
            lab.operator.start()
        await parts[name]()


def _machine() -> str:
    """What the figures depend on."""
    python, load = platform.python_version(), os.getloadavg()[0]
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Python {python}; load before the start {load:.1f}"


if __name__ == "__main__":
    command()
