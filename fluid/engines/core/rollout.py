"""Replacing pods one by one after a change that a running pod cannot take over: new keys or credentials.

Which pods carry an older set is read off an annotation of theirs, so a restart of the operator in the
middle changes nothing, and a new release of the operator restarts nothing.
"""

from collections.abc import Sequence
from typing import TypeVar

from fluid.conditions import find_condition
from fluid.engines.core.plan import Plan
from fluid.engines.core.pod_diagnostics import pod_is_ready
from fluid.engines.core.queries import UNKNOWN_USER, ClaimUsers, Results
from fluid.engines.core.runtime_status import pods_of
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.volume_lifecycle import next_look
from fluid.models import DaemonSet, Pod, StatefulSet
from fluid.naming import MOUNTS_REVISION

W = TypeVar("W", StatefulSet, DaemonSet)
BASELINE = "data.fluid.io/adopted-mounts-revision"
"""Annotation of a workload: the revision that pods without an annotation of their own run."""


def template_revision(workload: StatefulSet | DaemonSet | None) -> str | None:
    """The revision that new pods of a workload get."""
    metadata = workload.spec.template.metadata if workload and workload.spec else None
    return (metadata.annotations or {}).get(MOUNTS_REVISION) if metadata else None


def keep_baseline(child: W, live: StatefulSet | DaemonSet | None) -> W:
    """The workload with a note, if it was adopted, of the revision that its older pods run."""
    before = (live.metadata.annotations or {}).get(BASELINE) if live else None
    adopted = live is not None and template_revision(live) is None
    baseline = before or (template_revision(child) if adopted else None)
    if not baseline:
        return child
    copy = child.model_copy(update={"metadata": child.metadata.model_copy()})
    copy.metadata.annotations = {**(child.metadata.annotations or {}), BASELINE: baseline}
    return copy


class Rolling:
    """The replacement of outdated pods in one pass."""

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan

    def stale_pods(self, workload: StatefulSet | DaemonSet | None) -> list[Pod]:
        """Pods of a workload that run an older revision than its template."""
        wanted = template_revision(workload)
        if workload is None or wanted is None:
            return []
        baseline = (workload.metadata.annotations or {}).get(BASELINE, wanted)
        pods = pods_of(workload.name, self.snapshot.pods)
        return [
            pod for pod in pods if (pod.metadata.annotations or {}).get(MOUNTS_REVISION, baseline) != wanted
        ]

    def differs(self, wanted: StatefulSet | DaemonSet, live: StatefulSet | DaemonSet) -> bool:
        """Whether the live template lacks the wanted revision, and had one before."""
        return template_revision(live) not in (None, template_revision(wanted))

    def replace(self, workloads: Sequence[StatefulSet | None], fuses: DaemonSet | None) -> bool:
        """Replace one stale pod at a time, workload by workload; True once none can be replaced any more."""
        if not any(self.stale_pods(workload) for workload in (*workloads, fuses)):
            return True  # pods that are unready for other reasons do not block
        for workload in workloads:
            if workload is not None and self._replace_in(workload):
                return False
        return self._replace_idle(fuses)

    def _replace_in(self, workload: StatefulSet) -> bool:
        """Whether this workload still needs the pass to wait."""
        stale = self.stale_pods(workload)
        pods = pods_of(workload.name, self.snapshot.pods)
        wanted = workload.spec.replicas if workload.spec and workload.spec.replicas is not None else 1
        settled = sum(pod_is_ready(pod) for pod in pods if pod not in stale) + len(stale) >= wanted
        if not stale and settled:
            return False
        if stale and settled:
            self._delete(stale[0])
        names = ", ".join(pod.name for pod in stale) or "replaced pods to be ready"
        self.plan.wait(
            "UfsUpdating", f"StatefulSet {workload.key} takes new mounts over, one pod at a time: {names}"
        )
        return True

    def _replace_idle(self, fuses: DaemonSet | None) -> bool:
        """FUSE pods without readers are replaced; the others are named and wait for their readers to end."""
        stale = self.stale_pods(fuses)
        if not stale:
            return True
        names = ", ".join(pod.name for pod in stale)
        # The message is the same before and after the answer: a changed status would start another query.
        self.plan.wait(
            "UfsUpdating", f"FUSE pods take new mounts over when their readers have ended: {names}"
        )
        query = ClaimUsers(self.snapshot.runtime.key)
        self.plan.ask(query)
        users = self.results.get(query)
        if users is None or UNKNOWN_USER in users:
            return False
        busy = {user.node for user in users}
        idle = [pod for pod in stale if pod.spec is None or pod.spec.node_name not in busy]
        if idle:
            self._delete(idle[0])
        else:
            self.plan.wake_within(next_look(self._waited()))  # no watch reports that a reader has ended
        return not idle

    def _waited(self) -> float:
        """Seconds for which the Dataset has been told to be updating."""
        status = self.snapshot.dataset.status if self.snapshot.dataset else None
        told = find_condition(status.conditions if status else None, "Updating")
        since = told.last_transition_time if told else None
        return (self.snapshot.now - since).total_seconds() if since else 0.0

    def _delete(self, pod: Pod) -> None:
        if pod.metadata.deletion_timestamp is None:
            self.plan.delete.append(pod)
