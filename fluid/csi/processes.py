"""The mount namespaces of pods, found by their processes: what is found is held open before it is used."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread

from fluid.csi.mountinfo_lines import fuse_line

PROC = Path("/proc")
_POD = re.compile(
    r"[/-]pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(?:\.slice)?(?:/|$)",
    re.MULTILINE,
)
_MOST_KNOWN = 4
"""Processes of one namespace that are remembered."""
_MOST_ASKED = 16
"""Processes of one namespace that are asked for their pod: most have one, a pod may have 10,000."""
_CGROUP_BYTES = 1 << 16
_TABLE_BYTES = 1 << 18
PodOf = Callable[[Path], str]


def pod_of(process: Path) -> str:
    """UID of the pod that a process (its folder in /proc) belongs to, by its cgroup; empty for none.

    The outermost folder counts: the cgroups in it may be a tenant's own, of any name.
    """
    try:
        with (process / "cgroup").open("rb") as told:
            found = _POD.search(told.read(_CGROUP_BYTES).decode(errors="replace"))
    except OSError:  # it has ended
        return ""
    return found[1].replace("_", "-") if found else ""


@dataclass
class Namespace:
    """A mount namespace in which a pod's processes are.

    Attributes:
        name: As the kernel calls it.
        processes: Folders in /proc of some of them, the oldest first.
        all: Whether that are all.
    """

    name: str
    processes: list[Path] = field(default_factory=list[Path])
    all: bool = True

    def may_show(self, devices: frozenset[str]) -> bool:
        """Whether one of its processes may see a FUSE mount of these; a table without end says yes."""
        return not self.all or any(_may_show(process, devices) for process in self.processes)

    def lives(self) -> bool:
        """Whether one of its processes that were found is still there."""
        return any(_namespace(process) == self.name for process in self.processes)

    @contextmanager
    def opened(self, pod_uid: str, pod_of: PodOf) -> Generator[int | None]:
        """The namespace itself, whatever its processes do next; None if none of them is the pod's and there.

        Raises:
            OSError: it cannot be opened.
        """
        found = None
        for process in self.processes:
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
                found = found or self._open(process, pod_uid, pod_of)
        try:
            yield found
        finally:
            if found is not None:
                os.close(found)

    def _open(self, process: Path, pod_uid: str, pod_of: PodOf) -> int | None:
        # The folder stays that process's: its number may be another's a moment later
        folder = os.open(process, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            namespace = os.open("ns/mnt", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
            if pod_of(_own(folder)) == pod_uid and str(_own(namespace).readlink()) == self.name:
                return namespace
            os.close(namespace)
            return None
        finally:
            os.close(folder)


def _own(descriptor: int) -> Path:
    return PROC / "self/fd" / str(descriptor)


def _may_show(process: Path, devices: frozenset[str]) -> bool:
    try:
        with (process / "mountinfo").open("rb") as table:
            text = table.read(_TABLE_BYTES + 1)
    except OSError:
        return False
    lines = text.decode("utf-8", errors="surrogateescape").split("\n")
    return len(text) > _TABLE_BYTES or any(fuse_line(line, devices) for line in lines)


Found = Mapping[str, Sequence[Namespace]]


def scan(pod_of: PodOf = pod_of, proc: Path = PROC) -> Found:
    """The mount namespaces of all pods, by the pod's UID; without ours and the node's own.

    Costs a link for each process on the node, and a file more for few of each namespace.
    """
    found = defaultdict[str, dict[str, Namespace]](dict)
    asked = defaultdict[str, int](int)
    left_out = {_namespace(proc / "self"), _namespace(proc / "1"), ""}
    for number in sorted(int(one.name) for one in proc.iterdir() if one.name.isdecimal()):
        process = proc / str(number)
        name = _namespace(process)
        if name in left_out:
            continue
        asked[name] += 1
        if asked[name] > _MOST_ASKED:
            continue
        if pod := pod_of(process):
            found[pod].setdefault(name, Namespace(name)).processes.append(process)
    for namespaces in found.values():
        for one in namespaces.values():
            one.all = len(one.processes) <= _MOST_KNOWN and asked[one.name] <= _MOST_ASKED
            del one.processes[_MOST_KNOWN:]
    return {pod: [*namespaces.values()] for pod, namespaces in found.items()}


def _namespace(process: Path) -> str:
    try:
        return str((process / "ns/mnt").readlink())
    except OSError:
        return ""


@dataclass
class Scans:
    """Scans that serve all who ask meanwhile: many pods are renewed at once, the node is looked over once.

    Attributes:
        pod_of: Tells whose a process is.
        proc: Where processes are.
    """

    pod_of: PodOf = pod_of
    proc: Path = PROC
    begun: int = 0
    _found: Found = field(default_factory=dict[str, Sequence[Namespace]])
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def of(self, pod_uid: str) -> Sequence[Namespace]:
        """The namespaces of a pod, by a scan that began after this call."""
        before = self.begun
        async with self._turn:
            if self.begun == before:
                self.begun += 1
                self._found = await to_thread.run_sync(partial(scan, self.pod_of, self.proc))
            return self._found.get(pod_uid, ())
