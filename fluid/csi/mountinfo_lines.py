"""Lines of the kernel's mount table (mountinfo). It imports nothing, so that helpers start fast."""

FORGOTTEN = "//deleted"
"""Suffix of a root that the kernel cannot resolve: it was deleted, or its FUSE process has died."""
_OWN_FIELDS, _SOURCE_FIELDS, _DIGITS = 6, 2, 3
_ID, _DEVICE, _OPTIONS = 0, 2, 5


def fields_of(line: str) -> "tuple[list[str], list[str]] | None":
    """The fields of a line about the mount and about its file system; None if the form is not known."""
    own, separator, source = line.partition(" - ")
    fields, described = own.split(" "), source.split(" ")
    known = separator and len(fields) >= _OWN_FIELDS and len(described) >= _SOURCE_FIELDS
    return (fields, described) if known and fields[0].isdecimal() and fields[1].isdecimal() else None


def is_fuse(kind: str) -> bool:
    """Whether a file system of this type is served by a FUSE process."""
    return kind == "fuse" or kind.startswith(("fuse.", "fuseblk"))


def unescape(text: str) -> str:
    """The path itself: the table writes spaces, tabs, newlines and backslashes as octal numbers."""
    first, *rest = text.split("\\")
    return first + "".join(map(_unescape, rest))


def _unescape(part: str) -> str:
    digits = part[:_DIGITS]
    if len(digits) == _DIGITS and all(one in "01234567" for one in digits):
        return chr(int(digits, 8)) + part[_DIGITS:]
    return "\\" + part


class FuseLine:
    """The line of a FUSE mount, as far as it is needed to renew the mount.

    Attributes:
        id: Number of the mount.
        parent: Number of the mount that it is mounted on.
        device: ``major:minor`` of its file system.
        root: The directory of that file system which is mounted.
        point: The mount point.
        read_only: Whether nothing can be written through the mount.
    """

    def __init__(self, fields: "list[str]") -> None:
        number, parent, device, root, point, options = fields[:_OWN_FIELDS]
        self.id: int = int(number)
        self.parent: int = int(parent)
        self.device: str = device
        self.root: str = unescape(root).removesuffix(FORGOTTEN)
        self.point: str = unescape(point)
        self.read_only: bool = "ro" in options.split(",")


def fuse_line(line: str, devices: "frozenset[str]") -> "FuseLine | None":
    """Parse the line of a FUSE mount of one of these devices; None for all other lines."""
    start = line.split(" ", _DEVICE + 1)
    if len(start) <= _DEVICE or start[_DEVICE] not in devices:
        return None
    found = fields_of(line)
    return FuseLine(found[0]) if found is not None and is_fuse(found[1][0]) else None


def device_of(line: str, mount_id: int) -> str:
    """The device of a mount if the line is about that mount; else empty."""
    start = line.split(" ", _DEVICE + 1)
    return start[_DEVICE] if len(start) > _DEVICE and start[_ID] == str(mount_id) else ""
