"""Which change concerns which runtime, and how soon.

A change that a step waits for (a component becomes ready, a claim becomes Bound, an object is created, edited
or deleted) wakes the runtime at once. Intermediate counters only appear in the status, so their changes are
debounced: otherwise each start of a pod would cost several passes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

from fluid.controllers.context import BY_REFERRED, Informers
from fluid.controllers.identity import runtime_identity
from fluid.controllers.referred import concerned, concerns_others, lenders_of, listed, others_of
from fluid.engines.core.registration import EngineRegistration
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
"""Seconds over which changes that only appear in the status are gathered into one pass."""


class EventHandlers(Generic[R]):
    """Subscribes the controller of one runtime kind to everything that its runtimes depend on."""

    def __init__(
        self, informers: Informers, registration: EngineRegistration[R], runtimes: Reflector[R]
    ) -> None:
        self._watched = informers
        self._registration = registration
        self._runtimes = runtimes

    def subscribe(self, controller: Controller) -> None:
        """Subscribes to every source, with the delay for its changes."""
        informers, kind = self._watched, self._registration.kind
        controller.for_(self._runtimes, delay=_of_runtime)
        controller.owns(informers.statefulsets, kind=kind, delay=_of_workload)
        controller.owns(informers.daemonsets, kind=kind, delay=_of_workload)
        controller.owns(informers.services, kind=kind, delay=_of_child)
        controller.owns(informers.config_maps, kind=kind, delay=_of_child)
        for further in informers.beyond(self._registration.children):
            controller.owns(further, kind=kind, delay=_of_child)
        controller.watches(informers.datasets, lambda change: [change.key], delay=_of_dataset)
        controller.watches(informers.claims, lambda change: [change.key], delay=_of_published)
        controller.watches(informers.volumes, _claimant, delay=_of_published)
        controller.watches(informers.pods, self._of_pod, delay=_of_restart)
        controller.watches(informers.nodes, self._of_node, delay=SOON)
        controller.watches(informers.datasets, self._awaiting, delay=SOON)
        if self._registration.carries_references is not None:
            controller.watches(informers.datasets, self._referring, delay=_of_referred)
            controller.watches(informers.volumes, self._borrowing, delay=SOON)

    def _awaiting(self, change: Change[Dataset]) -> Iterable[Key]:
        """Runtimes in deletion, which wait for the Datasets that refer to theirs."""
        for key in others_of(change):
            runtime = self._runtimes.store.entry(key)
            if runtime is not None and runtime.deleting:
                yield key

    def _referring(self, change: Change[Dataset]) -> Iterable[Key]:
        """The Datasets that refer to a Dataset; those that it lists alone, if only its figures changed."""
        return concerned(self._watched, change) if concerns_others(change) else listed(change)

    def _borrowing(self, change: Change[PersistentVolume]) -> Iterable[Key]:
        """The Datasets that refer to the Dataset of a volume."""
        for claim in lenders_of(change):
            for entry in self._watched.datasets.store.entries_by(BY_REFERRED, claim):
                yield entry.key

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
        """Runtimes in deletion, which wait for their labels to leave the node; no other waits for nodes."""
        before, after = change.before, change.after
        lost = before.labels.keys() - (after.labels if after else {}).keys() if before else set[str]()
        if not lost:
            return
        implementation = self._registration.implementation
        for entry in self._runtimes.store.entries():
            # Reads the metadata alone, so that a malformed runtime does not affect others.
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
    """Debounces status updates: they are the operator's own, or irrelevant."""
    return EVENTUALLY if change.only_status else 0.0


def _of_referred(change: Change[Dataset]) -> float:
    """What a Dataset says to those that refer to it: figures of its cache can wait."""
    return SOON if concerns_others(change) else EVENTUALLY


def _of_runtime(change: Change[M]) -> float:
    """As `_of_dataset`. Most metadata changes are the operator's own: the pass that wrote them goes on."""
    if change.before is None or change.after is None:
        return 0.0
    return EVENTUALLY if change.only_status else SOON


def _of_child(change: Change[M]) -> float:
    """Debounces creations, which are the operator's own; edits and deletions by others are undone at once."""
    return EVENTUALLY if change.before is None or change.only_status else SOON


def _of_workload(change: Change[W]) -> float:
    """As `_of_child`; also urgent when the workload becomes ready or unready, which steps wait for."""
    if change.before is None:
        return SOON if change.after is not None and _is_complete(change.after) else EVENTUALLY
    return min(_of_child(change), EVENTUALLY if len({*map(_ready_pods, change.entries)}) == 1 else SOON)


def _ready_pods(workload: Entry[W]) -> int:
    numbers = workload_numbers(workload.object)
    return numbers.ready if numbers else 0


def _is_complete(workload: Entry[W]) -> bool:
    """Whether all desired pods of a workload are ready; true if it desires none."""
    numbers = workload_numbers(workload.object)
    return numbers is not None and numbers.ready >= numbers.desired


def _of_published(change: Change[V]) -> float:
    """Volume and claim: urgent on a change of phase and on deletion; the operator's creates are debounced."""
    if change.after is None:
        return 0.0
    if change.before is None:
        return EVENTUALLY
    return 0.0 if _state(change.before) != _state(change.after) else EVENTUALLY


def _state(published: Entry[V]) -> tuple[str | None, bool]:
    status = published.object.status
    return status.phase if status else None, published.deleting


def _of_restart(change: Change[Pod]) -> float:
    """Urgent when a container restarts, because it has lost its mounts; the workload reports readiness."""
    if change.before is None or change.after is None:
        return EVENTUALLY
    before, after = _starts(change.before), _starts(change.after)
    return SOON if before and before != after else EVENTUALLY


def _starts(pod: Entry[Pod]) -> list[datetime | None]:
    """Start times of the running containers."""
    status = pod.object.status
    states = [one.state for one in (status.container_statuses if status else None) or ()]
    return [state.running.started_at for state in states if state and state.running]
