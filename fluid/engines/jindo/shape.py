"""The shape of a JindoCache: how many masters, which network and ports, where data is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fluid.engines import api
from fluid.engines.jindo.values import base_name
from fluid.models import DaemonSet, JindoCompTemplateSpec, JindoRuntime, Level, StatefulSet
from fluid.types import Quantity


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


def uses_rdma(runtime: JindoRuntime) -> bool:
    """Whether master, workers and clients talk by RDMA.

    Raises:
        InvalidSpec: The annotation names an unknown protocol.
    """
    protocol = (runtime.metadata.annotations or {}).get(api.naming.RPC_PROTOCOL) or "tcp"
    if protocol not in {"tcp", "rdma"}:
        field, problem = f"metadata.annotations[{api.naming.RPC_PROTOCOL}]", f"{protocol[:40]!r} is unknown"
        raise api.InvalidSpec(api.NamedObject("JindoRuntime"), field, problem, "Use tcp or rdma")
    return protocol == "rdma"


def on_host_network(runtime: JindoRuntime) -> bool:
    """Whether pods use their node's network."""
    return runtime.spec.networkmode != "ContainerNetwork"


def _purposes(runtime: JindoRuntime) -> set[str]:
    metrics = runtime.spec.fuse.metrics if runtime.spec.fuse else None
    raft = {"raft"} if masters(runtime) == 3 else set[str]()
    return {"masterRpc", "workerRpc"} | raft | ({"fuseMetrics"} if metrics and metrics.enabled else set())


PORTS = api.ports.PortTable(
    ports=(
        api.ports.Port(
            "masterRpc", 8101, StatefulSet, "master", "jindofs-master", "rpc", "namespace.rpc.port"
        ),
        api.ports.Port("workerRpc", 6101, StatefulSet, "worker", "jindofs-worker", "rpc", "storage.rpc.port"),
        api.ports.Port("raft", 8103, StatefulSet, "master", "jindofs-master", "raft"),
        api.ports.Port("fuseMetrics", 10001, DaemonSet, "fuse", "jindofs-fuse", "jindo-metrics"),
    ),
    wanted=_purposes,
    on_host=on_host_network,
    base=base_name,
    config="config",
    file="jindocache.cfg",
)


@dataclass(frozen=True)
class Storage:
    """The tier that a JindoCache works with.

    Attributes:
        tier: The first tier, or 1Gi below /dev/shm.
        declared: Whether the runtime names a tier at all.
        memory: Whether the cache is in memory; the last tier decides.
        directories: Data directories, one below each directory of the tier; the first has the master's data.
    """

    tier: api.tiers.Tier
    declared: bool
    memory: bool
    directories: Sequence[str]

    @property
    def pod_memory(self) -> Quantity | None:
        """Memory that the cache takes of a worker's pod; None unless the runtime says so."""
        return self.tier.quota if self.declared and self.memory else None

    @cached_property
    def capacities(self) -> str:
        """The sizes in Jindo's spelling, comma separated."""
        return ",".join(api.tiers.in_units(size, gibi="g", mebi="m") for size in self.tier.sizes)

    @property
    def master_volume(self) -> api.tiers.DataVolume:
        """Volume of the master, with its medium and whatever size."""
        level = self.tier.level
        medium = "Memory" if level.volume_type == "emptyDir" and level.mediumtype == "MEM" else ""
        return api.tiers.DataVolume(name="1", path=self.directories[0], type=level.volume_type, medium=medium)


def storage(runtime: JindoRuntime) -> Storage:
    """The storage of a runtime.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths.
    """
    levels = api.tiers.levels_of(runtime.spec.tieredstore)
    default = Level(mediumtype="MEM", path="/dev/shm/", quota=Quantity("1Gi"), high="0.8", low="0.6")
    first = api.tiers.tier(levels[0] if levels else default)
    directories = [f"{path}/{runtime.namespace}/{runtime.name}/jindocache" for path in first.paths]
    return Storage(
        first, bool(levels), not levels or api.tiers.in_memory(runtime.spec.tieredstore), directories
    )


def capacities(runtime: JindoRuntime) -> dict[str, int]:
    """Cache bytes of one worker by medium, from all tiers; what cannot be read counts nothing."""
    return api.tiers.tier_capacities(runtime.spec.tieredstore)


def reported_medium(runtime: JindoRuntime) -> Literal["MEM", "Disk"]:
    """What the cache's report calls the medium: the first tier's, whatever later tiers are."""
    levels = api.tiers.levels_of(runtime.spec.tieredstore)
    return "Disk" if levels and levels[0].mediumtype != "MEM" else "MEM"
