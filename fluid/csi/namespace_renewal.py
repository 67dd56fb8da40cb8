"""Renews a volume in the mount namespace of a container, where the tenant may change anything at any time.

Nothing is done to a path. A path is opened relative to the namespace's own root, through no link. The mount
of the descriptor is looked up in the kernel's table. Only if it is a dead mount of the volume is it changed,
by the descriptor. So a tenant that renames, links, mounts or chroots at the same time gets that mount renewed
or none. No file of the tenant is read except the volume. Helpers import this module, so it uses the standard
library only.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from itertools import islice

from fluid.csi.mountinfo_lines import FuseLine, fuse_line
from fluid.csi.syscalls import Kernel, ProcSelf

_MOST_MOUNTS = 256
"""Mounts of one volume in one namespace that are renewed in one round."""
_MOST_STEPS = 12
_ROUNDS = 8
_UNSEEN = 2
"""Rounds after which a mount that is not visible at its path counts as covered by another, and is left."""
_LONGEST = 200
_TOLD = 3


class NotConverging(Exception):  # noqa: N818 - it is an outcome
    """Others change the mounts as fast as the renewal does."""


class NamespaceRenewal:
    """Renews all mounts of one volume in one mount namespace; it is created in the node's own namespace.

    Args:
        kernel: for the system calls.
        own: for the mount table.
        there: the container's mount namespace, open.
        base: the new FUSE mount, open.
        live: device of the new FUSE mount.
        dead: devices of the mounts that it replaces.
    """

    def __init__(
        self, kernel: Kernel, own: ProcSelf, there: int, base: int, live: str, dead: frozenset[str]
    ) -> None:
        self.kernel: Kernel = kernel
        self.own: ProcSelf = own
        self.home: int = own.namespace()
        self.there: int = there
        self.base: int = base
        self.live: str = live
        self.dead: frozenset[str] = dead

    def renew(self) -> Iterator[str]:
        """Renew at all paths where a dead mount is visible; yields one sentence for each failure."""
        looks: dict[tuple[int, str], int] = {}
        failed = set[str]()
        for _ in range(_ROUNDS):
            found = [one for one in self._mounts(self.dead) if looks.get((one.id, one.point), 0) < _UNSEEN]
            points = dict.fromkeys(one.point for one in found if one.point not in failed)
            if not points:
                return
            for one in found:
                looks[one.id, one.point] = looks.get((one.id, one.point), 0) + 1
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
        beneath = True
        root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for _ in range(_MOST_STEPS):
                try:
                    at = self.kernel.open_exactly(root, point)
                except OSError:
                    return  # the mount is not visible there, at least not now: see `_UNSEEN`
                try:
                    again = self._step(point, at, beneath=beneath)
                except OSError as error:
                    if error.errno != errno.EINVAL or not beneath:
                        raise
                    beneath = False  # the kernel does not know the flag, or cannot attach beneath here
                else:
                    if not again:
                        return
                finally:
                    os.close(at)
        finally:
            os.close(root)
        raise NotConverging("mounts are changed there as fast as they are renewed")

    def _step(self, point: str, at: int, *, beneath: bool) -> bool:
        """Take the next step for an open path, if the table has a mount of the volume at this path.

        Returns:
            Whether another step may be left.
        """
        mounts = {one.id: one for one in self._mounts(self.dead | {self.live})}
        top = mounts.get(self.own.mount_id(at))
        if top is None or top.point != point:
            return False
        if top.device == self.live:
            self._read(at)
            return False
        below = mounts.get(top.parent)
        if below is not None and below.point == point:  # also of the volume: uncover it
            self.own.unmount(at)
        else:
            tree = self._copy(top)
            try:
                self.kernel.attach(tree, at, beneath=beneath)
            finally:
                os.close(tree)
        return True

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
