"""The kernel's mount table (mountinfo), read and watched without touching any mount.

A dead FUSE mount fails every `stat`, and a hung one never answers it; the table still lists both.
"""

import posixpath
import select
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

import anyio

from fluid.csi.mountinfo_lines import FORGOTTEN, fields_of, is_fuse, unescape

SELF = Path("/proc/self/mountinfo")
"""The table of the plugin's own mount namespace."""
_SHARED, _MASTER = "shared:", "master:"


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table.

    Attributes:
        id: Number of the mount, which the kernel may reuse once the mount is gone.
        parent: Number of the mount that it is mounted on.
        device: ``major:minor`` of its file system, the same for all bind mounts of one FUSE mount.
        root: The directory of that file system which is mounted, by the name that it had at the time.
        point: The mount point.
        options: Options of this mount alone, such as ``ro``.
        shared: Peer group to which mounts below it propagate; 0 for none.
        master: Peer group from which mounts propagate to it; 0 for none.
        type: Type of the file system, such as ``fuse.rclone``.
        source: What the file system names as its source.
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
        """Whether a FUSE process serves it."""
        return is_fuse(self.type)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written through this mount, whatever its file system allows."""
        return "ro" in self.options


def parse(text: str) -> list[Mount]:
    """Parse the table; lines of an unknown form are left out."""
    # The kernel escapes spaces, tabs and newlines only. Other characters that Python takes for the end of a
    # line (a carriage return, a form feed) may be in a name, and with them somebody could forge lines of the
    # table.
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
        """Read the table as it is now; it never waits for a file system.

        Raises:
            OSError: the process of the table has ended.
        """
        return cls(tuple(parse(path.read_bytes().decode("utf-8", errors="surrogateescape"))))

    @cached_property
    def _by_point(self) -> dict[str, list[Mount]]:
        found: defaultdict[str, list[Mount]] = defaultdict(list)
        for mount in self.mounts:
            found[mount.point].append(mount)
        return dict(found)

    def stack(self, point: str) -> tuple[Mount, ...]:
        """The mounts at a path, the lowest first. Only the last one is visible."""
        rest = self._by_point.get(point, [])
        ordered: list[Mount] = []
        while rest:
            ids = {mount.id for mount in rest}
            lowest = [mount for mount in rest if mount.parent not in ids or mount.parent == mount.id]
            lowest = lowest or rest[:1]  # a table that changed while it was read can be inconsistent
            ordered += lowest
            rest = [mount for mount in rest if mount not in lowest]
        return tuple(ordered)

    def top(self, point: str) -> Mount | None:
        """The visible mount at a path; None if nothing is mounted there."""
        stack = self.stack(point)
        return stack[-1] if stack else None

    def holding(self, path: str) -> Mount | None:
        """The mount that contains a path: the one at the path, otherwise at the nearest folder above."""
        while (top := self.top(path)) is None and path not in ("", "/"):
            path = posixpath.dirname(path)
        return top

    def points(self) -> Iterator[str]:
        """All mount points, once each."""
        return iter(self._by_point)

    def below(self, folder: str) -> Iterator[str]:
        """The mount points below a folder."""
        prefix = folder.rstrip("/") + "/"
        return (point for point in self._by_point if point.startswith(prefix))


@dataclass
class MountWatch:
    """Wakes all tasks that wait for a change of the mount table.

    A FUSE process that dies does not change the table: its mount stays, dead. The next mount changes it.

    Attributes:
        path: The mount table.
    """

    path: Path = SELF
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> None:
        """Watch, until cancelled."""
        with self.path.open("rb") as table, select.epoll() as poll:
            # The table is always readable, so the event loop must not poll it. This epoll waits for changes
            # only (POLLPRI), and is itself readable after a change.
            poll.register(table.fileno(), select.EPOLLPRI)
            while True:
                await anyio.wait_readable(poll.fileno())
                poll.poll(0)
                self.wake()

    def wake(self) -> None:
        """Wake all waiting tasks, as a change does."""
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def next_change(self) -> anyio.Event:
        """The event that the next change sets: get it, then read the table, then wait for the event."""
        return self._changed

    async def wait(self, change: anyio.Event, seconds: float) -> None:
        """Wait for a change, for at most so many seconds."""
        with anyio.move_on_after(seconds):
            await change.wait()
