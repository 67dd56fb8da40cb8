"""Points in time, in the two spellings that the API server accepts."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, PlainSerializer


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def format_time(moment: datetime) -> str:
    """Spell a moment as ``metav1.Time``: UTC, whole seconds."""
    return _utc(moment).isoformat(timespec="seconds") + "Z"


def format_micro_time(moment: datetime) -> str:
    """Spell a moment as ``metav1.MicroTime``: the API server insists on exactly six fractional digits."""
    return _utc(moment).isoformat(timespec="microseconds") + "Z"


def remaining(deadline: float, since: datetime, now: datetime) -> float:
    """Seconds that are left of a deadline, between 0 and the whole of it.

    If `since` is further in the future than the deadline is long, another clock wrote it and its age is
    unknown: the result is then 0.
    """
    passed = (now - since).total_seconds()
    return min(deadline, deadline - passed) if -deadline < passed < deadline else 0.0


Time = Annotated[AwareDatetime, PlainSerializer(format_time, return_type=str, when_used="json")]
"""A moment with a time zone; written in UTC with whole seconds."""

MicroTime = Annotated[AwareDatetime, PlainSerializer(format_micro_time, return_type=str, when_used="json")]
"""A moment with a time zone; written in UTC with exactly six fractional digits (Lease and Event)."""
