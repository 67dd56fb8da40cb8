"""A runtime's status, computed from the live workloads and never from the desired ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fluid.conditions import drop_condition, find_condition, set_condition
from fluid.models import (
    DaemonSet,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    RuntimeCondition,
    RuntimeStatus,
    StatefulSet,
)

Phase = Literal["", "NotReady", "PartialReady", "Ready"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many pods of a component are wanted, are there, and serve."""

    desired: int = 0
    current: int = 0
    ready: int = 0
    available: int = 0
    unavailable: int = 0

    @property
    def phase(self) -> Phase:
        """Ready when all that are wanted serve (none may be wanted), PartialReady when some do."""
        if self.ready >= self.desired:
            return "Ready"
        return "PartialReady" if self.ready > 0 else "NotReady"


def statefulset_numbers(workload: StatefulSet | None) -> Numbers | None:
    """Numbers of a StatefulSet; None while it does not exist."""
    if workload is None:
        return None
    spec, status = workload.spec, workload.status
    desired = 1 if spec is None or spec.replicas is None else spec.replicas
    if status is None:
        return Numbers(desired=desired)
    current, available = status.replicas, status.available_replicas or 0
    return Numbers(desired, current, status.ready_replicas or 0, available, max(0, current - available))


def daemonset_numbers(workload: DaemonSet | None) -> Numbers | None:
    """Numbers of a DaemonSet; None while it does not exist."""
    status = workload.status if workload else None
    if workload is None or status is None:
        return Numbers() if workload else None
    return Numbers(
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.number_ready,
        status.number_available or 0,
        status.number_unavailable or 0,
    )


def workload_numbers(workload: StatefulSet | DaemonSet) -> Numbers | None:
    """Numbers of a workload of either kind."""
    if isinstance(workload, StatefulSet):
        return statefulset_numbers(workload)
    return daemonset_numbers(workload)


def blank_status() -> RuntimeStatus:
    """The status of a runtime of which nothing is known yet; all required fields are there."""
    return RuntimeStatus(
        value_file="",
        master_phase="",
        worker_phase="",
        fuse_phase="",
        desired_master_number_scheduled=0,
        current_master_number_scheduled=0,
        master_number_ready=0,
        desired_worker_number_scheduled=0,
        current_worker_number_scheduled=0,
        worker_number_ready=0,
        desired_fuse_number_scheduled=0,
        current_fuse_number_scheduled=0,
        fuse_number_ready=0,
    )


def record_master(status: RuntimeStatus, numbers: Numbers, now: datetime) -> None:
    """Write the master's numbers, phase and condition."""
    status.desired_master_number_scheduled = numbers.desired
    status.current_master_number_scheduled = numbers.current
    status.master_number_ready = numbers.ready
    status.master_phase = numbers.phase
    _ready(status, "MasterReady", "Master is ready", "The master is", numbers.phase, now)


def record_workers(status: RuntimeStatus, numbers: Numbers, now: datetime) -> None:
    """Write the workers' numbers, phase and condition."""
    status.desired_worker_number_scheduled = numbers.desired
    status.current_worker_number_scheduled = numbers.current
    status.worker_number_ready = numbers.ready
    status.worker_number_available = numbers.available
    status.worker_number_unavailable = numbers.unavailable
    status.worker_phase = numbers.phase
    _ready(status, "WorkersReady", "Workers are ready", "The workers are", numbers.phase, now)


def forget_workers(status: RuntimeStatus) -> None:
    """Withdraws the report about workers that the runtime no longer has, or never had."""
    status.desired_worker_number_scheduled = 0
    status.current_worker_number_scheduled = 0
    status.worker_number_ready = 0
    status.worker_number_available = status.worker_number_unavailable = None
    status.worker_phase = ""
    status.selector = None
    for kind in ("WorkersInitialized", "WorkersReady"):
        withdraw_condition(status, kind)


def record_fuses(status: RuntimeStatus, numbers: Numbers, now: datetime) -> None:
    """Write the FUSE pods' numbers, phase and condition, as the DaemonSet reports them."""
    status.desired_fuse_number_scheduled = numbers.desired
    status.current_fuse_number_scheduled = numbers.current
    status.fuse_number_ready = numbers.ready
    status.fuse_number_available = numbers.available
    status.fuse_number_unavailable = numbers.unavailable
    status.fuse_phase = numbers.phase
    status.fuse_reason = _truly("Fuses are ready", numbers.phase)
    _ready(status, "FusesReady", "Fuses are ready", "The fuses are", numbers.phase, now)


def _ready(status: RuntimeStatus, kind: str, reason: str, subject: str, phase: Phase, now: datetime) -> None:
    adverb = {"Ready": "ready", "PartialReady": "partially ready"}.get(phase, "not ready")
    truth = "False" if phase == "NotReady" else "True"
    record_condition(status, kind, _truly(reason, phase), f"{subject} {adverb}.", truth, now)


def _truly(reason: str, phase: Phase) -> str:
    """The reason that existing tools know, unless it would contradict the status."""
    return reason.replace("ready", "not ready") if phase == "NotReady" else reason


def record_condition(
    status: RuntimeStatus,
    kind: str,
    reason: str,
    message: str,
    truth: Literal["True", "False"],
    now: datetime,
    *,
    once: bool = False,
) -> None:
    """Insert or update the condition of a type.

    Args:
        status: the status to change.
        kind: type of the condition.
        reason: machine reason, in the wording that existing tools know.
        message: text for people.
        truth: the condition's status.
        now: time of a transition.
        once: leave an existing condition as it is.
    """
    if once and find_condition(status.conditions, kind) is not None:
        return
    new = RuntimeCondition(type=kind, status=truth, reason=reason, message=message)
    status.conditions = set_condition(status.conditions, new, now)


def withdraw_condition(status: RuntimeStatus, kind: str) -> None:
    """Remove the condition of a type, if it is there."""
    if find_condition(status.conditions, kind) is not None:
        status.conditions = drop_condition(status.conditions, kind)


def show_condition(status: RuntimeStatus, kind: str, reason: str, message: str | None, now: datetime) -> None:
    """The condition of a type, True for as long as there is something to say."""
    if message is None:
        withdraw_condition(status, kind)
    else:
        record_condition(status, kind, reason, message, "True", now)


def pods_of(workload: str, pods: Sequence[Pod]) -> list[Pod]:
    """The pods whose controller is the workload of that name."""
    return [
        pod
        for pod in pods
        if any(owner.controller and owner.name == workload for owner in pod.metadata.owner_references or ())
    ]


def outdated_pods(
    workloads: Sequence[StatefulSet | None], fuses: DaemonSet | None, pods: Sequence[Pod]
) -> str | None:
    """Which pods were made from an older template, and what to do; None if none were."""
    names: list[str] = []
    for workload in filter(None, workloads):
        newest = workload.status.update_revision if workload.status else None
        mine = pods_of(workload.name, pods) if newest else []
        names += [pod.name for pod in mine if revision_of(pod) not in (newest, None)]
    behind = _behind(fuses) if fuses else 0
    names.sort()
    parts = [f"{len(names)} pods ({', '.join(names[:5])})"] if names else []
    if fuses is not None and behind:
        parts.append(f"{behind} FUSE pods of DaemonSet {fuses.name}")
    if not parts:
        return None
    return f"{' and '.join(parts)} run an older template: delete them when it suits, new ones take it over"


def _behind(fuses: DaemonSet) -> int:
    """FUSE pods of an older template; a DaemonSet says only how many."""
    status = fuses.status
    if status is None or status.observed_generation != fuses.metadata.generation:
        return 0
    return max(0, status.current_number_scheduled - (status.updated_number_scheduled or 0))


def revision_of(pod: Pod) -> str | None:
    """Which template of its StatefulSet or DaemonSet a pod was made from."""
    return (pod.metadata.labels or {}).get("controller-revision-hash")


def cache_affinity(workers: StatefulSet) -> NodeAffinity:
    """The workers' node affinity, with the pairs of their node selector joined into every required term."""
    pod = workers.spec.template.spec if workers.spec else None
    affinity = pod.affinity.node_affinity if pod and pod.affinity else None
    pairs = [
        NodeSelectorRequirement(key=key, operator="In", values=[value])
        for key, value in sorted(((pod.node_selector if pod else None) or {}).items())
    ]
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    terms = [
        NodeSelectorTerm(
            match_expressions=[*(term.match_expressions or ()), *pairs], match_fields=term.match_fields
        )
        for term in (required.node_selector_terms if required else ())
    ]
    if not terms and pairs:
        terms = [NodeSelectorTerm(match_expressions=pairs)]
    return NodeAffinity(
        required_during_scheduling_ignored_during_execution=NodeSelector(node_selector_terms=terms),
        preferred_during_scheduling_ignored_during_execution=(
            affinity.preferred_during_scheduling_ignored_during_execution if affinity else None
        ),
    )
