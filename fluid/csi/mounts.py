"""The mounts of this node: looks at them, and changes them step by step until no step is left."""

import errno
import stat
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from fluid.csi.errors import (
    BlockedError,
    ChangedError,
    HelperError,
    HungError,
    NotConvergingError,
    TooManyError,
)
from fluid.csi.helper_pool import DEAD, HelperPool, Value
from fluid.csi.mountinfo import MountTable
from fluid.csi.steps import (
    Attach,
    Blocked,
    Detach,
    Entry,
    Health,
    Link,
    MakeDirectory,
    Remove,
    Seen,
    Step,
)

S = TypeVar("S", bound=Step)
_CANNOT_BENEATH = frozenset({errno.EINVAL})
"""What the kernel answers when it does not know the flag, or cannot attach a mount beneath this one."""


@dataclass(frozen=True)
class Mounts:
    """The mounts of our namespace.

    Attributes:
        helpers: do what may hang.
    """

    helpers: HelperPool

    def table(self) -> MountTable:
        """All mounts now; waits for no file system."""
        return MountTable.read()

    async def health(self, path: str) -> Health:
        """What the file system that is seen at a path says of itself.

        Raises:
            HelperError: the path cannot be reached for another reason.
        """
        try:
            await self._ask("probe", path)
        except HungError:
            return Health.HUNG
        except HelperError as error:
            if error.number in DEAD:
                return Health.DEAD
            raise
        return Health.ALIVE

    async def see(self, target: str, *, ask: bool = True) -> Seen:
        """What is at a target now.

        Args:
            target: a path.
            ask: whether to ask the file system there how it is; to take it away, nobody has to.

        Raises:
            HelperError: nobody can tell how it is.
            OSError: the path cannot be looked at.
        """
        stack = self.table().stack(target)
        if stack:
            return Seen(stack, await self._answers(target) if ask else None)
        # Nothing is mounted there, so this asks the kubelet's own disk
        entry, link = await to_thread.run_sync(_entry, Path(target))
        return Seen(entry=entry, link=link)

    async def _answers(self, target: str) -> Health:
        """`health`, where any answer is a sign of life: a FUSE process may refuse us, and serve its pods.

        Raises:
            HelperError: it was not asked: too many hang, or the helper found no end of its own.
        """
        try:
            return await self.health(target)
        except TooManyError:
            raise
        except HelperError as error:
            if not error.number:
                raise
            return Health.ALIVE

    async def take(self, target: str, step: Step) -> None:
        """Carry one step out.

        Raises:
            HelperError: the kernel refused, or the file system did not answer.
            BlockedError: a person has to clear the target.
        """
        match step:
            case Attach():
                await self.attach(target, step)
            case Detach(mount_id):
                await self.detach(target, mount_id)
            case Blocked(why):
                raise BlockedError(f"{target}: {why}; look at it on the node and move it away")
            case MakeDirectory() | Remove() | Link():
                await to_thread.run_sync(_change_entry, Path(target), step)

    async def attach(self, target: str, what: Attach) -> None:
        """Mount a folder, or a part of it, at a target: over, or beneath what is mounted there.

        Raises:
            ChangedError: another device than this is mounted at the folder, or none.
            HelperError: the kernel refused, or the file system did not answer.
        """
        source, device = (what.folder, what.device, what.sub_path), what.device
        try:
            await self.helpers.run("attach", *source, target, *_options(what), device=device)
        except ChangedError as error:
            why = f"the FUSE mount at {what.folder} is not the one that answered just now"
            raise ChangedError(why) from error

    async def detach(self, target: str, mount_id: int) -> None:
        """Take the uppermost mount away if it is this one; what is in use goes when it is free.

        Raises:
            ChangedError: it is another one.
            HelperError: the kernel refused.
        """
        await self.helpers.run("detach", target, str(mount_id))

    async def find(self, folder: str, sub_path: str) -> None:
        """Find a folder, or a part of it that does not lead out of it, without a question to what is mounted.

        Raises:
            HelperError: it is not there.
        """
        mount = self.table().holding(folder)
        await self.helpers.run("find", folder, sub_path, device=mount.device if mount else "")

    async def read(self, path: str) -> None:
        """Read a directory's first entries.

        Raises:
            HelperError: that failed, or took too long.
        """
        await self._ask("read", path)

    async def usage(self, path: str, *, disk: str) -> Mapping[str, Value]:
        """Space and files of what is mounted at a path, or where the link there leads.

        Args:
            path: a path.
            disk: a folder on the node's own disk, whose numbers are never those of a volume.

        Raises:
            HelperError: that failed, took too long, or nothing is mounted there.
            OSError: the path cannot be looked at.
        """
        # A link lies on the kubelet's disk: one that leads to what hangs would hold up all the others there
        place = (await self.see(path, ask=False)).link or path
        table = self.table()
        mount, own = table.holding(place), table.holding(disk)
        if mount is None or (own is not None and mount.device == own.device):
            raise HelperError(errno.ENOENT, f"nothing is mounted at {place} itself that has a size")
        return await self._ask("usage", place)

    async def _ask(self, operation: str, path: str) -> Mapping[str, Value]:
        mount = self.table().holding(path)
        return await self.helpers.run(operation, path, device=mount.device if mount else "")


async def converge(
    decide: Callable[[], Awaitable[S | None]], take: Callable[[S], Awaitable[None]], *, most: int
) -> None:
    """Decide on a step and carry it out, until no step is left.

    Others may change the mounts at the same time. A mount that is no longer the uppermost one is not taken
    away; that is no failure, the next step is decided on what is there now. Where the kernel cannot attach
    beneath, the next step is decided anew as well, and attaches over what is there.

    Args:
        decide: looks at what is there and returns the next step; None when no step is left.
        take: carries a step out.
        most: number of steps after which to give up.

    Raises:
        ChangedError: what was to be attached is not what is there now.
        HelperError: a step failed.
        NotConvergingError: `most` steps were not enough.
    """
    able = True
    for _ in range(most):
        step = await decide()
        if step is None:
            return
        beneath = isinstance(step, Attach) and step.beneath
        if isinstance(step, Attach) and not able:
            step = replace(step, beneath=False)
        try:
            await take(step)
        except ChangedError:
            if isinstance(step, Attach):
                raise
        except HelperError as error:
            if not (beneath and able) or error.number not in _CANNOT_BENEATH:
                raise
            able = False
    raise NotConvergingError(f"still not as it should be after {most} steps")


def _options(what: Attach) -> tuple[str, str, str]:
    """How the helper mounts something."""
    return (
        "ro" if what.read_only else "rw",
        "beneath" if what.beneath else "over",
        "exactly" if what.exact else "links",
    )


def _entry(path: Path) -> tuple[Entry, str]:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return "link", str(path.readlink())
    except (FileNotFoundError, NotADirectoryError):
        return "missing", ""
    return ("directory" if stat.S_ISDIR(mode) else "other"), ""


def _change_entry(path: Path, step: MakeDirectory | Remove | Link) -> None:
    match step:
        case MakeDirectory():
            path.mkdir(mode=0o750, parents=True, exist_ok=True)
        case Link(source):
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            path.symlink_to(source)
        case Remove():
            if path.is_symlink():
                path.unlink()
            else:
                path.rmdir()
