"""Renews a volume in the mount namespace of a container, where the tenant may change anything at any time.

Nothing is done to a path. A path is opened relative to the namespace's own root, through no link. The mount
of the descriptor is looked up in the kernel's table. Only if it is a dead mount of the volume is it changed,
by the descriptor. So a tenant that renames, links, mounts or chroots at the same time gets that mount renewed
or none. No file of the tenant is read except the volume. Helpers import this module, so it uses the standard
library only.

The kernel hands out the table in parts, with the paths of that moment. If a folder is renamed meanwhile, a
mount may be listed at the old path, and what is mounted on it at the new one. Such a table decides nothing.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice

from fluid.csi.mountinfo_lines import FuseLine, fuse_line
from fluid.csi.syscalls import Kernel, ProcSelf

_MOST_MOUNTS = 256
"""Mounts of one volume in one namespace that are renewed in one round."""
_MOST_STEPS = 12
_ROUNDS = 16
_LOOKS = 6
"""Rounds after which a mount that keeps its path and is not visible there counts as covered, and is left."""
_PAUSE, _LONGEST_PAUSE = 0.001, 0.016
"""Seconds before a mount is looked at again: the first pause, which doubles each time, and the longest."""
_LONGEST = 200
_TOLD = 3


class NotConverging(Exception):  # noqa: N818 - it is an outcome
    """Others change the mounts as fast as the renewal does."""


class NotVisible(Exception):  # noqa: N818 - it is an outcome
    """A path leads to no mount that the table has at this path, at least not at this moment."""


class NamespaceRenewal:
    """Renews all mounts of one volume in one mount namespace; it is created in the node's own namespace.

    Args:
        kernel: for the system calls.
        own: for the mount table.
        there: the container's mount namespace, open.
        base: the new FUSE mount, open.
        live: device of the new FUSE mount.
        dead: devices of the mounts that it replaces.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        kernel: Kernel,
        own: ProcSelf,
        there: int,
        base: int,
        live: str,
        dead: frozenset[str],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.kernel: Kernel = kernel
        self.own: ProcSelf = own
        self.home: int = own.namespace()
        self.there: int = there
        self.base: int = base
        self.live: str = live
        self.dead: frozenset[str] = dead
        self.pause: Callable[[float], None] = pause

    def renew(self) -> Iterator[str]:
        """Renew at all paths where a dead mount is visible; yields one sentence for each failure.

        A dead mount that is visible is renewed, or a failure tells of it, also if folders on its path are
        renamed a few times meanwhile. One that is not visible in several looks at the same path is left.
        """
        looks: dict[tuple[int, str], int] = {}
        failed = set[str]()
        for number in range(_ROUNDS):
            if number > 1:
                self.pause(min(_PAUSE * 2 ** (number - 2), _LONGEST_PAUSE))
            found = [(one.id, one.point) for one in self._mounts(self.dead)]
            # A mount whose path changed may have been missed for that reason: its looks count anew
            looks = {one: looks.get(one, 0) + 1 for one in found}
            wanted = (one[1] for one in found if looks[one] <= _LOOKS)
            points = dict.fromkeys(point for point in wanted if point not in failed)
            if not points:
                return
            for point in points:
                try:
                    self._renew_at(point)
                except (OSError, NotConverging) as error:
                    failed.add(point)
                    yield f"{shown(point)}: {shown(str(error))}"
        yield str(NotConverging("mounts are changed there all the time"))

    def _mounts(self, devices: frozenset[str]) -> list[FuseLine]:
        found = (fuse_line(line, devices) for line in self.own.lines())
        return [*islice((one for one in found if one is not None), 2 * _MOST_MOUNTS)]

    def _renew_at(self, point: str) -> None:
        refused = set[int]()
        unseen = False
        root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for _ in range(_MOST_STEPS):
                try:
                    if not self._step(root, point, refused):
                        return
                except NotVisible:
                    unseen = True  # hidden, or a folder on the path is being renamed: see `_LOOKS`
        finally:
            os.close(root)
        if not unseen:
            raise NotConverging("mounts are changed there as fast as they are renewed")

    def _step(self, root: int, point: str, refused: set[int]) -> bool:
        """Take the next step at a path.

        Args:
            root: the root of the namespace, open.
            point: the path.
            refused: ids of mounts that could not be unmounted, or attached beneath; a step may add one.

        Returns:
            Whether another step may be left.

        Raises:
            NotVisible: see the exception.
            OSError: the step failed.
        """
        try:
            at = self.kernel.open_exactly(root, point)
        except OSError as error:
            raise NotVisible from error
        try:
            top, below = self._stack(at, point)
            if top is None:
                return False
            again = top.id in refused
            if top.device == self.live and (again or below is None or not _alike(top, below)):
                self._read(at)
                return False
            try:
                self._change(at, top, below, over=again)
            except OSError as error:
                # It is gone by now; or it is locked; or the kernel does not know the flag for beneath
                if again or error.errno != errno.EINVAL:
                    raise
                refused.add(top.id)
            return True
        finally:
            os.close(at)

    def _stack(self, at: int, point: str) -> tuple[FuseLine | None, FuseLine | None]:
        """The mount at an open path, and the mount that it covers, as far as they are of the volume."""
        mounts = {one.id: one for one in self._mounts(self.dead | {self.live})}
        top = mounts.get(self.own.mount_id(at))
        if top is None:
            return None, None
        if top.point != point:
            raise NotVisible
        below = mounts.get(top.parent)
        if below is None or below.point == point:
            return top, below
        if not point.startswith(below.point.rstrip("/") + "/"):
            raise NotVisible  # the table is of two moments, and does not tell whether one covers the other
        return top, None

    def _change(self, at: int, top: FuseLine, below: FuseLine | None, *, over: bool) -> None:
        """Unmount the mount at an open path, or attach the new mount there.

        Args:
            at: the open path.
            top: the mount there.
            below: the mount of the volume that it covers; None for no such mount.
            over: whether the old mount stays, and the new one is attached over it.
        """
        if below is not None and not over:
            self.own.unmount(at)
            return
        tree = self._copy(top)
        try:
            self.kernel.attach(tree, at, beneath=not over)
        finally:
            os.close(tree)

    def _copy(self, mount: FuseLine) -> int:
        """Copy the part of the new mount that this mount shows.

        The kernel copies only mounts of the namespace that the process is in, so it goes home for the copy.
        """
        self.kernel.enter_mount_namespace(self.home)
        try:
            part = self.kernel.open_beneath(self.base, mount.root.strip("/"))
            return self.kernel.clone_tree(part, read_only=mount.read_only, receives=False)
        finally:
            self.kernel.enter_mount_namespace(self.there)

    def _read(self, at: int) -> None:
        """Make the file system answer for an open path, and read it if it is a file or a directory."""
        self.kernel.ask(at)
        mode = os.fstat(at).st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            return
        opened = self.own.reopen(at)
        try:
            if stat.S_ISDIR(mode):
                with os.scandir(opened) as entries:
                    next(entries, None)
            else:
                os.read(opened, 1)
        finally:
            os.close(opened)


def _alike(one: FuseLine, other: FuseLine) -> bool:
    """Whether two mounts show the same: two renewals at once may have attached one each."""
    shows = (one.device, one.root, one.read_only)
    return shows == (other.device, other.root, other.read_only)


def renew_in(kernel: Kernel, own: ProcSelf, namespace: int, base: int, live: str, dead: str) -> list[str]:
    """Renew a volume in an open mount namespace.

    Args:
        kernel: for the system calls.
        own: for the mount table.
        namespace: the container's mount namespace, open.
        base: the new FUSE mount, open.
        live: device of the new FUSE mount.
        dead: devices of the mounts that it replaces, separated by commas.

    Returns:
        The first failures, one sentence each.
    """
    renewal = NamespaceRenewal(kernel, own, namespace, base, live, frozenset(dead.split(",")))
    seal()
    kernel.enter_mount_namespace(namespace)
    return [*islice(renewal.renew(), _TOLD)]


def seal() -> None:
    """Make this process import no module and write no traceback any more.

    Python opens the files of modules and of tracebacks by path. In a container's namespace these paths lead
    to files of the tenant, which Python would run or print with all rights of the node plugin.
    """
    sys.meta_path.clear()
    sys.path_hooks.clear()
    sys.path.clear()
    sys.excepthook = sys.unraisablehook = _say_nothing


def _say_nothing(*_: object) -> None:
    """Replaces the hook that writes a traceback."""


def shown(path: str) -> str:
    """A text that a tenant chose, made printable: short, and without control characters."""
    text = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in path[:_LONGEST])
    return text if len(path) <= _LONGEST else f"{text}…"
