"""How many helpers may run, and how many may hang: for one file system, for one tenant, and on the node.

A tenant is the namespace of a Dataset. What one tenant's FUSE clients do not answer is counted for that
tenant.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fluid.csi.mountinfo import SELF
from fluid.csi.mountinfo_lines import fuse_line
from fluid.csi.options import MOUNT_ROOT

RUNNING, RUNNING_PER_TENANT, RUNNING_PER_FILE_SYSTEM = 16, 6, 4
"""Helpers that may run at once; a file system that did not answer the last one is asked by one alone."""
_HANGING_PER_FILE_SYSTEM = 4
"""Helpers that may hang in one file system: a client that lost one request may still answer the next."""
_AGAIN_PER_TENANT, _AGAIN = 12, 48
"""Helpers that may hang, for one tenant and in all, before a file system is asked in which one hangs."""
_FIRST_PER_TENANT, _FIRST = 32, 64
"""Helpers that may hang, for one tenant and in all, before a file system is asked in which none hangs.

The bounds are higher so that a first question is asked whatever other file systems do not answer. Behind each
of these helpers is another FUSE pod, of which a node has at most about a hundred. One tenant has at most
half.
"""
_RESERVE = 8
"""Further helpers that may hang if they ask no file system: without them nothing could be unmounted."""
MOST_HELPERS = _FIRST + _RESERVE - 1 + RUNNING
"""The most helpers that can exist (87): one fewer hangs than may, and all that run then come to hang as well.

A helper has 4 MB of its own. That makes 350 MB, beside 100 MB for the plugin and its supervisor, of the 512
MiB that the container may have (`manifests`). With more memory the kernel would kill a process, perhaps the
plugin.
"""
_NAMESPACE, _DEPTH = 1, 3
"""Below the mount root: index of the path's part that is the namespace, and the least number of parts."""


@dataclass(frozen=True, slots=True)
class FileSystem:
    """The file system that a helper asks.

    Attributes:
        device: Its device; empty for a helper that asks no file system.
        tenant: Whose file system it is.
    """

    device: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a helper is not started.

    Attributes:
        silent: True if too many hang in the file system itself; False if too many hang elsewhere.
        why: The reason, for people.
    """

    silent: bool
    why: str


def refusal(hanging: Sequence[FileSystem], asked: FileSystem) -> Refusal | None:
    """Why a helper may not be started; None if it may.

    Args:
        hanging: the file systems in which helpers hang, one entry for each helper.
        asked: the file system that the new helper would ask.
    """
    if not asked.device:
        return _too_many(hanging) if len(hanging) >= _FIRST + _RESERVE else None
    here = sum(one.device == asked.device for one in hanging)
    if here >= _HANGING_PER_FILE_SYSTEM:
        return Refusal(silent=True, why=f"the file system owes the answer to {here} earlier questions")
    of_tenant = [one for one in hanging if one.tenant == asked.tenant]
    per_tenant, most = (_AGAIN_PER_TENANT, _AGAIN) if here else (_FIRST_PER_TENANT, _FIRST)
    if len(of_tenant) >= per_tenant:
        return _too_many(of_tenant)
    return _too_many(hanging) if len(hanging) >= most else None


def _too_many(hanging: Collection[FileSystem]) -> Refusal:
    where = ", ".join(sorted({one.device for one in hanging} - {""})) or "the kernel"
    why = (
        f"not tried: {len(hanging)} helpers on this node wait for an answer of {where}; find these devices in"
        " /proc/self/mountinfo of the node plugin, and delete the FUSE pods behind"
    )
    return Refusal(silent=False, why=why)


@dataclass
class Tenants:
    """Finds the tenant of a file system by where it is mounted.

    Attributes:
        mount_root: Directory below which all FUSE pods mount: ``TYPE/NAMESPACE/NAME/…``.
        table: The mount table.
    """

    mount_root: str = MOUNT_ROOT
    table: Path = SELF
    _known: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, device: str) -> str:
        """The namespace of the Dataset; the device itself if it was never seen below the mount root.

        A device whose mount below the mount root is gone, and which pods still show, keeps its tenant.
        """
        devices, below = frozenset({device}), self.mount_root.rstrip("/") + "/"
        with self.table.open("rb") as lines:
            for line in lines:
                mount = fuse_line(line.decode("utf-8", errors="surrogateescape").rstrip("\n"), devices)
                if mount is None or not mount.point.startswith(below):
                    continue
                parts = mount.point.removeprefix(below).split("/")
                if len(parts) >= _DEPTH:
                    self._known[device] = parts[_NAMESPACE]
                    break
        return self._known.get(device, device)
