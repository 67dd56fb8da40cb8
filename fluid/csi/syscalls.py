"""System calls for mounts that Python does not offer, and the process' own directory in /proc.

Mounts are changed by open descriptors, never by paths: a path may lead elsewhere a moment later. Helpers
import this module, so it uses the standard library only.
"""

import ctypes
import errno
import os
from collections.abc import Iterator

_SYS_OPEN_TREE, _SYS_MOVE_MOUNT, _SYS_OPENAT2, _SYS_MOUNT_SETATTR = 428, 429, 437, 442
_AT_FDCWD = -100
_AT_STATX_FORCE_SYNC, _AT_STATX_DONT_SYNC = 0x2000, 0x4000
_STATX_TYPE, _STATX_SIZE = 0x1, 256
_STATX_ATTRIBUTES, _STATX_ATTR_MOUNT_ROOT = slice(8, 16), 0x2000
_AT_EMPTY_PATH = 0x1000
_AT_NO_AUTOMOUNT = 0x800
_OPEN_TREE_CLONE, _OPEN_TREE_CLOEXEC = 1, os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH, _MOVE_MOUNT_T_EMPTY_PATH = 0x4, 0x40
_MOVE_MOUNT_BENEATH = 0x200
_MOUNT_ATTR_RDONLY = 0x1
_RESOLVE_NO_MAGICLINKS, _RESOLVE_NO_SYMLINKS = 0x02, 0x04
_RESOLVE_BENEATH, _RESOLVE_IN_ROOT = 0x08, 0x10
_MS_PRIVATE, _MS_SLAVE, _MS_SHARED = 1 << 18, 1 << 19, 1 << 20
_UMOUNT_NOFOLLOW, _MNT_DETACH = 0x8, 0x2
_CLONE_NEWNS = 0x00020000
_PR_SET_PDEATHSIG = 1
SIGKILL = 9
_CHUNK = 1 << 16
_AGAIN = 100
"""Attempts to open a path while others rename files."""


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


class Kernel:
    """System calls that raise OSError with their name when they fail."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def ask(self, path: str | int) -> None:
        """Make the file system at a path or open descriptor answer, not the kernel's cache."""
        self._statx(path, _AT_STATX_FORCE_SYNC)

    def is_mount(self, descriptor: int) -> bool:
        """Whether an open path is a mount point; asks no file system."""
        found = self._statx(descriptor, _AT_STATX_DONT_SYNC)
        return bool(int.from_bytes(found[_STATX_ATTRIBUTES], "little") & _STATX_ATTR_MOUNT_ROOT)

    def _statx(self, path: str | int, how: int) -> bytes:
        result = (ctypes.c_char * _STATX_SIZE)()
        base, name = (path, "") if isinstance(path, int) else (_AT_FDCWD, path)
        flags = how | (_AT_EMPTY_PATH if isinstance(path, int) else 0)
        asked = self._libc.statx(base, os.fsencode(name), flags, _STATX_TYPE, result)
        self._checked("statx", asked, name)
        return bytes(result)

    def open_beneath(self, base: int, path: str, *, links: bool = False) -> int:
        """Open a path below an open folder; nothing that leads out of the folder is followed.

        Args:
            base: the open folder.
            path: path relative to the folder; empty for the folder itself.
            links: whether symbolic links that stay within the folder are followed.
        """
        return self._open(base, path, _RESOLVE_BENEATH, links=links) if path else base

    def open_exactly(self, root: int, path: str) -> int:
        """Open what is visible at a path below an open root; any symbolic link is refused (ELOOP).

        Only the file systems on the way are asked, so a path can be opened whose own file system is dead or
        hangs.
        """
        return self._open(root, path, _RESOLVE_IN_ROOT, links=False)

    def _open(self, base: int, path: str, resolve: int, *, links: bool) -> int:
        resolve |= _RESOLVE_NO_MAGICLINKS | (0 if links else _RESOLVE_NO_SYMLINKS)
        how = _OpenHow(os.O_PATH | os.O_CLOEXEC, 0, resolve)
        size = ctypes.c_size_t(ctypes.sizeof(how))
        left = _AGAIN
        while True:
            left -= 1
            try:
                return self._call("openat2", _SYS_OPENAT2, base, os.fsencode(path), ctypes.byref(how), size)
            except OSError as error:
                # While anything on the node is renamed or mounted, the kernel cannot tell where `..` leads
                if error.errno != errno.EAGAIN or not left:
                    error.filename = path
                    raise

    def clone_tree(self, folder: int, *, read_only: bool, receives: bool) -> int:
        """Copy the mount at an open directory; the copy is attached nowhere and ends with its descriptor.

        Args:
            folder: an open directory.
            read_only: whether nothing can be written through the copy.
            receives: whether later mounts on the original also appear on the copy, and propagate on from it.
        """
        flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_EMPTY_PATH | _AT_NO_AUTOMOUNT
        tree = self._call("open_tree", _SYS_OPEN_TREE, folder, b"", flags)
        # A copy of a shared mount is its peer: a mount on one appears on the other. A copy in a pod's
        # directory must not propagate back, or each mount on it would appear twice.
        self._set(tree, _MOUNT_ATTR_RDONLY if read_only else 0, _MS_SLAVE if receives else _MS_PRIVATE)
        if receives:
            self._set(tree, 0, _MS_SHARED)
        return tree

    def _set(self, tree: int, attributes: int, propagation: int) -> None:
        wanted = _MountAttr(attr_set=attributes, propagation=propagation)
        size = ctypes.c_size_t(ctypes.sizeof(wanted))
        self._call("mount_setattr", _SYS_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, ctypes.byref(wanted), size)

    def attach(self, tree: int, at: int, *, beneath: bool = False) -> None:
        """Mount a tree at an open path: over the mount there, or beneath it (Linux 6.5)."""
        flags = _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH | (_MOVE_MOUNT_BENEATH if beneath else 0)
        self._call("move_mount", _SYS_MOVE_MOUNT, tree, b"", at, b"", flags)

    def unmount(self, point: str, *, detach: bool, follow: bool = False) -> None:
        """Unmount the uppermost mount at a path.

        Args:
            point: the path.
            detach: whether the mount ends only once nobody uses it any more; otherwise a mount in use fails.
            follow: whether the path may be a link, as the links in /proc to open files are.
        """
        flags = (0 if follow else _UMOUNT_NOFOLLOW) | (_MNT_DETACH if detach else 0)
        self._checked("umount2", self._libc.umount2(os.fsencode(point), flags), point)

    def mount(self, source: str, point: str, kind: str, flags: int = 0, data: str = "") -> None:
        """Mount by the older system call, for what the newer ones do not offer."""
        arguments = (
            os.fsencode(source),
            os.fsencode(point),
            kind.encode(),
            ctypes.c_ulong(flags),
            data.encode(),
        )
        self._checked("mount", self._libc.mount(*arguments), point)

    def enter_mount_namespace(self, namespace: int) -> None:
        """Enter the mount namespace of an open ``/proc/<pid>/ns/mnt``; only another open one leads back."""
        self._checked("setns", self._libc.setns(namespace, _CLONE_NEWNS))

    def die_with_parent(self, parent: int) -> None:
        """Have the kernel kill this process when the thread that started it ends."""
        self._checked("prctl", self._libc.prctl(_PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        if os.getppid() != parent:  # the parent ended before the call
            os.kill(os.getpid(), SIGKILL)

    def _call(self, name: str, number: int, *arguments: object) -> int:
        return self._checked(name, self._libc.syscall(ctypes.c_long(number), *arguments))

    @staticmethod
    def _checked(name: str, result: int, path: str = "") -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}", path or None)
        return result


class ProcSelf:
    """The process' own directory in the node's /proc, held open.

    In the mount namespace of a container, ``/proc`` is whatever its tenant mounted there. The open directory
    stays the node's, and its mount table is that of the namespace that the process is in at the moment.

    Args:
        kernel: for the system calls.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._folder = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def namespace(self) -> int:
        """Open the mount namespace that the process is in."""
        return os.open("ns/mnt", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)

    def lines(self) -> Iterator[str]:
        """The lines of the mount table, with paths relative to the root of the mount namespace."""
        table = os.open("mountinfo", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        # Not in text mode, in which a carriage return in a name would end a line
        with os.fdopen(table, "rb", buffering=_CHUNK) as lines:
            for line in lines:
                yield line.decode("utf-8", errors="surrogateescape")

    def mount_id(self, descriptor: int) -> int:
        """The id in the mount table of the mount of an open path; it is not reused while the path is open."""
        told = os.open(f"fdinfo/{descriptor}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        with os.fdopen(told, "rb") as lines:
            found = dict(line.split(b":", 1) for line in lines.read().splitlines())
        return int(found[b"mnt_id"])

    def reopen(self, descriptor: int) -> int:
        """Open a file for reading that is open as a path only."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(f"fd/{descriptor}", flags, dir_fd=self._folder)

    def unmount(self, at: int) -> None:
        """Unmount the mount whose root is open; the mount ends once nobody uses it any more."""
        os.fchdir(self._folder)  # umount2 takes a path, not a descriptor; fd/N in here leads to nothing else
        self._kernel.unmount(f"fd/{at}", detach=True, follow=True)
