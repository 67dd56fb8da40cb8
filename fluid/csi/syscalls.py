"""The system calls for mounts that Python has no names for. Needs the standard library alone.

What is changed is named by an open descriptor, never by a path: a path may lead elsewhere a moment later.
"""

import ctypes
import errno
import os

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
_AGAIN = 100
"""Attempts to open a path while others change names."""


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
        """Have the file system at a path, or at an open file, tell what is there: not the kernel's memory."""
        self._statx(path, _AT_STATX_FORCE_SYNC)

    def is_mount(self, descriptor: int) -> bool:
        """Whether an open path is where something is mounted; asks no file system."""
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
        """Open a path below an open folder, without following anything that leads out of it.

        Args:
            base: the folder.
            path: relative to it; empty for itself.
            links: whether symbolic links are followed that stay within the folder.
        """
        return self._open(base, path, _RESOLVE_BENEATH, links=links) if path else base

    def open_exactly(self, root: int, path: str) -> int:
        """Open what is seen at a path below an open root; refuses (ELOOP) whatever is a symbolic link.

        Asks no file system but those on the way: one that is dead or hangs can be opened.
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
                # While anything is renamed or mounted, on the node, the kernel cannot tell where `..` leads
                if error.errno != errno.EAGAIN or not left:
                    error.filename = path
                    raise

    def clone_tree(self, folder: int, *, read_only: bool, receives: bool) -> int:
        """A copy of the mount at an open directory, attached nowhere: it goes with its descriptor.

        Args:
            folder: an open directory.
            read_only: whether nothing can be written through the copy.
            receives: whether what is mounted on the original later arrives on the copy, and goes on from it.
        """
        flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_EMPTY_PATH | _AT_NO_AUTOMOUNT
        tree = self._call("open_tree", _SYS_OPEN_TREE, folder, b"", flags)
        # The copy of a shared mount is its peer: what is mounted on the one appears on the other. A copy in a
        # pod's directory must not send anything back, or each mount on it would double.
        self._set(tree, _MOUNT_ATTR_RDONLY if read_only else 0, _MS_SLAVE if receives else _MS_PRIVATE)
        if receives:
            self._set(tree, 0, _MS_SHARED)
        return tree

    def _set(self, tree: int, attributes: int, propagation: int) -> None:
        wanted = _MountAttr(attr_set=attributes, propagation=propagation)
        size = ctypes.c_size_t(ctypes.sizeof(wanted))
        self._call("mount_setattr", _SYS_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, ctypes.byref(wanted), size)

    def attach(self, tree: int, at: int, *, beneath: bool = False) -> None:
        """Mount a tree at an open path: over what is mounted there, or beneath that mount (Linux 6.5)."""
        flags = _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH | (_MOVE_MOUNT_BENEATH if beneath else 0)
        self._call("move_mount", _SYS_MOVE_MOUNT, tree, b"", at, b"", flags)

    def unmount(self, point: str, *, detach: bool, follow: bool = False) -> None:
        """Take the uppermost mount at a path away; detached, it goes once nobody uses it any more.

        `follow` is for a path that is a link of /proc to an open file: its mount is meant, by no other name.
        """
        flags = (0 if follow else _UMOUNT_NOFOLLOW) | (_MNT_DETACH if detach else 0)
        self._checked("umount2", self._libc.umount2(os.fsencode(point), flags), point)

    def mount(self, source: str, point: str, kind: str, flags: int = 0, data: str = "") -> None:
        """The classic call, for what has no newer one."""
        arguments = (
            os.fsencode(source),
            os.fsencode(point),
            kind.encode(),
            ctypes.c_ulong(flags),
            data.encode(),
        )
        self._checked("mount", self._libc.mount(*arguments), point)

    def enter_mount_namespace(self, namespace: int) -> None:
        """Go into the mount namespace of an open ``/proc/<pid>/ns/mnt``; there is no way back."""
        self._checked("setns", self._libc.setns(namespace, _CLONE_NEWNS))

    def die_with_parent(self, parent: int) -> None:
        """Have this process killed when the thread that started it ends."""
        self._checked("prctl", self._libc.prctl(_PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), SIGKILL)

    def _call(self, name: str, number: int, *arguments: object) -> int:
        return self._checked(name, self._libc.syscall(ctypes.c_long(number), *arguments))

    @staticmethod
    def _checked(name: str, result: int, path: str = "") -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}", path or None)
        return result
