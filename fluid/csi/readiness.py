"""Which mounts serve a volume, by the mount table alone, and in which words it is told that none does."""

from collections.abc import Iterator

from fluid.csi.mountinfo import MountTable
from fluid.csi.steps import missing_mount
from fluid.csi.volume import Volume

MOST_ASKED = 4
"""Mounts below a volume's path that are asked in one look: each may take as long as a helper may."""
_SHOWN = 3


def serving_points(table: MountTable, volume: Volume) -> tuple[str, ...]:
    """Where mounts of the volume's type serve it; one that answers is enough.

    That is the volume's path. Below it count FUSE mounts, too, if pods get a link: they see whatever is
    mounted there, while a bind mount shows the one file system that it was made from.
    """
    if not missing_mount(table.top(volume.path), volume.mount_type):
        return (volume.path,)
    return tuple(_below(table, volume))[:MOST_ASKED] if volume.symlink else ()


def nothing_serves(table: MountTable, volume: Volume) -> str:
    """Why no mount serves a volume, and what would make one below its path serve it; empty if one does."""
    why = missing_mount(table.top(volume.path), volume.mount_type)
    below = tuple(_below(table, volume))
    if not why or (below and volume.symlink):
        return ""
    if below:
        return (
            f"{why}; the FUSE mounts below it ({', '.join(below[:_SHOWN])}) are seen by links only: publish"
            " the volume with fluid.io/node-publish-method: symlink"
        )
    return f"{why}, nor a FUSE mount of type {volume.mount_type!r} below it" if volume.symlink else why


def _below(table: MountTable, volume: Volume) -> Iterator[str]:
    for point in table.below(volume.path):
        top = table.top(point)
        if top is not None and top.fuse and volume.mount_type in top.line:
            yield point
