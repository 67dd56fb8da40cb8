# pyright: basic
"""What a tenant can take of the operator that serves all: memory, commands, what it tells of others."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from cluster import ControlPlane, Fault, Operator
from fluid.kube import Connection
from fluid.models import ConfigMap, ObjectMeta
from tests.plane.user import API, Json, User, until

pytestmark = pytest.mark.plane
COUNT = int(os.environ.get("FLUID_TEST_LABELLED", "200"))
"""So many ConfigMaps of a tenant, each of the size that an API server takes at most."""
SIZE = 1_000_000


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def other(plane: ControlPlane, namespace: str) -> Iterator[User]:
    """Another tenant."""
    name = f"{namespace}-other"
    plane.kubectl("create", "namespace", name)
    yield User(plane, name)
    plane.faults()
    plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def thin(user: User, plane: ControlPlane) -> Iterator[Json]:
    spec = {"fuse": {"image": "fuse", "imageTag": "1"}}
    yield {"apiVersion": API, "kind": "ThinRuntime", "metadata": {"name": "images"}, "spec": spec}
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{user.namespace}-images-")


def test_large_objects_that_a_tenant_labels_as_ours_cost_no_memory_watched_or_listed(
    user: User, other: User, operator: Operator
) -> None:
    user.apply(*user.pair("hbase", replicas=0))
    user.phase("hbase")
    user.until_quiet()
    before = _memory(operator.pid, "VmRSS")
    anyio.run(_label, other)
    user.apply(*user.pair("later", replicas=0))
    user.phase("later", seconds=60)
    watched = _memory(operator.pid, "VmRSS") - before
    operator.restart()
    until(operator.ready, "it has listed all", 60)
    listed = _memory(operator.pid, "VmHWM") - before
    told = f"{COUNT} objects: {watched:.0f} MiB more when watched, {listed:.0f} MiB at most when listed"
    print(told)  # noqa: T201 - a figure for the reader
    assert watched <= 40, told
    assert listed <= 150, told


async def _label(user: User) -> None:
    limit = anyio.CapacityLimiter(4)
    async with (
        Connection.open(kubeconfig=user.plane.kubeconfig) as connection,
        anyio.create_task_group() as tasks,
    ):

        async def create(number: int) -> None:
            labels = {"fluid.io/managed-by": "fluid", "fluid.io/dataset-id": "x"}
            metadata = ObjectMeta(name=f"c-{number}", namespace=user.namespace, labels=labels)
            async with limit:
                await connection.api(ConfigMap).create(ConfigMap(metadata=metadata, data={"x": "y" * SIZE}))

        for number in range(COUNT):
            tasks.start_soon(create, number)


def test_a_command_that_prints_without_end_is_cut_off_and_told_on_the_dataset(
    user: User, other: User, operator: Operator
) -> None:
    before = _memory(operator.pid, "VmHWM")
    endless = Fault(command="jindocache -report", namespace=user.namespace, stdout="x" * 4_000_000)
    user.plane.faults(endless)
    user.apply(*user.pair("hbase"))

    def told() -> str:
        return user.condition("datasets", "hbase", "Ready").get("message", "") + user.condition(
            "datasets", "hbase", "NotReady"
        ).get("message", "")

    until(lambda: "printed more than 65536 bytes" in told(), "it is told", 40, told)
    assert f"pod {user.namespace}/hbase-jindofs-master-0 [jindofs-master]" in told()
    assert _memory(operator.pid, "VmHWM") - before < 20
    user.plane.faults()
    user.phase("hbase", seconds=60)


def test_commands_of_one_tenant_that_never_end_hold_up_no_dataset_of_another(
    user: User, other: User, operator: Operator
) -> None:
    slow = Fault(command="jindo fs -count *", namespace=other.namespace, delay_seconds=300)
    user.plane.faults(slow)
    many = [{"mountPoint": f"s3://bucket/{number}", "name": f"m{number}"} for number in range(80)]
    other.apply(*other.pair("hog", *many))
    other.phase("hog", seconds=60)
    other.until_quiet()
    user.apply(*user.pair("hbase"))
    user.phase("hbase", seconds=30)


def test_what_another_tenant_runs_is_not_told_by_run_after(
    user: User, other: User, operator: Operator, thin: Json
) -> None:
    user.apply(user.dataset("images", placement="Shared"), thin)
    user.phase("images")
    told = set()
    for name in ("there", "not-there"):
        if name == "there":
            _load(other, name)
        _load(
            user, f"after-{name}", runAfter={"kind": "DataLoad", "name": name, "namespace": other.namespace}
        )
        failed = user.until_condition("dataloads", f"after-{name}", "Failed", "True")
        assert failed["reason"] == "RunAfterNamespaceNotSame"
        told.add(failed["message"].replace(f"after-{name}", "X").replace(name, "X"))
    assert len(told) == 1, "it says the same, whether or not there is such a one"


def _load(user: User, name: str, **spec: object) -> None:
    metadata = {"name": name}
    spec = {"dataset": {"name": "images"}, **spec}
    user.apply({"apiVersion": API, "kind": "DataLoad", "metadata": metadata, "spec": spec})


def test_config_json_has_what_mounts_a_claims_volume_and_nothing_else_of_it(
    user: User, operator: Operator, thin: Json
) -> None:
    name = f"{user.namespace}-nfs"
    secret = {"name": "s", "namespace": "storage-system"}
    csi = {
        "driver": "nfs.csi.k8s.io",
        "volumeHandle": "h",
        "volumeAttributes": {"server": "nfs", "storage.kubernetes.io/csiProvisionerIdentity": "node-7"},
        "nodePublishSecretRef": {"name": "publish", "namespace": user.namespace},
        **dict.fromkeys(
            ("nodeStageSecretRef", "controllerExpandSecretRef", "controllerPublishSecretRef"), secret
        ),
    }
    shared = {"accessModes": ["ReadWriteMany"], "storageClassName": name}
    volume = {**shared, "capacity": {"storage": "1Gi"}, "csi": csi}
    claim = {**shared, "resources": {"requests": {"storage": "1Gi"}}}
    user.apply(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": volume},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "shared"}, "spec": claim},
        user.dataset("images", {"mountPoint": "pvc://shared", "name": "x"}, placement="Shared"),
        thin,
    )
    try:
        user.phase("images", seconds=60)
        text = (user.get("configmaps", "images-fuse-conf") or {})["data"]["config.json"]
        assert json.loads(text)["persistentVolumeAttrs"] == {
            "shared": {
                "driver": "nfs.csi.k8s.io",
                "volumeHandle": "h",
                "volumeAttributes": {"server": "nfs"},
                "nodePublishSecretRef": {"name": "publish", "namespace": user.namespace},
            }
        }
    finally:
        user.plane.kubectl("delete", "pv", name, "--wait=false")


def _memory(pid: int, which: str) -> float:
    """Memory of a process in MiB: in use now (VmRSS), or at most so far (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith(f"{which}:")).split()[1]) / 1024
