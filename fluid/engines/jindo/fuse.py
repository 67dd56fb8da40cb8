"""How the FUSE client is started, and its metrics."""

from collections.abc import Sequence

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.jindo.sources import Source
from fluid.engines.jindo.topology import is_fuse_only
from fluid.models import JindoFuseSpec, JindoRuntime
from fluid.naming import FUSE_SCRAPE
from fluid.types.untrusted import whole_number

_CACHE_FOREVER = (
    "-okernel_cache",
    "-oro",
    "-oattr_timeout=7200",
    "-oentry_timeout=7200",
    "-onegative_timeout=7200",
)
_CACHE_NOTHING = ("-oauto_cache", "-oattr_timeout=0", "-oentry_timeout=0", "-onegative_timeout=0")
_METRICS_PORT = "-ometrics_port="
_SCRAPE_TARGETS = {"MountPod", "Sidecar", "All", "None"}


def fuse_arguments(
    runtime: JindoRuntime, sources: Sequence[Source], *, read_only: bool, metrics_port: int | None
) -> list[str]:
    """Arguments of the FUSE client; the user's replace all defaults.

    Args:
        runtime: The runtime.
        sources: The Dataset's mounts.
        read_only: Whether the Dataset is only read.
        metrics_port: Port that was allocated for metrics, if they are enabled.
    """
    fuse = runtime.spec.fuse or JindoFuseSpec()
    arguments = list(fuse.args or (_CACHE_FOREVER if read_only else _CACHE_NOTHING))
    if not fuse.args and len(sources) <= 1:
        arguments.append("-ono_symlink")
    if is_fuse_only(runtime) and sources:
        arguments.append(f"-ouri={sources[0].uri}")
    if _own_port(arguments) is None:
        arguments.append(f"{_METRICS_PORT}{metrics_port or 0}")
    return arguments


def exposed_metrics_port(runtime: JindoRuntime, arguments: Sequence[str]) -> int:
    """The container port for metrics; 0 when metrics are off."""
    return (_own_port(arguments) or 0) if metrics_enabled(runtime) else 0


def metrics_enabled(runtime: JindoRuntime) -> bool:
    """Whether the FUSE client shows metrics on a port."""
    metrics = runtime.spec.fuse.metrics if runtime.spec.fuse else None
    return bool(metrics and metrics.enabled)


def scrape_annotation(runtime: JindoRuntime) -> dict[str, str]:
    """The annotation that asks Prometheus to scrape FUSE pods, when the runtime wants that.

    Raises:
        InvalidSpec: The runtime names an unknown target.
    """
    metrics = runtime.spec.fuse.metrics if runtime.spec.fuse else None
    targets = (
        {target.strip() for target in (metrics.scrape_target or "").split(",")} if metrics else set[str]()
    )
    if unknown := targets - _SCRAPE_TARGETS - {""}:
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.fuse.metrics.scrapeTarget",
            f"{min(unknown)[:40]!r} is unknown",
            "Use MountPod, Sidecar, All or None, separated by commas",
        )
    return {FUSE_SCRAPE: "true"} if targets & {"MountPod", "All"} else {}


def _own_port(arguments: Sequence[str]) -> int | None:
    ports = [
        argument.removeprefix(_METRICS_PORT) for argument in arguments if argument.startswith(_METRICS_PORT)
    ]
    if not ports:
        return None
    port = whole_number(ports[-1], 65535)
    if port is None:
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.fuse.args",
            f"{_METRICS_PORT}{ports[-1][:40]} names no port",
            "Use 0 to 65535",
        )
    return port
