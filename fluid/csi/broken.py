"""Which pods' volumes show a FUSE mount that is no longer the one at the volume's path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fluid.csi.deciding import missing_mount
from fluid.csi.mountinfo import Mount, MountTable
from fluid.csi.records import PublishedTarget
from fluid.csi.volume import Volume


@dataclass(frozen=True, slots=True)
class Suspect:
    """A target whose file system is not that of its volume now. It is broken if it is dead as well.

    Attributes:
        record: The target.
        volume: Its volume.
        mount: What is seen at the target.
        live: Device of what is mounted at the volume's path.
    """

    record: PublishedTarget
    volume: Volume
    mount: Mount
    live: str


def suspects(
    table: MountTable, records: Iterable[PublishedTarget], volumes: Mapping[str, Volume]
) -> Iterator[Suspect]:
    """The targets to look at, by the mount table alone.

    A target without a newer mount at its volume's path is left out: there is nothing to renew it from.
    """
    for record in records:
        volume = volumes.get(record.volume_id)
        if volume is None or volume.symlink:
            continue
        seen, source = table.top(record.target), table.top(volume.path)
        if seen is None or source is None or not seen.fuse or seen.device == source.device:
            continue
        if not missing_mount(source, volume.mount_type):
            yield Suspect(record, volume, seen, source.device)


def places_of_pod(table: MountTable, suspect: Suspect, kubelet: str) -> list[Mount]:
    """The mounts of the dead file system in the pod's directory: its target, and parts of it (subPath)."""
    uid = suspect.record.pod_uid
    found = {suspect.record.target: suspect.mount}
    for point in table.below(f"{kubelet}/pods/{uid}") if uid else ():
        top = table.top(point)
        if top is not None and top.device == suspect.mount.device:
            found[point] = top
    return [*found.values()]
