"""The progress that the Job of an operation reports.

The annotation `data.fluid.io/progress-from` on the pods of a Job names a container that prints its progress:
each line is a JSON object of strings, which becomes `status.infos`. While the container runs, the last line
of its log is read; afterwards the pod's status has its termination message, and no request is needed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from fluid.engines.core.pod_diagnostics import one_line, stuck_pod
from fluid.models import ContainerState, Job, Pod, RefusedPods
from fluid.naming import PROGRESS_FROM

FAILURE = "Failure"
"""Key of the entry that says what failed; its text goes into the condition."""
_MOST_ENTRIES, _LONGEST = 16, 256
_ENTRIES = TypeAdapter(dict[str, str])


def _nothing() -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a Job that runs or has run.

    Attributes:
        infos: the entries of its last line; empty while there is none.
        failure: what failed; "" if nothing did.
        complaint: why its pod does not start, or is slow; "" if it runs.
        refusal: why the API server refuses its pods; "" if it does not.
        refused: the refusal as data; None without one, and for one that only an earlier release reported.
        blocked: why its pod cannot mount the Dataset; "" if it can, or may soon.
        awaited: whether the termination message of the pod is still to come.
    """

    infos: Mapping[str, str] = field(default_factory=_nothing)
    failure: str = ""
    complaint: str = ""
    refusal: str = ""
    refused: RefusedPods | None = None
    blocked: str = ""
    awaited: bool = False


def reporter(job: Job) -> str:
    """The container of a Job's pods that prints the progress; "" if there is none."""
    metadata = job.spec.template.metadata if job.spec else None
    return ((metadata.annotations if metadata else None) or {}).get(PROGRESS_FROM, "")


def newest_pod(pods: Iterable[Pod]) -> Pod | None:
    """The newest pod of a Job, which is its last attempt."""
    return max(pods, key=lambda pod: (str(pod.metadata.creation_timestamp or ""), pod.name), default=None)


def is_running(pod: Pod, container: str) -> bool:
    """Whether the container runs, so that its log can be read."""
    state = _state(pod, container)
    return state is not None and state.running is not None


def progress_of(job: Job, pods: Sequence[Pod], line: str) -> Progress:
    """The progress of a Job, from its newest pod.

    Args:
        job: the Job.
        pods: its live pods.
        line: the last known line of the container that prints the progress.
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
    last = ((ended.message or "").strip().splitlines() or [""])[-1]  # or the end of its log
    said = parse(last)
    if ended.exit_code == 0:
        return Progress(infos=_without_failure(said or {}))
    why = one_line(last) if said is None else said.get(FAILURE, "")
    died = f"{ended.reason or 'Error'}, exit code {ended.exit_code}"
    return Progress(infos=_without_failure(said or {}), failure=why or died)


def parse(line: str) -> Mapping[str, str] | None:
    """The entries of a line, cut to the limits of a status; None if it is no JSON object of strings."""
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
