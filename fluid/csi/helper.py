"""The program that does what may hang: one operation, one short process, killed when it takes too long.

It imports as little as it can, of the standard library alone: so it starts in a few hundredths of a second,
and many that hang have room in the memory of the plugin's container. Mounts are changed one by one, by one
system call each, so that a kill leaves nothing that a repeat does not put right. The answer is a dictionary,
as Python writes it: ``{}`` or more for success, else ``errno``, ``call`` and ``path``.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from fluid.csi.inside import renew_in, shown
from fluid.csi.mountinfo_lines import device_of
from fluid.csi.own import OwnProc
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
    kernel.open_beneath(_source(kernel, folder, ""), sub_path, links=True)
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
    kernel: Kernel, folder: str, device: str, sub_path: str, point: str, mode: str, place: str, links: str
) -> Answer:
    """Mount a folder, or a part of it, at a point (``ro`` or ``rw``), over or beneath what is there.

    Where a device is given, it must be what is mounted at the folder: between two FUSE processes, the folder
    is an empty directory of the node's own disk. No link is followed, but in the part if ``links`` are.
    """
    base = _source(kernel, folder, device)
    # What is no mount is the node's own disk, on which nobody may write through a volume
    read_only = mode == "ro" or not kernel.is_mount(base)
    part = kernel.open_beneath(base, sub_path, links=links == "links")
    tree = kernel.clone_tree(part, read_only=read_only, receives=True)
    kernel.attach(tree, _exactly(kernel, point), beneath=place == "beneath")
    return {}


def detach(kernel: Kernel, point: str, mount_id: str) -> Answer:
    """Take the uppermost mount at a point away if it is this one; it goes once nobody uses it any more."""
    own, at = OwnProc(kernel), _exactly(kernel, point)
    if own.mount_id(at) != int(mount_id):
        raise Changed(point)
    own.unmount(at)
    return {}


def renew(kernel: Kernel, namespace: str, folder: str, live: str, dead: str) -> Answer:
    """Renew a volume in the mount namespace behind an open descriptor: see `fluid.csi.inside`."""
    own, base = OwnProc(kernel), _source(kernel, folder, live)
    return {"problems": "; ".join(renew_in(kernel, own, int(namespace), base, live, dead))}


def _exactly(kernel: Kernel, path: str) -> int:
    return kernel.open_exactly(os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC), path)


def _source(kernel: Kernel, folder: str, device: str) -> int:
    base = _exactly(kernel, folder)
    if device:
        own = OwnProc(kernel)
        mount_id = own.mount_id(base)
        if device not in (device_of(line, mount_id) for line in own.lines()):
            raise Changed(folder)
    return base


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    operation.__name__: operation for operation in (probe, read, find, usage, attach, detach, renew)
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
    except Exception as error:  # noqa: BLE001 - a traceback would read files that may be a tenant's by now
        return {"failed": f"{type(error).__name__}: {shown(str(error))}"}


def main() -> None:
    """``PARENT OPERATION ARGUMENT…``; the answer goes to standard output."""
    parent, name, *arguments = sys.argv[1:]
    kernel = Kernel()
    kernel.die_with_parent(int(parent))
    sys.stdout.write(ascii(run(kernel, name, arguments)))
    sys.stdout.flush()
    os._exit(0)  # interpreter shutdown may touch what hangs


if __name__ == "__main__":
    main()
