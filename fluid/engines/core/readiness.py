"""Whether the components of a cache serve, why not, and what follows for the Dataset's condition Ready."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Generic, NamedTuple

from fluid.conditions import FUSE_NOT_READY, FUSES_FAILING, find_condition
from fluid.engines.core import dataset_status, runtime_status
from fluid.engines.core.dataset_status import READY_MESSAGE, Readiness
from fluid.engines.core.fuse_health import FusePods
from fluid.engines.core.plan import Notice, Plan, Waiting
from fluid.engines.core.pod_diagnostics import (
    explain_not_ready,
    lacks_volumes,
    missing_pods,
    patience_left,
    pod_is_ready,
    recorded_words,
    refused_pods,
    told,
    what_it_may_lack,
)
from fluid.engines.core.queries import Results
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.upgrade import is_granted, refusal_in
from fluid.models import DaemonSet, DatasetCondition, Pod, RefusedPods, RuntimeStatus, StatefulSet
from fluid.naming import restricted_fuse_label

REFUSED = "PodsRefused"
"""Condition of the runtime: the API server does not take pods of a workload; others may serve."""


class Refusal(NamedTuple):
    """What is told of a workload whose pods the API server does not take.

    Attributes:
        sentence: For people.
        pods: The same as a fact; None while nobody but an earlier release has told it.
    """

    sentence: str
    pods: RefusedPods | None


def show_refusals(status: RuntimeStatus, refusals: Sequence[Refusal], now: datetime) -> None:
    """Reports on a runtime which workloads have refused pods, or withdraws that report."""
    text = "; ".join(one.sentence for one in refusals) or None
    runtime_status.show_condition(status, REFUSED, "FailedCreate", text, now)
    facts = [one.pods for one in refusals if one.pods is not None]
    if facts or status.refused_pods:
        status.refused_pods = facts or None


class Serving(Generic[R]):
    """The components of one pass.

    Args:
        snapshot: the snapshot.
        results: what the API server says of pods that are missing.
        plan: whose statuses are written, and which asks for those words.
        fuses: name of the DaemonSet of the FUSE clients.
    """

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan, fuses: str) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan
        self.fuses = fuses

    @cached_property
    def fuse_pods(self) -> FusePods | None:
        """Those of the DaemonSet, if there is one."""
        workload, snapshot = self.snapshot.daemonset(self.fuses), self.snapshot
        if workload is None:
            return None
        pods = runtime_status.pods_of(self.fuses, snapshot.pods)
        label = snapshot.identity.fuse_label
        if is_granted(workload, label):
            label = restricted_fuse_label(label)
        labelled = [node.name for node in snapshot.nodes if label in (node.metadata.labels or {})]
        return FusePods(workload, pods, self.plan, snapshot.now, labelled, self._refusal_of(self.fuses))

    def record_fuses(self) -> None:
        """The numbers of FUSE pods, and what is wrong with them; the first record of a pass."""
        show_refusals(self.plan.status, list(self._refusals.values()), self.snapshot.now)
        numbers = runtime_status.daemonset_numbers(self.snapshot.daemonset(self.fuses))
        if numbers is not None:
            runtime_status.record_fuses(self.plan.status, numbers, self.snapshot.now)
        complaint = self.fuse_pods.complaint() if self.fuse_pods else None
        if complaint is not None:
            notice = Notice(
                "Warning", FUSE_NOT_READY, complaint.words, on_dataset=True, shown_by=FUSES_FAILING
            )
            self.plan.notices.append(notice)
        self._show(FUSES_FAILING, FUSE_NOT_READY, complaint.words if complaint else None)
        dataset_status.show_fuses(self.snapshot, self.plan, complaint)

    def record(self, component: str, name: str) -> Waiting | None:
        """The numbers of a StatefulSet; what to wait for when nothing of it serves.

        Args:
            component: master or workers.
            name: of the StatefulSet.
        """
        numbers = runtime_status.statefulset_numbers(
            self.snapshot.statefulset(name)
        ) or runtime_status.Numbers(desired=1)
        write = runtime_status.record_master if component == "master" else runtime_status.record_workers
        write(self.plan.status, numbers, self.snapshot.now)
        refusal = self._refusal_of(name)
        if numbers.phase != "NotReady":
            if refusal:
                self.plan.notices.append(Notice("Warning", "ErrorProcessRuntime", refusal, shown_by=REFUSED))
            return None
        pods, namespace = runtime_status.pods_of(name, self.snapshot.pods), self.snapshot.runtime.namespace
        message, problem = explain_not_ready("StatefulSet", name, namespace, numbers, pods)
        if lacking := self._without_volumes(name, pods):
            message, problem = f"{message}; {lacking}", True
        if refusal:
            message, problem = refusal, True
        self.plan.wait(f"{component.title()}NotReady", message, problem=problem)
        return Waiting(f"{component.title()}NotReady", message, problem)

    def _without_volumes(self, name: str, pods: Sequence[Pod]) -> str:
        """Which objects the pods of a StatefulSet may lack that wait for their volumes; "" if none does."""
        waiting = {pod.name: patience_left(pod, self.snapshot.now) for pod in pods if lacks_volumes(pod)}
        soonest = min((left for left in waiting.values() if left > 0), default=None)
        if soonest is not None:
            self.plan.wake_within(soonest)
        late = next((pod for pod, left in waiting.items() if left <= 0), None)
        workload = self.snapshot.statefulset(name)
        spec = workload.spec.template.spec if workload and workload.spec else None
        return f"pod {late} {what_it_may_lack((spec.volumes if spec else None) or ())}" if late else ""

    def _refusal_of(self, name: str) -> str:
        found = self._refusals.get(name)
        return found.sentence if found else ""

    @cached_property
    def _refusals(self) -> Mapping[str, Refusal]:
        """What is told of workloads whose pods are refused, by their names; asks about those that lack some.

        Until there is an answer, what the status has stays: it survives the process that wrote it.
        """
        found: dict[str, Refusal] = {}
        for child in self.snapshot.children:
            if not isinstance(child, StatefulSet | DaemonSet):
                continue
            query = missing_pods(child, runtime_status.pods_of(child.name, self.snapshot.pods))
            if query is None:
                continue
            self.plan.ask(query)
            words = self.results.get(query)
            if words is None:
                found[child.name] = self._told_before(child)
            else:
                found[child.name] = Refusal(told(child, words), refused_pods(child, words))
        return {name: refusal for name, refusal in sorted(found.items()) if refusal.sentence}

    def _told_before(self, workload: StatefulSet | DaemonSet) -> Refusal:
        if words := recorded_words(workload, self.plan.status.refused_pods or ()):
            return Refusal(told(workload, words), refused_pods(workload, words))
        # Until 0.2: release 0.1 wrote the condition alone
        standing = find_condition(self.plan.status.conditions, REFUSED)
        return Refusal(refusal_in(standing.message if standing else None, workload), None)

    def _show(self, kind: str, reason: str, message: str | None) -> None:
        runtime_status.show_condition(self.plan.status, kind, reason, message, self.snapshot.now)


PATIENCE = 10.0
"""Seconds for which a client may fail without consequences, so that a start or restart is no failure."""
UNTRIED = "WaitForFirstConsumer"
"""Reason of Ready=True: nobody knows whether sources, credentials and images are right, as nobody reads."""
_SERVES = "DatasetReady"
_UNTRIED_MESSAGE = (
    "The ddc runtime is ready. No pod uses the claim yet, so sources, credentials and the client's image "
    "are untried: the first pod brings it"
)


def readiness(snapshot: Snapshot[R], plan: Plan, fuses: FusePods | None, *, lazy: bool) -> Readiness:
    """What the condition Ready says of a Dataset that is Bound.

    Args:
        snapshot: the snapshot.
        plan: with what is told of failing clients; woken when time alone makes a difference.
        fuses: the FUSE pods; None while their DaemonSet does not exist.
        lazy: whether nothing but these clients ever tries the sources.
    """
    standing = find_condition(plan.dataset_status.conditions, "Ready")
    failed = standing is not None and (standing.status, standing.reason) == ("False", FUSE_NOT_READY)
    if fuses is not None and (words := _trouble(snapshot, plan, fuses, failed=failed)):
        return Readiness("False", FUSE_NOT_READY, f"{fuses.share()}: {words}")
    serves = fuses is not None and any(map(pod_is_ready, fuses.pods))
    if not lazy or serves or _tried_before(snapshot, standing):
        return Readiness("True", _SERVES, READY_MESSAGE)
    return Readiness("True", UNTRIED, _UNTRIED_MESSAGE)


def _trouble(snapshot: Snapshot[R], plan: Plan, fuses: FusePods, *, failed: bool) -> str:
    """Why clients do not serve; "" if they do, or may well in a moment.

    Once the Dataset is not Ready, only clients that serve make it Ready again; a client that starts does not.
    """
    if complaint := find_condition(plan.dataset_status.conditions, FUSES_FAILING):
        began = complaint.last_transition_time or snapshot.now  # of the operator's clock, not of nodes
        left = PATIENCE - (snapshot.now - began).total_seconds()
        if failed or left <= 0:
            return complaint.message or ""
        plan.wake_within(left)
    if slow := fuses.slow():
        return slow
    return "they start" if failed and fuses.lacking else ""


def _tried_before(snapshot: Snapshot[R], standing: DatasetCondition | None) -> bool:
    """Whether clients have served the spec as it is now: they may have left with their readers."""
    dataset = snapshot.dataset
    if dataset is None or standing is None:
        return False
    return (standing.status, standing.reason, standing.observed_generation) == (
        "True",
        _SERVES,
        dataset.metadata.generation,
    )
