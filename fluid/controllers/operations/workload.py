"""What the status of an operation takes from its Job."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fluid.models import CronJob, Job, JobCondition, OperationCondition
from fluid.types import Duration, KubeObject, fit


def cron_job_of(children: Iterable[KubeObject]) -> CronJob | None:
    """The CronJob among an operation's live objects."""
    return next((one for one in children if isinstance(one, CronJob)), None)


def current(children: Sequence[KubeObject], runs: Sequence[Job]) -> Job | None:
    """The current Job: the newest run of the CronJob, else the only one.

    Args:
        children: live objects that the operation controls.
        runs: live Jobs that its CronJob controls.
    """
    own = [one for one in children if isinstance(one, Job)]
    return newest(runs if cron_job_of(children) is not None else [*own, *runs])


def newest(jobs: Iterable[Job]) -> Job | None:
    """The Job that was created last."""
    return max(jobs, key=_age, default=None)


def ending(job: Job) -> JobCondition | None:
    """The condition that says how the Job ended; None while it runs.

    It is found by type: since Kubernetes 1.31 the first condition of a Job only announces the end.
    """
    conditions = (job.status.conditions if job.status else None) or ()
    ends = (one for one in conditions if one.type in ("Complete", "Failed") and one.status == "True")
    return next(ends, None)


def copied(ended: JobCondition, generation: int, failure: str) -> OperationCondition:
    """The last condition of a Job as the operation's; a failure that its pod reported comes first."""
    fields = ("type", "status", "reason", "message", "last_probe_time", "last_transition_time")
    found = {name: getattr(ended, name) for name in fields}
    if failure:
        found["message"] = f"{failure} ({ended.message})" if ended.message else failure
    if found["message"]:
        found["message"] = fit(found["message"])
    return OperationCondition.model_validate(found | {"observed_generation": generation})


def tells_of(conditions: Iterable[OperationCondition], ended: JobCondition) -> bool:
    """Whether this end of a Job is among the conditions."""
    end = (ended.type, ended.last_transition_time)
    return any((one.type, one.last_transition_time) == end for one in conditions)


def took(job: Job, ended: JobCondition, now: datetime) -> str:
    """The time from the Job's creation to its end, in whole seconds, as Go prints durations."""
    end, start = ended.last_transition_time or now, job.metadata.creation_timestamp or now
    return str(Duration(timedelta(seconds=max(0, round((end - start).total_seconds())))))


def _age(job: Job) -> tuple[float, str]:
    created = job.metadata.creation_timestamp
    return (created.timestamp() if created else 0.0, job.name)
