"""What the state of an object means for a waiter: done, impossible, or still to come."""

from collections.abc import Sequence
from typing import NamedTuple

from fluid.conditions import (
    FUSE_NOT_READY,
    FUSES_FAILING,
    INVALID_MOUNTS,
    INVALID_NAME,
    NOT_READY,
    NOT_SET_UP,
    PROGRESSING,
    READY,
    REFERENCE_NOT_ALLOWED,
    REFERENCE_NOT_SUPPORTED,
    REFERENCE_REFUSED,
    REFERENCE_TO_REFERENCE,
    Condition,
    find_condition,
)
from fluid.models import Dataset, DatasetStatus, OperationStatus
from fluid.types import KubeObject

_REFUSALS = frozenset(
    {
        *(INVALID_NAME, INVALID_MOUNTS, REFERENCE_NOT_SUPPORTED),
        *(REFERENCE_NOT_ALLOWED, REFERENCE_TO_REFERENCE, REFERENCE_REFUSED),
    }
)
"""Reasons of Ready that last until a person changes the Dataset, or the one that it refers to."""


_BLOCKED = frozenset({FUSE_NOT_READY, NOT_SET_UP})
"""Reasons of Progressing that last until a person changes the Dataset or its runtime."""


class Outlook(NamedTuple):
    """What one state means.

    Attributes:
        done: Whether the awaited state is reached.
        problem: Why the state cannot be reached until a person acts; empty while it can.
        condition: The condition that describes the state, if any.
        passing: Whether the problem may soon end by itself, however new it is.
    """

    done: bool
    problem: str
    condition: Condition | None
    passing: bool = False


def of_binding(dataset: Dataset | None) -> Outlook:
    """Whether a Dataset is Bound, by a runtime that has seen its spec as it is now."""
    if dataset is None:
        return Outlook(False, "it does not exist", None)
    if dataset.metadata.deletion_timestamp is not None:
        return Outlook(False, "it is being deleted", None)
    conditions = conditions_of(dataset)
    ready, not_ready = find_condition(conditions, READY), find_condition(conditions, NOT_READY)
    if not_ready is not None and not_ready.status == "True" and _is_current(not_ready, dataset):
        return Outlook(False, not_ready.message or not_ready.reason or "it is NotReady", not_ready)
    if ready is not None and ready.reason in _REFUSALS and _is_current(ready, dataset):
        return Outlook(False, ready.message or ready.reason or "", ready)
    if ready is not None and (ready.status, ready.reason) == ("False", FUSE_NOT_READY):
        failing = find_condition(conditions, FUSES_FAILING) is not None and _is_current(ready, dataset)
        return Outlook(False, (ready.message or FUSE_NOT_READY) if failing else "", ready, passing=True)
    bound = phase_of(dataset) == "Bound" and (ready is None or _is_current(ready, dataset))
    return Outlook(bound, "", ready)


def of_completion(operation: KubeObject | None) -> Outlook:
    """Whether a data operation is Complete; one on a schedule, whether its last run is."""
    if operation is None:
        return Outlook(False, "it does not exist", None)
    condition = next(iter(conditions_of(operation)), None)
    status = _status(operation)
    seen = status.observed_generation if isinstance(status, OperationStatus) else None
    if seen is not None and seen < (operation.metadata.generation or 0):
        return Outlook(False, "", condition)
    phase = phase_of(operation)
    if condition is not None and condition.type == PROGRESSING and condition.reason in _BLOCKED:
        return Outlook(False, condition.message or condition.reason or "", condition, passing=True)
    failed = (condition.message if condition else None) or "it failed"
    return Outlook(phase == "Complete", failed if phase == "Failed" else "", condition)


def conditions_of(obj: KubeObject) -> Sequence[Condition]:
    """The conditions of a Dataset or data operation; none of other kinds."""
    status = _status(obj)
    return (status.conditions if status else None) or ()


def phase_of(obj: KubeObject) -> str:
    """The phase of a Dataset or data operation; empty without one."""
    status = _status(obj)
    return (status.phase if status else None) or ""


def _status(obj: KubeObject) -> DatasetStatus | OperationStatus | None:
    status = getattr(obj, "status", None)
    return status if isinstance(status, DatasetStatus | OperationStatus) else None


def _is_current(condition: Condition, obj: KubeObject) -> bool:
    seen = condition.observed_generation
    return seen is None or seen >= (obj.metadata.generation or 0)
