# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""The world of JindoCache: what its masters have, and what must hold of it beyond the kit's invariants."""

from typing import Any

from fluid.controllers.identity import recorded_identity
from fluid.engines.core.statistics import CALCULATING, human_size
from fluid.engines.jindo.mounts import Source
from fluid.engines.jindo.registration import registration
from fluid.engines.jindo.shape import PORTS, on_host_network
from fluid.engines.kit.sources import sources_as
from fluid.engines.testing.lifecycle import world as kit
from fluid.engines.testing.lifecycle.cluster import incarnation
from fluid.models import DaemonSet, Dataset, JindoRuntime, Pod, StatefulSet
from fluid.types import Key
from tests.pure.lifecycle.cache import answers, count

REFUSALS = ("InvalidSpec", "ReferenceNotSupported")
TIER = {"levels": [{"mediumtype": "SSD", "path": "/mnt/d1", "quota": "10Gi"}]}
MOUNT = {"mountPoint": "oss://one/", "name": "one", "options": {"fs.oss.endpoint": "oss-cn"}}


class World(kit.World):
    """Users, cluster and operator."""

    infix = "-jindofs"

    def __init__(self, real=None) -> None:
        super().__init__(real or registration(), answers)

    # The tests ask for what is there, so what they are given has no type that may be None.

    def dataset(self, key: Key) -> Any:
        return super().dataset(key)

    def runtime(self, key: Key) -> Any:
        return super().runtime(key)

    def condition(self, key: Key, kind: str) -> Any:
        return super().condition(key, kind)

    def claim(self, key: Key) -> Any:
        return super().claim(key)

    def create_runtime(self, key: Key, **spec: Any) -> JindoRuntime:
        """A new JindoRuntime with one SSD tier unless said; nothing if there is one."""
        return self.create(JindoRuntime, key, {"replicas": 1, "tieredstore": TIER, **spec})

    def workload(self, key: Key, role: str) -> Any:
        """The StatefulSet of the masters or workers, or the DaemonSet."""
        kind = DaemonSet if role == "fuse" else StatefulSet
        return self.cluster.get(kind, Key(key.namespace, f"{key.name}{self.infix}-{role}"))

    def pod(self, key: Key, role: str = "master", index: int = 0) -> Any:
        """A pod of a StatefulSet."""
        return self.cluster.get(Pod, Key(key.namespace, f"{key.name}{self.infix}-{role}-{index}"))

    def table(self, key: Key) -> dict[str, str]:
        """The mount table of the first master as it runs now."""
        pod = self.pod(key)
        life = incarnation(pod) if pod else ""
        return (
            dict(self.cluster.caches.table(f"{key.namespace}/{key.name}-jindofs-master-0", life))
            if life
            else {}
        )

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
        wanted = {source.mounted_at: source for source in sources_as(Source, dataset)}
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


def _phase(desired: int, ready: int) -> str:
    return "Ready" if ready >= desired else "PartialReady" if ready else "NotReady"
