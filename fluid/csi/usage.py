"""What is told of a volume's space: what its FUSE process says, as far as that can be meant."""

from collections.abc import Mapping

from fluid.csi.api import csi_pb2 as csi

LARGEST = 2**63 - 1
"""The largest number that the protocol takes; object stores without a limit name larger ones."""


def volume_usage(found: Mapping[str, int | str]) -> list[csi.VolumeUsage]:
    """Space and files, from what the helper's `usage` found.

    Files are left out where none is said to be free: such a FUSE process does not count them, and a full
    volume would be an alarm.
    """
    numbers = {name: min(max(int(value), 0), LARGEST) for name, value in found.items()}
    space = csi.VolumeUsage(
        unit=csi.VolumeUsage.Unit.BYTES,
        total=numbers["bytes"],
        available=numbers["bytes_available"],
        used=numbers["bytes_used"],
    )
    if not numbers["files_available"]:
        return [space]
    files = csi.VolumeUsage(
        unit=csi.VolumeUsage.Unit.INODES,
        total=numbers["files"],
        available=numbers["files_available"],
        used=numbers["files_used"],
    )
    return [space, files]
