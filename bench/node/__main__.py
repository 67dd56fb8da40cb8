"""`python -m bench.node`: measure on a real node, as root. Exits 1 when an aim is missed or a part failed."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench.figures import Figure, table, write_json
from bench.node import kills, loads, soak, throughput
from bench.node.lab import Lab, NotReachedError, laboratory, running
from cluster import BuildError, KubectlError, StartError
from cluster.node import datapath
from cluster.node.node import Node, NodeError

_SHORTEST_PERIOD = "1s"
"""The least that a kubelet takes for `crashLoopBackOff.maxContainerRestartPeriod`."""
PARTS = ("kills", "containers", "soak", "throughput", "loads")
_PROBLEMS = (NotReachedError, BuildError, StartError, NodeError, KubectlError)


@dataclass
class Bench:
    """All parts, and what came of them.

    Attributes:
        parts: which are measured.
        kills: SIGKILL of the FUSE client.
        containers: SIGKILL of its whole container.
        cycles: pods made and deleted.
        rounds: of throughput.
        loads: of filling a cache, each way.
        seed: of all random moments.
        directory: of a running node; None to start separate nodes.
    """

    parts: tuple[str, ...]
    kills: int
    containers: int
    cycles: int
    rounds: int
    loads: int
    seed: int
    directory: Path | None
    figures: list[Figure] = field(default_factory=list[Figure])
    problems: list[str] = field(default_factory=list[str])

    def run(self) -> None:
        """Measure; what goes wrong with one part does not stop the others."""
        try:
            with running(self.directory) as node:
                self._part("kills", node, self._kill_clients)
                self._part("soak", node, lambda lab: soak.measure(lab, self.cycles, self.seed))
                self._part(
                    "throughput", node, lambda lab: throughput.measure(lab, self.rounds), throughput.SEED
                )
                self._part("loads", node, lambda lab: loads.measure(lab, self.loads), loads.SEED)
                if self.directory is not None:
                    self._part("containers", node, self._kill_containers("as the node is configured"))
                    return
                self._part("containers", node, self._kill_containers("the kubelet's default"))
            if "containers" in self.parts:
                with running(None, restart_period=_SHORTEST_PERIOD) as node:
                    configuration = f"maxContainerRestartPeriod: {_SHORTEST_PERIOD}"
                    self._part("containers", node, self._kill_containers(configuration))
        except _PROBLEMS as error:
            self.problems.append(str(error))

    def _part(
        self, name: str, node: Node, measure: Callable[[Lab], None], seed: str = datapath.SMALL
    ) -> None:
        if name not in self.parts:
            return
        click.echo(f"measuring: {name}", err=True)
        try:
            with laboratory(node, seed) as lab:
                try:
                    measure(lab)
                finally:
                    self.figures += lab.figures
        except _PROBLEMS as error:
            self.problems.append(f"{name}: {error}")

    def _kill_clients(self, lab: Lab) -> None:
        lab.bring_dataset()
        kills.measure_clients(lab, self.kills, self.seed, plugin_too=False)
        kills.measure_clients(lab, self.kills, self.seed, plugin_too=True)

    def _kill_containers(self, configuration: str) -> Callable[[Lab], None]:
        def measure(lab: Lab) -> None:
            lab.bring_dataset()
            kills.measure_containers(lab, self.containers, configuration)

        return measure


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--kills", "times", default=20, show_default=True, help="SIGKILL of the FUSE client, so often.")
@click.option("--containers", default=5, show_default=True, help="SIGKILL of its whole container.")
@click.option("--cycles", default=200, show_default=True, help="Pods made and deleted.")
@click.option("--rounds", default=150, show_default=True, help="Of throughput, each way.")
@click.option("--loads", "fillings", default=3, show_default=True, help="Of an Alluxio cache, each way.")
@click.option("--seed", default=1, show_default=True, help="Of all random moments.")
@click.option("--node", "directory", type=click.Path(path_type=Path), help="A running node with Fluid in it.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here too.")
def command(
    parts: tuple[str, ...],
    times: int,
    containers: int,
    cycles: int,
    rounds: int,
    fillings: int,
    seed: int,
    directory: Path | None,
    file: Path | None,
) -> None:
    """Measure PARTS (all by default) on a node of its own, which ends with it."""
    machine = f"{os.cpu_count()} CPUs, {platform.machine()}, Linux {platform.release()}"
    machine += f"; load before the start {os.getloadavg()[0]:.1f}"
    bench = Bench(parts or PARTS, times, containers, cycles, rounds, fillings, seed, directory)
    bench.run()
    click.echo(f"{machine}\n\n{table(bench.figures)}")
    for problem in bench.problems:
        click.echo(f"\nerror: {problem}", err=True)
    if file:
        write_json(file, machine, bench.figures, bench.problems)
    missed = any(figure.verdict == "MISSED" for figure in bench.figures)
    sys.exit(1 if bench.problems or missed else 0)


if __name__ == "__main__":
    command()
