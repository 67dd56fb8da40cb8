"""What to do next at a target, given what is there: the pure middle of publish and unpublish.

A call observes, takes one step, and observes again until nothing is left to do. Each step is one system
call, so a call that is killed anywhere and repeated goes on where it was; nothing has to be remembered.
"""

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from fluid.csi.mountinfo import Mount


class Health(StrEnum):
    """What a bounded look at a mount told."""

    ALIVE = "alive"
    DEAD = "dead"
    """Nobody answers for it, nor ever will: its FUSE process is gone."""
    HUNG = "hung"
    """No answer in time: it may come later."""


Entry = Literal["missing", "directory", "link", "other"]
"""What a path is where nothing is mounted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is at a target.

    Attributes:
        stack: The mounts there, the lowest first.
        health: Of the uppermost one; None without a mount, or if nobody asked.
        entry: What the path is, if nothing is mounted there.
        link: Where it leads, if it is a link.
    """

    stack: tuple[Mount, ...] = ()
    health: Health | None = None
    entry: Entry = "missing"
    link: str = ""

    @property
    def top(self) -> Mount | None:
        """What pods get to see."""
        return self.stack[-1] if self.stack else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a volume is to be published at a target.

    Attributes:
        folder: The directory where the cache is mounted.
        device: What is mounted there now, and has to be still; empty for nothing.
        sub_path: The part of it to show; empty for all.
        read_only: Whether pods may only read.
        symlink: Whether a link does it.
    """

    folder: str
    device: str = ""
    sub_path: str = ""
    read_only: bool = False
    symlink: bool = False

    @property
    def source(self) -> str:
        """The directory to show."""
        return posixpath.join(self.folder, self.sub_path) if self.sub_path else self.folder

    def shown_by(self, seen: Seen) -> bool:
        """Whether a mount will do. One that died after it was attached will: there is no better one."""
        top = seen.top
        if top is None or top.read_only < self.read_only:
            return False
        return seen.health is not Health.DEAD or top.device == self.device


@dataclass(frozen=True, slots=True)
class Attach:
    """Mount a folder, or a part of it, with its final options at once.

    Attributes:
        folder: Where the file system is mounted.
        device: What has to be mounted there; empty for anything.
        sub_path: The part of it; empty for all.
        read_only: Whether nothing may be written through it.
        beneath: Whether it goes under what is mounted, which is then taken away: nobody sees a gap.
        exact: Whether the part is a name that the kernel told, in which nothing is a link.
    """

    folder: str
    device: str
    sub_path: str
    read_only: bool
    beneath: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Detach:
    """Take the uppermost mount away, if it is still this one."""

    mount_id: int


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """Make the directory to mount on."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove an empty directory or a link; what a directory holds stays, and the step fails."""


@dataclass(frozen=True, slots=True)
class Link:
    """Make a link to the source."""

    source: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something is in the way that nobody may remove."""

    why: str


Step = Attach | Detach | MakeDirectory | Remove | Link | Blocked


def to_publish(wanted: Wanted, seen: Seen) -> Step | None:
    """The next step until pods see the source at the target; None when they do."""
    if seen.entry == "other" and not seen.stack:
        return Blocked("there is a file where a directory should be")
    if wanted.symlink:
        return _to_link(wanted, seen)
    attach = Attach(wanted.folder, wanted.device, wanted.sub_path, wanted.read_only)
    if seen.stack:
        return None if wanted.shown_by(seen) else to_replace(seen.stack, attach)
    match seen.entry:
        case "missing":
            return MakeDirectory()
        case "link":
            return Remove()
        case _:
            return attach


def _to_link(wanted: Wanted, seen: Seen) -> Step | None:
    if seen.top is not None:
        return Detach(seen.top.id)
    if seen.entry == "missing":
        return Link(wanted.source)
    return None if seen.entry == "link" and seen.link == wanted.source else Remove()


def to_unpublish(seen: Seen) -> Step | None:
    """The next step until the target is gone; None when it is."""
    if seen.top is not None:
        return Detach(seen.top.id)
    match seen.entry:
        case "missing":
            return None
        case "other":
            return Blocked("there is a file that no publish made")
        case _:
            return Remove()


def to_clear(seen: Seen) -> Detach | None:
    """The next step until no dead mount covers the place where a FUSE pod mounts; None when there is none."""
    if seen.top is not None and seen.top.fuse and seen.health is Health.DEAD:
        return Detach(seen.top.id)
    return None


def to_renew(stack: Sequence[Mount], live: Attach, dead: Collection[str]) -> Attach | Detach | None:
    """The next step until a stack does not show a dead file system any more; None when it does not.

    What others mounted there stays where it is, and is never seen because of us.

    Args:
        stack: the mounts, the lowest first.
        live: what is to be seen.
        dead: the devices of what it replaces.
    """
    if not stack or stack[-1].device not in dead:
        return None
    below = stack[-2].device if len(stack) > 1 else ""
    return Detach(stack[-1].id) if below in {live.device, *dead} else replace(live, beneath=True)


def to_replace(stack: Sequence[Mount], other: Attach) -> Attach | Detach:
    """The next step until a stack shows another mount than its uppermost; something is seen all the time.

    Where nothing can be mounted beneath (before Linux 6.5), it is mounted over that one; the next time, it is
    taken away first, so that a stack has two mounts at most.
    """
    return Detach(stack[-1].id) if len(stack) > 1 else replace(other, beneath=True)


def missing_mount(top: Mount | None, mount_type: str) -> str:
    """Why what is mounted at a volume's path is not the FUSE mount that is waited for; empty if it is."""
    if top is None:
        return "nothing is mounted there"
    if mount_type not in top.line:
        return f"what is mounted there is of type {top.type!r} and not {mount_type!r}"
    return ""
