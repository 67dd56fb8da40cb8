"""A cluster in memory: garbage collection, workload controllers, kubelets, binder, and the node plugin.

Time moves in whole seconds, one with every `step`.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from fluid.engines.testing.lifecycle.api_server import ApiServer
from fluid.engines.testing.lifecycle.caches import Caches
from fluid.engines.testing.lifecycle.there import (
    claimed_by,
    controller_of,
    template_of,
    there,
    volume_key,
)
from fluid.models import (
    Container,
    DaemonSet,
    Dataset,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodStatus,
    StatefulSet,
)
from fluid.naming import VOLUME_NODE_LABEL
from fluid.types import JsonObject, Key, KubeObject

NODES = ("node-0", "node-1")
Workload = StatefulSet | DaemonSet


@dataclass
class Cluster(ApiServer):
    """The API server's objects and everything that acts on them but the operator.

    Attributes:
        secrets: Kept apart: nothing that is played here may read them.
        readers: Nodes on which pods read a claim.
        finished: Claims of pods that have ended and that nobody deletes: Kubernetes keeps such a claim.
        stuck: Pods that never get ready.
        refuses: Workloads whose pods the API server does not take any more, and its words.
        caches: What answers commands.
    """

    secrets: dict[Key, dict[str, str]] = field(default_factory=dict[Key, dict[str, str]])
    readers: dict[Key, set[str]] = field(default_factory=dict[Key, set[str]])
    finished: set[Key] = field(default_factory=set[Key])
    stuck: set[str] = field(default_factory=set[str])
    refuses: dict[str, str] = field(default_factory=dict[str, str])
    caches: Caches = field(default_factory=Caches)

    def __post_init__(self) -> None:
        self.revisions: dict[int, tuple[object, str]] = {}
        for name in NODES:
            self.put(Node.model_validate({"metadata": {"name": name, "uid": name, "labels": {}}}))

    def remove(self, obj: KubeObject) -> None:
        """Take an object away; the disks of a StatefulSet go with it."""
        super().remove(obj)
        if isinstance(obj, StatefulSet):
            self.caches.forget(f"{obj.namespace}/{obj.name}-0")

    def step(self) -> None:
        """One second in which every controller but the operator's makes one pass."""
        self.advance(timedelta(seconds=1))
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
        if stuck == is_running(pod):
            self.change(pod, status=PodStatus.model_validate(_status(pod, self.now, ready=not stuck)))

    def restart(self, pod: Pod) -> None:
        """The containers of a pod start again."""
        self.change(pod, status=PodStatus.model_validate(_status(pod, self.now, ready=True)))

    def wanted(self, workload: KubeObject) -> int:
        """How many pods a workload should have."""
        if isinstance(workload, StatefulSet):
            return _replicas(workload)
        known = isinstance(workload, DaemonSet) and workload.status
        return known.desired_number_scheduled if known else 0

    def pods_of(self, workload: KubeObject) -> list[Pod]:
        """The pods of a workload."""
        return [pod for pod in self.all(Pod) if controller_of(pod) == workload.uid]

    def _scale(self, workload: StatefulSet) -> None:
        wanted = [f"{workload.name}-{index}" for index in range(_replicas(workload))]
        self._make_pods(workload, {name: self._node(name) for name in wanted})
        pods = self.pods_of(workload)
        ready = sum(map(is_running, pods))
        status: JsonObject = {
            "observedGeneration": workload.metadata.generation,
            "replicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "updateRevision": self._revision(workload),
        }
        self._report(workload, status)

    def _spread(self, workload: DaemonSet) -> None:
        selector = there(template_of(workload).spec).node_selector or {}
        nodes = [
            node.name
            for node in self.all(Node)
            if all((node.metadata.labels or {}).get(key) == value for key, value in selector.items())
        ]
        self._make_pods(workload, {f"{workload.name}-{node}": node for node in nodes})
        pods = self.pods_of(workload)
        ready = sum(map(is_running, pods))
        status: JsonObject = {
            "desiredNumberScheduled": len(nodes),
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "numberReady": ready,
            "numberAvailable": ready,
            "numberUnavailable": len(nodes) - ready,
        }
        self._report(workload, status)

    def _make_pods(self, workload: Workload, wanted: dict[str, str]) -> None:
        live = {pod.name: pod for pod in self.pods_of(workload)}
        for name, pod in live.items():
            if name not in wanted:
                self.delete(pod)
        template = template_of(workload)
        about = there(template.metadata)
        for name in wanted.keys() - live.keys() if workload.name not in self.refuses else ():
            if self.get(Pod, Key(workload.namespace, name)) is not None:
                continue
            labels = {**(about.labels or {}), "controller-revision-hash": self._revision(workload)}
            owner = {"apiVersion": "apps/v1", "kind": workload.kind, "name": workload.name}
            metadata = {
                "name": name,
                "namespace": workload.namespace,
                "labels": labels,
                "annotations": dict(about.annotations or {}),
                "ownerReferences": [{**owner, "uid": workload.uid, "controller": True}],
            }
            containers: list[JsonValue] = [{"name": one.name} for one in there(template.spec).containers]
            spec = {"nodeName": wanted[name], "containers": containers}
            status = {"phase": "Pending"}
            self.create(Pod.model_validate({"metadata": metadata, "spec": spec, "status": status}))

    def _node(self, name: str) -> str:
        return NODES[int(name[-1]) % len(NODES)]

    def _report(self, workload: Workload, status: JsonObject) -> None:
        before = workload.status.to_wire() if workload.status else None
        if before != status:
            model = type(workload).model_validate({"metadata": {"name": "x"}, "status": status})
            self.change(workload, status=model.status)

    def _revision(self, workload: Workload) -> str:
        spec = there(workload.spec)
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
        volume = self.get(PersistentVolume, volume_key(claim))
        phase = claim.status.phase if claim.status else "Pending"
        if phase == "Bound" and (volume is None or _claim_uid(volume) != claim.uid):
            self._set_phase(claim, "Lost")
        elif phase == "Pending" and volume is not None and volume.metadata.deletion_timestamp is None:
            mine = claimed_by(volume) == claim.key and _claim_uid(volume) in (None, claim.uid)
            if mine and volume.status is not None and volume.status.phase == "Available":
                spec = there(volume.spec)
                reference = there(spec.claim_ref).model_copy(update={"uid": claim.uid})
                bound = spec.model_copy(update={"claim_ref": reference})
                self._set_phase(self.change(volume, spec=bound), "Bound")
                self._set_phase(claim, "Bound")
        elif phase == "Pending" and claim.status is None:
            self._set_phase(claim, "Pending")

    def _follow(self, volume: PersistentVolume) -> None:
        claim = self.get(PersistentVolumeClaim, claimed_by(volume))
        if volume.status is None or not volume.status.phase:
            self._set_phase(volume, "Available")
        elif volume.status.phase == "Bound" and (claim is None or claim.uid != _claim_uid(volume)):
            self._set_phase(volume, "Released")
        elif volume.metadata.deletion_timestamp is not None and volume.status.phase != "Bound":
            self.remove(volume)

    def _set_phase(self, obj: PersistentVolume | PersistentVolumeClaim, phase: str) -> None:
        model = type(obj).model_validate({"metadata": {"name": "x"}, "spec": {}, "status": {"phase": phase}})
        self.change(obj, status=model.status)

    def _publish(self) -> None:
        """The CSI driver labels nodes with readers, so that FUSE pods come."""
        for key, nodes in self.readers.items():
            claim = self.get(PersistentVolumeClaim, key)
            volume = self.get(PersistentVolume, volume_key(claim)) if claim else None
            if volume is None:
                continue
            label = there(there(there(volume.spec).csi).volume_attributes)[VOLUME_NODE_LABEL]
            for name in nodes:
                node = there(self.get(Node, Key("", name)))
                if (node.metadata.labels or {}).get(label) != "true":
                    labels = {**(node.metadata.labels or {}), label: "true"}
                    self.change(node, metadata={"labels": labels})

    def of(self, key: Key) -> Iterable[KubeObject]:
        """Everything that belongs to a Dataset, Dataset and runtime included."""
        owners: set[str] = set()
        runtimes = [kind for kind in self.objects if kind.__name__.endswith("Runtime")]
        found = [self.get(kind, key) for kind in (Dataset, *runtimes)]
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
        yield from (volume for volume in self.all(PersistentVolume) if claimed_by(volume) == key)


def incarnation(pod: Pod) -> str:
    """The life of a pod's containers."""
    statuses = (pod.status.container_statuses if pod.status else None) or ()
    started = [there(there(one.state).running).started_at for one in statuses]
    return f"{pod.uid}@{started[0]}" if started else ""


def is_running(pod: Pod) -> bool:
    """Whether the containers of a pod run."""
    return pod.status is not None and pod.status.phase == "Running"


def _claim_uid(volume: PersistentVolume) -> str | None:
    return there(there(volume.spec).claim_ref).uid


def _replicas(workload: StatefulSet) -> int:
    wanted = there(workload.spec).replicas
    return 1 if wanted is None else wanted


def _status(pod: Pod, now: datetime, *, ready: bool) -> JsonObject:
    if not ready:
        refused: JsonObject = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "no room",
        }
        return {"phase": "Pending", "conditions": [refused]}
    condition: JsonObject = {"type": "Ready", "status": "True"}
    containers: list[JsonValue] = [_container(one, now) for one in there(pod.spec).containers]
    return {"phase": "Running", "conditions": [condition], "containerStatuses": containers}


def _container(container: Container, now: datetime) -> JsonObject:
    state: JsonObject = {"running": {"startedAt": now.isoformat()}}
    rest: JsonObject = {"image": "", "imageID": "", "ready": True, "restartCount": 0}
    return {"name": container.name, **rest, "state": state}
