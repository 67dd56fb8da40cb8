"""The node controller: computes the labels of all Datasets on a node and writes them at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fluid.controllers.capacities import Capacities
from fluid.controllers.context import BY_LABEL, BY_NODE, BY_OWNER, Context
from fluid.controllers.deletion import is_published
from fluid.controllers.fuse_grants import FuseGrants
from fluid.controllers.identity import runtime_identity
from fluid.controllers.label_writes import Refusal, write_labels
from fluid.controllers.node_labels import (
    TRUE,
    Footprint,
    Worker,
    footprint_labels,
    label_keys,
    plan_labels,
)
from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registration import EngineRegistration
from fluid.kube import Change, Conflict, Entry, Forbidden, Malformed, NotFound, Reflector
from fluid.kube.controller import DONE, Controller, Result
from fluid.kube.events import Reference
from fluid.kube.selector import label_selector
from fluid.models import Node, PersistentVolumeClaim, Pod, PolicyRule, StatefulSet
from fluid.naming import GROUP, WORKER_DATASET, WORKER_PLACEMENT, Identity
from fluid.types import Key, KubeObject

RULES = (
    PolicyRule(api_groups=[""], resources=["nodes"], verbs=["list", "watch", "patch"]),
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list", "watch"]),
    PolicyRule(api_groups=[""], resources=["persistentvolumeclaims"], verbs=["list", "watch"]),
    PolicyRule(api_groups=["apps"], resources=["daemonsets", "statefulsets"], verbs=["list", "watch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets"], verbs=["list", "watch"]),
)
BY_NODE_LABEL = "node-label"
"""Index of runtimes: the keys of the labels that they can leave on nodes."""
_BURST = 0.3
"""Seconds in which the changes around a node are gathered into one write."""
_AGAIN = 0.1
_AFTER_FAULT = 30.0
"""Seconds until capacities are asked for again that an engine failed to say."""
_UNKNOWN = ""
"""Value of the index for runtimes whose labels cannot be determined."""
_Runtime = tuple[str, Key]
_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class _Source:
    """A runtime kind and its existing runtimes."""

    registration: EngineRegistration[KubeObject]
    runtimes: Reflector[KubeObject]
    calls: PluginCalls
    capacities: Capacities[KubeObject]

    @property
    def engine(self) -> str:
        """Name of the engine implementation in label keys, such as ``mycache``."""
        return self.registration.implementation


class NodeController:
    """Keeps node labels in line with the pods on each node: one key per node, at most one write per pass.

    Args:
        context: what all controllers share.
        workers: How many nodes at once.
    """

    def __init__(self, context: Context, *, workers: int = 16) -> None:
        self._context = context
        self._watched = context.informers
        self._sources: dict[str, _Source] = {}
        selector = context.settings.exclude_nodes
        self._excluded = label_selector(selector) if selector else None
        self._grants = FuseGrants(context, self._asked_by)
        self._controller = Controller("nodes", self.reconcile, workers=workers, metrics=context.metrics)

    def add(self, registration: EngineRegistration[KubeObject], runtimes: Reflector[KubeObject]) -> None:
        """Adds a runtime kind when its controller starts; `runtimes` holds complete objects."""
        engine = registration.implementation
        calls = self._context.calls.of(registration.plugin)
        self._sources[registration.kind.resource.kind] = _Source(
            registration, runtimes, calls, Capacities(registration, calls)
        )
        runtimes.add_index(BY_NODE_LABEL, lambda entry: _possible_keys(entry, engine) or (_UNKNOWN,))
        runtimes.subscribe(self._runtime_changed)

    def controller(self) -> Controller:
        """The controller with its sources."""
        informers = self._watched
        return (
            self._controller.watches(informers.nodes, _relabelled)
            .watches(informers.pods, _moved, _BURST)
            .watches(informers.statefulsets, self._nodes_of_workload, _BURST)
            .watches(informers.claims, self._nodes_of_claim, _BURST)
            .watches(informers.daemonsets, self._grants.askers, _BURST)
            .watches(informers.datasets, lambda _: ())  # read when a request is decided
        )

    async def reconcile(self, key: Key) -> Result:
        """One pass over one node."""
        node = self._watched.nodes.store.get(key)
        if node is None:
            return DONE
        later: list[float] = []
        changes, known = self._plan(node, later)
        changes |= await self._grants.decide(node, changes)
        done = Result(min(later, default=None))
        if not changes:
            return done
        try:
            _, refused = await write_labels(self._context.informer_factory.api(Node), node, changes)
        except NotFound:
            return DONE
        except Conflict:  # kubelets update nodes frequently
            return Result(requeue_after=_AGAIN)
        self._report(node.name, refused, known)
        if len(refused) == len(changes) and (denied := _denied(refused)) is not None:
            raise denied  # no watch reports a granted right: retry with back-off
        return done

    def _report(self, node: str, refused: Mapping[str, Refusal], known: Mapping[_Runtime, Footprint]) -> None:
        """Reports refused labels on the runtimes that they belong to."""
        for label, error in refused.items():
            for (kind, key), footprint in known.items():
                runtime = self._sources[kind].runtimes.store.entry(key)
                if label in footprint.labels and runtime is not None:
                    message = (
                        f"the API server refuses label {label}={footprint.labels[label]} of node {node}: "
                        f"{error.message}; correct the spec of {kind} {key}, or what stands against the label"
                    )
                    about = Reference.of(runtime)
                    self._context.recorder.event(about, "Warning", "NodeLabelRefused", message)

    def _plan(
        self, node: Node, later: list[float]
    ) -> tuple[dict[str, str | None], Mapping[_Runtime, Footprint]]:
        """The label changes for a node, and the footprints of the runtimes that may have labels there."""
        live = node.metadata.labels or {}
        here = self._runtimes_on(node.name)
        known = {
            runtime: self._footprint(*runtime, live, later)
            for runtime in {*here, *self._runtimes_labelled(live)}
        }
        footprints = {runtime: one for runtime, one in known.items() if one is not None}
        workers = [
            Worker(footprints[runtime], alone) for runtime, alone in here.items() if runtime in footprints
        ]
        if self._excluded is not None and self._excluded(live):
            workers = []
        staying = [worker for worker in workers if not worker.footprint.leaving]
        changes = plan_labels(live, staying, [*footprints.values()], self._orphaned_engines())
        return changes, footprints

    def _asked_by(self, label: str) -> Iterable[Entry[KubeObject]]:
        """The runtimes whose FUSE pods a node label requests."""
        for source in self._sources.values():
            yield from source.runtimes.store.entries_by(BY_NODE_LABEL, label)

    def _runtimes_on(self, node: str) -> dict[_Runtime, bool]:
        """The runtimes with a worker on a node, and whether each requires exclusive use of the node."""
        found: dict[_Runtime, bool] = {}
        for pod in self._watched.pods.store.entries_by(BY_NODE, node):
            if _place(pod) and (runtime := self._runtime_of(pod)) is not None:
                found[runtime] = pod.labels.get(WORKER_PLACEMENT) == "Exclusive"
        return found

    def _runtime_of(self, pod: Entry[Pod]) -> _Runtime | None:
        """The runtime that a pod belongs to, verified by the UIDs along the chain of owners."""
        owner = pod.controller
        workload = (
            self._watched.statefulsets.store.entry(Key(pod.key.namespace, owner.name)) if owner else None
        )
        if owner is None or workload is None or workload.uid != owner.uid:
            return None
        owner = workload.controller
        source = self._sources.get(owner.kind) if owner else None
        if owner is None or source is None:
            return None
        runtime = source.runtimes.store.entry(Key(pod.key.namespace, owner.name))
        return (owner.kind, runtime.key) if runtime is not None and runtime.uid == owner.uid else None

    def _runtimes_labelled(self, labels: Iterable[str]) -> Iterable[_Runtime]:
        """The runtimes that can have written labels with these keys."""
        for kind, source in self._sources.items():
            for label in labels:
                for runtime in source.runtimes.store.entries_by(BY_NODE_LABEL, label):
                    yield kind, runtime.key

    def _footprint(
        self, kind: str, key: Key, live: Mapping[str, str], later: list[float]
    ) -> Footprint | None:
        """The labels of a runtime; those of capacities stay where the engine fails to say them.

        Args:
            kind: kind of the runtime.
            key: the runtime.
            live: labels of the node.
            later: seconds until the engine is asked again are added where it fails: nothing announces that.
        """
        source = self._sources[kind]
        entry = source.runtimes.store.entry(key)
        identity = _identity(entry) if entry else None
        if entry is None or identity is None:
            return None
        try:
            labels = footprint_labels(identity, source.engine, source.capacities.of(entry.object))
        except EngineFault:  # the runtime's own pass tells of it
            later.append(source.calls.rest_after_runtimes or _AFTER_FAULT)
            own = label_keys(identity, source.engine)
            labels = {**dict.fromkeys(own[:2], TRUE), **{one: live[one] for one in own[2:] if one in live}}
        unpublished = not is_published(self._watched.claims.store.get(key))
        return Footprint(identity, source.engine, labels, entry.deleting, unpublished)

    def _orphaned_engines(self) -> list[str]:
        """Engines whose runtimes are all known, so that a label without a runtime is an orphan."""
        if self._context.namespace is not None:
            return []
        stores = {source.engine: source.runtimes.store for source in self._sources.values()}
        return [
            engine
            for engine, store in stores.items()
            if store.synced.is_set() and not store.entries_by(BY_NODE_LABEL, _UNKNOWN)
        ]

    def _runtime_changed(self, change: Change[KubeObject]) -> None:
        before, after = change.before, change.after
        if before is not None and after is not None and _label_inputs(before) == _label_inputs(after):
            return
        source = self._sources[change.latest.model.resource.kind]
        if after is None:
            source.capacities.forget(change.key)
        names = set(self._pods_of(change.latest.uid))
        for entry in change.entries:
            for label in _possible_keys(entry, source.engine):
                names.update(node.key.name for node in self._watched.nodes.store.entries_by(BY_LABEL, label))
        for name in names:
            self._controller.enqueue(Key("", name), _BURST)

    def _pods_of(self, runtime_uid: str) -> Iterable[str]:
        """The nodes of a runtime's pods."""
        for workload in self._watched.statefulsets.store.entries_by(BY_OWNER, runtime_uid):
            for pod in self._watched.pods.store.entries_by(BY_OWNER, workload.uid):
                if node := _place(pod):
                    yield node

    def _nodes_of_workload(self, change: Change[StatefulSet]) -> Iterable[Key]:
        if change.before is not None and change.after is not None:
            return []
        pods = self._watched.pods.store.entries_by(BY_OWNER, change.latest.uid)
        return [Key("", node) for pod in pods if (node := _place(pod))]

    def _nodes_of_claim(self, change: Change[PersistentVolumeClaim]) -> Iterable[Key]:
        """When a claim is gone: the nodes that still run FUSE pods of its Dataset."""
        if change.after is None:
            for source in self._sources.values():
                runtime = source.runtimes.store.entry(change.key)
                if runtime is not None and runtime.deleting:
                    for label in _possible_keys(runtime, source.engine):
                        for node in self._watched.nodes.store.entries_by(BY_LABEL, label):
                            yield node.key


def _possible_keys(runtime: Entry[KubeObject], engine: str) -> list[str]:
    """The keys of the labels that a runtime can leave on nodes; none before its identity is decided."""
    identity = _identity(runtime)
    return [*label_keys(identity, engine), identity.fuse_label] if identity else []


def _identity(runtime: Entry[KubeObject]) -> Identity | None:
    try:
        return runtime_identity(runtime.object)
    except Malformed:
        return None


def _denied(refused: Mapping[str, Refusal]) -> Forbidden | None:
    return next((error for error in refused.values() if isinstance(error, Forbidden)), None)


def _label_inputs(runtime: Entry[KubeObject]) -> tuple[str, int, bool, Mapping[str, str]]:
    """The parts of a runtime that affect node labels: identity, spec and whether it is being deleted."""
    return runtime.uid, runtime.generation, runtime.deleting, runtime.labels


def _place(pod: Entry[Pod]) -> str:
    """The node of a worker pod; empty for a pod that is no worker, is not scheduled or has finished."""
    if WORKER_DATASET not in pod.labels:
        return ""
    try:
        spec, status = pod.object.spec, pod.object.status
    except Malformed:
        return ""
    finished = status is not None and status.phase in _FINISHED
    return (spec.node_name or "") if spec and not finished else ""


def _moved(change: Change[Pod]) -> Iterable[Key]:
    """The nodes on which a worker appeared or disappeared."""
    before = _place(change.before) if change.before else ""
    after = _place(change.after) if change.after else ""
    return [Key("", node) for node in (before, after) if node] if before != after else []


def _relabelled(change: Change[Node]) -> Iterable[Key]:
    before, after = change.before, change.after
    return [after.key] if after and (before is None or before.labels != after.labels) else []
