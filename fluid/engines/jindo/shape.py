"""The shape of a JindoCache: how many masters, which network and ports, where data is kept."""

from typing import Literal

from fluid.engines import api
from fluid.engines.jindo.values import base_name
from fluid.models import DaemonSet, JindoCompTemplateSpec, JindoRuntime, Level, StatefulSet
from fluid.types import Quantity

_DEFAULT = Level(mediumtype="MEM", path="/dev/shm/", quota=Quantity("1Gi"), high="0.8", low="0.6")


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


def storage(runtime: JindoRuntime) -> api.tiers.Storage:
    """Where workers keep data; the first directory has the master's data too.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths.
    """
    below = f"{runtime.namespace}/{runtime.name}/jindocache"
    return api.tiers.storage(runtime.spec.tieredstore, _DEFAULT, below)


def sizes(storage: api.tiers.Storage) -> str:
    """The sizes of the directories in Jindo's spelling, comma separated."""
    return ",".join(api.tiers.in_units(size, gibi="g", mebi="m") for size in storage.tier.sizes)


def master_volume(storage: api.tiers.Storage) -> api.volumes.DataVolume:
    """Volume of the master, with its medium and whatever size."""
    level, path = storage.tier.level, storage.directories[0]
    medium = "Memory" if level.volume_type == "emptyDir" and level.mediumtype == "MEM" else ""
    return api.volumes.DataVolume(name="1", path=path, type=level.volume_type, medium=medium)


def reported_medium(runtime: JindoRuntime) -> Literal["MEM", "Disk"]:
    """What the cache's report calls the medium: the first tier's, whatever later tiers are."""
    levels = api.tiers.levels_of(runtime.spec.tieredstore)
    return "Disk" if levels and levels[0].mediumtype != "MEM" else "MEM"
