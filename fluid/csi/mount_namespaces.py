"""The mount namespaces of pods, found by their processes; a namespace is held open before it is used."""

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
"""Processes of one namespace that are kept."""
_MOST_ASKED = 16
"""Processes of one namespace whose cgroup is read. Most namespaces have one, a pod may have 10,000."""
_CGROUP_BYTES = 1 << 16
_TABLE_BYTES = 1 << 18
PodOf = Callable[[Path], str]


def pod_of(process: Path) -> str:
    """UID of the pod of a process, by its cgroup; empty if it belongs to none.

    The outermost cgroup counts: a tenant may have made the inner ones, with any name.

    Args:
        process: its directory in /proc.
    """
    try:
        with (process / "cgroup").open("rb") as told:
            found = _POD.search(told.read(_CGROUP_BYTES).decode(errors="replace"))
    except OSError:  # the process has ended
        return ""
    return found[1].replace("_", "-") if found else ""


@dataclass
class MountNamespace:
    """A mount namespace with processes of a pod in it.

    Attributes:
        name: The kernel's name of the namespace.
        processes: Directories in /proc of some of the processes, the lowest process id first.
        all: Whether these are all processes of the pod in the namespace.
    """

    name: str
    processes: list[Path] = field(default_factory=list[Path])
    all: bool = True

    def may_show(self, devices: frozenset[str]) -> bool:
        """Whether a process in it may see a FUSE mount of these devices; also true if not all was read."""
        return not self.all or any(_may_show(process, devices) for process in self.processes)

    def lives(self) -> bool:
        """Whether one of the kept processes is still in the namespace."""
        return any(_namespace(process) == self.name for process in self.processes)

    @contextmanager
    def opened(self, pod_uid: str, pod_of: PodOf) -> Generator[int | None]:
        """Open the namespace by one of its processes; it stays open whatever the processes do next.

        Yields:
            A descriptor; None if no kept process is still in the namespace and of the pod.

        Raises:
            OSError: the namespace cannot be opened.
        """
        found = None
        for process in self.processes:
            with suppress(FileNotFoundError, ProcessLookupError):  # the process has ended
                found = found or self._open(process, pod_uid, pod_of)
        try:
            yield found
        finally:
            if found is not None:
                os.close(found)

    def _open(self, process: Path, pod_uid: str, pod_of: PodOf) -> int | None:
        # The open directory stays that of this process: its id may be another process' a moment later
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


PodNamespaces = Mapping[str, Sequence[MountNamespace]]


def scan_namespaces(pod_of: PodOf = pod_of, proc: Path = PROC) -> PodNamespaces:
    """Find the mount namespaces of all pods, by the pods' UIDs; without the plugin's and the node's own.

    It reads a link for each process on the node, and a cgroup file for up to 16 processes of each namespace.
    """
    found = defaultdict[str, dict[str, MountNamespace]](dict)
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
            found[pod].setdefault(name, MountNamespace(name)).processes.append(process)
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
class NamespaceScans:
    """Shares scans: when many pods are renewed at once, one scan of the node serves all of them.

    Attributes:
        pod_of: Returns the pod of a process.
        proc: Directory of the processes.
        begun: How many scans have begun.
    """

    pod_of: PodOf = pod_of
    proc: Path = PROC
    begun: int = 0
    _found: PodNamespaces = field(default_factory=dict[str, Sequence[MountNamespace]])
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def of(self, pod_uid: str) -> Sequence[MountNamespace]:
        """The namespaces of a pod, by a scan that began after this call."""
        before = self.begun
        async with self._turn:
            if self.begun == before:
                self.begun += 1
                self._found = await to_thread.run_sync(partial(scan_namespaces, self.pod_of, self.proc))
            return self._found.get(pod_uid, ())
