"""`python -m bench.node`: measure on a real node, as root. Exits 1 when an aim is missed or a part failed."""

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bench.figures import Figure, table, write_json
from bench.node import kills, soak, throughput
from bench.node.lab import Lab, NotReachedError, laboratory, running
from cluster import BuildError, KubectlError, StartError
from cluster.node.node import Node, NodeError

PARTS = ("kills", "containers", "soak", "throughput")
_PROBLEMS = (NotReachedError, BuildError, StartError, NodeError, KubectlError)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--kills", "times", default=20, show_default=True, help="SIGKILL of the FUSE client, so often.")
@click.option("--containers", default=5, show_default=True, help="SIGKILL of its whole container.")
@click.option("--cycles", default=200, show_default=True, help="Pods made and deleted.")
@click.option("--rounds", default=40, show_default=True, help="Of throughput, each way.")
@click.option("--seed", default=1, show_default=True, help="Of all random moments.")
@click.option("--node", "directory", type=click.Path(path_type=Path), help="A running node with Fluid in it.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here too.")
def command(
    parts: tuple[str, ...],
    times: int,
    containers: int,
    cycles: int,
    rounds: int,
    seed: int,
    directory: Path | None,
    file: Path | None,
) -> None:
    """Measure PARTS (all by default) on a node of its own, which ends with it."""
    machine = f"{os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}"
    machine += f"; load before the start {os.getloadavg()[0]:.1f}"
    figures: list[Figure] = []
    problems: list[str] = []

    def part(name: str, node: Node, run: Callable[[Lab], None], **how: str) -> None:
        if parts and name not in parts:
            return
        click.echo(f"measuring: {name}", err=True)
        try:
            with laboratory(node, **how) as lab:
                run(lab)
        except _PROBLEMS as error:
            problems.append(f"{name}: {error}")
        else:
            figures.extend(lab.figures)

    def killed(lab: Lab) -> None:
        lab.bring_dataset()
        kills.measure_clients(lab, times, seed, plugin_too=False)
        kills.measure_clients(lab, times, seed, plugin_too=True)

    def killed_whole(configuration: str) -> Callable[[Lab], None]:
        def run(lab: Lab) -> None:
            lab.bring_dataset()
            kills.measure_containers(lab, containers, configuration)

        return run

    try:
        with running(directory) as node:
            part("kills", node, killed)
            part("soak", node, lambda lab: soak.measure(lab, cycles, seed))
            part("throughput", node, lambda lab: throughput.measure(lab, rounds), seed=throughput.SEED)
            part("containers", node, killed_whole("the kubelet's default"))
        if not parts or "containers" in parts:
            with running(directory, restart_period="1s") as node:
                part("containers", node, killed_whole("maxContainerRestartPeriod: 1s"))
    except _PROBLEMS as error:
        problems.append(str(error))
    click.echo(f"{machine}\n\n{table(figures)}")
    for problem in problems:
        click.echo(f"\nerror: {problem}", err=True)
    if file:
        write_json(file, machine, figures, problems)
    sys.exit(1 if problems or any(figure.verdict == "MISSED" for figure in figures) else 0)


if __name__ == "__main__":
    command()
