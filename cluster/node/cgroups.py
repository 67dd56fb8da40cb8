"""The cgroups of a node: made before it starts, removed when it has ended.

Their name holds the port of the node's relay. It is taken as long as the node lives, so cgroups whose port
is free are what a killed node left, and may go.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cluster.servers import free

ROOT = Path("/sys/fs/cgroup")
_PREFIX = "fluid-node-"
_UNIFIED = "cgroup.controllers"
_NEEDED = ("cpu", "cpuset", "memory", "pids")


def hierarchies() -> list[Path]:
    """The cgroup file systems of the machine: one (v2), or one for each controller (v1)."""
    if (ROOT / _UNIFIED).exists():
        return [ROOT]
    folders = ROOT.iterdir() if ROOT.is_dir() else ()
    return sorted(path for path in folders if not path.is_symlink() and (path / "cgroup.procs").exists())


def lacking() -> list[str]:
    """The controllers that a kubelet needs and this machine does not have."""
    if (ROOT / _UNIFIED).exists():
        present = set((ROOT / _UNIFIED).read_text().split())
    else:
        present = {name for name in _NEEDED if (ROOT / name / "cgroup.procs").exists()}
    return sorted(set(_NEEDED) - present)


def make(name: str) -> None:
    """Make the cgroup in every hierarchy; a kubelet refuses to start without."""
    for hierarchy in hierarchies():
        made = hierarchy / name
        made.mkdir(exist_ok=True)
        for file in ("cpuset.cpus", "cpuset.mems"):
            if hierarchy != ROOT and (made / file).exists():  # v1 starts them empty: no task may enter then
                (made / file).write_text((hierarchy / file).read_text())


def remove(name: str, *, seconds: float = 10.0) -> None:
    """Remove it with all below, once the last task is gone.

    Raises:
        OSError: a task is still there.
    """
    deadline = time.monotonic() + seconds
    while left := list(_folders(name)):
        for folder in left:
            with suppress(OSError):
                folder.rmdir()
        if time.monotonic() > deadline:
            raise OSError(f"{left[-1]} cannot be removed: something still runs there (see its cgroup.procs)")
        time.sleep(0.01)


def sweep() -> None:
    """Remove what nodes left that were killed."""
    names = {path.name for hierarchy in hierarchies() for path in hierarchy.glob(f"{_PREFIX}*")}
    for name in names:
        port = name.removeprefix(_PREFIX)
        if port.isdecimal() and free(int(port)):
            with suppress(OSError):
                remove(name, seconds=1)


def _folders(name: str) -> Iterator[Path]:
    """The deepest first."""
    for hierarchy in hierarchies():
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            yield Path(folder)
