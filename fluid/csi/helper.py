"""The helper program: one operation that may hang, in a process of its own, which is killed at a deadline.

It imports little, and only of the standard library. So it starts in a few hundredths of a second, and many
hanging helpers fit into the memory of the plugin's container. Each change of a mount is one system call, so a
repeat puts right whatever a kill has left. The answer is a Python dictionary on standard output: the results
(possibly none) after success, otherwise ``errno``, ``call`` and ``path``; ``changed``; or ``failed``.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from fluid.csi.mountinfo_lines import device_of
from fluid.csi.namespace_renewal import renew_in, shown
from fluid.csi.syscalls import Kernel, ProcSelf

Answer = Mapping[str, int | str]


class Changed(Exception):  # noqa: N818 - it is an outcome
    """The uppermost mount is not the one that the operation was meant for."""


def probe(kernel: Kernel, path: str) -> Answer:
    """Ask the file system at a path for its root; a live FUSE process answers.

    A plain `stat` proves nothing: the kernel answers it from its cache for as long as the client allowed.
    """
    kernel.ask(path)
    return {}


def read(kernel: Kernel, path: str) -> Answer:
    """Open a directory and read its first entries; caches of the kernel do not answer."""
    kernel.ask(path)
    with os.scandir(path) as entries:
        first = next(entries, None)
    return {"first": first.name if first else ""}


def find(kernel: Kernel, folder: str, sub_path: str) -> Answer:
    """Open a folder, or a part of it, as `attach` would."""
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
    """Mount a folder, or a part of it, at a mount point.

    Args:
        kernel: for the system calls.
        folder: the folder; no link in its path is followed.
        device: device that must be mounted at the folder; empty for any. Between two FUSE processes, the
            folder is an empty directory of the node's own disk.
        sub_path: the part of the folder; empty for all of it.
        point: the mount point.
        mode: ``ro`` or ``rw``.
        place: ``beneath`` or ``over`` the mount that is there.
        links: ``links`` if symbolic links in the part are followed, ``exactly`` if not.
    """
    base = _source(kernel, folder, device)
    # A folder that is no mount is on the node's own disk, where nobody may write through a volume
    read_only = mode == "ro" or not kernel.is_mount(base)
    part = kernel.open_beneath(base, sub_path, links=links == "links")
    tree = kernel.clone_tree(part, read_only=read_only, receives=True)
    kernel.attach(tree, _exactly(kernel, point), beneath=place == "beneath")
    return {}


def detach(kernel: Kernel, point: str, mount_id: str) -> Answer:
    """Unmount the uppermost mount at a point if it has this id; it ends once nobody uses it any more."""
    own, at = ProcSelf(kernel), _exactly(kernel, point)
    if own.mount_id(at) != int(mount_id):
        raise Changed(point)
    own.unmount(at)
    return {}


def renew(kernel: Kernel, namespace: str, folder: str, live: str, dead: str) -> Answer:
    """Renew a volume in an open mount namespace: see `fluid.csi.namespace_renewal`."""
    own, base = ProcSelf(kernel), _source(kernel, folder, live)
    return {"problems": "; ".join(renew_in(kernel, own, int(namespace), base, live, dead))}


def _exactly(kernel: Kernel, path: str) -> int:
    return kernel.open_exactly(os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC), path)


def _source(kernel: Kernel, folder: str, device: str) -> int:
    base = _exactly(kernel, folder)
    if device:
        own = ProcSelf(kernel)
        mount_id = own.mount_id(base)
        if device not in (device_of(line, mount_id) for line in own.lines()):
            raise Changed(folder)
    return base


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    operation.__name__: operation for operation in (probe, read, find, usage, attach, detach, renew)
}


def run(kernel: Kernel, name: str, arguments: Sequence[str]) -> Answer:
    """Carry one operation out and return its answer."""
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
