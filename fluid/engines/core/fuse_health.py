"""FUSE pods that do not serve: the report, which read their Secrets again, and which are replaced.

A FUSE pod comes to a node with its first reader, so a Dataset may be Bound long before anybody finds out that
its credentials are wrong. The operator cannot see that a Secret has changed: while a client fails, its pod is
annotated from time to time, so that its kubelet reads the Secrets again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from fluid.conditions import find_condition
from fluid.engines.core.plan import Plan, PodAnnotations
from fluid.engines.core.pod_diagnostics import (
    is_stuck,
    lacks_volumes,
    last_words,
    patience_left,
    pod_is_ready,
    waiting_reason,
    waiting_sentence,
    what_it_may_lack,
)
from fluid.models import ContainerStatus, DaemonSet, Pod, PodCondition, Volume
from fluid.types.time import format_time
from fluid.types.untrusted import read_time

LOOKED = "data.fluid.io/refreshed-at"
"""Annotation of FUSE pods: when their kubelet was last made to read the Secrets again."""
SOONEST, LATEST, SHARE = 3.0, 60.0, 10
"""Seconds between two annotations of a pod: a tenth of the time that it has not been ready, within bounds.

Above the upper one the kubelet's own pace is as good, and nothing is sent.
"""
SLOW_AFTER = 120.0
"""Seconds after which a pod without a reason is reported too; the pull of a large image takes long."""
_SHOWN, _NAMED = 3, 20
_GENERATION = "pod-template-generation"
_NEWEST = "deprecated.daemonset.template.generation"


class Complaint(NamedTuple):
    """What is wrong with FUSE pods that do not get ready without help.

    Attributes:
        words: For people.
        nodes: Those that the words name: the node plugin there tells pods that wait.
    """

    words: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class FusePods:
    """The FUSE pods of one runtime in one pass.

    Attributes:
        workload: their DaemonSet.
        pods: all of them.
        plan: asked for another pass when only time has to pass.
        now: the time.
        nodes: names of the nodes that should have one.
        refusal: the report about pods that the API server refuses; "" if it refuses none.
    """

    workload: DaemonSet
    pods: Sequence[Pod]
    plan: Plan
    now: datetime
    nodes: Sequence[str] = ()
    refusal: str = ""

    def complaint(self) -> Complaint | None:
        """The report about pods that do not get ready without help; None if there are none."""
        without = self._without if self.refusal else []
        found = [(pod, said) for pod in self._failing if (said := self._trouble(pod))]
        words = "; ".join(filter(None, (self._missing(without), self._stuck(found))))
        if not words:
            return None
        names = [*without[:_NAMED], *(_node_name(pod) for pod, _ in found[:_SHOWN])]
        return Complaint(words, tuple(dict.fromkeys(filter(None, names))))

    def _missing(self, without: Sequence[str]) -> str:
        """Which nodes have none, because the API server takes none."""
        if not self.refusal:
            return ""
        # Until 0.2: node plugins of release 0.1 look for "on node", the name and a space.
        named = [f"on node {name}" for name in without[:_NAMED]]
        more = [f"on {len(without) - _NAMED} more nodes"] if len(without) > _NAMED else []
        where = " and ".join([*named, *more]) or f"of DaemonSet {self.workload.key}"
        return f"FUSE pods {where} are missing, pods there wait for them: {self.refusal}"

    def _stuck(self, found: Sequence[tuple[Pod, str]]) -> str:
        """What those say that are there."""
        if not found:
            return ""
        told = [f"FUSE pod {pod.name} on node {_node(pod)} {said}" for pod, said in found[:_SHOWN]]
        more = [f"{len(found) - _SHOWN} more FUSE pods"] if len(found) > _SHOWN else []
        where = f"see `kubectl -n {self.workload.namespace} describe pod {found[0][0].name}`"
        return f"{'; '.join([*told, *more])}; pods there wait for it; {where}"

    def slow(self) -> str:
        """The report about pods without a reason that are unready for long; "" if there are none."""
        found: list[Pod] = []
        for pod in self._failing:
            created = pod.metadata.creation_timestamp
            if created is None or self._trouble(pod):
                continue
            left = SLOW_AFTER - self._seconds_since(created)
            if left > 0:
                self.plan.wake_within(left)
            else:
                found.append(pod)
        if not found:
            return ""
        names = ", ".join(f"{pod.name} on node {_node(pod)}" for pod in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        where = f"see `kubectl -n {self.workload.namespace} describe pod {found[0].name}`"
        return f"FUSE pod {names}{more} has not become ready for over {SLOW_AFTER:g} s; {where}"

    @property
    def lacking(self) -> int:
        """How many do not serve, those among them that the API server does not take."""
        return len(self._failing) + (len(self._without) if self.refusal else 0)

    def share(self) -> str:
        """How many of how many do not serve."""
        wanted = self.workload.status.desired_number_scheduled if self.workload.status else 0
        lacking = self.lacking
        verb = "does" if lacking == 1 else "do"
        return f"{lacking} of {max(wanted, lacking)} FUSE pods {verb} not serve"

    def pod_annotations(self) -> list[PodAnnotations]:
        """The pods whose kubelets have to read the Secrets again now."""
        found: list[PodAnnotations] = []
        for pod in self._failing if any(one.secret for one in self._volumes) else ():
            since = _not_ready_since(pod)
            if since is None or not _run(pod):
                continue
            interval = max(SOONEST, self._seconds_since(since) / SHARE)
            if interval > LATEST:
                continue
            left = interval - self._seconds_since(_looked(pod) or since)
            if left <= 0:
                found.append(PodAnnotations(pod, {LOOKED: format_time(self.now)}))
            self.plan.wake_within(left if left > 0 else interval)
        return found

    def unready_outdated(self) -> list[Pod]:
        """Unready pods of an older template; the newer template may correct the cause."""
        newest = (self.workload.metadata.annotations or {}).get(_NEWEST)
        return [
            pod
            for pod in self._failing
            if newest and (pod.metadata.labels or {}).get(_GENERATION, newest) != newest
            if is_stuck(pod) or last_words(pod) or not _statuses(pod) or lacks_volumes(pod)
        ]

    @property
    def _without(self) -> list[str]:
        """Nodes that should have one, and have none."""
        return sorted({*self.nodes} - {_node(pod) for pod in self.pods})

    @property
    def _failing(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.metadata.deletion_timestamp is None and not pod_is_ready(pod)]

    @property
    def _volumes(self) -> Sequence[Volume]:
        spec = self.workload.spec.template.spec if self.workload.spec else None
        return (spec.volumes if spec else None) or ()

    def _trouble(self, pod: Pod) -> str:
        found = waiting_reason(pod)
        if found is not None and is_stuck(pod):
            return waiting_sentence(pod, *found)
        if said := last_words(pod):
            return f"is not ready; it said: {said}"
        if _run(pod) and _was_ready(pod):
            return "runs and is no longer ready: an event of it tells what its probe found"
        return self._without_volumes(pod) if lacks_volumes(pod) else ""

    def _without_volumes(self, pod: Pod) -> str:
        """Which objects a pod may lack that waits for its volumes."""
        left = patience_left(pod, self.now)
        if left > 0:
            self.plan.wake_within(left)
            return ""
        return what_it_may_lack(self._volumes)

    def _seconds_since(self, then: datetime) -> float:
        """None for a time in the future, which another clock or a user has written."""
        return max(0.0, (self.now - then).total_seconds())


def _not_ready_since(pod: Pod) -> datetime | None:
    ready = _condition(pod, "Ready")
    return ready.last_transition_time if ready is not None and ready.status == "False" else None


def _was_ready(pod: Pod) -> bool:
    """Whether a pod has been ready since its containers started."""
    since = _not_ready_since(pod)
    starts = [one.state.running.started_at for one in _statuses(pod) if one.state and one.state.running]
    return since is not None and all(one is not None and since > one + timedelta(seconds=1) for one in starts)


def _run(pod: Pod) -> bool:
    """Whether all containers run."""
    return bool(_statuses(pod)) and all(one.state and one.state.running for one in _statuses(pod))


def _looked(pod: Pod) -> datetime | None:
    """What an annotation says, in which anybody can write nonsense."""
    return read_time((pod.metadata.annotations or {}).get(LOOKED, ""))


def _condition(pod: Pod, kind: str) -> PodCondition | None:
    return find_condition(pod.status.conditions if pod.status else None, kind)


def _statuses(pod: Pod) -> Sequence[ContainerStatus]:
    return (pod.status.container_statuses if pod.status else None) or ()


def _node(pod: Pod) -> str:
    return _node_name(pod) or "(none yet)"


def _node_name(pod: Pod) -> str:
    """The node of a pod; "" before it is scheduled."""
    return (pod.spec.node_name if pod.spec else None) or ""
