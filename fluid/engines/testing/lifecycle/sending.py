"""How plans are carried out in a simulated cluster, as the controllers do it."""

from datetime import datetime, timedelta
from typing import TypeVar

from fluid.controllers.identity import Identities
from fluid.controllers.sampling import Sampler
from fluid.controllers.snapshots import children_of
from fluid.engines.core import dataset_status, volume_lifecycle
from fluid.engines.core.plan import Plan
from fluid.engines.core.query import AnyQuery
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.testing.lifecycle.cluster import Cluster
from fluid.engines.testing.lifecycle.stores import ResultCache, Stores
from fluid.engines.testing.lifecycle.there import status_of, there
from fluid.kube import DESIRED_HASH
from fluid.kube.diff import covers, digest, without_repeats
from fluid.models import Dataset, DatasetStatus, OwnerReference, PersistentVolumeClaim, Pod, StatefulSet
from fluid.types import JsonObject, Key, KubeObject

M = TypeVar("M", bound=KubeObject)


class Sender:
    """What one process remembers, and how it sends what was decided; all of it is lost with the process."""

    lag: timedelta = timedelta()
    """How far the operator's clock is behind that of the cluster."""

    def __init__(self, cluster: Cluster, real: EngineRegistration[KubeObject]) -> None:
        self.cluster = cluster
        self.real = real
        self.stores: Stores = Stores(cluster, self.real.kind, self.real.children)
        self.caches_of_results: dict[Key, ResultCache] = {}
        self.looks: dict[Key, dict[AnyQuery, object]] = {}
        """The answers of queries about what lasts; None before the first look."""
        self.identities: Identities = Identities()
        self.sampler: Sampler = Sampler(clock=lambda: self.cluster.now.timestamp())
        self.written: dict[str, float] = {}
        self.deadline: bool = False
        """Whether a pass of the latest step asked to be woken at a time."""
        self.settled: dict[str, tuple[str, KubeObject | None]] = {}
        """Version of a child, and the object that it covers."""
        self.asked: list[AnyQuery] = []
        """Queries of the latest pass."""

    def note_deadline(self, wanted: bool, *, add: bool = False) -> None:
        """Note whether a pass of the latest step asked to be woken at a time; `add` keeps what was noted."""
        self.deadline = wanted or (add and self.deadline)

    @property
    def now(self) -> datetime:
        """The time as the operator's own clock tells it."""
        return self.cluster.now - self.lag

    def _carry_out(self, snapshot: Snapshot[KubeObject], plan: Plan) -> None:
        runtime, cluster = snapshot.runtime, self.cluster
        if not self._looks_after_readers(snapshot):
            self.deadline = self.deadline or plan.requeue_after is not None
        deleting = runtime.metadata.deletion_timestamp is not None
        if not deleting:
            self._converge(snapshot, plan)
        for obj in plan.create:
            if cluster.get(type(obj), obj.key) is None:
                self._send("create", obj)
                cluster.create(obj)
        for obj in plan.delete:
            self._send("delete", obj)
            cluster.delete(obj)
        for claim in plan.remove_finalizers:
            assert not cluster.readers.get(claim.key), "a pod reads"
            self._send("finalizer", claim)
            cluster.drop_finalizer(claim, volume_lifecycle.PROTECTION)
        for touch in plan.annotate_pods:
            self._send("touch", touch.pod)
            pod = there(cluster.get(Pod, touch.pod.key))
            merged = {**(pod.metadata.annotations or {}), **touch.annotations}
            cluster.change(pod, metadata={"annotations": merged})
        if plan.claim_labels:
            self._send("label", claim := there(snapshot.claim))
            merged = {**(claim.metadata.labels or {}), **plan.claim_labels}
            cluster.change(there(cluster.get(PersistentVolumeClaim, claim.key)), metadata={"labels": merged})
        if plan.annotations:
            self._send("annotate", runtime)
            merged = {**(runtime.metadata.annotations or {}), **plan.annotations}
            cluster.change(runtime, metadata={"annotations": merged})
        if (not deleting or plan.fault is not None) and self._worth_writing(snapshot, plan):
            live = there(cluster.get(self.real.kind, runtime.key))
            status = status_of(live)
            if status is None or status.to_wire() != plan.status.to_wire():
                self._send("status", runtime)
                cluster.change(runtime, status=plan.status)
        dataset = snapshot.dataset
        if dataset is None or (dataset.metadata.deletion_timestamp is not None and deleting):
            return
        if dataset_status.owned_part(dataset).to_wire() != plan.dataset_status.to_wire():
            self._apply_dataset_status(dataset, plan.dataset_status, "fluid-runtime")

    def _looks_after_readers(self, snapshot: Snapshot[KubeObject]) -> bool:
        """Whether it comes back now and then only to see who still reads what was deleted, or is old."""
        published = [one for one in (snapshot.claim, snapshot.volume) if one is not None]
        since = [one.metadata.deletion_timestamp for one in published if one.metadata.deletion_timestamp]
        status = snapshot.dataset.status if snapshot.dataset is not None else None
        conditions = (status.conditions if status is not None else None) or ()
        since += [there(one.last_transition_time) for one in conditions if one.type == "Updating"]
        known = (
            bool(since) and (self.cluster.now - min(since)).total_seconds() > 2 * volume_lifecycle.PATIENCE
        )
        return known and bool(self.cluster.readers.get(snapshot.runtime.key))

    def _worth_writing(self, snapshot: Snapshot[KubeObject], plan: Plan) -> bool:
        problem = plan.waiting is not None and plan.waiting.problem
        if snapshot.registered or plan.dataset_status.phase == "Bound" or problem:
            return True
        uid, now = snapshot.runtime.uid, self.cluster.now.timestamp()
        if self.written.get(uid, 0) + 1.0 > now:
            self.deadline = True
            return False
        self.written[uid] = now
        return True

    def _converge(self, snapshot: Snapshot[KubeObject], plan: Plan) -> None:
        wanted = {(type(child), child.key) for child in plan.children}
        for child in plan.children:
            self._apply(child)
        for live in children_of(self.stores, snapshot.runtime.uid):
            kept = (live.kind, live.name) in plan.keep
            if (type(live), live.key) not in wanted and not kept and live.metadata.deletion_timestamp is None:
                self._send("prune", live)
                self.cluster.delete(live)

    def _apply(self, child: KubeObject) -> None:
        shelf = next((one for one in self.stores.owned if one.kind is type(child)), None)
        assert shelf is not None, (
            f"the chart renders a {child.kind}, which `children` of the registration lacks"
        )
        visible = shelf.get(child.key)
        version, covered = self.settled.get(visible.uid, ("", None)) if visible is not None else ("", None)
        if visible is not None and version == visible.metadata.resource_version and covered is child:
            return
        wire = {
            name: without_repeats(value, name) for name, value in child.to_wire().items() if name != "status"
        }
        stamped, stamp = _stamped(wire), digest(wire)
        known = (visible.metadata.annotations or {}).get(DESIRED_HASH) if visible is not None else None
        if visible is not None and known == stamp and covers(visible.to_wire(), stamped):
            self.settled[visible.uid] = (there(visible.metadata.resource_version), child)
            return
        self._send("apply", child)
        live = self.cluster.get(type(child), child.key)
        applied = type(child).model_validate(stamped)
        if live is None:
            self.cluster.create(applied)
            return
        assert _immutable(live) == _immutable(applied), f"{live.kind} {live.key}: the API server refuses this"
        parts = {name: getattr(applied, name) for name in ("spec", "data") if hasattr(applied, name)}
        metadata = {name: getattr(applied.metadata, name) for name in ("labels", "annotations")}
        self.cluster.change(
            live, **parts, metadata={**metadata, "owner_references": applied.metadata.owner_references}
        )

    def _amend(
        self, obj: M, finalizer: str, labels: dict[str, str], owner: OwnerReference | None = None
    ) -> M:
        metadata = obj.metadata
        changes: dict[str, list[str] | dict[str, str] | list[OwnerReference]] = {}
        if finalizer not in (metadata.finalizers or ()):
            changes["finalizers"] = [*(metadata.finalizers or ()), finalizer]
        if any((metadata.labels or {}).get(name) != value for name, value in labels.items()):
            changes["labels"] = {**(metadata.labels or {}), **labels}
        if owner is not None and all(one.uid != owner.uid for one in metadata.owner_references or ()):
            changes["owner_references"] = [*(metadata.owner_references or ()), owner]
        if not changes:
            return obj
        self._send("amend", obj)
        return self.cluster.change(obj, metadata=changes)

    def _apply_dataset_status(self, dataset: Dataset, part: DatasetStatus, manager: str) -> None:
        self._send("status", dataset)
        live = there(self.cluster.get(Dataset, dataset.key))
        owners = {**self.cluster.owners.get(dataset.uid, {})}
        before, wanted = _fields(live.status), _fields(part)
        after = {
            path: value for path, value in before.items() if owners.get(path) != manager or path in wanted
        }
        after |= wanted
        owners |= dict.fromkeys(wanted, manager)
        self.cluster.owners[dataset.uid] = {path: owner for path, owner in owners.items() if path in after}
        conditions = [value for path, value in after.items() if path.startswith("conditions/")]
        rest = {path: value for path, value in after.items() if not path.startswith("conditions/")}
        self.cluster.change(live, status=DatasetStatus.model_validate({**rest, "conditions": conditions}))

    def _send(self, verb: str, obj: KubeObject) -> None:
        self.cluster.writes.append(f"{verb} {obj.kind} {obj.key}")


def _fields(status: DatasetStatus | None) -> JsonObject:
    wire = status.to_wire() if status else {}
    wire.pop("conditions", None)
    conditions = (status.conditions if status else None) or ()
    return {**wire, **{f"conditions/{one.type}": one.to_wire() for one in conditions}}


def _stamped(wire: JsonObject) -> JsonObject:
    """An object on the wire with its hash, by which an earlier apply of the same is known."""
    metadata = wire["metadata"]
    assert isinstance(metadata, dict), "every object has metadata"
    annotations = metadata.get("annotations")
    before = annotations if isinstance(annotations, dict) else {}
    return {**wire, "metadata": {**metadata, "annotations": {**before, DESIRED_HASH: digest(wire)}}}


def _immutable(obj: KubeObject) -> tuple[object, ...]:
    if not isinstance(obj, StatefulSet):
        return ()
    spec = there(obj.spec)
    return (spec.selector.to_wire(), spec.service_name, spec.pod_management_policy)
