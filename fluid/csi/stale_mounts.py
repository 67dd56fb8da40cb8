"""Finds stale mounts: targets whose pods may see another FUSE mount than the one at the volume's path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fluid.csi.mountinfo import Mount, MountTable
from fluid.csi.records import PublishedTarget
from fluid.csi.volume import Volume


@dataclass(frozen=True, slots=True)
class StaleMount:
    """A target whose pod may see an older FUSE mount of its volume.

    Whether the older mount is dead is not known yet: an older FUSE process may still serve its pods.

    Attributes:
        record: Record of the target.
        volume: The volume that is published at the target.
        mount: The uppermost mount at the target.
        live: Device of the mount at the volume's path.
        dead: Devices other than `live` that the pod may see, in its directory or in its containers.
    """

    record: PublishedTarget
    volume: Volume
    mount: Mount
    live: str
    dead: frozenset[str]


def find_stale_mounts(
    table: MountTable, records: Iterable[PublishedTarget], volumes: Mapping[str, Volume]
) -> Iterator[StaleMount]:
    """Find stale mounts by the mount table and the records alone; no file system is asked.

    A target is left out while its volume's path has no newer mount: there is nothing to renew it from. A
    target that shows the newer mount is included if its record still names devices, because its renewal
    was not finished.
    """
    records = list(records)
    for record in records:
        volume = volumes.get(record.volume_id)
        if volume is None or volume.symlink:
            continue
        seen, source = table.top(record.target), table.top(volume.path)
        if seen is None or source is None or not seen.fuse or volume.missing_mount(table):
            continue
        noted = {*record.devices}
        if noted:
            noted -= _of_others(table, record, records, volumes)
        if dead := ({seen.device} | noted) - {source.device}:
            yield StaleMount(record, volume, seen, source.device, frozenset(dead))


def _of_others(
    table: MountTable,
    record: PublishedTarget,
    records: Iterable[PublishedTarget],
    volumes: Mapping[str, Volume],
) -> set[str]:
    """Devices of other FUSE mounts: the kernel reuses the number of a device that is gone.

    Volumes at one path show one mount: a Dataset's, and those of the Datasets that refer to it.
    """
    path = volumes[record.volume_id].path
    same = {volume.id for volume in volumes.values() if volume.path == path}
    places = [volume.path for volume in volumes.values() if volume.id not in same]
    places += [other.target for other in records if other.volume_id not in same]
    return {top.device for place in places if (top := table.top(place)) is not None}


def dead_mounts_of_pod(table: MountTable, stale: StaleMount, kubelet: str) -> list[Mount]:
    """Mounts of dead file systems in the pod's directory: at the target, and at its parts (subPath)."""
    uid = stale.record.pod_uid
    found = {stale.record.target: stale.mount} if stale.mount.device in stale.dead else {}
    for point in table.below(f"{kubelet}/pods/{uid}") if uid else ():
        top = table.top(point)
        if top is not None and top.fuse and top.device in stale.dead:
            found[point] = top
    return [*found.values()]
