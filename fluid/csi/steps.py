"""Steps at a target, and the pure decisions which step is next, given what is there.

A call observes the target, takes one step, and observes again until no step is left. Each step is one system
call, so a call that is killed at any point and repeated goes on where it was, without any stored progress.
"""

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from fluid.csi.mountinfo import Mount


class Health(StrEnum):
    """What a probe with a deadline found out about a mount."""

    ALIVE = "alive"
    DEAD = "dead"
    """Its FUSE process is gone, so it will never answer again."""
    HUNG = "hung"
    """It did not answer within the deadline; it may answer later."""


Entry = Literal["missing", "directory", "link", "other"]
"""What the file system entry at a path is, where nothing is mounted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is at a target.

    Attributes:
        stack: The mounts at the target, the lowest first.
        health: Health of the uppermost mount; None without a mount, or if it was not probed.
        entry: What the entry at the path is, if nothing is mounted there.
        link: Where the entry leads, if it is a symbolic link.
    """

    stack: tuple[Mount, ...] = ()
    health: Health | None = None
    entry: Entry = "missing"
    link: str = ""

    @property
    def top(self) -> Mount | None:
        """The uppermost mount, which is the one that pods see."""
        return self.stack[-1] if self.stack else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a volume is to be published at a target.

    Attributes:
        folder: The directory where the cache is mounted.
        device: Device that must still be mounted at the folder when it is attached; empty for any.
        sub_path: The part of the folder to show; empty for all of it.
        read_only: Whether pods may only read.
        symlink: Whether to publish by a symbolic link.
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
        """Whether pods see the source. A mount of the wanted device counts even if dead: no better exists."""
        top = seen.top
        if top is None or top.read_only < self.read_only:
            return False
        return seen.health is not Health.DEAD or top.device == self.device


@dataclass(frozen=True, slots=True)
class Attach:
    """Mount a folder, or a part of it; the mount has its final options from its first moment.

    Attributes:
        folder: Where the file system is mounted.
        device: Device that must be mounted at the folder; empty for any.
        sub_path: The part of the folder; empty for all of it.
        read_only: Whether nothing may be written through the mount.
        beneath: Whether to mount beneath the uppermost mount. That one is taken away afterwards, so that the
            directory below is never visible.
        exact: Whether `sub_path` is a name that the kernel reported, so that no part of it may be a link.
    """

    folder: str
    device: str
    sub_path: str
    read_only: bool
    beneath: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Detach:
    """Take the uppermost mount away, if it still has this id."""

    mount_id: int


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """Make the directory that is the mount point."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove an empty directory or a symbolic link; the step fails if the directory is not empty."""


@dataclass(frozen=True, slots=True)
class Link:
    """Make a symbolic link to the source."""

    source: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something is in the way that the plugin must not remove."""

    why: str


Step = Attach | Detach | MakeDirectory | Remove | Link | Blocked


def to_publish(wanted: Wanted, seen: Seen) -> Step | None:
    """The next step towards pods that see the source at the target; None when they do."""
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
    """The next step towards a target that is gone; None when it is."""
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
    """The next step towards a FUSE mount point without dead mounts on it; None when there are none."""
    if seen.top is not None and seen.top.fuse and seen.health is Health.DEAD:
        return Detach(seen.top.id)
    return None


def to_renew(stack: Sequence[Mount], live: Attach, dead: Collection[str]) -> Attach | Detach | None:
    """The next step towards a stack that shows no dead file system; None when it shows none.

    Mounts that others made in the stack stay where they are, and are never uncovered.

    Args:
        stack: the mounts, the lowest first.
        live: the mount that is to be seen.
        dead: the devices of the mounts that it replaces.
    """
    if not stack or stack[-1].device not in dead:
        return None
    below = stack[-2].device if len(stack) > 1 else ""
    return Detach(stack[-1].id) if below in {live.device, *dead} else replace(live, beneath=True)


def to_replace(stack: Sequence[Mount], other: Attach) -> Attach | Detach:
    """The next step towards a stack that shows `other`; the directory below the stack is never visible.

    Where the kernel cannot mount beneath (before Linux 6.5), `other` is mounted over the uppermost mount. At
    the next replacement the uppermost mount is taken away first, so a stack has two mounts at most.
    """
    return Detach(stack[-1].id) if len(stack) > 1 else replace(other, beneath=True)
