"""`fluid run`: the operator process."""

import gc
from pathlib import Path

import click

from fluid.cli.logs import FORMATS, LEVELS, set_up_logs
from fluid.cli.policy_file import PolicyFile
from fluid.cli.serving import serve_until_stopped
from fluid.engines.core.runtime_policy import RuntimePolicies
from fluid.operator.options import Options


class PortRange(click.ParamType[range]):
    """A range of ports such as ``18000-19999``."""

    name = "FIRST-LAST"

    def convert(self, value: str | range, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """Read the range."""
        if isinstance(value, range):
            return value
        first, _, last = value.partition("-")
        if not (first.isdigit() and last.isdigit() and 0 < int(first) <= int(last) < 65536):
            self.fail(f"{value!r} is no range of ports; write for example 18000-19999", param, ctx)
        return range(int(first), int(last) + 1)


class Address(click.ParamType[str]):
    """Where a server listens, such as ``0.0.0.0:8080`` or ``[::]:8080``; or ``none``."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the address."""
        from fluid.kube.health import OFF, parse_address

        try:
            if value != OFF:
                parse_address(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return value


@click.command("run", help="Run the operator: all controllers in one process.")
@click.option(
    "--controllers", default="", metavar="NAME,…", help="Only these: dataset, and kinds in lower case."
)
@click.option("--namespace", help="Serve this namespace only.")
@click.option(
    "--workers", type=click.IntRange(1), default=16, show_default=True, help="Keys at once, per controller."
)
@click.option(
    "--leader-elect/--no-leader-elect", default=False, help="Wait for a Lease before doing anything."
)
@click.option("--lease-namespace", default="fluid-system", show_default=True, help="Where that Lease is.")
@click.option(
    "--metrics-addr", type=Address(), metavar="HOST:PORT|none", default="0.0.0.0:8080", show_default=True
)
@click.option(
    "--health-addr", type=Address(), metavar="HOST:PORT|none", default="0.0.0.0:8081", show_default=True
)
@click.option("--stats-interval", type=click.FloatRange(1), default=15.0, show_default=True, help="Seconds.")
@click.option(
    "--runtime-node-port-range", "ports", type=PortRange(), default="18000-19999", show_default=True
)
@click.option(
    "--runtime-policy",
    "policies",
    type=PolicyFile(),
    help="What runtimes may demand of nodes, by namespace (docs/security.md). Default: anything.",
)
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--log-format", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--log-level", type=click.Choice(LEVELS), default="info", show_default=True)
def command(
    controllers: str,
    namespace: str | None,
    workers: int,
    leader_elect: bool,
    lease_namespace: str,
    metrics_addr: str,
    health_addr: str,
    stats_interval: float,
    ports: range,
    policies: RuntimePolicies | None,
    kubeconfig: Path | None,
    log_format: str,
    log_level: str,
) -> None:
    """Run until SIGTERM; a second signal ends the process at once."""
    from fluid.kube import KubeError, LeaseLost
    from fluid.operator.process import UnknownControllerError, serve

    set_up_logs(log_format, log_level)
    options = Options(
        controllers=tuple(filter(None, (name.strip() for name in controllers.split(",")))),
        namespace=namespace,
        workers=workers,
        leader_elect=leader_elect,
        lease_namespace=lease_namespace,
        metrics_address=metrics_addr,
        health_address=health_addr,
        stats_interval=stats_interval,
        ports=ports,
        policies=policies,
        kubeconfig=kubeconfig,
    )
    _tame_garbage_collector()
    serve_until_stopped(serve, options, KubeError, LeaseLost, UnknownControllerError, OSError)


def _tame_garbage_collector() -> None:
    """Models and code live as long as the process: scanning them again and again took a third of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
