"""Where clients keep blocks, and the volumes of their pods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.models import (
    HostPathVolumeSource,
    JuiceFSRuntime,
    Level,
    PersistentVolumeClaim,
    PodSpec,
    TieredStore,
    Volume,
    VolumeMount,
)
from fluid.types import Quantity

DEFAULT = "/var/jfsCache"
_MEBI = 1024**2
_OWN = ("juicefs-fuse-mount", "script", "cache-dir-*", "fuse-labels-downward-api-volume")


@dataclass(frozen=True)
class Tier:
    """The first tier of a runtime: what counts of it."""

    level: Level | None
    directories: Sequence[str]
    quota: Quantity | None

    @classmethod
    def of(cls, store: TieredStore | None) -> "Tier":
        """The tier of a runtime; raises `InvalidSpec` for directories and sizes that cannot be."""
        levels = api.tiers.levels_of(store)
        if not levels:
            return cls(None, [DEFAULT], None)
        level = levels[0]
        colons = level.model_copy(update={"path": (level.path or DEFAULT).replace(",", ":")})
        found = api.tiers.directories(colons, separator=":")
        quota = level.quota
        if level.quota_list:
            sizes = [Quantity(one.strip()) for one in level.quota_list.split(",")]
            quota = sum(sizes[1:], sizes[0])
        if quota is not None and int(quota) < _MEBI:
            problem = f"{quota} is less than 1Mi: sizes are in bytes"
            fix = "Write a unit, such as 40Gi"
            raise api.InvalidSpec(api.Whose.RUNTIME, "spec.tieredstore.levels[0].quota", problem, fix)
        return cls(level, found, quota)

    @property
    def options(self) -> dict[str, str]:
        """Options of the mount that say it."""
        found = {"cache-dir": ":".join(self.directories)}
        if self.quota is not None:
            found["cache-size"] = str(int(self.quota) // _MEBI)
        if self.level is not None and self.level.low:
            found["free-space-ratio"] = self.level.low
        return found

    def volume(self, index: int, path: str) -> Volume:
        """The volume of a directory."""
        level, found = self.level, Volume(name=f"cache-dir-{index}")
        empty = api.tiers.empty_dir(level) if level is not None and path in self.directories else None
        if empty is not None:
            found.empty_dir = empty
        else:
            found.host_path = HostPathVolumeSource(path=path, type="DirectoryOrCreate")
        return found


def directories_in(options: Mapping[str, str], field: str) -> list[str]:
    """The cache directories that options of a mount say; none for a cache in the client's own memory.

    Raises:
        InvalidSpec: One is no directory of a node.
    """
    said = options["cache-dir"]
    if said == "memory":
        return []
    try:
        return api.tiers.directories(Level(mediumtype="SSD", path=said), separator=":")
    except api.InvalidSpec as error:
        fix = "Write absolute paths, separated by colons"
        raise api.InvalidSpec(
            api.Whose.RUNTIME, f"{field}[cache-dir]", f"{said[:80]!r} cannot be used", fix
        ) from error


def kept_on_nodes(pod: PodSpec) -> list[str]:
    """The cache directories of the pods of a live template that outlive them: directories of their nodes."""
    of_node = {one.name for one in pod.volumes or () if one.host_path is not None}
    mounts = [one for container in pod.containers for one in container.volume_mounts or ()]
    found = [one.mount_path for one in mounts if one.name in of_node and one.name.startswith("cache-dir-")]
    return [one for one in found if one.startswith("/") and ".." not in one.split("/")]


@dataclass(frozen=True)
class PodVolumes:
    """The volumes of the pods of a component, and where they are mounted."""

    volumes: list[Volume]
    mounts: list[VolumeMount]


def pod_volumes(
    runtime: JuiceFSRuntime, component: str, mounts: Sequence[VolumeMount], tier: Tier, paths: Sequence[str]
) -> PodVolumes:
    """The user's volumes, then the cache directories that no volume of the user has.

    Raises:
        InvalidSpec: A mount names no volume, or one that is Fluid's own.
    """
    known = api.volumes.volumes_by_name(runtime.spec.volumes)
    claims = {one.name for one in _claims(runtime)} if component == "worker" else set[str]()
    for name in sorted(claims & known.keys()):
        field, fix = "spec.volumeClaimTemplates", "Rename one of them"
        problem = f"{name!r} is the name of a volume in spec.volumes too"
        raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, fix)
    path = f"spec.{component}.volumeMounts[{{}}].name"
    where = ", nor a claim in spec.volumeClaimTemplates" if component == "worker" else ""
    found = api.volumes.mounted_volumes(mounts, known, path, reserved=_OWN, offered=claims, where=where)
    taken = {one.mount_path.rstrip("/") for one in mounts}
    free = [(index, one) for index, one in enumerate(paths) if one not in taken]
    own = [VolumeMount(name=f"cache-dir-{index}", mount_path=one) for index, one in free]
    return PodVolumes([*found, *(tier.volume(index, one) for index, one in free)], [*mounts, *own])


def claim_templates(runtime: JuiceFSRuntime) -> list[PersistentVolumeClaim]:
    """The claims that each worker gets.

    Raises:
        InvalidSpec: One has a name of Fluid's own, is there twice, or is mounted nowhere.
    """
    mounts = (runtime.spec.worker.volume_mounts if runtime.spec.worker else None) or []
    used, seen = {one.name for one in mounts}, set[str]()
    for index, claim in enumerate(found := list(_claims(runtime))):
        field = f"spec.volumeClaimTemplates[{index}].metadata.name"
        if claim.name in seen or claim.name in _OWN or claim.name.startswith("cache-dir-"):
            raise api.InvalidSpec(api.Whose.RUNTIME, field, f"{claim.name!r} is taken", "Choose another name")
        if claim.name not in used:
            fix = "Mount it in spec.worker.volumeMounts, or remove it"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, f"{claim.name!r} is mounted nowhere", fix)
        seen.add(claim.name)
    return found


def _claims(runtime: JuiceFSRuntime) -> Iterator[PersistentVolumeClaim]:
    for one in runtime.spec.volume_claim_templates or ():
        yield PersistentVolumeClaim.model_validate(one.to_wire())
