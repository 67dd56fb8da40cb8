"""Why the pods of a workload are not ready: waiting containers, refused pods, volumes that do not come."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from fluid.conditions import find_condition
from fluid.engines.core.queries import FailedCreate
from fluid.engines.core.runtime_status import Numbers
from fluid.models import (
    ContainerStatus,
    DaemonSet,
    Event,
    Job,
    Pod,
    PodCondition,
    RefusedPods,
    StatefulSet,
    Volume,
)
from fluid.types import Key

STUCK_REASONS = frozenset(
    {
        "ContainerCannotRun",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
        "Unschedulable",
    }
)
"""Reasons of a waiting pod that last until a person acts."""

LONGEST = 300
"""Characters of a foreign text that are shown."""
_NAMED = re.compile(
    r"""(?ix) ( (?: secret | passw(?:or)?d | passphrase | token | credential
        | (?:access|api|private)[-_ ]?key )
        [-\w]* ["']? \s* [=:] \s* ) ( "[^"]*" | '[^']*' | [^\s,;&]+ )"""
)
_PULLING = re.compile(r'Back-off pulling image "[^"]*"(: (?P<reason>ErrImagePull): )?')
_IN_ADDRESS = re.compile(r"://[^/@\s]+@")


def last_words(pod: Pod) -> str:
    """The last line that a container of the pod wrote before it ended with an error; "" if none did.

    The kubelet keeps the end of its log as the termination message (`FallbackToLogsOnError`).
    """
    status = pod.status
    first = (status.init_container_statuses if status else None) or ()
    for container in (*first, *((status.container_statuses if status else None) or ())):
        for state in (container.state, container.last_state):
            ended = state.terminated if state else None
            if ended is not None and ended.exit_code != 0 and (ended.message or "").strip():
                return one_line((ended.message or "").strip().splitlines()[-1])
    return ""


def one_line(text: str, longest: int = LONGEST) -> str:
    """The text of a foreign program for a condition: printable and short, with its secrets masked."""
    printable = " ".join("".join(one if one.isprintable() else " " for one in text[:2000]).split())
    blotted = _IN_ADDRESS.sub("://***@", _NAMED.sub(r"\1***", printable))
    return blotted[:longest]


def with_last_words(message: str, pod: Pod) -> str:
    """A message about a pod, and what its container said last."""
    said = last_words(pod)
    return f"{message}; it said: {said}" if said else message


def pod_is_ready(pod: Pod) -> bool:
    """Whether the pod serves and is not being deleted."""
    conditions = (pod.status.conditions if pod.status else None) or []
    ready = any(one.type == "Ready" and one.status == "True" for one in conditions)
    return ready and pod.metadata.deletion_timestamp is None


def waiting_reason(pod: Pod) -> tuple[str, str] | None:
    """(reason, message) that a pod itself gives for not running; None if it gives none."""
    status = pod.status
    if status is None:
        return None
    for container in [*(status.init_container_statuses or ()), *(status.container_statuses or ())]:
        waiting = container.state.waiting if container.state else None
        if waiting and waiting.reason:
            return waiting.reason, waiting.message or ""
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.status == "False":
            return condition.reason or "Unschedulable", condition.message or ""
    return None


def waiting_sentence(pod: Pod, reason: str, message: str) -> str:
    """What a pod waits for, and what its container said last, if it ended with an error.

    The text stays the same for the same cause: it has no number of attempts and no time.
    """
    if pulling := _PULLING.match(message):
        reason, message = pulling["reason"] or reason, message[pulling.end() :] or message
    if reason == "CrashLoopBackOff":
        message = ""
    detail = f"{reason}: {one_line(message)}" if message else reason
    return with_last_words(f"waits with {detail}", pod)


def is_stuck(pod: Pod) -> bool:
    """Whether a pod waits for something that a person has to provide."""
    found = waiting_reason(pod)
    return found is not None and found[0] in STUCK_REASONS


def stuck_pod(pod: Pod) -> str:
    """Why a pod does not get ready without help; empty if it can."""
    found = None if pod_is_ready(pod) else waiting_reason(pod)
    if found is None or not is_stuck(pod):
        return ""
    return f"pod {pod.name} {waiting_sentence(pod, *found)}"


def explain_not_ready(
    kind: str, name: str, namespace: str, numbers: Numbers, pods: Sequence[Pod]
) -> tuple[str, bool]:
    """Why a workload does not serve, with the next step, and whether a person has to act."""
    text = f"{kind} {namespace}/{name} has {numbers.ready} of {numbers.desired} pods ready"
    for pod in pods:
        if pod_is_ready(pod):
            continue
        if found := waiting_reason(pod):
            step = f"see `kubectl -n {namespace} describe pod {pod.name}`"
            return f"{text}; pod {pod.name} {waiting_sentence(pod, *found)}; {step}", is_stuck(pod)
    return f"{text}; see `kubectl -n {namespace} describe {kind.lower()} {name}`", False


Workload = StatefulSet | DaemonSet | Job
FAILED, MADE = "FailedCreate", "SuccessfulCreate"
"""Reasons of the events of a workload's controller about each pod that it makes."""
_AROUND = re.compile(
    r"""(?x) ^ (?:\(combined\ from\ similar\ events\):\ )?
    (?: Error\ creating:\  | [Cc]reate\ .{,600}?\ in\ StatefulSet\ \S+\ failed\ error:\  )?
    (?: pods\ "[^"]*"\ is\ forbidden:\  )?"""
)
_VARYING = re.compile(r", used: \S+(?=, limited: )|(?<= )\S+:\d+->")
"""Parts of a message that differ between attempts: the use of a quota, the port of a connection."""


def missing_pods(workload: Workload, pods: Collection[Pod]) -> FailedCreate | None:
    """The query about a workload that has fewer pods than it should; None if it lacks none.

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
    """A sentence about a workload whose pods are refused; it stays the same for the same cause.

    Args:
        workload: the workload.
        words: what the API server says; "" gives "".
    """
    about = f"the API server refuses pods of {workload.resource.kind} {workload.key}"
    return f"{about}: {words}; {_next_step(workload, words)}" if words else ""


def refused_pods(workload: Workload, words: str) -> RefusedPods:
    """The API server's message about a workload for a status, where it survives the process."""
    return RefusedPods(kind=workload.resource.kind, name=workload.name, words=words)


def recorded_words(workload: Workload, recorded: Iterable[RefusedPods]) -> str:
    """The API server's message about a workload that a status has; "" if it has none."""
    mine = (workload.resource.kind, workload.name)
    return next((one.words for one in recorded if (one.kind, one.name) == mine), "")


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


VOLUMES_WITHIN = 10.0
"""Seconds within which a pod should have got its volumes."""


def lacks_volumes(pod: Pod) -> bool:
    """Whether the kubelet has not even come to start a container, or to pull its image."""
    prepared = _condition(pod, "PodReadyToStartContainers")
    return prepared is not None and prepared.status == "False" and not _run(pod)


def patience_left(pod: Pod, now: datetime) -> float:
    """Seconds until a pod that lacks its volumes has waited too long; 0 or less when it has."""
    scheduled = _condition(pod, "PodScheduled")
    since = scheduled.last_transition_time if scheduled and scheduled.status == "True" else None
    return VOLUMES_WITHIN - (now - since).total_seconds() if since else VOLUMES_WITHIN


def what_it_may_lack(volumes: Sequence[Volume]) -> str:
    """The report about a pod that waits too long for volumes, with the objects that they need."""
    names = [f"Secret {one.secret.secret_name}" for one in volumes if one.secret]
    projected = [one.projected.sources or () for one in volumes if one.projected]
    names += [f"Secret {one.secret.name}" for sources in projected for one in sources if one.secret]
    names += [f"ConfigMap {one.config_map.name}" for one in volumes if one.config_map]
    claims = [one.persistent_volume_claim for one in volumes if one.persistent_volume_claim]
    names += [f"PersistentVolumeClaim {one.claim_name}" for one in claims]
    wanted = ", ".join(dict.fromkeys(names))
    return f"has waited for its volumes for over {VOLUMES_WITHIN:g} s: see that it has {wanted}"


def _run(pod: Pod) -> bool:
    """Whether all containers run."""
    return bool(_statuses(pod)) and all(one.state and one.state.running for one in _statuses(pod))


def _condition(pod: Pod, kind: str) -> PodCondition | None:
    return find_condition(pod.status.conditions if pod.status else None, kind)


def _statuses(pod: Pod) -> Sequence[ContainerStatus]:
    return (pod.status.container_statuses if pod.status else None) or ()
