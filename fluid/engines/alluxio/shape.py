"""The shape of an Alluxio cluster: its components, ports and networks, and where data is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.models import AlluxioCompTemplateSpec, AlluxioFuseSpec, AlluxioRuntime, Level, StatefulSet
from fluid.types import Quantity

_MEDIA = ("MEM", "SSD", "HDD")
"""The fastest first: this is the order of tiers."""
_DEFAULT = Level(mediumtype="MEM", volume_type="emptyDir", path="/dev/shm", quota=Quantity("1Gi"))
COMPONENTS = ("master", "job_master", "worker", "job_worker", "api_gateway")


def component(runtime: AlluxioRuntime, name: str) -> AlluxioCompTemplateSpec:
    """The part of the spec of one of `COMPONENTS`."""
    spec = runtime.spec
    parts = (spec.master, spec.job_master, spec.worker, spec.job_worker, spec.api_gateway)
    return parts[COMPONENTS.index(name)] or AlluxioCompTemplateSpec()


def fuse(runtime: AlluxioRuntime) -> AlluxioFuseSpec:
    """The FUSE clients' part of the spec."""
    return runtime.spec.fuse or AlluxioFuseSpec()


def masters(runtime: AlluxioRuntime) -> int:
    """Number of masters."""
    return component(runtime, "master").replicas or 1


def has_gateway(runtime: AlluxioRuntime) -> bool:
    """Whether there is an API gateway."""
    return bool(component(runtime, "api_gateway").enabled)


def on_host(part: AlluxioCompTemplateSpec | AlluxioFuseSpec) -> bool:
    """Whether the pods of a component use their node's network."""
    return part.network_mode != "ContainerNetwork"


def _purposes(runtime: AlluxioRuntime) -> set[str]:
    several = {"embedded", "jobEmbedded"} if masters(runtime) > 1 else set[str]()
    named = {port.purpose for port in PORTS.ports} - {"rest", "embedded", "jobEmbedded"}
    return named | several | ({"rest"} if has_gateway(runtime) else set())


def _port(purpose: str, fixed: int, pods: str, container: str, name: str, key: str) -> api.ports.Port:
    return api.ports.Port(
        purpose, fixed, StatefulSet, pods, container, name, f"alluxio.{key}.port" if key else ""
    )


PORTS = api.ports.PortTable[AlluxioRuntime](
    ports=(
        _port("masterRpc", 19998, "master", "alluxio-master", "rpc", "master.rpc"),
        _port("masterWeb", 19999, "master", "alluxio-master", "web", "master.web"),
        _port("workerRpc", 29999, "worker", "alluxio-worker", "rpc", "worker.rpc"),
        _port("workerWeb", 30000, "worker", "alluxio-worker", "web", "worker.web"),
        _port("jobMasterRpc", 20001, "master", "alluxio-job-master", "job-rpc", "job.master.rpc"),
        _port("jobMasterWeb", 20002, "master", "alluxio-job-master", "job-web", "job.master.web"),
        _port("jobWorkerRpc", 30001, "worker", "alluxio-job-worker", "job-rpc", "job.worker.rpc"),
        _port("jobWorkerWeb", 30003, "worker", "alluxio-job-worker", "job-web", "job.worker.web"),
        _port("jobWorkerData", 30002, "worker", "alluxio-job-worker", "job-data", "job.worker.data"),
        _port("rest", 39999, "master", "api-gateway", "rest", "proxy.web"),
        _port("embedded", 19200, "master", "alluxio-master", "embedded", "master.embedded.journal"),
        _port(
            "jobEmbedded",
            20003,
            "master",
            "alluxio-job-master",
            "job-embedded",
            "job.master.embedded.journal",
        ),
    ),
    wanted=_purposes,
    on_host=lambda runtime: on_host(component(runtime, "master")) or on_host(component(runtime, "worker")),
    base=lambda runtime: runtime,
    config="config",
    file="",
    apart=lambda runtime, pods: not on_host(component(runtime, pods)),
)
_NAMED = {"embedded": "embeddedJournal", "rest": "web"}
"""What users call a port at its component, where that is not the end of its name."""


def used_ports(runtime: AlluxioRuntime, given: Mapping[str, int]) -> dict[str, int]:
    """The ports that pods listen on, by purpose: those that the user names, else what Fluid has given.

    Raises:
        InvalidSpec: A property names no port, or a port is that of a single component.
    """
    found = PORTS.used(runtime, given)
    for port in (one for one in PORTS.ports if one.purpose in found):
        owner = port.container.removeprefix("alluxio-").replace("-", "_")
        purpose = port.name.removeprefix("job-")
        own = (component(runtime, owner).ports or {}).get(_NAMED.get(purpose, purpose))
        said = (runtime.spec.properties or {}).get(port.key)
        chosen = str(own) if said is None and own is not None else said
        if chosen is not None:
            number = api.options.port_in([chosen], "", f"spec.properties[{port.key}]")
            found[port.purpose] = number or found[port.purpose]
    return found


@dataclass(frozen=True)
class Tier:
    """All directories of one medium.

    Attributes:
        level: The first level of the medium, whose watermarks count.
        paths: Directories, the runtime's own.
        sizes: Size of each directory as a quantity.
        volumes: Volumes and mounts of the directories.
        shared: Whether they are directories of the nodes, which FUSE pods read too.
    """

    level: Level
    paths: Sequence[str]
    sizes: Sequence[str]
    volumes: api.volumes.Attachments
    shared: bool

    @property
    def quota(self) -> Quantity:
        """The sizes of all directories together."""
        first, *others = (Quantity(size) for size in self.sizes)
        return sum(others, first)


def tiers(runtime: AlluxioRuntime) -> list[Tier]:
    """Where workers keep data, the fastest medium first; levels of one medium are one tier.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths, or one medium is in directories
            of the nodes and in emptyDirs.
    """
    levels = [*enumerate(api.tiers.levels_of(runtime.spec.tieredstore) or [_DEFAULT])]
    found: list[Tier] = []
    for medium in _MEDIA:
        same = [(index, level) for index, level in levels if level.mediumtype == medium]
        if same:
            found.append(_tier(runtime, same))
    return found


def _tier(runtime: AlluxioRuntime, levels: Sequence[tuple[int, Level]]) -> Tier:
    volumes, below = api.volumes.Attachments(), f"{runtime.namespace}/{runtime.name}"
    parts = [api.tiers.tier(level, index) for index, level in levels]
    places = [(part, path, size) for part in parts for path, size in zip(part.paths, part.sizes, strict=True)]
    first, medium = levels[0][1], levels[0][1].mediumtype.lower()
    for position, (part, path, size) in enumerate(places):
        index = levels[parts.index(part)][0]
        if part.level.volume_type != first.volume_type:
            problem = f"keeps {first.mediumtype} elsewhere than level {levels[0][0]} does"
            field = f"spec.tieredstore.levels[{index}].volumeType"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, "Use one volumeType for each medium")
        name = medium if len(places) == 1 else f"{medium}-{position}"
        place = f"{path}/{below}"
        if place in volumes.mounts:
            field, problem = f"spec.tieredstore.levels[{index}].path", f"names {path[:80]!r} once more"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, "Name each directory once")
        volumes.add(*api.tiers.directory_volume(part.level, name, place, size))
    paths, sizes = list(volumes.mounts), [size for *_, size in places]
    return Tier(first, paths, sizes, volumes, first.volume_type != "emptyDir")


def memory(found: Sequence[Tier]) -> Quantity | None:
    """What the tiers in memory take of a worker's pod."""
    sizes = [tier.quota for tier in found if tier.level.mediumtype == "MEM"]
    return sizes[0] if sizes else None
