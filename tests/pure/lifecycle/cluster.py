# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""A cluster in memory: objects, finalizers, garbage collection, workload controllers, kubelets, binder.

Time moves in whole seconds, one with every `step`. Objects are replaced and never changed in place.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fluid.models import (
    DaemonSet,
    Dataset,
    JindoRuntime,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StatefulSet,
    ThinRuntime,
)
from fluid.types import Key, KubeObject
from tests.pure.lifecycle.cache import Caches

START = datetime(2026, 1, 1, tzinfo=UTC)
NODES = ("node-0", "node-1")
_UIDS = itertools.count(1)  # never twice in a process: renderings are remembered by UID


@dataclass
class Cluster:
    """The API server's objects and everything that acts on them but the operator."""

    now: datetime = START
    objects: dict[type, dict[Key, KubeObject]] = field(default_factory=dict)
    secrets: dict[Key, dict[str, str]] = field(default_factory=dict)
    """Kept apart: nothing that is played here may read them."""
    readers: dict[Key, set[str]] = field(default_factory=dict)
    finished: set[Key] = field(default_factory=set)
    """Claims of pods that have ended and that nobody deletes: Kubernetes keeps such a claim."""
    """Nodes on which pods read a claim."""
    stuck: set[str] = field(default_factory=set)
    refuses: dict[str, str] = field(default_factory=dict)
    """Workloads whose pods the API server does not take any more, and its words."""
    """Pods that never get ready."""
    caches: Caches = field(default_factory=Caches)
    writes: list[str] = field(default_factory=list)
    """What the operator sent."""
    owners: dict[str, dict[str, str]] = field(default_factory=dict)
    """Field managers of the Datasets' statuses, by UID and field."""

    def __post_init__(self) -> None:
        self.version = 0
        self.revisions: dict[int, tuple] = {}
        for name in NODES:
            self.put(Node.model_validate({"metadata": {"name": name, "uid": name, "labels": {}}}))

    # The API server.

    def get(self, kind, key: Key):
        return self.objects.get(kind, {}).get(key)

    def all(self, kind) -> list:
        return list(self.objects.get(kind, {}).values())

    def everything(self) -> Iterator[KubeObject]:
        return (obj for kind in list(self.objects) for obj in list(self.objects[kind].values()))

    def put(self, obj: KubeObject) -> KubeObject:
        """Store an object as it is, with a new version."""
        self.version += 1
        stored = obj.model_copy(update={"metadata": obj.metadata.model_copy()})
        stored.metadata.resource_version = str(self.version)
        self.objects.setdefault(type(obj), {})[obj.key] = stored
        return stored

    def create(self, obj: KubeObject) -> KubeObject:
        created = obj.model_copy(update={"metadata": obj.metadata.model_copy()})
        created.metadata.uid = f"uid-{next(_UIDS)}"
        created.metadata.generation = 1
        created.metadata.creation_timestamp = self.now
        if isinstance(obj, PersistentVolume):
            created.metadata.finalizers = ["kubernetes.io/pv-protection"]
        if isinstance(obj, PersistentVolumeClaim):
            created.metadata.finalizers = ["kubernetes.io/pvc-protection"]
        return self.put(created)

    def change(self, obj: KubeObject, **changes) -> KubeObject:
        """Replace parts of an object; a new spec is a new generation."""
        live = self.get(type(obj), obj.key)
        metadata = {"generation": live.metadata.generation + 1} if "spec" in changes else {}
        metadata.update(changes.pop("metadata", {}))
        copy = live.model_copy(update=changes)
        copy.metadata = live.metadata.model_copy(update=metadata)
        return self.put(copy)

    def delete(self, obj: KubeObject) -> None:
        live = self.get(type(obj), obj.key)
        if live is None or live.uid != obj.uid:
            return
        graceful = live.metadata.finalizers or isinstance(live, Pod)
        if not graceful:
            self.remove(live)
        elif live.metadata.deletion_timestamp is None:
            self.change(live, metadata={"deletion_timestamp": self.now})

    def drop_finalizer(self, obj: KubeObject, name: str) -> None:
        live = self.get(type(obj), obj.key)
        if live is None or live.uid != obj.uid:
            return
        left = [one for one in live.metadata.finalizers or () if one != name]
        self.change(live, metadata={"finalizers": left})
        if not left and live.metadata.deletion_timestamp is not None:
            self.remove(live)

    def remove(self, obj: KubeObject) -> None:
        self.version += 1
        del self.objects[type(obj)][obj.key]
        if isinstance(obj, StatefulSet):  # its disks go with it
            self.caches.tables.pop(f"{obj.namespace}/{obj.name}-0", None)

    # Everything that acts by itself.

    def step(self) -> None:
        """One second in which every controller but ours makes one pass."""
        self.now += timedelta(seconds=1)
        self._collect_garbage()
        for pod in self.all(Pod):
            self._run(pod)
        for workload in self.all(StatefulSet):
            self._scale(workload)
        for workload in self.all(DaemonSet):
            self._spread(workload)
        for claim in self.all(PersistentVolumeClaim):
            self._bind(claim)
        for volume in self.all(PersistentVolume):
            self._follow(volume)
        self._publish()

    def _collect_garbage(self) -> None:
        alive = {obj.uid for obj in self.everything()}
        for obj in list(self.everything()):
            owners = obj.metadata.owner_references or ()
            if owners and not any(owner.uid in alive for owner in owners):
                self.delete(obj)

    def _run(self, pod: Pod) -> None:
        if pod.metadata.deletion_timestamp is not None:
            self.remove(pod)
            return
        stuck = pod.name in self.stuck
        running = pod.status.phase == "Running"
        if stuck == running:
            self.change(pod, status=type(pod.status).model_validate(_status(pod, self.now, ready=not stuck)))

    def restart(self, pod: Pod) -> None:
        """The containers of a pod start again."""
        self.change(pod, status=type(pod.status).model_validate(_status(pod, self.now, ready=True)))

    def wanted(self, workload: KubeObject) -> int:
        """How many pods a workload should have."""
        if isinstance(workload, StatefulSet):
            return _replicas(workload)
        return workload.status.desired_number_scheduled if workload.status else 0

    def pods_of(self, workload: KubeObject) -> list[Pod]:
        return [pod for pod in self.all(Pod) if pod.metadata.owner_references[0].uid == workload.uid]

    def _scale(self, workload: StatefulSet) -> None:
        wanted = [f"{workload.name}-{index}" for index in range(_replicas(workload))]
        self._make_pods(workload, {name: self._node(name) for name in wanted})
        pods = self.pods_of(workload)
        ready = sum(pod.status.phase == "Running" for pod in pods)
        status = {
            "observedGeneration": workload.metadata.generation,
            "replicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "updateRevision": self._revision(workload),
        }
        self._report(workload, status)

    def _spread(self, workload: DaemonSet) -> None:
        selector = workload.spec.template.spec.node_selector or {}
        nodes = [
            node.name
            for node in self.all(Node)
            if all((node.metadata.labels or {}).get(key) == value for key, value in selector.items())
        ]
        self._make_pods(workload, {f"{workload.name}-{node}": node for node in nodes})
        pods = self.pods_of(workload)
        ready = sum(pod.status.phase == "Running" for pod in pods)
        status = {
            "desiredNumberScheduled": len(nodes),
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "numberReady": ready,
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
        }
        self._report(workload, status)

    def _make_pods(self, workload, wanted: dict[str, str]) -> None:
        live = {pod.name: pod for pod in self.pods_of(workload)}
        for name, pod in live.items():
            if name not in wanted:
                self.delete(pod)
        template = workload.spec.template.metadata
        for name in wanted.keys() - live.keys() if workload.name not in self.refuses else ():
            if self.get(Pod, Key(workload.namespace, name)) is not None:
                continue
            labels = {**(template.labels or {}), "controller-revision-hash": self._revision(workload)}
            owner = {"apiVersion": "apps/v1", "kind": workload.kind, "name": workload.name}
            metadata = {
                "name": name,
                "namespace": workload.namespace,
                "labels": labels,
                "annotations": dict(template.annotations or {}),
                "ownerReferences": [{**owner, "uid": workload.uid, "controller": True}],
            }
            spec = {"nodeName": wanted[name], "containers": [{"name": "main"}]}
            status = {"phase": "Pending"}
            self.create(Pod.model_validate({"metadata": metadata, "spec": spec, "status": status}))

    def _node(self, name: str) -> str:
        return NODES[int(name[-1]) % len(NODES)]

    def _report(self, workload, status: dict) -> None:
        before = workload.status.to_wire() if workload.status else None
        if before != status:
            model = type(workload).model_validate({"metadata": {"name": "x"}, "status": status})
            self.change(workload, status=model.status)

    def _revision(self, workload) -> str:
        spec = workload.spec
        known = self.revisions.get(id(spec))
        if known is None or known[0] is not spec:
            text = json.dumps(spec.template.to_wire(), sort_keys=True)
            known = self.revisions[id(spec)] = (spec, hashlib.sha256(text.encode()).hexdigest()[:10])
        return known[1]

    def _bind(self, claim: PersistentVolumeClaim) -> None:
        kept = self.readers.get(claim.key) or claim.key in self.finished
        if claim.metadata.deletion_timestamp is not None and not kept:
            self.remove(claim)
            return
        volume = self.get(PersistentVolume, Key("", claim.spec.volume_name))
        phase = claim.status.phase if claim.status else "Pending"
        if phase == "Bound" and (volume is None or volume.spec.claim_ref.uid != claim.uid):
            self._set_phase(claim, "Lost")
        elif phase == "Pending" and volume is not None and volume.metadata.deletion_timestamp is None:
            reference = volume.spec.claim_ref
            mine = (reference.namespace, reference.name) == claim.key and reference.uid in (None, claim.uid)
            if mine and volume.status is not None and volume.status.phase == "Available":
                bound = volume.spec.model_copy(
                    update={"claim_ref": reference.model_copy(update={"uid": claim.uid})}
                )
                self._set_phase(self.change(volume, spec=bound), "Bound")
                self._set_phase(claim, "Bound")
        elif phase == "Pending" and claim.status is None:
            self._set_phase(claim, "Pending")

    def _follow(self, volume: PersistentVolume) -> None:
        claim = self.get(PersistentVolumeClaim, Key(*_reference(volume)))
        uid = volume.spec.claim_ref.uid
        if volume.status is None or not volume.status.phase:
            self._set_phase(volume, "Available")
        elif volume.status.phase == "Bound" and (claim is None or claim.uid != uid):
            self._set_phase(volume, "Released")
        elif volume.metadata.deletion_timestamp is not None and volume.status.phase != "Bound":
            self.remove(volume)

    def _set_phase(self, obj: KubeObject, phase: str) -> None:
        model = type(obj).model_validate({"metadata": {"name": "x"}, "spec": {}, "status": {"phase": phase}})
        self.change(obj, status=model.status)

    def _publish(self) -> None:
        """The CSI driver labels nodes with readers, so that FUSE pods come."""
        for key, nodes in self.readers.items():
            claim = self.get(PersistentVolumeClaim, key)
            volume = self.get(PersistentVolume, Key("", claim.spec.volume_name)) if claim else None
            if volume is None:
                continue
            label = volume.spec.csi.volume_attributes["mount_pod_node_selector_key"]
            for name in nodes:
                node = self.get(Node, Key("", name))
                if (node.metadata.labels or {}).get(label) != "true":
                    labels = {**(node.metadata.labels or {}), label: "true"}
                    self.change(node, metadata={"labels": labels})

    def of(self, key: Key) -> Iterable[KubeObject]:
        """Everything that belongs to a Dataset, Dataset and runtime included."""
        owners: set[str] = set()
        found = [self.get(kind, key) for kind in (Dataset, JindoRuntime, ThinRuntime)]
        owners |= {obj.uid for obj in found if obj is not None}
        yield from (obj for obj in found if obj is not None)
        for _ in range(2):  # children, then their pods
            for obj in self.everything():
                if obj.uid in owners:
                    continue
                if any(owner.uid in owners for owner in obj.metadata.owner_references or ()):
                    owners.add(obj.uid)
                    yield obj
        claim = self.get(PersistentVolumeClaim, key)
        yield from [claim] if claim else []
        yield from (volume for volume in self.all(PersistentVolume) if _reference(volume) == key)


def incarnation(pod: Pod) -> str:
    """The life of a pod's containers."""
    statuses = (pod.status.container_statuses if pod.status else None) or ()
    return f"{pod.uid}@{statuses[0].state.running.started_at}" if statuses else ""


def _reference(volume: PersistentVolume) -> tuple[str, str]:
    return (volume.spec.claim_ref.namespace, volume.spec.claim_ref.name)


def _replicas(workload: StatefulSet) -> int:
    return 1 if workload.spec.replicas is None else workload.spec.replicas


def _status(pod: Pod, now: datetime, *, ready: bool) -> dict:
    if not ready:
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "no room",
        }
        return {"phase": "Pending", "conditions": [condition]}
    name = "jindofs-master" if "-master-" in pod.name else "main"
    container = {
        "name": name,
        "image": "",
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": now}},
    }
    condition = {"type": "Ready", "status": "True"}
    return {"phase": "Running", "conditions": [condition], "containerStatuses": [container]}
