"""Lines of the kernel's table of mounts. What a helper needs of it: imports nothing, and so costs little."""

FORGOTTEN = "//deleted"
"""Follows a root that the kernel forgot: it was deleted, or looked for after its FUSE process died."""
_OWN_FIELDS, _SOURCE_FIELDS, _DIGITS = 6, 2, 3
_ID, _DEVICE, _OPTIONS = 0, 2, 5


def fields_of(line: str) -> "tuple[list[str], list[str]] | None":
    """What a line says of a mount, and of its file system; None for one of a form that is not known."""
    own, separator, source = line.partition(" - ")
    fields, described = own.split(" "), source.split(" ")
    known = separator and len(fields) >= _OWN_FIELDS and len(described) >= _SOURCE_FIELDS
    return (fields, described) if known and fields[0].isdecimal() and fields[1].isdecimal() else None


def is_fuse(kind: str) -> bool:
    """Whether a FUSE process answers for a file system of this type."""
    return kind == "fuse" or kind.startswith(("fuse.", "fuseblk"))


def unescape(text: str) -> str:
    """A path as it is: the table writes blanks, tabs, newlines and backslashes as octal numbers."""
    first, *rest = text.split("\\")
    return first + "".join(map(_unescape, rest))


def _unescape(part: str) -> str:
    digits = part[:_DIGITS]
    if len(digits) == _DIGITS and all(one in "01234567" for one in digits):
        return chr(int(digits, 8)) + part[_DIGITS:]
    return "\\" + part


class Line:
    """A FUSE mount, as little of it as is needed to renew it.

    Attributes:
        id: Its number.
        parent: The mount that it is mounted on.
        device: ``major:minor`` of its file system.
        root: The directory of that file system which is seen here.
        point: Where it is mounted.
        read_only: Whether nothing can be written through it.
    """

    def __init__(self, fields: "list[str]") -> None:
        number, parent, device, root, point, options = fields[:_OWN_FIELDS]
        self.id: int = int(number)
        self.parent: int = int(parent)
        self.device: str = device
        self.root: str = unescape(root).removesuffix(FORGOTTEN)
        self.point: str = unescape(point)
        self.read_only: bool = "ro" in options.split(",")


def fuse_line(line: str, devices: "frozenset[str]") -> "Line | None":
    """The FUSE mount of one of some devices; None for all other lines of the table."""
    start = line.split(" ", _DEVICE + 1)
    if len(start) <= _DEVICE or start[_DEVICE] not in devices:
        return None
    found = fields_of(line)
    return Line(found[0]) if found is not None and is_fuse(found[1][0]) else None


def device_of(line: str, mount_id: int) -> str:
    """The device of a mount, if a line is about it; else nothing."""
    start = line.split(" ", _DEVICE + 1)
    return start[_DEVICE] if len(start) > _DEVICE and start[_ID] == str(mount_id) else ""
