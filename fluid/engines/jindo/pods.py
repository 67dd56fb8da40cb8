"""What a user asks for pods in general: metadata, resources, volumes."""

from collections.abc import Sequence

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.jindo.tiers import Storage
from fluid.engines.jindo.topology import master, worker
from fluid.engines.kit.components import Metadata, merged
from fluid.engines.kit.volumes import mounted_volumes, volumes_by_name
from fluid.models import (
    JindoCompTemplateSpec,
    JindoFuseSpec,
    JindoRuntime,
    PodMetadata,
    ResourceRequirements,
    Volume,
    VolumeMount,
)
from fluid.types import Quantity

_LARGE_CACHE = Quantity("100Gi")
_MEMORY_OF_LARGE_MASTER = Quantity("30Gi")


def pod_metadata(runtime: JindoRuntime, component: JindoCompTemplateSpec | JindoFuseSpec) -> Metadata:
    """Labels and annotations of a component: its own over the runtime's.

    Raises:
        InvalidSpec: Both ways of setting labels are used.
    """
    spec = runtime.spec
    parts = (spec, *(part for part in (spec.master, spec.worker, spec.fuse) if part))
    deprecated = any(part.labels for part in parts)
    if deprecated and any(part.pod_metadata and part.pod_metadata.labels for part in parts):
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.labels",
            "is used together with podMetadata.labels",
            "Use podMetadata.labels alone",
        )
    base, own = spec.pod_metadata or PodMetadata(), component.pod_metadata or PodMetadata()
    labels = (spec.labels, component.labels) if deprecated else (base.labels, own.labels)
    return Metadata(merged(*labels), merged(base.annotations, own.annotations))


def worker_resources(runtime: JindoRuntime, storage: Storage) -> ResourceRequirements | None:
    """Resources of workers; a cache in memory requests at least that memory.

    Raises:
        InvalidSpec: The memory limit is below the quota.
    """
    wanted = worker(runtime).resources
    if not (storage.declared and storage.memory):
        return wanted
    return _with_memory(wanted, storage.tier.quota, "spec.worker.resources.limits[memory]")


def master_resources(
    runtime: JindoRuntime, storage: Storage, *, default_memory: bool
) -> ResourceRequirements | None:
    """Resources of masters.

    Args:
        runtime: The runtime.
        storage: Its storage.
        default_memory: Whether masters of large caches in memory request 30Gi.

    Raises:
        InvalidSpec: The memory limit is below that.
    """
    wanted = master(runtime).resources
    if not (default_memory and storage.declared and storage.memory and storage.tier.quota > _LARGE_CACHE):
        return wanted
    return _with_memory(wanted, _MEMORY_OF_LARGE_MASTER, "spec.master.resources.limits[memory]")


def _with_memory(wanted: ResourceRequirements | None, least: Quantity, path: str) -> ResourceRequirements:
    wanted = wanted or ResourceRequirements()
    limit, requested = (wanted.limits or {}).get("memory"), (wanted.requests or {}).get("memory")
    if limit is not None and limit and limit < least:
        raise InvalidSpec(
            Whose.RUNTIME, path, f"{limit} is less than the {least} that the cache takes", "Raise the limit"
        )
    if requested is not None and requested >= least:
        return wanted
    return wanted.model_copy(update={"requests": {**(wanted.requests or {}), "memory": least}})


def master_volumes(runtime: JindoRuntime, reserved: Sequence[str]) -> tuple[list[Volume], list[VolumeMount]]:
    """The user's volumes in the master's pod.

    Raises:
        InvalidSpec: A mount names no volume, two volumes have one name, or one has a name that is in use.
    """
    mounts, volumes = master(runtime).volume_mounts or [], volumes_by_name(runtime.spec.volumes)
    place = "spec.master.volumeMounts[{}].name"
    return mounted_volumes(mounts, volumes, place, reserved=[*reserved, "datavolume-*"]), mounts
