# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""A world to play histories in: users, a cluster and an operator, and what must hold when nobody acts."""

from datetime import timedelta
from typing import Any

from fluid.controllers.identity import recorded_identity
from fluid.engines.core.statistics import CALCULATING, human_size
from fluid.engines.jindo.sources import sources
from fluid.engines.jindo.topology import PORTS, on_host_network
from fluid.models import (
    DaemonSet,
    Dataset,
    JindoRuntime,
    Node,
    PersistentVolumeClaim,
    Pod,
    StatefulSet,
)
from fluid.types import Key
from tests.pure.lifecycle.cache import count
from tests.pure.lifecycle.cluster import Cluster, incarnation
from tests.pure.lifecycle.operator import Operator

PATIENCE = 60
"""Steps within which everything must come to rest."""
REFUSALS = ("InvalidSpec", "ReferenceNotSupported")
MARKER = "s3cr3t-bytes"
TIER = {"levels": [{"mediumtype": "SSD", "path": "/mnt/d1", "quota": "10Gi"}]}
MOUNT = {"mountPoint": "oss://one/", "name": "one", "options": {"fs.oss.endpoint": "oss-cn"}}


class World:
    """Users, cluster and operator."""

    SECOND = timedelta(seconds=1)

    kind = JindoRuntime
    infix = "-jindofs"
    users_own = ()
    """Further kinds that users make and nobody but they delete."""

    def __init__(self, real=None) -> None:
        self.cluster = Cluster()
        self.real = real
        self.operator = Operator(self.cluster, real)
        for name in ("blue", "green"):
            self.cluster.secrets[Key("a", name)] = {"id": f"{MARKER}-{name}", "key": f"{MARKER}-{name}-key"}

    # Users.

    def create_dataset(self, key: Key, *mounts: dict[str, Any], **spec: Any) -> Dataset:
        """A new Dataset; nothing if there is one."""
        return self._create(Dataset, key, {**({"mounts": list(mounts)} if mounts else {}), **spec})

    def create_runtime(self, key: Key, **spec: Any) -> JindoRuntime:
        """A new JindoRuntime with one SSD tier unless said; nothing if there is one."""
        return self._create(JindoRuntime, key, {"replicas": 1, "tieredstore": TIER, **spec})

    def _create(self, kind, key: Key, spec: dict[str, Any]):
        found = self.cluster.get(kind, key)
        if found is not None:
            return found
        metadata = {"name": key.name, "namespace": key.namespace}
        return self.cluster.create(kind.model_validate({"metadata": metadata, "spec": spec}))

    def edit(self, kind, key: Key, **changes: Any) -> None:
        """Replace top-level fields of a spec, as they are written in YAML; None removes one."""
        live = self.cluster.get(kind, key)
        if live is None:
            return
        spec = {**live.spec.to_wire(), **changes}
        spec = {name: value for name, value in spec.items() if value is not None}
        if spec != live.spec.to_wire():
            edited = kind.model_validate({"metadata": {"name": "x"}, "spec": spec})
            self.cluster.change(live, spec=edited.spec)

    def annotate(self, kind, key: Key, **annotations: str | None) -> None:
        """Set annotations; None removes one."""
        live = self.cluster.get(kind, key)
        if live is not None:
            merged = {**(live.metadata.annotations or {}), **annotations}
            left = {name: value for name, value in merged.items() if value is not None}
            self.cluster.change(live, metadata={"annotations": left})

    def delete(self, kind, key: Key) -> None:
        """Ask for a deletion, as `kubectl delete --wait=false` does."""
        live = self.cluster.get(kind, key)
        if live is not None:
            self.cluster.delete(live)

    def restart_operator(self) -> None:
        """The operator is killed, and another one starts."""
        self.operator = Operator(self.cluster, self.real)

    # Time.

    def step(self) -> None:
        """One pass of everybody."""
        self.operator.step()
        self.operator.run_errands()
        self.cluster.step()

    def settle(self) -> None:
        """Go on until everything rests; fails when it does not within `PATIENCE` steps."""
        self.operator.time_out()
        for _ in range(PATIENCE):
            version, sent = self.cluster.version, len(self.cluster.writes)
            self.step()
            quiet = version == self.cluster.version and sent == len(self.cluster.writes)
            if quiet and not self.operator.has_news:
                return
        raise AssertionError(f"no rest after {PATIENCE} steps; last writes: {self.cluster.writes[-12:]}")

    # What is there.

    def dataset(self, key: Key) -> Any:
        """A Dataset's status."""
        return self.cluster.get(Dataset, key).status

    def runtime(self, key: Key) -> Any:
        """A runtime's status."""
        return self.cluster.get(self.kind, key).status

    def condition(self, key: Key, kind: str) -> Any:
        """A condition of a Dataset, or None."""
        status = self.dataset(key)
        return next((one for one in (status.conditions if status else ()) if one.type == kind), None)

    def workload(self, key: Key, role: str) -> Any:
        """The StatefulSet of the masters or workers, or the DaemonSet."""
        kind = DaemonSet if role == "fuse" else StatefulSet
        return self.cluster.get(kind, Key(key.namespace, f"{key.name}{self.infix}-{role}"))

    def pod(self, key: Key, role: str = "master", index: int = 0) -> Any:
        """A pod of a StatefulSet."""
        return self.cluster.get(Pod, Key(key.namespace, f"{key.name}{self.infix}-{role}-{index}"))

    def claim(self, key: Key) -> Any:
        """The claim of a Dataset."""
        return self.cluster.get(PersistentVolumeClaim, key)

    def table(self, key: Key) -> dict[str, str]:
        """The mount table of the first master as it runs now."""
        pod = self.pod(key)
        life = incarnation(pod) if pod else ""
        return (
            dict(self.cluster.caches.table(f"{key.namespace}/{key.name}-jindofs-master-0", life))
            if life
            else {}
        )

    def traces(self, key: Key) -> dict[tuple[str, str], str]:
        """Versions of everything that belongs to a Dataset, by UID."""
        return {(obj.kind, obj.uid): obj.metadata.resource_version for obj in self.cluster.of(key)}

    # What must hold when everything rests.

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
        for result_cache in self.operator.notebooks.values():
            result_cache.waiting.clear()

    def _needless(self, query: Any) -> bool:
        """Whether nothing waits for the answer any more."""
        return not (hasattr(query, "key") and self.cluster.readers.get(query.key))

    def check_runtime(self, runtime: JindoRuntime) -> None:
        """A living runtime's status and its Dataset's are what is there."""
        key = runtime.key
        dataset = self.cluster.get(Dataset, key)
        if runtime.metadata.deletion_timestamp is not None:
            assert self.cluster.readers.get(key), "only readers may hold a deletion up"
            return
        if dataset is None or recorded_identity(dataset) is None:
            return
        registered = bool(dataset.status and dataset.status.runtimes)
        if dataset.metadata.deletion_timestamp is not None and not registered:
            return
        ready, problem = self.condition(key, "Ready"), self.condition(key, "NotReady")
        assert ready is not None
        assert len({one.type for one in dataset.status.conditions}) == len(dataset.status.conditions)
        refused = [one for one in (ready, problem) if one and one.reason in REFUSALS]
        if refused:
            assert any(word in refused[0].message for word in ("spec.", "metadata.", "refers to"))
            if not registered:
                return
        self._check_numbers(key)
        self._check_refusals(key)
        self._check_phase(key, told=bool(refused))
        if refused:
            self._check_restored(key, dataset, runtime)
        else:
            self._check_mounts(key, dataset, runtime)

    def _check_restored(self, key: Key, dataset: Dataset, runtime: JindoRuntime) -> None:
        """What is refused changes nothing: the cache has what the status says, after a restart too."""
        masterless = runtime.spec.master and runtime.spec.master.disabled
        if dataset.status.phase == "Bound" and not masterless:
            recorded = {mount.path: mount.mount_point for mount in dataset.status.mounts or ()}
            assert {path.rstrip("/") for path in recorded} == {path.rstrip("/") for path in self.table(key)}

    def _check_numbers(self, key: Key) -> None:
        status = self.runtime(key)
        for role, name in (("master", "master"), ("worker", "worker")):
            workload = self.workload(key, role)
            if workload is None:
                continue
            desired, ready = workload.spec.replicas, workload.status.ready_replicas or 0
            assert getattr(status, f"desired_{name}_number_scheduled") == desired
            assert getattr(status, f"{name}_number_ready") == ready
            assert getattr(status, f"{name}_phase") == _phase(desired, ready)
        fuses = self.workload(key, "fuse").status
        assert (status.desired_fuse_number_scheduled, status.fuse_number_ready) == (
            fuses.desired_number_scheduled,
            fuses.number_ready,
        )
        assert status.fuse_phase == _phase(fuses.desired_number_scheduled, fuses.number_ready)

    def _check_refusals(self, key: Key) -> None:
        """Workloads that lack pods which the API server refuses are named with its words, and no others."""
        conditions = self.runtime(key).conditions or ()
        told = next((one.message for one in conditions if one.type == "PodsRefused"), "")
        for role in ("master", "worker", "fuse"):
            workload = self.workload(key, role)
            if workload is None:
                continue
            lacks = len(self.cluster.pods_of(workload)) < self.cluster.wanted(workload)
            words = self.cluster.refuses.get(workload.name) if lacks else None
            assert (f"refuses pods of {workload.kind} {workload.key}: {words}" in told) == bool(words)

    def _check_phase(self, key: Key, *, told: bool) -> None:
        status, runtime = self.dataset(key), self.runtime(key)
        registered = bool(status.runtimes)
        healthy = "NotReady" not in (runtime.master_phase, runtime.worker_phase)
        claim = self.claim(key)
        bound = claim is not None and claim.status.phase == "Bound"
        serves = registered and healthy and bound
        assert (status.phase in ("Bound", "Updating")) == serves, (status.phase, registered, healthy, bound)
        ready = self.condition(key, "Ready")
        if ready.reason == "FuseNotReady":
            assert (serves, ready.status) == (True, "False")
            assert self._lacks_clients(key)
        else:
            assert (ready.status == "True") == serves
        assert (self.condition(key, "Updating") is not None) == (status.phase == "Updating")
        assert serves or ready.message
        if serves:
            assert (self.condition(key, "NotReady") is not None) == told
            assert status.phase == "Bound" or self.cluster.stuck or self.cluster.readers.get(key)

    def _lacks_clients(self, key: Key) -> bool:
        """Whether a node that should have a FUSE pod has none that serves."""
        workload = self.workload(key, "fuse")
        pods = self.cluster.pods_of(workload)
        serving = [pod for pod in pods if pod.status.phase == "Running"]
        return len(serving) < max(len(pods), self.cluster.wanted(workload))

    def _check_mounts(self, key: Key, dataset: Dataset, runtime: JindoRuntime) -> None:
        status, spec = dataset.status, runtime.spec
        if status.phase != "Bound":
            return
        assert status.hcfs.endpoint == self._endpoint(key, runtime)
        assert status.cache_states == (self.runtime(key).cache_states or {})
        if spec.master and spec.master.disabled:
            assert not status.mounts
            return
        wanted = {source.mounted_at: source for source in sources(dataset)}
        assert {path: source.cache_uri for path, source in wanted.items()} == self.table(key)
        assert {mount.path: mount.mount_point for mount in status.mounts or ()} == {
            path: source.uri for path, source in wanted.items()
        }
        sizes = [count(source.cache_uri) for source in wanted.values()]
        assert CALCULATING not in (status.ufs_total, status.file_num)
        assert status.ufs_total == human_size(sum(size for _, size in sizes))
        assert status.file_num == str(sum(files for files, _ in sizes))

    def _endpoint(self, key: Key, runtime: JindoRuntime) -> str:
        if runtime.spec.master and runtime.spec.master.disabled:
            return "N/A"
        container = self.workload(key, "master").spec.template.spec.containers[0]
        port = next(port.container_port for port in container.ports if port.name == "rpc")
        assert on_host_network(runtime) or port == PORTS.ports[0].fixed
        return f"{key.name}-jindofs-master-0.{key.namespace}:{port}"

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
            elif obj.kind in ("PersistentVolume", "PersistentVolumeClaim"):
                about = obj.key if isinstance(obj, PersistentVolumeClaim) else Key(*_claimed_by(obj))
                assert about in keys, f"{obj.kind} {obj.key} is left over"
            elif not isinstance(obj, self.users_own):
                assert obj.uid in owned, f"{obj.kind} {obj.key} is left over"

    def _check_node(self, node: Node) -> None:
        labels = node.metadata.labels or {}
        workers = {
            pod.namespace + "/" + pod.name.rpartition(f"{self.infix}-worker-")[0]
            for pod in self.cluster.all(Pod)
            if pod.spec.node_name == node.name and f"{self.infix}-worker-" in pod.name
        }
        for runtime in self.cluster.all(self.kind):
            if runtime.metadata.deletion_timestamp is not None:  # its labels go first
                workers.discard(str(runtime.key))
        assert labels.get("fluid.io/dataset-num") == (str(len(workers)) if workers else None)
        if not self.cluster.all(self.kind):
            assert labels == {}

    def check_secrets(self) -> None:
        """No byte of a Secret is anywhere but in Secrets."""
        for obj in self.cluster.everything():
            assert MARKER not in obj.model_dump_json()

    def check_ports(self) -> None:
        """No host port is given twice."""
        taken: dict[int, str] = {}
        for workload in [*self.cluster.all(StatefulSet), *self.cluster.all(DaemonSet)]:
            pod = workload.spec.template.spec
            owner = workload.metadata.owner_references[0].uid
            for port in [port for one in pod.containers for port in one.ports or () if pod.host_network]:
                assert taken.setdefault(port.container_port, owner) == owner, "a host port is given twice"
                assert 18000 <= port.container_port < 18020


def _phase(desired: int, ready: int) -> str:
    return "Ready" if ready >= desired else "PartialReady" if ready else "NotReady"


def _claimed_by(volume: Any) -> tuple[str, str]:
    return volume.spec.claim_ref.namespace, volume.spec.claim_ref.name
