"""`ttlSecondsAfterFinished`: when a finished operation is deleted."""

from datetime import datetime

from fluid.engines.core.operation import OperationSpec
from fluid.models import OperationStatus


def time_to_live(spec: OperationSpec, status: OperationStatus, now: datetime) -> float | None:
    """Seconds until a finished operation expires; 0 if it has expired, None if it never does.

    The first condition has the outcome and its time. Operations that repeat do not expire.
    """
    ended = status.conditions[0] if status.conditions else None
    if spec.ttl is None or spec.repeats or ended is None or ended.type not in ("Complete", "Failed"):
        return None
    if ended.last_transition_time is None:
        return None
    return max(0.0, spec.ttl - (now - ended.last_transition_time).total_seconds())
