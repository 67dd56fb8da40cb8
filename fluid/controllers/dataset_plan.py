"""The status that the Dataset controller writes, until a runtime takes the Dataset over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fluid.conditions import (
    DELETION_BLOCKED,
    INVALID_MOUNTS,
    INVALID_NAME,
    READY,
    REFERENCE_NOT_ALLOWED,
    REFERENCE_NOT_SUPPORTED,
    REFERENCE_REFUSED,
    REFERENCE_TO_REFERENCE,
    REFERENCED_NOT_FOUND,
    REFERENCED_NOT_READY,
    find_condition,
    says_the_same,
    set_condition,
)
from fluid.engines.core.dataset_status import RUNTIME_DELETED
from fluid.engines.core.references import AddressError, address_of
from fluid.models import Dataset, DatasetCondition, DatasetStatus, ObjectMeta
from fluid.types import alternatives

RUNTIME_NOT_FOUND = "RuntimeNotFound"
RUNTIME_STARTING = "RuntimeStarting"
OWN_REASONS = frozenset(
    {
        *(RUNTIME_NOT_FOUND, RUNTIME_STARTING, INVALID_NAME, INVALID_MOUNTS, REFERENCE_NOT_SUPPORTED),
        *(REFERENCE_NOT_ALLOWED, REFERENCE_TO_REFERENCE, REFERENCED_NOT_FOUND, REFERENCED_NOT_READY),
        REFERENCE_REFUSED,
    }
)
"""Reasons of Ready that only this controller sets; the runtime controller sets all others."""
REFUSALS = OWN_REASONS - {
    *(RUNTIME_NOT_FOUND, RUNTIME_STARTING, REFERENCED_NOT_READY),
    REFERENCE_NOT_SUPPORTED,  # the runtime that is in the way has an event
}
"""Those that are told in an event as well: nothing happens until a person does something."""
_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reason for programs and a message for people: which object, and what to do next."""

    reason: str
    message: str


def refusal(dataset: Dataset) -> Verdict | None:
    """Why a Dataset can never be served with its present spec; None if it can."""
    if not _DNS_LABEL.fullmatch(dataset.name):
        return Verdict(
            INVALID_NAME,
            f"the name {dataset.name!r} is not a DNS label (a-z, 0-9 and -, a letter first, at most 63 "
            "characters): create the Dataset under such a name and delete this one",
        )
    try:
        address_of(dataset)
    except AddressError as error:
        return Verdict(INVALID_MOUNTS, str(error))
    return None


def outlook(dataset: Dataset, present: Sequence[str], kinds: Sequence[str]) -> Verdict:
    """Why a Dataset that can be served is not bound.

    Args:
        dataset: the Dataset.
        present: Kinds of the runtimes that have its name.
        kinds: All kinds that could serve it.
    """
    if present:
        return Verdict(RUNTIME_STARTING, f"{present[0]} {dataset.key} is there and starts: see its status")
    choice = alternatives(kinds) or "runtime"
    article = "an" if choice[0] in "AEIOU" else "a"
    return Verdict(
        RUNTIME_NOT_FOUND,
        f"no runtime is named {dataset.name} in namespace {dataset.namespace}: "
        f"create {article} {choice} of that name there",
    )


def is_ours(dataset: Dataset, *, leaving: bool = False) -> bool:
    """Whether phase, condition Ready and observedGeneration are this controller's to write.

    They are until a runtime takes the Dataset over.

    Args:
        dataset: the Dataset.
        leaving: Whether a runtime of its name is being deleted: it writes the status until it is gone.
    """
    status = dataset.status
    if status is None:
        return True
    ready = find_condition(status.conditions, READY)
    told = ready is None or ready.reason in OWN_REASONS or (ready.reason == RUNTIME_DELETED and not leaving)
    unbound = not status.phase or (status.phase == "NotBound" and told)
    return unbound and not status.runtimes


def plan_status(
    dataset: Dataset, verdict: Verdict, now: datetime, *, leaving: bool = False
) -> DatasetStatus | None:
    """This controller's part of the status; None when it is written already or belongs to a runtime.

    Args:
        dataset: the Dataset.
        verdict: Why it is not bound.
        now: Time of the pass.
        leaving: See `is_ours`.
    """
    if not is_ours(dataset, leaving=leaving):
        return None
    status = dataset.status or DatasetStatus(conditions=[])
    generation = dataset.metadata.generation
    wanted = _condition(dataset, READY, "False", verdict)
    standing = find_condition(status.conditions, READY)
    told = standing is not None and says_the_same(standing, wanted)
    if status.phase and told and status.observed_generation == generation:
        return None
    ready = set_condition([standing] if standing else [], wanted, now)
    return DatasetStatus(phase="NotBound", conditions=ready, observed_generation=generation)


def plan_blocked(
    dataset: Dataset, verdict: Verdict, now: datetime, *, leaving: bool = False
) -> tuple[DatasetStatus, bool] | None:
    """The part of the status that reports what blocks the deletion.

    Args:
        dataset: the Dataset.
        verdict: What blocks it.
        now: Time of the pass.
        leaving: See `is_ours`.

    Returns:
        The status, and whether the block deserves an event; None when the status has all of it already.
    """
    status = dataset.status or DatasetStatus(conditions=[])
    standing = find_condition(status.conditions, DELETION_BLOCKED)
    wanted = _condition(dataset, DELETION_BLOCKED, "True", verdict)
    if standing is not None and says_the_same(standing, wanted):
        return None
    conditions = set_condition(status.conditions, wanted, now)
    # An apply removes owned fields that it leaves out: send every field of this controller, and no other.
    part = DatasetStatus(conditions=[one for one in conditions if one.type == DELETION_BLOCKED])
    if is_ours(dataset, leaving=leaving):
        part.observed_generation = dataset.metadata.generation
        if status.phase:
            part.phase = status.phase
            part.conditions = [one for one in conditions if one.type in (READY, DELETION_BLOCKED)]
    return part, standing is None or standing.status != "True" or standing.reason != verdict.reason


def status_patch(dataset: Dataset, status: DatasetStatus) -> Dataset:
    """The object to apply: a status with the resourceVersion of the Dataset that was read."""
    metadata = dataset.metadata
    version = ObjectMeta(
        name=metadata.name, namespace=metadata.namespace, resource_version=metadata.resource_version
    )
    return Dataset(metadata=version, status=status)


def _condition(dataset: Dataset, kind: str, status: str, verdict: Verdict) -> DatasetCondition:
    return DatasetCondition(
        type=kind,
        status=status,
        reason=verdict.reason,
        message=verdict.message,
        observed_generation=dataset.metadata.generation,
    )
