"""The phases of a data operation: "" → Pending → Executing → Complete or Failed, as one pure function.

One pass goes as far as it can: an operation whose Dataset is Bound is Executing after its first pass.
A finished operation never runs again; an operation that was refused before it ran is tried again when its
spec changes. An operation that repeats goes back to Executing with each Job of its CronJob.
"""

from collections.abc import Sequence
from dataclasses import replace

from fluid.controllers.operations import record
from fluid.controllers.operations.affinity import affinity_to, nodes_of, not_inherited, promises_nodes
from fluid.controllers.operations.dependency import (
    affinity_source,
    check,
    check_namespace,
    predecessors,
    released,
)
from fluid.controllers.operations.outcomes import EXECUTION_FAILED, Blocker, Pause, Refusal
from fluid.controllers.operations.snapshot import Decision, OperationSnapshot
from fluid.controllers.operations.target import check_target
from fluid.controllers.operations.ttl import time_to_live
from fluid.controllers.operations.validation import validate
from fluid.controllers.operations.workload import ending, tells_of
from fluid.engines.core.plan import Notice
from fluid.models import ConfigMap, CronJob, Job, JobCondition, OperationStatus
from fluid.naming import DATAFLOW_LABELS
from fluid.types import KubeObject
from fluid.types.time import remaining

NODES_DEADLINE = 60.0
"""Seconds after a Job's end within which its nodes have to be recorded, if an annotation promises that."""
LAST_WORD_DEADLINE = 10.0
"""Seconds after a Job's end within which the informer has to show that its pod has ended."""


def plan(seen: OperationSnapshot) -> Decision:
    """Decides what to do about one operation now; the same snapshot gives the same decision."""
    if seen.deleting:
        return Decision(seen.status, delete=seen.children, release=True)
    if _rests(seen):
        return _rest(seen)
    if seen.cron_job is None and seen.job is None:
        return _start(seen)
    return _follow(seen)


def _rests(seen: OperationSnapshot) -> bool:
    """Whether the operation is over: finished for good, or refused and not edited since."""
    if not record.finished(seen.status):
        return False
    if seen.job is not None and ending(seen.job) is None:
        return False  # it repeated when the status was written, and an edit made it run once more
    if record.refused(seen.status) and seen.cron_job is None:
        return not seen.edited
    repeats = seen.spec.repeats and seen.status.last_schedule_time is not None
    return seen.cron_job is None and not repeats


def _rest(seen: OperationSnapshot) -> Decision:
    left = time_to_live(seen.spec, seen.status, seen.now)
    return Decision(seen.status, delete=seen.beside, expire=left == 0, requeue_after=left or None)


# ── Before there is a workload ───────────────────────────────────────────────────────────────────────


def _start(seen: OperationSnapshot) -> Decision:
    blocker = _blocker(seen)
    verdict = _prepare(seen, blocker)
    if verdict is None:
        return Decision(seen.status, needs_workload=True)
    if isinstance(verdict, Refusal):
        decision = _refuse(seen, verdict)
    elif isinstance(verdict, Pause):
        decision = _pause(seen, verdict)
    else:
        workload = _main(verdict)
        status = record.executing(seen, workload)
        locked = isinstance(workload, Job)
        decision = Decision(status, adopt=True, locked=locked, apply=verdict, notices=_unplaced(seen))
    if seen.spec.run_after is None:
        return decision
    return replace(decision, status=record.with_blocked(decision.status, blocked=blocker is not None))


def _prepare(seen: OperationSnapshot, blocker: Blocker | None) -> Sequence[KubeObject] | Blocker | None:
    """The objects to run, or why not: a terminal reason takes precedence over a wait."""
    invalid = _invalid(seen)
    if invalid is not None or isinstance(blocker, Refusal):
        return invalid or blocker
    return _target(seen) or blocker or seen.workload


def _invalid(seen: OperationSnapshot) -> Refusal | None:
    return validate(seen.id, seen.spec) or seen.refusal


def _blocker(seen: OperationSnapshot) -> Blocker | None:
    if released(seen.status) and not seen.edited:
        return None
    first = predecessors(seen.spec, seen.id.namespace)
    refusal = None if seen.anywhere else check_namespace(seen.id, first)
    return refusal or check(seen.id, first, seen.peers, seen.served)


def _target(seen: OperationSnapshot) -> Blocker | None:
    if seen.spec.dataset is None:
        return None
    return check_target(seen.id, seen.spec.dataset, seen.dataset, supported=seen.supported)


def _unplaced(seen: OperationSnapshot) -> tuple[Notice, ...]:
    """A warning that a strategy requires labels that are not recorded: the operation runs anyway."""
    source = affinity_source(seen.spec, seen.id.namespace)
    strategy = seen.spec.run_after.affinity_strategy if seen.spec.run_after else None
    if source is None or strategy is None:
        return ()
    peer = seen.peers(source)
    missing = not_inherited(strategy, peer.node_affinity if peer else None)
    if not missing:
        return ()
    names = ", ".join(missing)
    message = (
        f"{source} did not record the label {names} of its node, so {seen.id} runs on any node. If nodes have"
        f" it, name it in the annotation {DATAFLOW_LABELS} of {source}; operations that repeat record nothing"
    )
    return (Notice("Warning", "AffinityNotInherited", message),)


def _pause(seen: OperationSnapshot, pause: Pause) -> Decision:
    status = record.pending(seen, pause)
    notice = Notice("Warning" if pause.warning else "Normal", pause.reason, pause.message)
    return Decision(status, adopt=_target(seen) is None, notices=_if_new(seen, status, notice))


def _refuse(seen: OperationSnapshot, refusal: Refusal) -> Decision:
    status = record.failed(seen, refusal)
    return Decision(status, notices=_if_new(seen, status, Notice("Warning", refusal.event, refusal.message)))


def _if_new(seen: OperationSnapshot, status: OperationStatus, notice: Notice) -> tuple[Notice, ...]:
    """The notice if it is new: the status records which one was sent last."""
    told = [(one.type, one.reason) for one in seen.status.conditions]
    return () if told == [(one.type, one.reason) for one in status.conditions] else (notice,)


def _main(objects: Sequence[KubeObject]) -> Job | CronJob:
    """The Job or CronJob among the objects that an engine's builder made."""
    return next(one for one in objects if isinstance(one, Job | CronJob))


# ── While there is one ───────────────────────────────────────────────────────────────────────────────


def _follow(seen: OperationSnapshot) -> Decision:
    job, cron_job = seen.job, seen.cron_job
    end = ending(job) if job else None
    if job is not None and end is not None:
        decision = _end(seen, job, end)
    elif cron_job is not None and job is None and record.finished(seen.status):
        decision = Decision(seen.status)  # the history of runs was cleaned up
    else:
        workload = job or cron_job
        assert workload is not None, "there is a workload to follow"
        status = record.executing(seen, workload)
        trouble = seen.progress.refusal or seen.progress.blocked
        notice = Notice("Warning", EXECUTION_FAILED, f"{seen.id}: {trouble}")
        news = _if_new(seen, status, notice) if trouble else ()
        decision = Decision(status, locked=job is not None, notices=news)
    idle = False
    if cron_job is not None:
        # A waiting schedule loads nothing, but a Job from before the operation had a schedule may still run.
        running = any(ending(one) is None for one in seen.jobs)
        decision = replace(decision, status=record.with_schedule(seen, decision.status), locked=running)
        if seen.edited:
            return _reschedule(seen, decision)
        idle = not running
    if record.finished(decision.status) or idle:
        decision = replace(decision, delete=seen.beside)
    if record.finished(decision.status):
        return decision
    return _heal(seen, decision, idle=idle)


def _end(seen: OperationSnapshot, job: Job, end: JobCondition) -> Decision:
    wait = max(_wait_for_nodes(seen, job, end), _wait_for_last_word(seen, end))
    if wait > 0:
        return Decision(record.executing(seen, job), locked=True, requeue_after=wait)
    status = record.ended(seen, job, end)
    ran_once = end.type == record.COMPLETE and seen.cron_job is None
    nodes = (nodes_of(job) or affinity_to(job, seen.node_labels)) if ran_once else None
    if nodes is not None:
        status = status.model_copy(update={"node_affinity": nodes})
    news = () if _ended_before(seen.status, status) else (_news(seen, status, job),)
    left = time_to_live(seen.spec, status, seen.now) if seen.cron_job is None else None
    return Decision(status, notices=news, requeue_after=left)


def _wait_for_nodes(seen: OperationSnapshot, job: Job, end: JobCondition) -> float:
    """Seconds to wait for the nodes of a Job to be recorded; 0 if they are, or never will be."""
    recorded = record.finished(seen.status) or seen.cron_job is not None or end.type != record.COMPLETE
    if recorded or not promises_nodes(job) or nodes_of(job) is not None or end.last_transition_time is None:
        return 0.0
    return remaining(NODES_DEADLINE, end.last_transition_time, seen.now)


def _wait_for_last_word(seen: OperationSnapshot, end: JobCondition) -> float:
    """Seconds to wait for the informer to show the end of a Job's pod; 0 if it does or none is awaited."""
    if not seen.progress.awaited or tells_of(seen.status.conditions, end) or end.last_transition_time is None:
        return 0.0
    return remaining(LAST_WORD_DEADLINE, end.last_transition_time, seen.now)


def _ended_before(old: OperationStatus, new: OperationStatus) -> bool:
    """Whether the old status records the same end."""
    ends = [[(one.type, one.last_transition_time) for one in status.conditions] for status in (old, new)]
    return ends[0] == ends[1]


def _news(seen: OperationSnapshot, status: OperationStatus, job: Job) -> Notice:
    end = status.conditions[0]
    if end.type == record.COMPLETE:
        return Notice("Normal", "DataOperationSucceed", f"{seen.id} succeeded")
    why = f"{end.reason or 'no reason given'}: {end.message or ''}".rstrip(": ")
    advice = f"see the logs of Job {job.key}, then delete the operation and create it again"
    return Notice("Warning", "DataOperationFailed", f"{seen.id} failed ({why}); {advice}")


def _reschedule(seen: OperationSnapshot, decision: Decision) -> Decision:
    """Applies an edit of an operation that repeats; an invalid edit changes nothing."""
    verdict = _invalid(seen) or _target(seen) or seen.workload
    if verdict is None:
        return replace(decision, needs_workload=True)
    if isinstance(verdict, Pause):  # not observed yet: a change of the Dataset wakes the key
        return replace(decision, status=_observing(decision.status, seen.status.observed_generation))
    decision = replace(decision, status=_observing(decision.status, seen.generation))
    if isinstance(verdict, Refusal):
        message = f"{verdict.message}; until then {seen.id} runs as before"
        return replace(decision, notices=(*decision.notices, Notice("Warning", verdict.event, message)))
    return replace(decision, apply=verdict, locked=decision.locked or isinstance(_main(verdict), Job))


def _observing(status: OperationStatus, generation: int | None) -> OperationStatus:
    return status.model_copy(update={"observed_generation": generation})


def _heal(seen: OperationSnapshot, decision: Decision, *, idle: bool) -> Decision:
    """Recreates deleted objects that a running workload needs: its pods could not start without them.

    What is needed beside a Job is made for each run of a CronJob, and goes when the run has ended.
    """
    live = {type(child) for child in seen.children}
    needed = {*(() if idle else seen.spec.beside), *([ConfigMap] if seen.spec.scripts else [])}
    if needed <= live or _target(seen) is not None:
        return decision
    if seen.workload is None:
        return replace(decision, needs_workload=True)
    return decision if isinstance(seen.workload, Pause | Refusal) else replace(decision, apply=seen.workload)
