"""A FUSE file system in one short program: `/dev/fuse` and the kernel's protocol, nothing to install.

``python -m tests.harness.fuse POINT [CONTENT]`` mounts it and serves until it is killed: a file ``hello``,
and a folder ``sub`` with a file ``inner``. What is written is forgotten. From SIGUSR1 on it takes
requests and answers none.
"""

import ctypes
import errno
import os
import signal
import stat
import struct
import sys

LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE, STATFS, RELEASE = 1, 2, 3, 4, 14, 15, 16, 17, 18
FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, ACCESS, INTERRUPT, BATCH_FORGET = 25, 26, 27, 28, 29, 34, 36, 42
ROOT, HELLO, SUB, INNER = 1, 2, 3, 4
CHILDREN = {ROOT: {b"hello": HELLO, b"sub": SUB}, SUB: {b"inner": INNER}}
REQUEST = struct.Struct("=IIQQIIII")
CACHED = 3600
"""Seconds for which the kernel may tell attributes without asking us, dead or alive; real clients let it."""
SILENT = {FORGET, BATCH_FORGET, INTERRUPT}


def mount(point: str, kind: str = "fuse.test", source: str = "fluid-test") -> int:
    """Mount at a point; the descriptor is the file system's life."""
    device = os.open("/dev/fuse", os.O_RDWR)
    data = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), os.fsencode(point), kind.encode(), ctypes.c_ulong(0), data) != 0:
        raise OSError(ctypes.get_errno(), "mount", point)
    return device


class FileSystem:
    """Answers the kernel's requests."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.mute = False

    def fall_mute(self, *_: object) -> None:
        self.mute = True

    def serve(self, device: int) -> None:
        while True:
            try:
                request = os.read(device, 1 << 20)
            except OSError as error:
                if error.errno == errno.ENODEV:  # unmounted
                    return
                if error.errno in (errno.ENOENT, errno.EINTR):  # given up before we read it
                    continue
                raise
            _, operation, unique, inode, *_ = REQUEST.unpack_from(request)
            if operation in SILENT or self.mute:
                continue
            number, body = self.answer(operation, inode, request[REQUEST.size :])
            os.write(device, struct.pack("=IiQ", 16 + len(body), -number, unique) + body)

    def answer(self, operation: int, inode: int, body: bytes) -> tuple[int, bytes]:
        match operation:
            case 26:
                return 0, struct.pack(
                    "=IIIIHHIIHHI7I", 7, 31, 1 << 17, 0, 12, 10, 1 << 17, 1, 32, 0, 0, *[0] * 7
                )
            case 1:
                found = CHILDREN.get(inode, {}).get(body.rstrip(b"\0"))
                if found is None:
                    return errno.ENOENT, b""
                return 0, struct.pack("=QQQQII", found, 0, 0, 0, 0, 0) + self.attributes(found)
            case 3 | 4:
                return 0, struct.pack("=QII", CACHED, 0, 0) + self.attributes(inode)
            case 14 | 27:
                return 0, struct.pack("=QII", 0, 1, 0)  # nothing is cached: each read asks this process
            case 15:
                _, offset, size = struct.unpack_from("=QQI", body)
                return 0, self.content[offset : offset + size]
            case 16:
                return 0, struct.pack("=II", struct.unpack_from("=QQI", body)[2], 0)
            case 28:
                return 0, self.entries(inode, struct.unpack_from("=QQ", body)[1])
            case 17:
                return 0, struct.pack("=QQQQQIIII6I", 100, 40, 30, 10, 4, 512, 255, 512, 0, *[0] * 6)
            case 18 | 25 | 29 | 34:
                return 0, b""
            case _:
                return errno.ENOSYS, b""

    def attributes(self, inode: int) -> bytes:
        folder = inode in CHILDREN
        mode = (stat.S_IFDIR | 0o755) if folder else (stat.S_IFREG | 0o644)
        size = 0 if folder else len(self.content)
        return struct.pack("=QQQQQQIIIIIIIIII", inode, size, 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 512, 0)

    def entries(self, inode: int, offset: int) -> bytes:
        packed = b""
        for number, (name, child) in enumerate(CHILDREN.get(inode, {}).items(), start=1):
            if number > offset:
                kind = 4 if child in CHILDREN else 8
                entry = struct.pack("=QQII", child, number, len(name), kind) + name
                packed += entry.ljust(-(-len(entry) // 8) * 8, b"\0")
        return packed


if __name__ == "__main__":
    served = FileSystem((sys.argv[2] if len(sys.argv) > 2 else "hello").encode())
    signal.signal(signal.SIGUSR1, served.fall_mute)
    served.serve(mount(sys.argv[1]))
