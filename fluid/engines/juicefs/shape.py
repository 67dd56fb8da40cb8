"""What follows from a JuiceFSRuntime alone: where it mounts, its network, its ports."""

from fluid.engines import api
from fluid.models import DaemonSet, JuiceFSRuntime, StatefulSet

METRICS = 9567
"""Where clients serve metrics on a network of their own."""
COMPONENTS = ("worker", "fuse")


def target_path(settings: api.Settings, namespace: str, name: str) -> str:
    """Where clients mount: in FUSE pods, on their nodes, and inside workers."""
    return f"{settings.host_path('juicefs', namespace, name)}/juicefs-fuse"


def on_host(runtime: JuiceFSRuntime, component: str) -> bool:
    """Whether the pods of a component are on the network of their node."""
    part = runtime.spec.fuse if component == "fuse" else runtime.spec.worker
    return (part.network_mode if part else None) != "ContainerNetwork"


def _wanted(runtime: JuiceFSRuntime) -> set[str]:
    """The components that do not say themselves where they serve metrics."""
    parts = {"worker": runtime.spec.worker, "fuse": runtime.spec.fuse}
    return {name for name, part in parts.items() if "metrics" not in ((part.options if part else None) or {})}


PORTS = api.ports.PortTable[JuiceFSRuntime](
    ports=(
        api.ports.Port("worker", METRICS, StatefulSet, "worker", "juicefs-worker", "metrics"),
        api.ports.Port("fuse", METRICS, DaemonSet, "fuse", "juicefs-fuse", "metrics"),
    ),
    wanted=_wanted,
    on_host=lambda runtime: any(on_host(runtime, one) for one in COMPONENTS),
    base=lambda name: name,
    config="fuse-script",
    file="script.sh",
    apart=lambda runtime, component: not on_host(runtime, component),
)
"""The ports for metrics; in the enterprise edition, which a runtime does not say, they stay unused."""
