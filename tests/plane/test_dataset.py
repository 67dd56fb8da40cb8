"""The Dataset controller at a real API server, with the rights that it declares and no others."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from cluster import ControlPlane
from fluid.controllers.context import Context, Informers
from fluid.controllers.dataset import RULES, DatasetController
from fluid.controllers.lazy_start import RuntimeKinds, rules
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.kube import Connection, InformerFactory
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.models import PolicyRule
from tests.plane.support import Cluster, Json, operator_account
from tests.pure.controllers.dataset_support import condition, jindo

pytestmark = [pytest.mark.plane, pytest.mark.anyio]
FINALIZER = "fluid-dataset-controller-finalizer"
REGISTRY = Registry({"JindoRuntime": jindo()})
EVENTS = PolicyRule(api_groups=[""], resources=["events"], verbs=["create", "patch"])


@pytest.fixture
def credentials(plane: ControlPlane, namespace: str, tmp_path: Path) -> Path:
    return operator_account(plane, namespace, [*RULES, *rules([jindo()]), EVENTS], tmp_path)


@asynccontextmanager
async def operator(kubeconfig: Path) -> AsyncGenerator[None]:
    """A running Dataset controller."""
    async with Connection.open(kubeconfig=kubeconfig) as connection, anyio.create_task_group() as group:
        informer_factory, metrics, recorder = InformerFactory(connection), Metrics(), Recorder(connection)
        informers = Informers.by(informer_factory, None)
        context = Context(connection, informer_factory, recorder, metrics, REGISTRY, Settings(), informers)
        for task in (
            informer_factory.run,
            recorder.run,
            DatasetController(context, RuntimeKinds(context), settle=0.0).controller().run,
        ):
            group.start_soon(task)
        yield
        group.cancel_scope.cancel()


@pytest.fixture
def cluster(plane: ControlPlane, namespace: str) -> Cluster:
    return Cluster(plane, namespace)


async def test_a_dataset_alone_is_not_bound_for_a_reason(cluster: Cluster, credentials: Path) -> None:
    async with operator(credentials):
        await cluster.apply(_dataset("hbase", cluster.namespace))
        ready = await cluster.condition("hbase", "Ready")
        assert (ready["status"], ready["reason"]) == ("False", "RuntimeNotFound")
        assert "create a JindoRuntime" in ready["message"]
        found = await cluster.get("dataset", "hbase")
        assert found is not None
        assert (found["status"]["phase"], found["status"]["observedGeneration"]) == ("NotBound", 1)
        assert found["metadata"]["finalizers"] == [FINALIZER]
        assert found["metadata"]["labels"]["fluid.io/dataset-id"] == f"{cluster.namespace}-hbase"
        await cluster.kubectl("delete", "dataset", "hbase", "-n", cluster.namespace, "--timeout=10s")


async def test_a_runtime_is_noticed_and_deleted_with_its_dataset(cluster: Cluster, credentials: Path) -> None:
    async with operator(credentials):
        await cluster.apply(_dataset("hbase", cluster.namespace))
        await cluster.condition("hbase", "Ready")
        made = await cluster.get("dataset", "hbase")
        assert made is not None
        await cluster.apply(_runtime(made))
        starting = "RuntimeStarting"
        await cluster.until(
            "dataset", "hbase", lambda one: one and condition(one, "Ready")["reason"] == starting
        )
        await cluster.kubectl("delete", "dataset", "hbase", "-n", cluster.namespace, "--timeout=10s")
        assert await cluster.get("jindoruntime", "hbase") is None


async def test_a_deletion_waits_for_a_pod_and_names_it(cluster: Cluster, credentials: Path) -> None:
    async with operator(credentials):
        claim, pod = _reader("hbase", cluster.namespace)
        await cluster.apply(_dataset("hbase", cluster.namespace), claim, pod)
        await cluster.condition("hbase", "Ready")
        await cluster.kubectl("delete", "dataset", "hbase", "-n", cluster.namespace, "--wait=false")
        blocked = await cluster.condition("hbase", "DeletionBlocked")
        assert (blocked["status"], blocked["reason"]) == ("True", "VolumeInUse")
        assert "pod reader" in blocked["message"]
        found = await cluster.get("dataset", "hbase")
        assert found is not None
        assert condition(found, "Ready")["reason"] == "RuntimeNotFound", "both conditions stand side by side"
        await cluster.kubectl("delete", "pod", "reader", "-n", cluster.namespace, "--wait=false")
        await cluster.gone("hbase")
        events = await cluster.kubectl("get", "events", "-n", cluster.namespace)
        assert events.count("ErrorDeleteDataset") == 1


async def test_two_datasets_of_one_spelling_get_two_identities(cluster: Cluster, credentials: Path) -> None:
    """``<ns>/b-c`` and ``<ns>-b/c``."""
    other = f"{cluster.namespace}-b"
    await cluster.kubectl("create", "namespace", other)
    try:
        async with operator(credentials):
            await cluster.apply(_dataset("b-c", cluster.namespace), _dataset("c", other))
            ids = {await _identity(cluster, "b-c", cluster.namespace), await _identity(cluster, "c", other)}
            assert len(ids) == 2
            assert f"{cluster.namespace}-b-c" in ids
            await cluster.kubectl("delete", "dataset", "c", "-n", other, "--timeout=10s")
            await cluster.kubectl("delete", "dataset", "b-c", "-n", cluster.namespace, "--timeout=10s")
    finally:
        await cluster.kubectl("delete", "namespace", other, "--wait=false")


async def _identity(cluster: Cluster, name: str, namespace: str) -> str:
    label = "fluid.io/dataset-id"
    found = await cluster.until(
        "dataset", name, lambda one: one and label in one["metadata"].get("labels", {}), namespace
    )
    return found["metadata"]["labels"][label]


def _dataset(name: str, namespace: str) -> Json:
    metadata = {"name": name, "namespace": namespace}
    spec = {"mounts": [{"mountPoint": "s3://bucket", "name": "data"}]}
    return {"apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "metadata": metadata, "spec": spec}


def _runtime(dataset: Json) -> Json:
    name, namespace, uid = (dataset["metadata"][part] for part in ("name", "namespace", "uid"))
    owner = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "name": name, "uid": uid}
    metadata = {"name": name, "namespace": namespace, "ownerReferences": [owner]}
    return {"apiVersion": "data.fluid.io/v1alpha1", "kind": "JindoRuntime", "metadata": metadata, "spec": {}}


def _reader(claim: str, namespace: str) -> tuple[Json, Json]:
    """A claim as Fluid makes it, and a pod that uses it; the volume itself is of no interest here."""
    marks = {"labels": {"fluid.io/dataset-id": "x"}, "annotations": {"CreatedBy": "fluid"}}
    request = {"requests": {"storage": "1Gi"}}
    spec = {
        "accessModes": ["ReadOnlyMany"],
        "resources": request,
        "storageClassName": "fluid",
        "volumeName": "none",
    }
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    container = {"name": "main", "image": "example.org/none:1"}
    pod = {"containers": [container], "volumes": [volume], "terminationGracePeriodSeconds": 0}
    return (
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": claim, "namespace": namespace, **marks},
            "spec": spec,
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "reader", "namespace": namespace},
            "spec": pod,
        },
    )
