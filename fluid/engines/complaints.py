"""Why pods do not serve, in their own words: short, on one line, and without what looks secret."""

import re
from collections.abc import Sequence

from fluid.engines.status import Numbers
from fluid.models import Pod

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
"""Reasons of a waiting pod that do not pass without somebody's help."""

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
    """A text of a foreign program for a condition: printable, short, its secrets blotted out."""
    printable = " ".join("".join(one if one.isprintable() else " " for one in text[:2000]).split())
    blotted = _IN_ADDRESS.sub("://***@", _NAMED.sub(r"\1***", printable))
    return blotted[:longest]


def with_last_words(message: str, pod: Pod) -> str:
    """A message about a pod, and what its container said last."""
    said = last_words(pod)
    return f"{message}; it said: {said}" if said else message


def pod_is_ready(pod: Pod) -> bool:
    """Whether the pod serves and is to stay."""
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

    The same words for as long as it is the same trouble: neither how often nor how long it was tried.
    """
    if pulling := _PULLING.match(message):
        reason, message = pulling["reason"] or reason, message[pulling.end() :] or message
    if reason == "CrashLoopBackOff":
        message = ""
    detail = f"{reason}: {one_line(message)}" if message else reason
    return with_last_words(f"waits with {detail}", pod)


def is_stuck(pod: Pod) -> bool:
    """Whether a pod waits for something that does not come by itself."""
    found = waiting_reason(pod)
    return found is not None and found[0] in STUCK_REASONS


def stuck_pod(pod: Pod) -> str:
    """What is wrong with a pod that does not get ready without help; empty if nothing is."""
    found = None if pod_is_ready(pod) else waiting_reason(pod)
    if found is None or not is_stuck(pod):
        return ""
    return f"pod {pod.name} {waiting_sentence(pod, *found)}"


def explain_not_ready(
    kind: str, name: str, namespace: str, numbers: Numbers, pods: Sequence[Pod]
) -> tuple[str, bool]:
    """Why a workload does not serve, with the next step, and whether somebody has to help."""
    text = f"{kind} {namespace}/{name} has {numbers.ready} of {numbers.desired} pods ready"
    for pod in pods:
        if pod_is_ready(pod):
            continue
        if found := waiting_reason(pod):
            step = f"see `kubectl -n {namespace} describe pod {pod.name}`"
            return f"{text}; pod {pod.name} {waiting_sentence(pod, *found)}; {step}", is_stuck(pod)
    return f"{text}; see `kubectl -n {namespace} describe {kind.lower()} {name}`", False
