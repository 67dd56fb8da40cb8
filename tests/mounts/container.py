"""A container as far as mounts go: a namespace of its own with a bind mount of a volume, read in a loop.

``python container.py VOLUME POINT`` writes a line for each change of what it reads: the content, or an errno.
"""

import ctypes
import sys
import time
from pathlib import Path

_CLONE_NEWNS, _MS_REC, _MS_PRIVATE, _MS_BIND = 0x00020000, 0x4000, 0x40000, 0x1000


def enter(volume: str, point: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(_CLONE_NEWNS) == 0
    assert libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None) == 0
    assert libc.mount(volume.encode(), point.encode(), None, ctypes.c_ulong(_MS_BIND | _MS_REC), None) == 0


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        return f"errno {error.errno}"


if __name__ == "__main__":
    enter(sys.argv[1], sys.argv[2])
    last = ""
    while True:
        now = read(Path(sys.argv[2], "hello"))
        if now != last:
            sys.stdout.write(f"{time.monotonic():.3f} {now}\n")
            sys.stdout.flush()
            last = now
        time.sleep(0.005)
