"""Reports objects that the API server refuses: its message, and the next step."""

from collections.abc import Sequence

from fluid.conditions import READY
from fluid.engines.core import dataset_status
from fluid.engines.core.plan import Notice, Plan, Waiting
from fluid.engines.core.runtime_status import record_condition, withdraw_condition
from fluid.engines.core.snapshot import R, Snapshot
from fluid.kube import NAME_TAKEN, Entry, Forbidden, Invalid, Report
from fluid.models import PersistentVolume, PersistentVolumeClaim
from fluid.types import KubeObject, fit

REFUSED = "ChangeRefused"
"""Condition of a runtime while the API server refuses one of its objects in the desired form."""
Refusal = tuple[KubeObject, Invalid | Forbidden]
Stays = tuple[str, Invalid | Forbidden]
"""Kind and name of an object that stays as it is, and why."""
_STAYS = "the live object stays as it is; undo the change, or delete the object to have it made anew"
_WORDS = 400
"""Characters of the API server's message that are reported."""
_SOONEST, _LATEST = 5.0, 300.0


def missing(report: Report, snapshot: Snapshot[R]) -> list[Refusal]:
    """The refused objects that have no live version: the cache lacks them."""
    return [one for one in report.refused if not _is_live(one[0], snapshot)]


def record_refusals(snapshot: Snapshot[R], plan: Plan, report: Report) -> None:
    """Reports refused objects on the runtime, and on its Dataset if the cache lacks them."""
    if not report.refused:
        if plan.children:
            withdraw_condition(plan.status, REFUSED)
        return
    absent = missing(report, snapshot)
    obj, error = (absent or report.refused)[0]
    advice = _advice(snapshot, obj, error, bool(absent))
    message = f"the API server refuses {name_of(obj)}: {_words(error)}; {advice}"
    record_condition(plan.status, REFUSED, "Refused", message, "True", snapshot.now)
    plan.notices.append(Notice("Warning", "ErrorProcessRuntime", message, shown_by=REFUSED))
    if absent:  # a cache that lacks a part cannot serve
        plan.wake_within(look_again(snapshot))  # no watch reports a changed policy, for example
        hold_back(snapshot, plan, Waiting(REFUSED, message, problem=True))


def record_stays(snapshot: Snapshot[R], plan: Plan, stays: Sequence[Stays]) -> None:
    """Reports objects that the API server allows neither to be deleted nor annotated."""
    if not stays:
        return
    name, error = stays[0]
    about = snapshot.runtime
    message = (
        f"the API server refuses to change or delete {name}: {_words(error)}; ask the administrator for the "
        "right, or what stands against it"
    )
    deleting = about.metadata.deletion_timestamp is not None
    shown_by = READY if deleting else REFUSED
    plan.notices.append(Notice("Warning", "ErrorProcessRuntime", message, shown_by=shown_by))
    if not deleting:
        record_condition(plan.status, REFUSED, "Refused", message, "True", snapshot.now)
    elif snapshot.dataset is not None:
        told = f"the runtime {about.key} is being deleted: {message}"
        of_dataset = (plan.dataset_status, READY, dataset_status.RUNTIME_DELETED, told, "False")
        dataset_status.record_condition(*of_dataset, snapshot.dataset, snapshot.now)


def hold_back(snapshot: Snapshot[R], plan: Plan, waiting: Waiting) -> None:
    """Neither binds nor publishes in this pass, and reports the reason at once."""
    plan.create, plan.waiting = [], waiting
    if not snapshot.registered:
        plan.dataset_status = dataset_status.owned_part(snapshot.dataset)
    dataset_status.record_setup_problem(snapshot, plan, waiting)


def look_again(snapshot: Snapshot[R]) -> float:
    """Seconds until a retry of what no watch reports: a back-off that survives a restart of the process."""
    created = snapshot.runtime.metadata.creation_timestamp or snapshot.now
    return min(max((snapshot.now - created).total_seconds() / 4, _SOONEST), _LATEST)


def name_of(obj: KubeObject) -> str:
    """Kind and name of an object."""
    return f"{obj.resource.kind} {obj.key}"


def kept_one(found: tuple[Entry[KubeObject], Invalid | Forbidden]) -> Stays:
    """An object that should have been pruned."""
    entry, error = found
    return f"{entry.model.resource.kind} {entry.key}", error


def _words(error: Invalid | Forbidden) -> str:
    return fit(error.message, _WORDS).rstrip(" ,")


def _advice(snapshot: Snapshot[R], obj: KubeObject, error: Invalid | Forbidden, absent: bool) -> str:
    about = snapshot.runtime
    if isinstance(error, Forbidden):
        return "ask the administrator for the right or the quota, or change the spec"
    if error.reason == NAME_TAKEN:
        return "the runtime is set up when that object is gone"
    if isinstance(obj, PersistentVolume | PersistentVolumeClaim):
        return f"correct spec and annotations of Dataset and {about.resource.kind} {about.key}"
    return f"correct the spec of {about.resource.kind} {about.key}" if absent else _STAYS


def _is_live(obj: KubeObject, snapshot: Snapshot[R]) -> bool:
    live = (*snapshot.children, *filter(None, (snapshot.volume, snapshot.claim)))
    return any(child.resource == obj.resource and child.key == obj.key for child in live)
