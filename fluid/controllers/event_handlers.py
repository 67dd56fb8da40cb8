"""Which change concerns which runtime, and how soon.

What a step waits for (a component that gets ready, a claim that gets Bound, anything made, edited or
deleted) wakes the runtime at once. Intermediate counters are only shown: they are gathered, for a crowd of
pods that start would otherwise cost a pass for each of their steps.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

from fluid.controllers.context import Informers
from fluid.controllers.identity import runtime_identity
from fluid.engines.core.registry import EngineRegistration
from fluid.engines.core.runtime_status import workload_numbers
from fluid.engines.core.snapshot import R
from fluid.kube import Change, Entry, Reflector
from fluid.kube.controller import Controller
from fluid.models import (
    DaemonSet,
    Dataset,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StatefulSet,
)
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
W = TypeVar("W", StatefulSet, DaemonSet)
V = TypeVar("V", PersistentVolume, PersistentVolumeClaim)
SOON = 0.05
"""Seconds over which changes that a step may wait for are gathered into one pass."""
EVENTUALLY = 2.0
"""Seconds over which changes are gathered that are only shown."""


class EventHandlers(Generic[R]):
    """Subscribes the controller of one runtime kind to everything that its runtimes depend on."""

    def __init__(
        self, informers: Informers, registration: EngineRegistration[R], runtimes: Reflector[R]
    ) -> None:
        self._watched = informers
        self._registration = registration
        self._runtimes = runtimes

    def subscribe(self, controller: Controller) -> None:
        """Names every source, and how soon its changes matter."""
        informers, kind = self._watched, self._registration.kind
        controller.for_(self._runtimes, delay=_of_runtime)
        controller.owns(informers.statefulsets, kind=kind, delay=_of_workload)
        controller.owns(informers.daemonsets, kind=kind, delay=_of_workload)
        controller.owns(informers.services, kind=kind, delay=_of_child)
        controller.owns(informers.config_maps, kind=kind, delay=_of_child)
        controller.watches(informers.datasets, lambda change: [change.key], delay=_of_dataset)
        controller.watches(informers.claims, lambda change: [change.key], delay=_of_published)
        controller.watches(informers.volumes, _claimant, delay=_of_published)
        controller.watches(informers.pods, self._of_pod, delay=_of_restart)
        controller.watches(informers.nodes, self._of_node, delay=SOON)

    def _of_pod(self, change: Change[Pod]) -> Iterable[Key]:
        owner = change.latest.controller
        stores = {
            "StatefulSet": self._watched.statefulsets.store,
            "DaemonSet": self._watched.daemonsets.store,
        }
        if owner is None or owner.kind not in stores:
            return
        workload = stores[owner.kind].entry(Key(change.key.namespace, owner.name))
        controller = workload.controller if workload else None
        if controller is not None and controller.kind == self._registration.kind.__name__:
            yield Key(change.key.namespace, controller.name)

    def _of_node(self, change: Change[Node]) -> Iterable[Key]:
        """Only a runtime in deletion waits for a node: until its labels are gone."""
        before, after = change.before, change.after
        lost = before.labels.keys() - (after.labels if after else {}).keys() if before else set[str]()
        if not lost:
            return
        implementation = self._registration.implementation
        for entry in self._runtimes.store.entries():
            # Of its metadata alone: one that does not fit its model harms no other.
            identity = runtime_identity(entry.bare()) if entry.deleting else None
            if identity is None:
                continue
            if not lost.isdisjoint((identity.runtime_label(implementation), identity.fuse_label)):
                yield entry.key


def _claimant(change: Change[PersistentVolume]) -> Iterable[Key]:
    """The runtime of the claim for which a volume is reserved."""
    for entry in change.entries:
        spec = entry.object.spec
        reference = spec.claim_ref if spec else None
        if reference is not None and reference.namespace and reference.name:
            yield Key(reference.namespace, reference.name)


def _of_dataset(change: Change[Dataset]) -> float:
    """Its status has our own handwriting in it; what others write there decides over nothing."""
    return EVENTUALLY if change.only_status else 0.0


def _of_runtime(change: Change[M]) -> float:
    """As for a Dataset; a change of its metadata is mostly our own, in the pass that goes on with it."""
    if change.before is None or change.after is None:
        return 0.0
    return EVENTUALLY if change.only_status else SOON


def _of_child(change: Change[M]) -> float:
    """One that appears was made by ourselves; edits and deletions by others are undone at once."""
    return EVENTUALLY if change.before is None or change.only_status else SOON


def _of_workload(change: Change[W]) -> float:
    """As for any child, and when the number of its ready pods changes, which steps wait for."""
    if change.before is None:
        return SOON if change.after is not None and _is_complete(change.after) else EVENTUALLY
    return min(_of_child(change), EVENTUALLY if len({*map(_ready_pods, change.entries)}) == 1 else SOON)


def _ready_pods(workload: Entry[W]) -> int:
    numbers = workload_numbers(workload.object)
    return numbers.ready if numbers else 0


def _is_complete(workload: Entry[W]) -> bool:
    """Whether all pods that it wants are ready: it may want none."""
    numbers = workload_numbers(workload.object)
    return numbers is not None and numbers.ready >= numbers.desired


def _of_published(change: Change[V]) -> float:
    """Volume and claim: every other phase, and that somebody deletes them. That we made them is no news."""
    if change.after is None:
        return 0.0
    if change.before is None:
        return EVENTUALLY
    return 0.0 if _state(change.before) != _state(change.after) else EVENTUALLY


def _state(published: Entry[V]) -> tuple[str | None, bool]:
    status = published.object.status
    return status.phase if status else None, published.deleting


def _of_restart(change: Change[Pod]) -> float:
    """A container that starts again has lost its mounts; that it got ready is told by the workload."""
    if change.before is None or change.after is None:
        return EVENTUALLY
    before, after = _starts(change.before), _starts(change.after)
    return SOON if before and before != after else EVENTUALLY


def _starts(pod: Entry[Pod]) -> list[datetime | None]:
    """When the containers started that run."""
    status = pod.object.status
    states = [one.state for one in (status.container_statuses if status else None) or ()]
    return [state.running.started_at for state in states if state and state.running]
