# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""The same world with a ThinRuntime: profiles, and what must hold of clients and their configuration."""

import hashlib
import json
from typing import Any

from fluid.engines.kit.config_mounts import REFRESHED
from fluid.engines.thin.registration import registration
from fluid.models import ConfigMap, Dataset, ThinRuntime, ThinRuntimeProfile
from fluid.types import Key
from tests.pure.lifecycle.world import World

MOUNT = {"mountPoint": "s3://one/", "name": "one"}
PROFILE: dict[str, Any] = {
    "fileSystemType": "fuse.client",
    "fuse": {"image": "reg/client", "imageTag": "v1"},
    "worker": {"image": "reg/worker"},
}


class ThinWorld(World):
    """Users of ThinRuntimes, cluster and operator."""

    infix = ""
    users_own = (ThinRuntimeProfile,)

    def __init__(self) -> None:
        super().__init__(registration())

    def create_runtime(self, key: Key, **spec: Any) -> ThinRuntime:
        """A new ThinRuntime of the profile `client`."""
        return self.create(ThinRuntime, key, {"profileName": "client", **spec})

    def create_profile(self, name: str = "client", **spec: Any) -> ThinRuntimeProfile:
        """A new profile; nothing if there is one."""
        return self.create(ThinRuntimeProfile, Key("", name), {**PROFILE, **spec})

    def config(self, key: Key) -> dict[str, Any]:
        """What the clients of a Dataset are told."""
        return json.loads(self._text(key))

    def _text(self, key: Key) -> str:
        return self.cluster.get(ConfigMap, Key(key.namespace, f"{key.name}-fuse-conf")).data["config.json"]

    def fuse_pods(self, key: Key) -> list:
        """The FUSE pods of a Dataset."""
        return self.cluster.pods_of(self.workload(key, "fuse"))

    def check_runtime(self, runtime: ThinRuntime) -> None:
        """A living runtime's status and its Dataset's are what is there."""
        key = runtime.key
        dataset = self.cluster.get(Dataset, key)
        if runtime.metadata.deletion_timestamp is not None:
            assert self.cluster.readers.get(key), "only readers may hold a deletion up"
            return
        if dataset is None or dataset.metadata.deletion_timestamp is not None:
            return
        ready, problem = self.condition(key, "Ready"), self.condition(key, "NotReady")
        refused = [one for one in (ready, problem) if one and one.reason == "InvalidSpec"]
        if refused:
            assert "spec." in refused[0].message
            if not dataset.status.runtimes:
                return
        self._check_workers(key, runtime)
        self._check_bound(key, refused=bool(refused))
        if dataset.status.phase == "Bound" and not refused:
            self._check_clients(key, dataset)

    def _check_workers(self, key: Key, runtime: ThinRuntime) -> None:
        workload, status = self.workload(key, "worker"), runtime.status
        if workload is None:
            assert (status.worker_phase, status.desired_worker_number_scheduled) == ("", 0)
            assert status.selector is None
            return
        desired, ready = workload.spec.replicas, workload.status.ready_replicas or 0
        assert (status.desired_worker_number_scheduled, status.worker_number_ready) == (desired, ready)
        assert status.worker_phase == (
            "Ready" if ready >= desired else "PartialReady" if ready else "NotReady"
        )

    def _check_bound(self, key: Key, *, refused: bool) -> None:
        status, claim = self.dataset(key), self.claim(key)
        healthy = self.runtime(key).worker_phase != "NotReady"
        bound = claim is not None and claim.status is not None and claim.status.phase == "Bound"
        serves = bool(status.runtimes) and healthy and bound
        assert (status.phase in ("Bound", "Updating")) == serves, (status.phase, healthy, bound)
        if status.phase == "Updating" and not refused:
            assert self.cluster.readers.get(key) or self.cluster.stuck, "what is it waiting for?"

    def _check_clients(self, key: Key, dataset: Dataset) -> None:
        """Clients are told exactly what the Dataset mounts, and every pod looked after the last change."""
        told = [(one["mountPoint"], one.get("name")) for one in self.config(key)["mounts"]]
        assert told == [(one.mount_point, one.name) for one in dataset.spec.mounts or ()]
        assert [one.mount_point for one in dataset.status.mounts or ()] == [address for address, _ in told]
        assert self.runtime(key).mounts == dataset.status.mounts
        newest = hashlib.sha256(self._text(key).encode()).hexdigest()[:16]
        for pod in self.fuse_pods(key):
            assert pod.metadata.annotations[REFRESHED] == newest
