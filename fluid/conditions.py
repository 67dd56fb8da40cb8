"""Conditions in a status: one entry per type, whose times move only when something changes.

The types and reasons here are read by more than their writer: by other controllers, the node plugin, the SDK.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, Self, TypeVar

from fluid.types import fit

# Types, of Datasets
READY = "Ready"
NOT_READY = "NotReady"
"""The Dataset cannot be set up, or its sources cannot be followed, before somebody does something."""
FUSES_FAILING = "FusesFailing"
"""Also of runtimes: a FUSE pod does not get ready without help; others may serve."""
DELETION_BLOCKED = "DeletionBlocked"
WITHOUT_CONSENT = "ReadWithoutConsent"
"""A Dataset is read from a namespace that it does not allow; on it, and on the Datasets that refer to it."""
CONSENT_IGNORED = "ConsentIgnored"
"""A part of the annotation by which a Dataset allows references, or all of it, cannot be followed."""

# Types, of data operations
PROGRESSING = "Progressing"

# Reasons of Ready
INVALID_NAME = "InvalidName"
INVALID_MOUNTS = "InvalidMounts"
REFERENCE_NOT_SUPPORTED = "ReferenceNotSupported"
REFERENCE_NOT_ALLOWED = "ReferenceNotAllowed"
REFERENCE_TO_REFERENCE = "ReferenceToReference"
REFERENCED_NOT_FOUND = "ReferencedDatasetNotFound"
REFERENCED_NOT_READY = "ReferencedDatasetNotReady"
REFERENCE_REFUSED = "ReferenceRefused"
"""The API server does not take the runtime of a reference."""
FUSE_NOT_READY = "FuseNotReady"
"""Also of FusesFailing, Progressing and events: a FUSE pod that is wanted does not serve."""

# Reasons of Progressing
NOT_SET_UP = "DatasetFailedToSetup"
"""Also of NotReady: the Dataset cannot be set up before somebody does something."""


class Condition(Protocol):
    """What the conditions of Datasets, runtimes and data operations have in common."""

    @property
    def type(self) -> str: ...  # noqa: D102 - the names are those of Kubernetes' own conditions
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str | None: ...  # noqa: D102
    @property
    def message(self) -> str | None: ...  # noqa: D102
    @property
    def observed_generation(self) -> int | None: ...  # noqa: D102
    @property
    def last_transition_time(self) -> datetime | None: ...  # noqa: D102
    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """A copy with some fields replaced."""
        ...


C = TypeVar("C", bound=Condition)


def find_condition(conditions: Sequence[C] | None, kind: str) -> C | None:
    """The condition of a type, or None."""
    return next((one for one in conditions or () if one.type == kind), None)


def set_condition(conditions: Sequence[C] | None, new: C, now: datetime) -> list[C]:
    """The conditions with `new` in the place of the one of its type, or at the end.

    `lastTransitionTime` stays while the status stays; the time of the last change (`lastUpdateTime` of a
    Dataset, `lastProbeTime` elsewhere) becomes `now`. When `new` says nothing new, nothing changes. Its
    message is made fit to be read.
    """
    new = new.model_copy(update={"message": fit(new.message)}) if new.message else new
    before = list(conditions or ())
    old = find_condition(before, new.type)
    if old is not None and says_the_same(old, new):
        return before
    since = old.last_transition_time if old is not None and old.status == new.status else None
    touched = "last_update_time" if hasattr(new, "last_update_time") else "last_probe_time"
    stamped = new.model_copy(update={"last_transition_time": since or now, touched: now})
    if old is None:
        return [*before, stamped]
    return [stamped if one is old else one for one in before]


def drop_condition(conditions: Sequence[C] | None, kind: str) -> list[C]:
    """The conditions without the one of a type."""
    return [one for one in conditions or () if one.type != kind]


def says_the_same(old: Condition, new: Condition) -> bool:
    """Whether two conditions differ in nothing but their times, once their messages are fit to be read."""
    return _said(old) == _said(new)


def _said(one: Condition) -> tuple[str, str | None, str | None, int | None]:
    return one.status, one.reason, one.message and fit(one.message), one.observed_generation
