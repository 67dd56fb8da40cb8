"""Renews a volume in the mount namespace of a container, whose tenant may do there what it likes.

Nothing is done to a path. A path is opened, as the namespace's own root has it and through no link; the
descriptor's mount is looked up in the kernel's table; only if that is a dead one of the volume, it is acted
on, by the descriptor. Whoever renames, links, mounts or chroots meanwhile gets that mount renewed or none.
Nor is any file of the tenant's read, but the volume. Standard library alone.
"""

import errno
import os
import stat
from collections.abc import Iterator
from itertools import islice

from fluid.csi.mountinfo_lines import FuseLine, fuse_line
from fluid.csi.own import OwnProc, seal
from fluid.csi.syscalls import Kernel

_MOST_MOUNTS = 256
"""Mounts of one volume in a namespace that are renewed at a time."""
_MOST_STEPS = 12
_ROUNDS = 8
_UNSEEN = 2
"""Looks after which a mount that is not seen at its path is hidden below another: nobody gets there."""
_LONGEST = 200
_TOLD = 3


class NotConverging(Exception):  # noqa: N818 - no fault of ours
    """Mounts are changed by others as fast as by us."""


class Visit:
    """A visit to a mount namespace.

    Args:
        kernel: does it.
        own: tells of mounts.
        there: the namespace that is visited, open; that which we are in is home.
        base: the new FUSE mount, open.
        live: its device.
        dead: the devices that it replaces.
    """

    def __init__(
        self, kernel: Kernel, own: OwnProc, there: int, base: int, live: str, dead: frozenset[str]
    ) -> None:
        self.kernel: Kernel = kernel
        self.own: OwnProc = own
        self.home: int = own.namespace()
        self.there: int = there
        self.base: int = base
        self.live: str = live
        self.dead: frozenset[str] = dead

    def renew(self) -> Iterator[str]:
        """Renew at all paths where a dead mount is seen; yields what went wrong, one sentence for each."""
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
                    return  # it is not seen there, at least not now: see `_UNSEEN`
                try:
                    again = self._step(point, at, beneath=beneath)
                except OSError as error:
                    if error.errno != errno.EINVAL or not beneath:
                        raise
                    beneath = False  # the kernel does not know how, or cannot do it here
                else:
                    if not again:
                        return
                finally:
                    os.close(at)
        finally:
            os.close(root)
        raise NotConverging("mounts are changed there as fast as they are renewed")

    def _step(self, point: str, at: int, *, beneath: bool) -> bool:
        """Take the next step for what is open, if the table has it at this path; whether one is left."""
        mounts = {one.id: one for one in self._mounts(self.dead | {self.live})}
        top = mounts.get(self.own.mount_id(at))
        if top is None or top.point != point:
            return False
        if top.device == self.live:
            self._read(at)
            return False
        below = mounts.get(top.parent)
        if below is not None and below.point == point:  # ours as well: nobody ever sees what is not
            self.own.unmount(at)
        else:
            tree = self._copy(top)
            try:
                self.kernel.attach(tree, at, beneath=beneath)
            finally:
                os.close(tree)
        return True

    def _copy(self, mount: FuseLine) -> int:
        """A copy of the part of the new mount that this one shows. The kernel copies only what is at home."""
        self.kernel.enter_mount_namespace(self.home)
        try:
            part = self.kernel.open_beneath(self.base, mount.root.strip("/"))
            return self.kernel.clone_tree(part, read_only=mount.read_only, receives=False)
        finally:
            self.kernel.enter_mount_namespace(self.there)

    def _read(self, at: int) -> None:
        """Read what is open, past every cache of the mount's own; of what is neither file nor folder, ask."""
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


def renew_in(kernel: Kernel, own: OwnProc, namespace: int, base: int, live: str, dead: str) -> list[str]:
    """Renew a volume in a mount namespace that is open.

    Args:
        kernel: does it.
        own: tells of mounts.
        namespace: the one.
        base: the new FUSE mount, open.
        live: its device.
        dead: the devices that it replaces, with commas between.

    Returns:
        What went wrong, a few sentences fit for people.
    """
    visit = Visit(kernel, own, namespace, base, live, frozenset(dead.split(",")))
    seal()
    kernel.enter_mount_namespace(namespace)
    return [*islice(visit.renew(), _TOLD)]


def shown(path: str) -> str:
    """A path that a tenant chose, as one that can be told: short, and without control characters."""
    text = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in path[:_LONGEST])
    return text if len(path) <= _LONGEST else f"{text}…"
