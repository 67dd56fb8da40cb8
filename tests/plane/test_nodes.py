"""Node labels at a real API server: written beside the kubelets' own writes, withdrawn with the runtime."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from cluster import ControlPlane
from fluid.controllers.context import Context, Informers
from fluid.controllers.lazy_start import RuntimeKinds, rules
from fluid.controllers.nodes import RULES, NodeController
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.kube import Connection, InformerFactory, Reflector
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.types import KubeObject
from tests.plane.support import Cluster, Json, operator_account
from tests.pure.controllers.dataset_support import jindo

pytestmark = [pytest.mark.plane, pytest.mark.anyio]
API = "data.fluid.io/v1alpha1"


@pytest.fixture
def cluster(plane: ControlPlane, namespace: str) -> Cluster:
    return Cluster(plane, namespace)


@pytest.fixture
def credentials(plane: ControlPlane, namespace: str, tmp_path: Path) -> Path:
    return operator_account(plane, namespace, [*RULES, *rules([jindo()])], tmp_path)


@asynccontextmanager
async def operator(kubeconfig: Path) -> AsyncGenerator[None]:
    """A running node controller, to which the runtime kind comes with its first object."""
    async with Connection.open(kubeconfig=kubeconfig) as connection, anyio.create_task_group() as group:
        informer_factory, metrics, recorder = InformerFactory(connection), Metrics(), Recorder(connection)
        registry = Registry({"JindoRuntime": jindo()})
        context = Context(
            connection,
            informer_factory,
            recorder,
            metrics,
            registry,
            Settings(),
            Informers.by(informer_factory, None),
        )
        nodes, kinds = NodeController(context), RuntimeKinds(context)

        def here(_: EngineRegistration[KubeObject]) -> bool:
            return True

        def start(registration: EngineRegistration[KubeObject], runtimes: Reflector[KubeObject]) -> None:
            nodes.add(registration, runtimes)

        for task in (informer_factory.run, recorder.run, nodes.controller().run):
            group.start_soon(task)
        group.start_soon(kinds.run, start, here)
        yield
        group.cancel_scope.cancel()


async def test_labels_come_with_the_workers_and_go_with_the_runtime(
    cluster: Cluster, credentials: Path
) -> None:
    namespace = cluster.namespace
    identity = f"{namespace}-hbase"
    async with operator(credentials):
        dataset = await _create(cluster, API, "Dataset", {}, finalizers=["fluid.test/keep"])
        labels = {"fluid.io/dataset-id": identity}
        owner = _owner(dataset)
        runtime = await _create(
            cluster,
            API,
            "JindoRuntime",
            {},
            labels=labels,
            ownerReferences=[owner],
            finalizers=["fluid.test/keep"],
        )
        await _create(
            cluster,
            "apps/v1",
            "StatefulSet",
            _workers(identity),
            labels={"fluid.io/managed-by": "fluid"},
            ownerReferences=[{**_owner(runtime), "controller": True}],
        )
        pod = await cluster.until("pod", "hbase-0", lambda one: one and one["spec"].get("nodeName"))
        node = pod["spec"]["nodeName"]
        common, fuse = f"fluid.io/s-{identity}", f"fluid.io/f-{identity}"
        found = await cluster.until("node", node, lambda one: one and common in one["metadata"]["labels"])
        assert found["metadata"]["labels"][f"fluid.io/s-h-jindocache-t-{identity}"] == "2.5GiB"
        await cluster.kubectl("label", "node", node, f"{fuse}=true")
        await cluster.kubectl("delete", "jindoruntime", "hbase", "-n", namespace, "--wait=false")
        left = await cluster.until(
            "node", node, lambda one: one and not {common, fuse} & {*one["metadata"]["labels"]}
        )
        assert not [key for key in left["metadata"]["labels"] if identity in key]
        free = '{"metadata": {"finalizers": null}}'
        for kind in ("jindoruntime", "dataset"):
            await cluster.kubectl("patch", kind, "hbase", "-n", namespace, "--type=merge", "-p", free)


async def _create(cluster: Cluster, version: str, kind: str, spec: Json, **metadata: object) -> Json:
    named = {"name": "hbase", "namespace": cluster.namespace, **metadata}
    await cluster.apply({"apiVersion": version, "kind": kind, "metadata": named, "spec": spec})
    made = await cluster.get(kind.lower(), "hbase")
    assert made is not None
    return made


def _owner(owner: Json) -> Json:
    name, uid = owner["metadata"]["name"], owner["metadata"]["uid"]
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name, "uid": uid}


def _workers(identity: str) -> Json:
    labels = {
        "app": "hbase",
        "fluid.io/managed-by": "fluid",
        "fluid.io/dataset": identity,
        "fluid.io/dataset-placement": "Exclusive",
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": "example.org/none:1"}]},
    }
    return {
        "serviceName": "hbase",
        "replicas": 1,
        "selector": {"matchLabels": {"app": "hbase"}},
        "template": template,
    }
