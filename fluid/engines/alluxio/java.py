"""Options of the Java machines by the variable that has them; of one property the last counts."""

from collections.abc import Iterator, Mapping

from fluid.engines import api
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.mounts import root_properties
from fluid.engines.alluxio.properties import camel, refuse_unsafe
from fluid.engines.alluxio.shape import PORTS, component, fuse, has_gateway, masters, memory
from fluid.models import AlluxioCompTemplateSpec, AlluxioFuseSpec

_MEBI, _GIBI = 1024**2, 1024**3
_HEAP = {"master": (16, 3, 4), "worker": (12, 1, 2), "fuse": (16, 1, 2)}
"""GiB of the heap where no memory limit says less, and the share of a limit."""
_DIRECT = 32
"""GiB beside the heap where no limit says less; a quarter of a limit."""
_MORE = "-XX:+UnlockExperimentalVMOptions"


def java_options(case: Case, common: Mapping[str, str]) -> dict[str, list[str]]:
    """The options of each component.

    Args:
        case: The runtime with its Dataset.
        common: The properties of all components.

    Raises:
        InvalidSpec: An option would not stay one word.
    """
    master = "-Dalluxio.master.hostname=${ALLUXIO_MASTER_HOSTNAME}"
    worker = "-Dalluxio.worker.hostname=${ALLUXIO_WORKER_HOSTNAME}"
    found = {
        "ALLUXIO_JAVA_OPTS": [*_common(case), *_options(common), *_given(case, "")],
        "ALLUXIO_MASTER_JAVA_OPTS": [
            master,
            *_options(root_properties(case.root)),
            *_component(case, "master"),
        ],
        "ALLUXIO_JOB_MASTER_JAVA_OPTS": [master, *_component(case, "job_master")],
        "ALLUXIO_WORKER_JAVA_OPTS": [worker, *_worker(case), *_component(case, "worker")],
        "ALLUXIO_JOB_WORKER_JAVA_OPTS": [
            worker,
            *_port_options(case, "jobWorkerRpc", "jobWorkerData", "jobWorkerWeb"),
            *_component(case, "job_worker"),
        ],
        "ALLUXIO_FUSE_JAVA_OPTS": [*_component(case, "fuse")],
    }
    gateway = [*_component(case, "api_gateway")] if has_gateway(case.runtime) else []
    return found | ({"ALLUXIO_PROXY_JAVA_OPTS": gateway} if gateway else {})


def in_alluxio_units(size: str) -> str:
    """A size as Alluxio spells it, GB being 2**30 bytes; rounded down, never up."""
    return api.tiers.in_units(size, gibi="GB", mebi="MB")


def _common(case: Case) -> Iterator[str]:
    runtime = case.runtime
    if masters(runtime) == 1:
        yield f"-Dalluxio.master.hostname={runtime.name}-master-0.{runtime.namespace}"
    yield "-Dalluxio.user.hostname=${ALLUXIO_CLIENT_HOSTNAME}"
    yield "-Dalluxio.master.journal.type=EMBEDDED"  # of a single master the property that follows counts
    yield "-Dalluxio.master.journal.folder=/journal"
    yield f"-Dalluxio.worker.tieredstore.levels={len(case.tiers)}"
    for number, tier in enumerate(case.tiers):
        level, medium, paths = f"alluxio.worker.tieredstore.level{number}", tier.level.mediumtype, tier.paths
        tokens = {
            "alias": medium,
            "dirs.mediumtype": ",".join([medium] * len(paths)),
            "dirs.path": ",".join(paths),
            "dirs.quota": ",".join(map(in_alluxio_units, tier.sizes)),
            "watermark.high.ratio": tier.level.high or "",
            "watermark.low.ratio": tier.level.low or "",
        }
        for name, value in tokens.items():
            if value:
                refuse_unsafe(value, "spec.tieredstore.levels", api.Whose.RUNTIME)
                yield f"-D{level}.{name}={value}"


def _worker(case: Case) -> Iterator[str]:
    yield from _port_options(case, "workerRpc", "workerWeb")
    if component(case.runtime, "worker").network_mode == "ContainerNetwork":
        yield "-Dalluxio.worker.container.hostname=${ALLUXIO_WORKER_CONTAINER_HOSTNAME}"
    if (taken := memory(case.tiers)) is not None:
        yield f"-Dalluxio.worker.memory.size={in_alluxio_units(taken.canonical())}"


def _component(case: Case, name: str) -> Iterator[str]:
    yield from _options(_part(case, name).properties)
    given = [*_given(case, name)]
    yield from given or _defaults(case, name)


def _part(case: Case, name: str) -> AlluxioCompTemplateSpec | AlluxioFuseSpec:
    return fuse(case.runtime) if name == "fuse" else component(case.runtime, name)


def _given(case: Case, name: str) -> Iterator[str]:
    said = _part(case, name).jvm_options if name else case.runtime.spec.jvm_options
    for index, option in enumerate(said or ()):
        field = f"spec.{camel(name)}.jvmOptions[{index}]" if name else f"spec.jvmOptions[{index}]"
        refuse_unsafe(option, field, api.Whose.RUNTIME)
        if not option.startswith("-"):
            problem, fix = f"{option[:40]!r} does not begin with '-'", "Write an option, such as -Xmx4g"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, fix)
        yield option


def _defaults(case: Case, name: str) -> list[str]:
    """Heap and memory beside it, which a memory limit bounds, what tiers in memory take being left out."""
    if name not in _HEAP:
        return []
    most, part, whole = _HEAP[name]
    resources = _part(case, name).resources
    limit = ((resources.limits if resources else None) or {}).get("memory")
    taken = memory(case.tiers) if name == "worker" else None
    room = int(limit or 0) - int(taken or 0) if limit else None
    heap = _most(room, most, "G", part, whole)
    direct = f"-XX:MaxDirectMemorySize={_most(room, _DIRECT, 'g', 1, 4)}"
    return {
        "master": [f"-Xmx{heap}", _MORE],
        "worker": [f"-Xmx{heap}", _MORE, direct],
        "fuse": [f"-Xmx{heap}", f"-Xms{heap}", "-XX:+UseG1GC", direct, _MORE],
    }[name]


def _most(room: int | None, most: int, unit: str, part: int, whole: int) -> str:
    size = most * _GIBI if room is None else room * part // whole
    return f"{most}{unit}" if size >= most * _GIBI else f"{max(size // _MEBI, 64)}m"


def _port_options(case: Case, *purposes: str) -> Iterator[str]:
    keys = {port.purpose: port.key for port in PORTS.ports}
    yield from (f"-D{keys[purpose]}={case.ports[purpose]}" for purpose in purposes)


def _options(given: Mapping[str, str] | None) -> list[str]:
    return [f"-D{key}={value}" for key, value in sorted((given or {}).items())]
