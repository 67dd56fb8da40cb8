"""The program that does what may hang: one operation, one short process, killed when it takes too long.

It imports the standard library alone and starts in a few hundredths of a second. An operation changes one
mount by one system call at most, so that a kill leaves nothing half done. The answer is one JSON object:
``{}`` or more for success, else ``errno``, ``call`` and ``path``.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fluid.csi.mountinfo import MountTable
from fluid.csi.syscalls import Kernel

Answer = Mapping[str, int | str]


class Changed(Exception):  # noqa: N818 - no fault: somebody was faster
    """The uppermost mount is not the one that was meant."""


def probe(kernel: Kernel, path: str) -> Answer:
    """Ask the file system at a path for its root: a FUSE process that lives answers.

    A plain `stat` does not tell: it comes from the kernel's memory, for as long as the client allowed.
    """
    kernel.ask(path)
    return {}


def read(kernel: Kernel, path: str) -> Answer:
    """Open a directory and read its first entries, past every cache of the mount's own."""
    kernel.ask(path)
    with os.scandir(path) as entries:
        first = next(entries, None)
    return {"first": first.name if first else ""}


def find(kernel: Kernel, folder: str, sub_path: str) -> Answer:
    """Whether `attach` would find a folder, or a part of it."""
    _source(kernel, folder, "", sub_path)
    return {}


def usage(kernel: Kernel, path: str) -> Answer:
    """Space and files of the file system at a path."""
    del kernel
    found = os.statvfs(path)
    size = found.f_frsize
    return {
        "bytes": found.f_blocks * size,
        "bytes_available": found.f_bavail * size,
        "bytes_used": (found.f_blocks - found.f_bfree) * size,
        "files": found.f_files,
        "files_available": found.f_favail,
        "files_used": found.f_files - found.f_ffree,
    }


def attach(
    kernel: Kernel, folder: str, device: str, sub_path: str, point: str, mode: str, place: str
) -> Answer:
    """Mount a folder, or a part of it, at a point (``ro`` or ``rw``), over or beneath what is there.

    Where a device is given, it must be what is mounted at the folder: between two FUSE processes, the folder
    is an empty directory of the node's own disk.
    """
    source = _source(kernel, folder, device, sub_path)
    tree = kernel.clone_tree(source, read_only=mode == "ro", receives=True)
    kernel.attach(tree, point, beneath=place == "beneath")
    return {}


def detach(kernel: Kernel, point: str, mount_id: str, mode: str) -> Answer:
    """Take the uppermost mount at a point away if it is this one: ``now``, or ``lazily`` once it is free."""
    _expect(MountTable.read(), point, mount_id)
    kernel.unmount(point, detach=mode == "lazily")
    return {}


def attach_in(
    kernel: Kernel,
    folder: str,
    device: str,
    sub_path: str,
    process: str,
    point: str,
    mount_id: str,
    mode: str,
    place: str,
) -> Answer:
    """`attach` at a point in the mount namespace of another process, whose uppermost mount there is known."""
    source = _source(kernel, folder, device, sub_path)
    tree = kernel.clone_tree(source, read_only=mode == "ro", receives=False)
    _enter(kernel, process, point, mount_id)
    kernel.attach(tree, point, beneath=place == "beneath")
    return {}


def detach_in(kernel: Kernel, process: str, point: str, mount_id: str) -> Answer:
    """`detach` in the mount namespace of another process."""
    _enter(kernel, process, point, mount_id)
    kernel.unmount(point, detach=True)
    return {}


def read_in(kernel: Kernel, process: str, point: str) -> Answer:
    """`read` as another process would, in its mount namespace."""
    namespace = os.open(f"/proc/{process}/ns/mnt", os.O_RDONLY)
    kernel.enter_mount_namespace(namespace)
    return read(kernel, point)


def _source(kernel: Kernel, folder: str, device: str, sub_path: str) -> int:
    base = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if device and _device(base) != device:
        raise Changed(folder)
    return kernel.open_beneath(base, sub_path)


def _device(descriptor: int) -> str:
    """Of what an open path is on; asks no file system."""
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    number = next(int(line.split()[1]) for line in lines if line.startswith("mnt_id:"))
    return next((mount.device for mount in MountTable.read().mounts if mount.id == number), "")


def _enter(kernel: Kernel, process: str, point: str, mount_id: str) -> None:
    table = MountTable.read(Path("/proc", process, "mountinfo"))
    namespace = os.open(f"/proc/{process}/ns/mnt", os.O_RDONLY)
    _expect(table, point, mount_id)
    kernel.enter_mount_namespace(namespace)


def _expect(table: MountTable, point: str, mount_id: str) -> None:
    top = table.top(point)
    if top is None or top.id != int(mount_id):
        raise Changed(point)


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    operation.__name__: operation
    for operation in (probe, read, find, usage, attach, detach, attach_in, detach_in, read_in)
}


def run(kernel: Kernel, name: str, arguments: Sequence[str]) -> Answer:
    """Carry one operation out and say how it went."""
    try:
        return OPERATIONS[name](kernel, *arguments)
    except Changed as changed:
        return {"changed": str(changed)}
    except OSError as error:
        call, named, _ = (error.strerror or "").partition(": ")
        return {"errno": error.errno or 0, "call": call if named else "", "path": str(error.filename or "")}


def main() -> None:
    """``PARENT OPERATION ARGUMENT…``; the answer goes to standard output."""
    parent, name, *arguments = sys.argv[1:]
    kernel = Kernel()
    kernel.die_with_parent(int(parent))
    sys.stdout.write(json.dumps(run(kernel, name, arguments)))
    sys.stdout.flush()
    os._exit(0)  # interpreter shutdown may touch what hangs


if __name__ == "__main__":
    main()
