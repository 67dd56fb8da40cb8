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
    """The mounts of the plugin's own mount namespace.

    Attributes:
        helpers: Run the operations that may hang.
    """

    helpers: HelperPool

    def table(self) -> MountTable:
        """Read the mount table; it never waits for a file system."""
        return MountTable.read()

    async def health(self, path: str) -> Health:
        """Probe the file system that is visible at a path.

        Raises:
            HelperError: the path cannot be reached for a reason other than a dead or hung FUSE process.
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
        """Observe what is at a target now.

        Args:
            target: a path.
            ask: whether to probe the file system there; an unmount does not need its health.

        Raises:
            HelperError: the file system was to be probed, and no probe could be made.
            OSError: the path cannot be read.
        """
        stack = self.table().stack(target)
        if stack:
            return Seen(stack, await self._answers(target) if ask else None)
        # Nothing is mounted there, so this reads the kubelet's own disk
        entry, link = await to_thread.run_sync(_entry, Path(target))
        return Seen(entry=entry, link=link)

    async def _answers(self, target: str) -> Health:
        """Like `health`, but any answer counts as alive: a FUSE process may refuse this probe and serve pods.

        Raises:
            HelperError: there was no answer: too many helpers hang, or the helper itself failed.
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
        """Carry out one step.

        Raises:
            HelperError: the kernel refused, or the file system did not answer.
            BlockedError: a person has to clear the target first.
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
        """Mount a folder, or a part of it, at a target: over the mount there, or beneath it.

        Raises:
            ChangedError: the device of the mount at the folder is not the expected one.
            HelperError: the kernel refused, or the file system did not answer.
        """
        source, device = (what.folder, what.device, what.sub_path), what.device
        try:
            await self.helpers.run("attach", *source, target, *_options(what), device=device)
        except ChangedError as error:
            why = f"the FUSE mount at {what.folder} is not the one that answered just now"
            raise ChangedError(why) from error

    async def detach(self, target: str, mount_id: int) -> None:
        """Unmount the uppermost mount if it has this id; it ends once nobody uses it any more.

        Raises:
            ChangedError: the uppermost mount has another id.
            HelperError: the kernel refused.
        """
        await self.helpers.run("detach", target, str(mount_id))

    async def find(self, folder: str, sub_path: str) -> None:
        """Check that a folder exists, and the part of it, which must not lead out of the folder.

        The file system at the folder is not probed.

        Raises:
            HelperError: it does not exist, or the check did not end in time.
        """
        mount = self.table().holding(folder)
        await self.helpers.run("find", folder, sub_path, device=mount.device if mount else "")

    async def read(self, path: str) -> None:
        """Read the first entries of a directory.

        Raises:
            HelperError: the read failed or did not end in time.
        """
        await self._ask("read", path)

    async def usage(self, path: str, *, disk: str) -> Mapping[str, Value]:
        """Space and files of the file system mounted at a path, or where the link at the path leads.

        Args:
            path: a path.
            disk: a folder on the node's own disk, whose numbers must never be reported for a volume.

        Raises:
            HelperError: it failed, did not end in time, or nothing is mounted there.
            OSError: the path cannot be read.
        """
        # A link is on the kubelet's disk: by the path of the link, a hanging file system would count as that
        # disk, and hold up all other links
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
    """The last arguments of the helper's `attach`."""
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
