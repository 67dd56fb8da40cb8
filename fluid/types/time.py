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


Time = Annotated[AwareDatetime, PlainSerializer(format_time, return_type=str, when_used="json")]
"""A moment with a time zone; written in UTC with whole seconds."""

MicroTime = Annotated[AwareDatetime, PlainSerializer(format_micro_time, return_type=str, when_used="json")]
"""A moment with a time zone; written in UTC with exactly six fractional digits (Lease and Event)."""
