"""How a data operation's status is written.

`conditions` has one entry. While the operation is unfinished it is `Progressing`: True while a workload
runs, False with the reason while it waits. At the end it is replaced by `Complete` or `Failed`, so that
tools that read the first entry, such as the time to live, keep working.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from fluid.conditions import FUSE_NOT_READY, PROGRESSING, find_condition, says_the_same
from fluid.controllers.operations.outcomes import Pause, Refusal
from fluid.controllers.operations.snapshot import OperationSnapshot
from fluid.controllers.operations.workload import copied, tells_of, took
from fluid.engines.core.faults import lasting_words
from fluid.models import CronJob, Job, JobCondition, OperationCondition, OperationStatus, WaitingStatus
from fluid.types import fit

PENDING, EXECUTING, COMPLETE, FAILED = "Pending", "Executing", "Complete", "Failed"
PODS_REFUSED = "PodsRefused"
"""Reason of an operation whose Job exists while the API server refuses its pods."""
UNFINISHED, NO_DURATION = "Unfinished", "-"


def finished(status: OperationStatus) -> bool:
    """Whether the operation, or the last run of one that repeats, has ended."""
    return status.phase in (COMPLETE, FAILED)


def refused(status: OperationStatus) -> bool:
    """Whether the operation failed without having run."""
    return status.phase == FAILED and status.duration in ("", UNFINISHED, NO_DURATION)


def pending(seen: OperationSnapshot, pause: Pause) -> OperationStatus:
    """The status of an operation that waits."""
    condition = _condition(seen, PROGRESSING, "False", pause.reason, pause.message)
    return _written(seen, phase=PENDING, duration=_running_duration(seen), condition=condition)


def failed(seen: OperationSnapshot, refusal: Refusal) -> OperationStatus:
    """The status of an operation that can never run with its present spec."""
    condition = _condition(seen, FAILED, "True", refusal.reason, refusal.message)
    return _written(seen, phase=FAILED, duration=NO_DURATION, condition=condition)


def faulty(seen: OperationSnapshot, reason: str, message: str) -> OperationStatus:
    """The status where code of the kind or the engine fails: what runs or has ended stays so.

    Words that stand there stay for a while: a status that changed with each pass would ask for the next one.
    """
    if finished(seen.status) and not seen.edited:
        return seen.status
    runs = seen.status.phase == EXECUTING
    standing = find_condition(seen.status.conditions, PROGRESSING)
    words = lasting_words(message, standing, seen.generation, seen.now)
    condition = _condition(seen, PROGRESSING, "True" if runs else "False", reason, words)
    same = standing is not None and says_the_same(standing, condition)
    told_at = standing.last_probe_time if standing is not None and same else seen.now
    condition = condition.model_copy(update={"last_probe_time": told_at})
    status = _written(
        seen, phase=EXECUTING if runs else PENDING, duration=_running_duration(seen), condition=condition
    )
    # Not observed yet: an edit counts as one when the code works again.
    return status.model_copy(update={"observed_generation": seen.status.observed_generation})


def executing(seen: OperationSnapshot, workload: Job | CronJob) -> OperationStatus:
    """The status of an operation whose workload exists, also while its pods are refused."""
    name = f"{workload.resource.kind} {workload.key}"
    message = f"{name} starts a Job on schedule" if isinstance(workload, CronJob) else f"{name} runs"
    if seen.progress.complaint:
        message = f"{message}, but {seen.progress.complaint}"
    condition = _condition(seen, PROGRESSING, "True", "WorkloadRunning", message)
    if seen.progress.refusal:
        condition = _condition(seen, PROGRESSING, "False", PODS_REFUSED, seen.progress.refusal)
    elif seen.progress.blocked:
        condition = _condition(seen, PROGRESSING, "False", FUSE_NOT_READY, seen.progress.blocked)
    status = _written(seen, phase=EXECUTING, duration=_running_duration(seen), condition=condition)
    before = {} if finished(seen.status) else status.infos  # those belong to the previous run
    news = {"infos": dict(seen.progress.infos) or before, "refused_pods": seen.progress.refused}
    return status.model_copy(update=news)


def ended(seen: OperationSnapshot, job: Job, ending: JobCondition) -> OperationStatus:
    """The status of an operation whose Job has ended; entries that its pod reported outlive the pod."""
    phase = COMPLETE if ending.type == COMPLETE else FAILED
    condition = copied(ending, seen.generation, seen.progress.failure if phase == FAILED else "")
    told = tells_of(seen.status.conditions, ending)
    if not seen.progress.failure and told:
        condition = condition.model_copy(update={"message": seen.status.conditions[0].message})
    status = _written(seen, phase=phase, duration=took(job, ending, seen.now), condition=condition)
    before = {} if finished(seen.status) and not told else status.infos  # as in `executing`
    return status.model_copy(update={"infos": dict(seen.progress.infos) or before})


def status_patch(old: OperationStatus | None, new: OperationStatus) -> dict[str, JsonValue] | None:
    """The merge patch from one status to another; None when they are the same.

    It is a merge patch and no apply: fields that an older controller wrote, and so owns, must go too.
    """
    return _patch(old.to_wire() if old else {}, new.to_wire()) or None


def _patch(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    patch: dict[str, JsonValue] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if old != value:
            patch[name] = _patch(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return patch


def with_blocked(status: OperationStatus, *, blocked: bool) -> OperationStatus:
    """The status that also says whether the operation waits for preceding ones."""
    return status.model_copy(update={"waiting_for": WaitingStatus(operation_complete=blocked)})


def with_schedule(seen: OperationSnapshot, status: OperationStatus) -> OperationStatus:
    """The status that also has the times of the CronJob's runs."""
    cron = seen.cron_job.status if seen.cron_job else None
    if cron is None:
        return status
    times = {"last_schedule_time": cron.last_schedule_time, "last_successful_time": cron.last_successful_time}
    return status.model_copy(update={name: time for name, time in times.items() if time is not None})


def _running_duration(seen: OperationSnapshot) -> str:
    """`Unfinished` for the first run, `-` for a later one."""
    status = seen.status
    again = status.duration not in ("", UNFINISHED) and not refused(status)
    return NO_DURATION if again else UNFINISHED


def _condition(
    seen: OperationSnapshot, kind: str, truth: str, reason: str, message: str
) -> OperationCondition:
    """A condition with a transition time that changes only with type and status."""
    old = next((one for one in seen.status.conditions if one.type == kind and one.status == truth), None)
    since = old.last_transition_time if old else None
    return OperationCondition(
        type=kind,
        status=truth,
        reason=reason,
        message=fit(message),
        observed_generation=seen.generation,
        last_transition_time=since or seen.now,
    )


def _written(
    seen: OperationSnapshot, *, phase: str, duration: str, condition: OperationCondition
) -> OperationStatus:
    return seen.status.model_copy(
        update={
            "observed_generation": seen.generation,
            "phase": phase,
            "duration": duration,
            "conditions": [condition],
            "infos": seen.status.infos or {},
            "refused_pods": None,
        }
    )
