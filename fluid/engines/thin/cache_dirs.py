"""Directories for cached data, which workers and clients have at the same path as the node."""

from posixpath import normpath

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.kit.volumes import Attachments
from fluid.models import (
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    Level,
    TieredStore,
    Volume,
    VolumeMount,
)

_FIELD = "spec.tieredstore.levels[0]"


def cache_directories(store: TieredStore | None) -> Attachments:
    """The paths of the first tier.

    Raises:
        InvalidSpec: A path is not absolute, is the root itself, or stands there twice.
    """
    found = Attachments()
    level = next(iter((store.levels if store else None) or []), None)
    if level is None or not level.path:
        return found
    for index, path in enumerate(one.strip().rstrip("/") for one in level.path.split(",")):
        if (
            not path.startswith("/")
            or ".." in path.split("/")
            or ":" in path
            or not normpath(path).strip("/")
        ):
            raise InvalidSpec(
                Whose.RUNTIME,
                f"{_FIELD}.path",
                f"{path[:80]!r} is not a directory of a node",
                "Write absolute paths without '..' and ':', separated by commas",
            )
        if path in found.mounts:
            raise InvalidSpec(
                Whose.RUNTIME, f"{_FIELD}.path", f"names {path[:80]!r} twice", "Name each directory once"
            )
        name = f"cache-dir-{index}" if index else "cache-dir"
        found.add(_volume(level, name, path), VolumeMount(name=name, mount_path=path))
    return found


def _volume(level: Level, name: str, path: str) -> Volume:
    if level.volume_type != "emptyDir":
        return Volume(name=name, host_path=HostPathVolumeSource(path=path, type="DirectoryOrCreate"))
    given = level.volume_source.empty_dir if level.volume_source else None
    memory = EmptyDirVolumeSource(medium="Memory") if level.mediumtype == "MEM" else EmptyDirVolumeSource()
    return Volume(name=name, empty_dir=given or memory)
