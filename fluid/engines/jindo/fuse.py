"""How the FUSE client is started, and the port of its metrics."""

from collections.abc import Sequence

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.topology import is_fuse_only
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


def fuse_arguments(case: Case) -> list[str]:
    """Arguments of the FUSE client; the user's replace all defaults."""
    arguments = list(case.fuse.args or (_CACHE_FOREVER if case.read_only else _CACHE_NOTHING))
    if not case.fuse.args and len(case.sources) <= 1:
        arguments.append("-ono_symlink")
    if is_fuse_only(case.runtime) and case.sources:
        arguments.append(f"-ouri={case.sources[0].uri}")
    if _own_port(arguments) is None:
        arguments.append(f"{_METRICS_PORT}{case.ports.fuse_metrics or 0}")
    return arguments


def exposed_metrics_port(case: Case, arguments: Sequence[str]) -> int:
    """The container port for metrics; 0 when metrics are off."""
    metrics = case.fuse.metrics
    return (_own_port(arguments) or 0) if metrics and metrics.enabled else 0


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
