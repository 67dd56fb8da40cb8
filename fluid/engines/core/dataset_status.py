"""What a runtime writes into its Dataset's status; one field manager, always the same fields."""

from datetime import datetime
from typing import Literal, NamedTuple

from fluid.conditions import (
    FUSE_NOT_READY,
    FUSES_FAILING,
    NOT_SET_UP,
    drop_condition,
    find_condition,
    set_condition,
)
from fluid.engines.core.fuse_health import Complaint
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import Dataset, DatasetCondition, DatasetStatus

OWNED_CONDITIONS = ("Ready", "NotReady", "Updating", FUSES_FAILING)
_OWNED_FIELDS = (
    *("phase", "observed_generation", "runtimes", "cache_states"),
    *("ufs_total", "file_num", "mounts", "hcfs", "failing_fuse_nodes"),
)
WIRE_FIELDS = (
    "phase",
    "conditions",
    "runtimes",
    "cacheStates",
    "ufsTotal",
    "fileNum",
    "mounts",
    "hcfs",
    "failingFuseNodes",
    "observedGeneration",
)
"""The fields that are a runtime's, as on the wire: inherited from a former installation."""
UPDATING = ("UfsUpdating", "MountFailed")
"""Reasons of a pass that waits for the cache to take over a change of the mounts."""
RUNTIME_DELETED = "RuntimeDeleted"
READY_MESSAGE = "The ddc runtime is ready."


class Readiness(NamedTuple):
    """What the condition Ready says of a Dataset that is Bound."""

    truth: Literal["True", "False"]
    reason: str
    message: str


def owned_part(dataset: Dataset | None) -> DatasetStatus:
    """The part of a Dataset's status that the runtime controller writes, as it is now."""
    status = dataset.status if dataset else None
    if status is None:
        return DatasetStatus(conditions=[])
    conditions = [one for one in status.conditions or () if one.type in OWNED_CONDITIONS]
    part = DatasetStatus(conditions=conditions)
    for name in _OWNED_FIELDS:
        if (value := getattr(status, name)) is not None:
            setattr(part, name, value)
    return part


def record_condition(
    status: DatasetStatus,
    kind: str,
    reason: str,
    message: str,
    truth: Literal["True", "False"],
    dataset: Dataset,
    now: datetime,
) -> None:
    """Inserts or updates the condition of a type, for the present generation of the Dataset."""
    new = DatasetCondition(
        type=kind,
        status=truth,
        reason=reason,
        message=message,
        observed_generation=dataset.metadata.generation,
    )
    status.conditions = set_condition(status.conditions, new, now)


def withdraw_condition(status: DatasetStatus, kind: str) -> None:
    """Remove the condition of a type, if it is there."""
    status.conditions = drop_condition(status.conditions, kind)


def record_bound(
    snapshot: Snapshot[R], plan: Plan, unhealthy: Waiting | None, bound: bool, ready: Readiness
) -> None:
    """Compute the phase: registered, healthy and published is Bound; lost health is Failed.

    FUSE clients that fail make a Dataset that is Bound not Ready: pods on other nodes may read it.

    Args:
        snapshot: the snapshot.
        plan: whose `dataset_status` is changed.
        unhealthy: what is wrong with the cache; None when it serves.
        bound: whether the claim is Bound.
        ready: what is told of a Dataset that is Bound.
    """
    dataset = snapshot.dataset
    if dataset is None:
        return
    status, now = plan.dataset_status, snapshot.now
    status.observed_generation = dataset.metadata.generation
    updating = plan.waiting is not None and plan.waiting.reason in UPDATING
    if unhealthy is not None or not bound or not updating:
        withdraw_condition(status, "Updating")
    if unhealthy is not None:
        status.phase = "Failed"
        record_condition(status, "Ready", unhealthy.reason, unhealthy.message, "False", dataset, now)
    elif not bound:
        status.phase = "Failed" if snapshot.registered else "NotBound"
        waiting = plan.waiting or Waiting(
            "ClaimNotBound", f"PersistentVolumeClaim {dataset.key} is not Bound"
        )
        record_condition(status, "Ready", waiting.reason, waiting.message, "False", dataset, now)
    elif plan.waiting is not None and updating:
        status.phase = "Updating"
        record_condition(status, "Updating", "DatasetUpdating", plan.waiting.message, "True", dataset, now)
        record_condition(status, "Ready", ready.reason, ready.message, ready.truth, dataset, now)
    else:
        status.phase = "Bound"
        record_condition(status, "Ready", ready.reason, ready.message, ready.truth, dataset, now)
    if (rejection := plan.rejection) is not None:
        record_condition(status, "NotReady", rejection.reason, rejection.message, "True", dataset, now)
    else:
        withdraw_condition(status, "NotReady")


def show_fuses(snapshot: Snapshot[R], plan: Plan, complaint: Complaint | None) -> None:
    """Reports on the Dataset which FUSE pods fail and why; `core.readiness` decides what follows."""
    dataset, status = snapshot.dataset, plan.dataset_status
    if dataset is None or complaint is None:
        withdraw_condition(status, FUSES_FAILING)
        if status.failing_fuse_nodes is not None:
            status.failing_fuse_nodes = None
        return
    words, nodes = complaint
    record_condition(status, FUSES_FAILING, FUSE_NOT_READY, words, "True", dataset, snapshot.now)
    status.failing_fuse_nodes = list(nodes)


def record_setup_problem(snapshot: Snapshot[R], plan: Plan, waiting: Waiting) -> None:
    """Reports on the Dataset why the setup is not complete."""
    if snapshot.dataset is None:
        return
    status = plan.dataset_status
    status.phase = "Failed" if snapshot.registered else "NotBound"
    dataset, now = snapshot.dataset, snapshot.now
    status.observed_generation = dataset.metadata.generation
    record_condition(status, "Ready", waiting.reason, waiting.message, "False", dataset, now)
    if waiting.problem:
        record_condition(status, "NotReady", NOT_SET_UP, waiting.message, "True", dataset, now)
    else:
        withdraw_condition(status, "NotReady")


def unbound_status(snapshot: Snapshot[R], waiting: Waiting | None, *, asking: bool) -> DatasetStatus:
    """The status of a Dataset whose runtime goes away: everything that the runtime reported is withdrawn.

    Args:
        snapshot: the snapshot.
        waiting: what the deletion waits for.
        asking: whether a query about that runs; the earlier message stays until it is answered.
    """
    before = snapshot.dataset.status if snapshot.dataset else None
    standing = find_condition(before.conditions, "Ready") if before else None
    status = DatasetStatus(conditions=[standing] if standing else [], phase="NotBound")
    if snapshot.dataset is not None:
        status.observed_generation = snapshot.dataset.metadata.generation
    told = standing is not None and standing.reason == RUNTIME_DELETED
    if snapshot.dataset is not None and not (asking and told):
        message = f"the runtime {snapshot.runtime.key} was deleted; create one of the same name to bind again"
        if waiting is not None and waiting.problem:
            message = f"the runtime {snapshot.runtime.key} is being deleted: {waiting.message}"
        record_condition(status, "Ready", RUNTIME_DELETED, message, "False", snapshot.dataset, snapshot.now)
    return status
