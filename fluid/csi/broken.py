"""Which pods' volumes show a FUSE mount that is no longer the one at the volume's path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fluid.csi.deciding import missing_mount
from fluid.csi.mountinfo import Mount, MountTable
from fluid.csi.records import PublishedTarget
from fluid.csi.volume import Volume


@dataclass(frozen=True, slots=True)
class Suspect:
    """A target whose pod may see another file system than its volume's now. It is broken if that is dead.

    Attributes:
        record: The target.
        volume: Its volume.
        mount: What is seen at the target.
        live: Device of what is mounted at the volume's path.
        dead: Other devices that the pod may see, in its directory or in containers.
    """

    record: PublishedTarget
    volume: Volume
    mount: Mount
    live: str
    dead: frozenset[str]


def suspects(
    table: MountTable, records: Iterable[PublishedTarget], volumes: Mapping[str, Volume]
) -> Iterator[Suspect]:
    """The targets to look at, by the mount table alone.

    A target without a newer mount at its volume's path is left out: there is nothing to renew it from. One
    whose renewal was not finished is looked at although it shows the newer mount itself.
    """
    records = list(records)
    for record in records:
        volume = volumes.get(record.volume_id)
        if volume is None or volume.symlink:
            continue
        seen, source = table.top(record.target), table.top(volume.path)
        if seen is None or source is None or not seen.fuse or missing_mount(source, volume.mount_type):
            continue
        noted = {*record.devices}
        if noted:
            noted -= _of_others(table, record, records, volumes)
        if dead := ({seen.device} | noted) - {source.device}:
            yield Suspect(record, volume, seen, source.device, frozenset(dead))


def _of_others(
    table: MountTable,
    record: PublishedTarget,
    records: Iterable[PublishedTarget],
    volumes: Mapping[str, Volume],
) -> set[str]:
    """Devices of other volumes: the kernel gives the number of one that is gone to the next."""
    places = [volume.path for volume in volumes.values() if volume.id != record.volume_id]
    places += [other.target for other in records if other.volume_id != record.volume_id]
    return {top.device for place in places if (top := table.top(place)) is not None}


def places_of_pod(table: MountTable, suspect: Suspect, kubelet: str) -> list[Mount]:
    """The mounts of dead file systems in the pod's directory: its target, and parts of it (subPath)."""
    uid = suspect.record.pod_uid
    found = {suspect.record.target: suspect.mount} if suspect.mount.device in suspect.dead else {}
    for point in table.below(f"{kubelet}/pods/{uid}") if uid else ():
        top = table.top(point)
        if top is not None and top.fuse and top.device in suspect.dead:
            found[point] = top
    return [*found.values()]
