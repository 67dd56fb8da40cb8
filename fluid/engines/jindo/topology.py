"""The shape of a runtime: how many masters, which network, which ports."""

from collections.abc import Mapping, Sequence

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.jindo.values import base_name
from fluid.engines.kit.ports import Port, PortTable
from fluid.models import DaemonSet, JindoCompTemplateSpec, JindoRuntime, StatefulSet
from fluid.naming import RPC_PROTOCOL
from fluid.types import Key, KubeObject

PORTS = PortTable(
    ports=(
        Port("masterRpc", 8101, StatefulSet, "master", "jindofs-master", "rpc", "namespace.rpc.port"),
        Port("workerRpc", 6101, StatefulSet, "worker", "jindofs-worker", "rpc", "storage.rpc.port"),
        Port("raft", 8103, StatefulSet, "master", "jindofs-master", "raft"),
        Port("fuseMetrics", 10001, DaemonSet, "fuse", "jindofs-fuse", "jindo-metrics"),
    ),
    config="config",
    file="jindocache.cfg",
)


def master(runtime: JindoRuntime) -> JindoCompTemplateSpec:
    """The master's part of the spec."""
    return runtime.spec.master or JindoCompTemplateSpec()


def worker(runtime: JindoRuntime) -> JindoCompTemplateSpec:
    """The workers' part of the spec."""
    return runtime.spec.worker or JindoCompTemplateSpec()


def masters(runtime: JindoRuntime) -> int:
    """Number of masters, had they not been disabled: three with consensus, else one."""
    return 3 if master(runtime).replicas == 3 else 1


def is_fuse_only(runtime: JindoRuntime) -> bool:
    """Whether there is no cache, only the FUSE client."""
    return bool(master(runtime).disabled and worker(runtime).disabled)


def on_host_network(runtime: JindoRuntime) -> bool:
    """Whether pods use their node's network."""
    return runtime.spec.networkmode != "ContainerNetwork"


def ports_needed(runtime: JindoRuntime) -> tuple[str, ...]:
    """The host ports that a runtime needs, in allocation order; none on the container network."""
    return PORTS.needed(_purposes(runtime)) if on_host_network(runtime) else ()


def used_ports(runtime: JindoRuntime, allocated: Mapping[str, int]) -> dict[str, int]:
    """The ports that the pods listen on: allocated ones, or the container network's fixed ones.

    Raises:
        ValueError: A port that `ports_needed` names has not been allocated.
    """
    return PORTS.used(_purposes(runtime), allocated, host_network=on_host_network(runtime))


def live_ports(runtime: Key, children: Sequence[KubeObject]) -> Mapping[str, int]:
    """Host ports that a runtime's live objects record, whoever made them; see `PortTable.live`."""
    return PORTS.live(runtime, base_name(runtime.name), children)


def _purposes(runtime: JindoRuntime) -> set[str]:
    metrics = runtime.spec.fuse.metrics if runtime.spec.fuse else None
    raft = {"raft"} if masters(runtime) == 3 else set[str]()
    return {"masterRpc", "workerRpc"} | raft | ({"fuseMetrics"} if metrics and metrics.enabled else set())


def uses_rdma(runtime: JindoRuntime) -> bool:
    """Whether master, workers and clients talk by RDMA.

    Raises:
        InvalidSpec: The annotation names an unknown protocol.
    """
    protocol = (runtime.metadata.annotations or {}).get(RPC_PROTOCOL) or "tcp"
    if protocol not in {"tcp", "rdma"}:
        raise InvalidSpec(
            NamedObject("JindoRuntime"),
            f"metadata.annotations[{RPC_PROTOCOL}]",
            f"{protocol[:40]!r} is unknown",
            "Use tcp or rdma",
        )
    return protocol == "rdma"
