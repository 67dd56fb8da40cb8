"""Pods that the API server does not take: a workload stands there with fewer than it should have.

Pod Security levels, quotas, LimitRanges, admission webhooks and missing ServiceAccounts do that. Only events
of the workload say so; which workloads are worth a look is decided here, and what is told of them.
"""

import re
from collections.abc import Collection, Iterable

from fluid.engines.complaints import LONGEST, one_line, pod_is_ready
from fluid.engines.questions import FailedCreate
from fluid.models import DaemonSet, Event, Job, Pod, StatefulSet
from fluid.types import Key

Workload = StatefulSet | DaemonSet | Job
FAILED, MADE = "FailedCreate", "SuccessfulCreate"
"""Reasons of the events of a workload's controller about each pod that it makes."""
_AROUND = re.compile(
    r"""(?x) ^ (?:\(combined\ from\ similar\ events\):\ )?
    (?: Error\ creating:\  | [Cc]reate\ .{,600}?\ in\ StatefulSet\ \S+\ failed\ error:\  )?
    (?: pods\ "[^"]*"\ is\ forbidden:\  )?"""
)
_VARYING = re.compile(r", used: \S+(?=, limited: )|(?<= )\S+:\d+->")
"""What differs from one attempt to the next: how full a quota is, our end of a connection."""


def missing_pods(workload: Workload, pods: Collection[Pod]) -> FailedCreate | None:
    """The question about a workload that has fewer pods than it should; None if it lacks none.

    One that its controller has not looked at yet lacks none: it is only waited for.

    Args:
        workload: as it is live.
        pods: its pods, those that go away among them: they are not replaced before.
    """
    if isinstance(workload, StatefulSet):
        lacks = _statefulset_lacks(workload, pods)
    elif isinstance(workload, DaemonSet):
        status = workload.status
        lacks = status is not None and len(pods) < status.desired_number_scheduled
    else:
        lacks = _job_lacks(workload, pods)
    return FailedCreate(workload.key, workload.uid) if lacks else None


def told(workload: Workload, words: str) -> str:
    """A sentence about a workload whose pods are refused; the same for as long as it is the same trouble.

    Args:
        workload: the workload.
        words: what the API server says; "" gives "".
    """
    return f"{_beginning(workload)}{words}; {_next_step(workload, words)}" if words else ""


def told_before(workload: Workload, message: str | None) -> str:
    """What a message of `told`, or several in one text, says of a workload; "" if nothing."""
    start = _beginning(workload)
    parts = re.split(r"(?:^|; )(?=the API server refuses pods of )", message or "")
    return next((part for part in parts if part.startswith(start)), "")


def reason_of(events: Iterable[Event], workload: Key) -> str:
    """Why the newest pod of a workload could not be made, in the API server's words; "" when it could.

    Args:
        events: of the workload, whatever they are about.
        workload: its name is that of the pods, without what is made up for each.
    """
    about = [one for one in events if one.reason in (FAILED, MADE)]
    newest = max(about, key=lambda one: (_time(one), one.reason == FAILED), default=None)
    if newest is None or newest.reason == MADE:
        return ""
    text = _VARYING.sub("", _AROUND.sub("", newest.message or ""))
    text = re.sub(rf"\b{re.escape(workload.name)}-[a-z0-9]{{5}}\b", workload.name, text)
    words = one_line(text, LONGEST + 1)
    if len(words) > LONGEST:
        words = f"{words.rpartition(' ')[0] or words[:LONGEST]} ..."
    return words or "it gives no reason"


def _beginning(workload: Workload) -> str:
    return f"the API server refuses pods of {workload.resource.kind} {workload.key}: "


def _next_step(workload: Workload, words: str) -> str:
    namespace = workload.namespace
    if "PodSecurity" in words:
        # FUSE clients are privileged; for pods of operations the level between is mostly enough.
        level = "baseline" if isinstance(workload, Job) and '"restricted' in words else "privileged"
        label = f"pod-security.kubernetes.io/enforce={level}"
        command = f"`kubectl label --overwrite namespace {namespace} {label}`"
        step = f"allow them there with {command}, or use another namespace"
    elif "exceeded quota" in words:
        step = f"make room in the quota, see `kubectl -n {namespace} describe resourcequota`"
    elif "error looking up service account" in words:
        step = "create that ServiceAccount, or name another"
    else:
        step = f"see `kubectl -n {namespace} describe {workload.resource.kind.lower()} {workload.name}`"
    return f"{step}; Kubernetes tries again by itself, the later the longer it was refused"


def _statefulset_lacks(workload: StatefulSet, pods: Collection[Pod]) -> bool:
    spec, status = workload.spec, workload.status
    if spec is None or status is None or status.observed_generation != workload.metadata.generation:
        return False
    if spec.pod_management_policy != "Parallel" and not all(map(pod_is_ready, pods)):
        return False  # the next one is made when these are ready
    return len(pods) < (1 if spec.replicas is None else spec.replicas)


def _job_lacks(job: Job, pods: Collection[Pod]) -> bool:
    spec, status = job.spec, job.status
    if spec is None or spec.suspend or status is None or status.start_time is None:
        return False
    over = any(one.status == "True" for one in status.conditions or ())  # or about to be
    finished = ("Succeeded", "Failed")
    return not over and all(pod.status is not None and pod.status.phase in finished for pod in pods)


def _time(event: Event) -> str:
    series = event.series.last_observed_time if event.series else None
    moments = (series, event.last_timestamp, event.event_time, event.metadata.creation_timestamp)
    return max((one.isoformat() for one in moments if one is not None), default="")
