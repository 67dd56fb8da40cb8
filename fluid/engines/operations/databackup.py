"""DataBackup saves the metadata of a cache: the kind, where its files may go, and what can never run."""

from dataclasses import dataclass

from fluid.engines.core.demands import PATHS, Demands
from fluid.engines.core.distributions import INTERFACE
from fluid.engines.core.operation import OperationProblem, OperationRegistration, OperationSpec
from fluid.engines.kit.volumes import is_object_name
from fluid.models import DataBackup, Service
from fluid.types import Key

_CLAIM, _NODE = "pvc", "local"
_LONGEST = 1024
_FIX = "write pvc://<claim>/<folder> or local:///<directory>"
_PATHS = (
    "[?object.?spec.?backupPath].filter(one, one.startsWith('local://'))"
    ".map(one, '/' + one.substring(8).split('/').filter(two, two != '').join('/'))"
)


@dataclass(frozen=True, slots=True)
class BackupPlace:
    """Where the files of a backup are.

    Attributes:
        claim: The claim that has them; "" for a directory of a node.
        folder: The folder in the claim, or the directory, without a slash at either end.
    """

    claim: str
    folder: str


def place_of(path: str) -> BackupPlace | None:
    """The place that a backup path means; None if it means none.

    ``pvc://claim``, ``pvc://claim/folder/`` and ``local:///directory`` are places; the root of a node, a path
    with ``.`` or ``..``, and one with characters that cannot be printed are none.
    """
    kind, found, rest = path[: _LONGEST + 1].partition("://")
    if kind not in (_CLAIM, _NODE) or not found or len(path) > _LONGEST or not path.isprintable():
        return None
    claim, _, folder = rest.partition("/") if kind == _CLAIM else ("", "", rest)
    parts = [part for part in folder.split("/") if part]
    if {".", ".."} & {*parts} or "//" in folder.strip("/"):
        return None
    if kind == _CLAIM:
        return BackupPlace(claim, "/".join(parts)) if is_object_name(claim) else None
    return BackupPlace("", "/".join(parts)) if parts else None


def problem_of(backup: DataBackup) -> OperationProblem | None:
    """Why a backup can never run, whatever its Dataset; None when it can."""
    path = (backup.spec.backup_path if backup.spec else None) or ""
    if not path:
        return OperationProblem("PathNotSupported", "spec.backupPath", "is missing", _FIX)
    if place_of(path) is None:
        problem = f"{path[:80]!r} is neither a folder of a claim nor a directory of a node"
        return OperationProblem("PathNotSupported", "spec.backupPath", problem, _FIX)
    user = backup.spec.run_as if backup.spec else None
    for name, number in (("uid", user.uid), ("gid", user.gid)) if user else ():
        if not 0 <= number < 2**31:
            problem, fix = f"{number} is no number of a user or group", "write one from 0 to 2147483647"
            return OperationProblem("UserNotValid", f"spec.runAs.{name}", problem, fix)
    return None


def _spec(backup: DataBackup) -> OperationSpec:
    spec = backup.spec
    if spec is None or not spec.dataset:
        return OperationSpec(None)
    return OperationSpec(
        Key(backup.namespace, spec.dataset),
        ttl=spec.ttl_seconds_after_finished,
        run_after=spec.run_after,
        beside=(Service,),
    )


def registration() -> OperationRegistration[DataBackup]:
    """The kind; which caches can be saved depends on the engine, which builds the workload."""
    return OperationRegistration(
        DataBackup,
        _spec,
        release="backup",
        scripts="script",
        interface=INTERFACE,
        problem=problem_of,
        workloads=(Service,),
        demands=Demands({PATHS: _PATHS}),
    )
