from collections.abc import Callable

import httpx2
import pytest

from fluid.controllers.lazy_start import RuntimeKinds
from fluid.controllers.nodes import NodeController
from tests.harness.server import FakeServer, status
from tests.pure.controllers.dataset_support import RUNTIMES, STATEFUL_SETS, Bench, Json, bench, claim, until

pytestmark = pytest.mark.anyio
FUSE = "fluid.io/f-default-hbase"


def put_runtime(server: FakeServer, name: str = "hbase", **more: object) -> Json:
    owner = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "name": name,
        "uid": f"dataset-{name}",
    }
    labels = {"fluid.io/dataset-id": f"default-{name}"}
    metadata = {"name": name, "namespace": "default", "labels": labels, "ownerReferences": [owner], **more}
    return server.put(RUNTIMES, {"metadata": metadata, "spec": {}})


def put_workers(server: FakeServer, runtime: Json, *nodes: str) -> None:
    name, labels = runtime["metadata"]["name"], {"fluid.io/managed-by": "fluid"}
    metadata = {"name": f"{name}-jindofs-worker", "namespace": "default", "labels": labels}
    owner = _controller("JindoRuntime", runtime)
    workload = server.put(STATEFUL_SETS, {"metadata": {**metadata, "ownerReferences": [owner]}})
    for index, node in enumerate(nodes):
        marks = {**labels, "fluid.io/dataset": f"default-{name}", "fluid.io/dataset-placement": "Shared"}
        owners = [_controller("StatefulSet", workload)]
        pod = {"name": f"{name}-{index}", "namespace": "default", "labels": marks, "ownerReferences": owners}
        spec = {"nodeName": node, "containers": [{"name": "main"}]}
        server.put("v1/pods", {"metadata": pod, "spec": spec, "status": {"phase": "Running"}})


def _controller(kind: str, owner: Json) -> Json:
    name, uid = owner["metadata"]["name"], owner["metadata"]["uid"]
    return {"apiVersion": "x/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def put_node(server: FakeServer, name: str, **labels: str) -> None:
    server.put("v1/nodes", {"metadata": {"name": name, "labels": labels}})


def labels(server: FakeServer, node: str) -> dict[str, str]:
    found = server.get("v1/nodes", "", node)
    assert found is not None
    return found["metadata"].get("labels") or {}


def run_nodes(one: Bench) -> NodeController:
    controller = NodeController(one.context)
    for kind in RuntimeKinds(one.context).kinds:
        registration = kind.registration
        controller.add(registration, one.context.informer_factory.of(registration.kind, optional=True))
    return controller


async def test_the_labels_of_all_datasets_of_a_node_are_written_at_once_and_withdrawn() -> None:
    server = FakeServer()
    put_node(server, "n1", zone="z")
    put_node(server, "n2")
    for name in ("hbase", "spark"):
        put_workers(server, put_runtime(server, name), "n1")
    async with bench(server) as one:
        controller = run_nodes(one).controller()
        one.group.start_soon(controller.run)
        await until(lambda: labels(server, "n1").get("fluid.io/dataset-num") == "2")
        found = labels(server, "n1")
        assert found["fluid.io/s-default-hbase"] == found["fluid.io/s-jindocache-default-spark"] == "true"
        assert found["fluid.io/s-h-jindocache-t-default-hbase"] == "2.5GiB"
        assert found["zone"] == "z"
        assert labels(server, "n2") == {}
        assert server.writes() == ["PATCH /api/v1/nodes/n1"]
        for name in ("hbase", "spark"):
            server.remove("v1/pods", "default", f"{name}-0")
        await until(lambda: labels(server, "n1") == {"zone": "z"})


async def test_a_conflict_is_tried_again() -> None:
    server = FakeServer()
    put_node(server, "n1")
    put_workers(server, put_runtime(server), "n1")
    refused: list[int] = []

    def conflict(request: object) -> object:
        if getattr(request, "method", "") == "PATCH" and not refused:
            refused.append(1)
            return status(409, "Conflict")
        return None

    server.faults.append(conflict)  # type: ignore[arg-type] - a fault may ignore what it is asked
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: "fluid.io/dataset-num" in labels(server, "n1"))
        assert refused


async def test_a_runtime_that_is_deleted_takes_its_labels_and_the_fuse_labels_of_all_nodes_along() -> None:
    server = FakeServer()
    put_node(server, "n1", **{FUSE: "true"})
    put_node(server, "n2", **{FUSE: "true", "fluid.io/f-default-other": "true"})
    runtime = put_runtime(server, finalizers=["x"])
    put_workers(server, runtime, "n1")
    server.put("v1/persistentvolumeclaims", claim("hbase"))
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: "fluid.io/dataset-num" in labels(server, "n1"))
        put_runtime(server, finalizers=["x"], deletionTimestamp="2026-01-02T00:00:00Z")
        await until(lambda: labels(server, "n1") == {FUSE: "true"})
        server.remove("v1/persistentvolumeclaims", "default", "hbase")
        await until(lambda: labels(server, "n1") == {})
        await until(lambda: labels(server, "n2") == {"fluid.io/f-default-other": "true"})


async def test_excluded_nodes_get_no_labels() -> None:
    server = FakeServer()
    put_node(server, "n1", pool="edge")
    put_node(server, "n2")
    put_workers(server, put_runtime(server), "n1", "n2")
    async with bench(server, exclude_nodes="pool in (edge, far)") as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: "fluid.io/dataset-num" in labels(server, "n2"))
        assert labels(server, "n1") == {"pool": "edge"}


async def test_pods_of_a_runtime_that_was_made_again_under_the_same_name_do_not_count() -> None:
    server = FakeServer()
    put_node(server, "n1")
    put_node(server, "n2")
    old = put_runtime(server)
    put_workers(server, old, "n1")
    server.remove(RUNTIMES, "default", "hbase")
    put_runtime(server, uid="another")
    put_workers(server, put_runtime(server, "spark"), "n2")
    await _only_n2_is_labelled(server)


async def test_pods_of_a_workload_that_was_made_again_under_the_same_name_do_not_count() -> None:
    server = FakeServer()
    put_node(server, "n1")
    put_node(server, "n2")
    runtime = put_runtime(server)
    put_workers(server, runtime, "n1")
    server.remove(STATEFUL_SETS, "default", "hbase-jindofs-worker")
    put_workers(server, runtime)
    put_workers(server, put_runtime(server, "spark"), "n2")
    await _only_n2_is_labelled(server)


async def _only_n2_is_labelled(server: FakeServer) -> None:
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: "fluid.io/dataset-num" in labels(server, "n2"))
        assert labels(server, "n1") == {}


def refuse_label(word: str, code: int, reason: str) -> Callable[[httpx2.Request], httpx2.Response | None]:
    """A fault: the API server refuses every write of a node with a label of this word."""

    def fault(request: httpx2.Request) -> httpx2.Response | None:
        refused = request.method == "PATCH" and word in request.content.decode()
        return status(code, reason) if refused else None

    return fault


@pytest.mark.parametrize(("code", "reason"), [(422, "Invalid"), (403, "Forbidden")])
async def test_a_label_that_is_refused_is_dropped_alone_and_told_on_its_runtime(
    code: int, reason: str
) -> None:
    server = FakeServer()
    put_node(server, "n1")
    for name in ("hbase", "spark"):
        put_workers(server, put_runtime(server, name), "n1")
    refused = "fluid.io/s-h-jindocache-t-default-hbase"
    server.faults.append(refuse_label(refused, code, reason))
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n1").get("fluid.io/dataset-num") == "2")
        await until(lambda: one.events("NodeLabelRefused"))
        found = labels(server, "n1")
        assert refused not in found
        assert found["fluid.io/s-h-jindocache-t-default-spark"] == "2.5GiB"
        assert found["fluid.io/s-default-hbase"] == found["fluid.io/s-jindocache-default-spark"] == "true"
        [told] = one.events("NodeLabelRefused")
        assert told.startswith(f"the API server refuses label {refused}=2.5GiB of node n1: ")
        assert "correct the spec of JindoRuntime default/hbase" in told
        server.remove("v1/pods", "default", "spark-0")
        await until(lambda: "fluid.io/s-default-spark" not in labels(server, "n1"))
