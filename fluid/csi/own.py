"""What the kernel tells a helper of itself, whatever mount namespace it is in. Standard library alone."""

import os
import sys
from collections.abc import Iterator

from fluid.csi.syscalls import Kernel

_CHUNK = 1 << 16


class OwnProc:
    """Our own folder in the node's /proc, held open.

    In the namespace of a container, ``/proc`` is whatever its tenant has mounted there. This folder stays the
    node's, and its table of mounts is that of the namespace that we are in at the moment.

    Args:
        kernel: takes mounts away.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._folder = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def namespace(self) -> int:
        """The mount namespace that we are in, open."""
        return os.open("ns/mnt", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)

    def lines(self) -> Iterator[str]:
        """The table of mounts, by the root of the namespace."""
        table = os.open("mountinfo", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        # Not in text mode: a carriage return in a name would end a line
        with os.fdopen(table, "rb", buffering=_CHUNK) as lines:
            for line in lines:
                yield line.decode("utf-8", errors="surrogateescape")

    def mount_id(self, descriptor: int) -> int:
        """The number in the table of the mount that an open path is on: nobody else has it meanwhile."""
        told = os.open(f"fdinfo/{descriptor}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        with os.fdopen(told, "rb") as lines:
            found = dict(line.split(b":", 1) for line in lines.read().splitlines())
        return int(found[b"mnt_id"])

    def reopen(self, descriptor: int) -> int:
        """Open for reading what was opened as a path."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(f"fd/{descriptor}", flags, dir_fd=self._folder)

    def unmount(self, at: int) -> None:
        """Take away the mount whose root is open; it goes once nobody uses it any more."""
        os.fchdir(self._folder)  # no call takes a descriptor; this path leads from it to nothing but that
        self._kernel.unmount(f"fd/{at}", detach=True, follow=True)


def seal() -> None:
    """Have no module imported and no traceback written any more.

    Python looks for both by their paths, which lead to a tenant's files once we are in its namespace: it
    would run them, with all the rights of the node plugin.
    """
    sys.meta_path.clear()
    sys.path_hooks.clear()
    sys.path.clear()
    sys.excepthook = sys.unraisablehook = _say_nothing


def _say_nothing(*_: object) -> None:
    """In place of a traceback."""
