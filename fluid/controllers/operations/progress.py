"""How far the Job of an operation is, in its own words.

The annotation `data.fluid.io/progress-from` on the pods of a Job names a container that prints how far it is:
each line is a JSON object of strings, which becomes `status.infos`. While the container runs, its last line
is read from its log; what it leaves as termination message is in the pod's status, and costs nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from fluid.engines.core.pod_diagnostics import one_line, stuck_pod
from fluid.models import ContainerState, Job, Pod, RefusedPods
from fluid.naming import PROGRESS_FROM

FAILURE = "Failure"
"""Key of a line that says what went wrong; it goes into the condition."""
_MOST_ENTRIES, _LONGEST = 16, 256
_ENTRIES = TypeAdapter(dict[str, str])


def _nothing() -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a Job that is at work, or was.

    Attributes:
        infos: what it said last; empty while it has said nothing.
        failure: what went wrong; "" if nothing did.
        complaint: why its pod does not start; "" if it does.
        refusal: why there is no pod; "" if nobody refuses any.
        refused: the same as a fact; None also while nobody but an earlier release has told it.
        blocked: why its pod waits for the Dataset; "" if it does not, or may get it in a moment.
        awaited: whether the pod's last word is still to come.
    """

    infos: Mapping[str, str] = field(default_factory=_nothing)
    failure: str = ""
    complaint: str = ""
    refusal: str = ""
    refused: RefusedPods | None = None
    blocked: str = ""
    awaited: bool = False


def reporter(job: Job) -> str:
    """The container of a Job's pods that says how far it is; "" if none does."""
    metadata = job.spec.template.metadata if job.spec else None
    return ((metadata.annotations if metadata else None) or {}).get(PROGRESS_FROM, "")


def newest_pod(pods: Iterable[Pod]) -> Pod | None:
    """The last attempt of a Job."""
    return max(pods, key=lambda pod: (str(pod.metadata.creation_timestamp or ""), pod.name), default=None)


def is_running(pod: Pod, container: str) -> bool:
    """Whether the container runs, so that its log can be read."""
    state = _state(pod, container)
    return state is not None and state.running is not None


def progress_of(job: Job, pods: Sequence[Pod], line: str) -> Progress:
    """What a Job's newest pod says.

    Args:
        job: the Job.
        pods: its live pods.
        line: the last line of the container that reports, as far as it is known.
    """
    pod, container = newest_pod(pods), reporter(job)
    if pod is None:
        return Progress()
    if not container:
        return Progress(complaint=stuck_pod(pod))
    state = _state(pod, container)
    ended = state.terminated if state else None
    if ended is None:
        infos = parse(line) or {}
        return Progress(infos=_without_failure(infos), complaint=stuck_pod(pod), awaited=True)
    last = ((ended.message or "").strip().splitlines() or [""])[-1]  # of the log, where it left no message
    said = parse(last)
    if ended.exit_code == 0:
        return Progress(infos=_without_failure(said or {}))
    why = one_line(last) if said is None else said.get(FAILURE, "")
    died = f"{ended.reason or 'Error'}, exit code {ended.exit_code}"
    return Progress(infos=_without_failure(said or {}), failure=why or died)


def parse(line: str) -> Mapping[str, str] | None:
    """The entries of a line, as many and as long as a status can take; None if it is none of ours."""
    try:
        found = _ENTRIES.validate_json(line.strip())
    except ValidationError:
        return None
    kept = list(found.items())[:_MOST_ENTRIES]
    return {one_line(name)[:_LONGEST]: one_line(text)[:_LONGEST] for name, text in kept}


def _without_failure(infos: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name, text in infos.items() if name != FAILURE}


def _state(pod: Pod, container: str) -> ContainerState | None:
    statuses = (pod.status.container_statuses if pod.status else None) or ()
    return next((one.state for one in statuses if one.name == container), None)
