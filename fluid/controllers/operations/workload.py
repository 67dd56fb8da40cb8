"""What the Job of an operation says about the operation."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from fluid.models import Job, JobCondition, OperationCondition
from fluid.types import Duration


def newest(jobs: Iterable[Job]) -> Job | None:
    """The Job that counts: the one made last."""
    return max(jobs, key=_age, default=None)


def ending(job: Job) -> JobCondition | None:
    """The condition that says how the Job ended; None while it runs.

    Found by type: since Kubernetes 1.31 a Job's first condition announces the end, and is not it.
    """
    conditions = (job.status.conditions if job.status else None) or ()
    ends = (one for one in conditions if one.type in ("Complete", "Failed") and one.status == "True")
    return next(ends, None)


def copied(ended: JobCondition, generation: int) -> OperationCondition:
    """The Job's last condition as the operation's."""
    fields = ("type", "status", "reason", "message", "last_probe_time", "last_transition_time")
    return OperationCondition.model_validate(
        {name: getattr(ended, name) for name in fields} | {"observed_generation": generation}
    )


def took(job: Job, ended: JobCondition, now: datetime) -> str:
    """From the Job's creation to its end, in whole seconds, as Go prints it."""
    end, start = ended.last_transition_time or now, job.metadata.creation_timestamp or now
    return str(Duration(timedelta(seconds=max(0, round((end - start).total_seconds())))))


def _age(job: Job) -> tuple[float, str]:
    created = job.metadata.creation_timestamp
    return (created.timestamp() if created else 0.0, job.name)
