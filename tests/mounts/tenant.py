"""A container whose tenant does not want to be renewed only: a mount namespace of its own, and tricks in it.

``python tenant.py TRICK VOLUME FOLDER``; see the functions for what each does. A line is written when all is
mounted, then it stays until it is killed.
"""

import ctypes
import os
import sys
import time
from pathlib import Path

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_REC, _MS_PRIVATE, _MS_BIND, _MS_REMOUNT, _MS_RDONLY = 0x4000, 0x40000, 0x1000, 0x20, 0x1
LIBC = ctypes.CDLL(None, use_errno=True)


def mount(source: str, point: Path, kind: str = "", flags: int = 0) -> None:
    code = LIBC.mount(source.encode(), os.fsencode(point), kind.encode(), ctypes.c_ulong(flags), None)
    assert code == 0, (source, point, os.strerror(ctypes.get_errno()))


def enter(flags: int = 0) -> None:
    assert LIBC.unshare(_CLONE_NEWNS | flags) == 0
    mount("none", Path("/"), flags=_MS_REC | _MS_PRIVATE)


def bind(source: str, point: Path) -> None:
    point.mkdir(parents=True, exist_ok=True)
    mount(source, point, flags=_MS_BIND)


def chroots(volume: str, folder: Path) -> None:
    """The claim twice at x/proc/sys, and a root that makes that /proc/sys; the true one is read-only."""
    enter()
    mount("/proc/sys", Path("/proc/sys"), flags=_MS_BIND)
    mount("none", Path("/proc/sys"), flags=_MS_BIND | _MS_REMOUNT | _MS_RDONLY)
    for _ in range(2):
        bind(volume, folder / "x/proc/sys")
    os.chroot(folder / "x")
    os.chdir("/")


def hides_proc(volume: str, folder: Path) -> None:
    """The claim at a path, and something else at /proc."""
    enter()
    bind(volume, folder / "data")
    mount("none", Path("/proc"), "tmpfs")
    for name in ("mountinfo", "fdinfo", "fd"):
        Path("/proc/self", name).mkdir(parents=True)


def covers(volume: str, folder: Path) -> None:
    """Something else over the claim, and something else under it at another path."""
    enter()
    bind(volume, folder / "covered")
    mount("cover", folder / "covered", "tmpfs")
    (folder / "data").mkdir()
    mount("ground", folder / "data", "tmpfs")
    bind(volume, folder / "data")


def in_a_user_namespace(volume: str, folder: Path) -> None:
    """The claim at a path, which the rights of this process do not reach to unmount."""
    enter()
    bind(volume, folder / "data")
    enter(_CLONE_NEWUSER)


def many_mounts(volume: str, folder: Path) -> None:
    """The claim at a path, after thousands of other mounts."""
    enter()
    for number in range(5000):
        bind(str(folder), folder / "many" / f"{number}-{'x' * 100}")
    bind(volume, folder / "data")


def poisons(volume: str, folder: Path) -> None:
    """The claim at a path, and modules of its own where Python looks for them."""
    enter()
    bind(volume, folder / "data")
    poison = f"open({str(folder / 'marker')!r}, 'w')"
    library = Path(os.__file__).parent
    mount("none", library, "tmpfs")
    for name in ("wave", "traceback", "linecache"):
        (library / f"{name}.py").write_text(poison)


def races(volume: str, folder: Path) -> None:
    """The claim twice at x/y, where x is renamed all the time, and a link to what is not to be touched."""
    enter()
    x, away, victim = folder / "x", folder / "away", folder / "victim"
    for _ in range(2):
        bind(volume, x / "y")
    (victim / "y").mkdir(parents=True)
    mount("victim", victim / "y", "tmpfs")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not (folder / "stop").exists():
        x.rename(away)
        x.symlink_to(victim)
        time.sleep(0.0002)
        x.unlink()
        away.rename(x)
        time.sleep(0.0002)


_ALL = (chroots, hides_proc, covers, in_a_user_namespace, many_mounts, poisons, races)
TRICKS = {one.__name__: one for one in _ALL}

if __name__ == "__main__":
    TRICKS[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(1000)
