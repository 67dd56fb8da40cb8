"""What must hold whenever everything rests."""

from fluid.controllers.identity import recorded_identity
from fluid.engines.core.queries import ClaimUsers, ReadClaim, ReadConfigMap
from fluid.engines.core.query import AnyQuery
from fluid.engines.testing.lifecycle.stage import MARKER, Stage
from fluid.engines.testing.lifecycle.there import claimed_by, controller_of, template_of, there
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

SERVING = ("Bound", "Updating")


class World(Stage):
    """A stage whose invariants can be checked."""

    users_own: tuple[type[KubeObject], ...] = ()
    """Further kinds that users make and nobody but they delete."""

    def check(self) -> None:
        """Every invariant of a world at rest."""
        self.check_quiet()
        for runtime in self.cluster.all(self.kind):
            self.check_runtime(runtime)
        for dataset in self.cluster.all(Dataset):
            if self.cluster.get(self.kind, dataset.key) is None:
                assert dataset.status is None or dataset.status.phase == "NotBound"
                assert dataset.status is None or not dataset.status.runtimes
        self.check_leftovers()
        self.check_secrets()
        self.check_ports()

    def check_quiet(self) -> None:
        """A second pass sends nothing and asks nothing."""
        sent = len(self.cluster.writes)
        self.operator.step()
        news = self.cluster.writes[sent:]
        assert not news, f"not quiet: {news}"
        asked = [query for query in self.operator.asked if self._needless(query)]
        assert asked == []
        for result_cache in self.operator.caches_of_results.values():
            result_cache.waiting.clear()

    def _needless(self, query: AnyQuery) -> bool:
        """Whether nothing waits for the answer any more."""
        about = query.key if isinstance(query, ReadConfigMap | ClaimUsers | ReadClaim) else None
        return about is None or not self.cluster.readers.get(about)

    def check_runtime(self, runtime: KubeObject) -> None:
        """A living runtime's status and its Dataset's are what is there."""
        key, dataset = runtime.key, self.cluster.get(Dataset, runtime.key)
        if runtime.metadata.deletion_timestamp is not None:
            assert self.cluster.readers.get(key), f"{key} is in deletion, and no reader holds it up"
            return
        if dataset is None or recorded_identity(dataset) is None:
            return
        registered = bool(dataset.status and dataset.status.runtimes)
        if dataset.metadata.deletion_timestamp is not None and not registered:
            return
        refused = self.refusal(key)
        if refused and not registered:
            return
        self._check_numbers(runtime)
        self._check_phase(key)
        troubled = self.cluster.stuck or self.cluster.refuses
        assert refused or troubled or self.dataset(key).phase in SERVING, (
            f"Dataset {key} is not Bound although nothing is wrong: {self.condition(key, 'NotReady')}"
        )

    def refusal(self, key: Key) -> str:
        """Why the specs of a Dataset and its runtime are refused; empty when they are not."""
        told = [self.condition(key, kind) for kind in ("Ready", "NotReady")]
        return next(
            (one.message or "" for one in told if one is not None and one.reason == "InvalidSpec"), ""
        )

    def _check_numbers(self, runtime: KubeObject) -> None:
        """The status has the numbers of the workloads, and there are no others."""
        status, names = self.runtime(runtime.key), self.components(runtime)
        live = {
            one.name
            for kind in (StatefulSet, DaemonSet)
            for one in self.cluster.all(kind)
            if any(owner.uid == runtime.uid for owner in one.metadata.owner_references or ())
        }
        assert live <= {names.master, names.workers, names.fuse}, f"{runtime.key} has workloads {live}"
        for role, name in (("master", names.master), ("worker", names.workers)):
            workload = self.cluster.get(StatefulSet, Key(runtime.namespace, name)) if name else None
            if workload is not None:
                wanted = getattr(status, f"desired_{role}_number_scheduled")
                told = wanted, getattr(status, f"{role}_number_ready")
                ready = workload.status.ready_replicas if workload.status else None
                live_ones = there(workload.spec).replicas, ready or 0
                assert told == live_ones, (
                    f"the status of {runtime.key} says {told} {role}s, there are {live_ones}"
                )

    def _check_phase(self, key: Key) -> None:
        """Bound says that the runtime is registered, healthy, and its claim Bound; nothing less."""
        status, runtime, claim = self.dataset(key), self.runtime(key), self.claim(key)
        healthy = "NotReady" not in (runtime.master_phase, runtime.worker_phase)
        bound = claim is not None and claim.status is not None and claim.status.phase == "Bound"
        serves = bool(status.runtimes) and healthy and bound
        assert (status.phase in SERVING) == serves, (
            f"Dataset {key} is {status.phase}; healthy: {healthy}, claim Bound: {bound}"
        )
        ready = self.condition(key, "Ready")
        assert ready is not None, f"Dataset {key} has no condition Ready"
        assert ready.reason == "FuseNotReady" or (ready.status == "True") == serves, f"{key}: {ready}"
        assert serves or ready.message, f"Dataset {key} is not Ready and does not say why"
        types = [one.type for one in status.conditions or ()]
        assert len(set(types)) == len(types), f"Dataset {key} has conditions twice: {types}"

    def check_leftovers(self) -> None:
        """Nothing is left of what is gone, on nodes neither."""
        alive = {obj.uid for kind in (Dataset, self.kind) for obj in self.cluster.all(kind)}
        owned = set(alive)
        for _ in range(2):  # children, then their pods
            for obj in self.cluster.everything():
                if any(owner.uid in owned for owner in obj.metadata.owner_references or ()):
                    owned.add(obj.uid)
        keys = {obj.key for obj in self.cluster.all(self.kind)}
        for obj in self.cluster.everything():
            if isinstance(obj, Node):
                self._check_node(obj)
            elif isinstance(obj, PersistentVolume | PersistentVolumeClaim):
                about = obj.key if isinstance(obj, PersistentVolumeClaim) else claimed_by(obj)
                assert about in keys, f"{obj.resource.kind} {obj.key} is left over"
            elif not isinstance(obj, self.users_own):
                assert obj.uid in owned, f"{obj.resource.kind} {obj.key} is left over"

    def _check_node(self, node: Node) -> None:
        """A node has the labels of the Datasets whose workers it runs, and counts them."""
        living = [one for one in self.cluster.all(self.kind) if one.metadata.deletion_timestamp is None]
        here = {controller_of(pod) for pod in self.cluster.all(Pod) if there(pod.spec).node_name == node.name}
        names = {one.key: self.components(one).workers for one in living}
        workers = [
            key
            for key, name in names.items()
            if name
            and (found := self.cluster.get(StatefulSet, Key(key.namespace, name))) is not None
            and found.uid in here
        ]
        labels = node.metadata.labels or {}
        assert labels.get("fluid.io/dataset-num") == (str(len(workers)) if workers else None), node.name
        if not self.cluster.all(self.kind):
            assert labels == {}, f"node {node.name} has labels of what is gone: {labels}"

    def check_secrets(self) -> None:
        """No byte of a Secret is anywhere but in Secrets."""
        for obj in self.cluster.everything():
            assert MARKER not in obj.model_dump_json()

    def check_ports(self) -> None:
        """No host port is given twice."""
        taken: dict[int, str] = {}
        for workload in [*self.cluster.all(StatefulSet), *self.cluster.all(DaemonSet)]:
            pod = there(template_of(workload).spec)
            owner = controller_of(workload)
            for port in [port for one in pod.containers for port in one.ports or () if pod.host_network]:
                assert taken.setdefault(port.container_port, owner) == owner, "a host port is given twice"
                assert 18000 <= port.container_port < 18020
