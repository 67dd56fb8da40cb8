"""The kernel's table of mounts, read without touching any mount.

A dead FUSE mount fails every `stat`, and a hung one never answers it; the table tells of both all the same.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from fluid.csi.mountinfo_lines import FORGOTTEN, fields_of, is_fuse, unescape

SELF = Path("/proc/self/mountinfo")
"""The table of our own mount namespace."""
_SHARED, _MASTER = "shared:", "master:"


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table.

    Attributes:
        id: Its number, which may be given again once it is gone.
        parent: The mount that it is mounted on.
        device: ``major:minor`` of its file system: the same for all bind mounts of one FUSE mount.
        root: The directory of that file system which is seen here, by the name that it had.
        point: Where it is mounted.
        options: What holds for this mount alone, such as ``ro``.
        shared: Its peer group, to which mounts below it spread; 0 for none.
        master: The peer group from which mounts arrive here; 0 for none.
        type: Of the file system, such as ``fuse.rclone``.
        source: What the file system says it shows.
        line: The line itself.
    """

    id: int
    parent: int
    device: str
    root: str
    point: str
    options: frozenset[str]
    shared: int
    master: int
    type: str
    source: str
    line: str

    @property
    def fuse(self) -> bool:
        """Whether a FUSE process answers for it."""
        return is_fuse(self.type)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written through this mount, whatever its file system allows."""
        return "ro" in self.options


def parse(text: str) -> list[Mount]:
    """Read the table; lines of a form that is not known are left out."""
    # The kernel escapes blanks, tabs and newlines alone: what else Python takes for the end of a line (a
    # carriage return, a form feed) may be in a name, by which somebody would write lines of this table.
    return [mount for line in text.split("\n") if (mount := _parse_line(line)) is not None]


def _parse_line(line: str) -> Mount | None:
    found = fields_of(line)
    if found is None:
        return None
    (number, parent, device, root, point, options, *tags), described = found
    return Mount(
        id=int(number),
        parent=int(parent),
        device=device,
        root=unescape(root).removesuffix(FORGOTTEN),
        point=unescape(point),
        options=frozenset(options.split(",")),
        shared=_group(_SHARED, tags),
        master=_group(_MASTER, tags),
        type=unescape(described[0]),
        source=unescape(described[1]),
        line=line,
    )


def _group(prefix: str, tags: Iterable[str]) -> int:
    found = next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "0")
    return int(found) if found.isdecimal() else 0


@dataclass(frozen=True)
class MountTable:
    """All mounts of one namespace at one moment."""

    mounts: tuple[Mount, ...]

    @classmethod
    def read(cls, path: Path = SELF) -> Self:
        """The table as it is now; never waits for a file system.

        Raises:
            OSError: the process whose table it is has ended.
        """
        return cls(tuple(parse(path.read_bytes().decode("utf-8", errors="surrogateescape"))))

    @cached_property
    def _by_point(self) -> dict[str, list[Mount]]:
        found: defaultdict[str, list[Mount]] = defaultdict(list)
        for mount in self.mounts:
            found[mount.point].append(mount)
        return dict(found)

    def stack(self, point: str) -> tuple[Mount, ...]:
        """What is mounted at a path, the lowest first. Only the last one is seen there."""
        rest = self._by_point.get(point, [])
        ordered: list[Mount] = []
        while rest:
            ids = {mount.id for mount in rest}
            lowest = [mount for mount in rest if mount.parent not in ids or mount.parent == mount.id]
            lowest = lowest or rest[:1]  # a table that changed while it was read can be any way
            ordered += lowest
            rest = [mount for mount in rest if mount not in lowest]
        return tuple(ordered)

    def top(self, point: str) -> Mount | None:
        """What is seen at a path, if something is mounted there."""
        stack = self.stack(point)
        return stack[-1] if stack else None

    def holding(self, path: str) -> Mount | None:
        """The mount in which a path lies: the one seen there, else at the nearest folder above."""
        while (top := self.top(path)) is None and path not in ("", "/"):
            path = posixpath.dirname(path)
        return top

    def points(self) -> Iterator[str]:
        """All paths at which something is mounted, once each."""
        return iter(self._by_point)

    def below(self, folder: str) -> Iterator[str]:
        """The mount points below a folder."""
        prefix = folder.rstrip("/") + "/"
        return (point for point in self._by_point if point.startswith(prefix))
