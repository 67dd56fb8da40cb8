"""Requests of nodes for FUSE pods: granted where a pod uses the claim, taken away where none does."""

import pytest

from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import Json, bench, until
from tests.pure.controllers.test_nodes_controller import labels, put_node, put_runtime, run_nodes

pytestmark = pytest.mark.anyio
ASKED, GRANTED = "fluid.io/f-default-hbase", "node-restriction.kubernetes.io/fluid-f-default-hbase"
OTHER = "fluid.io/f-default-other"


def put_fuses(server: FakeServer, runtime: Json, label: str) -> None:
    """The DaemonSet of a runtime's FUSE pods, which go to nodes with this label."""
    name, uid = runtime["metadata"]["name"], runtime["metadata"]["uid"]
    owner = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "JindoRuntime", "name": name, "uid": uid}
    metadata = {
        "name": f"{name}-fuse",
        "namespace": "default",
        "labels": {"fluid.io/managed-by": "fluid"},
        "ownerReferences": [{**owner, "controller": True}],
    }
    pod = {"containers": [{"name": "fuse"}], "nodeSelector": {label: "true"}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {}, "spec": pod}}
    server.put("apps/v1/daemonsets", {"metadata": metadata, "spec": spec})


def put_reader(server: FakeServer, node: str, claim: str = "hbase", **more: Json) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    spec = {"nodeName": node, "containers": [{"name": "main"}], "volumes": [volume]}
    metadata = {"name": f"{claim}-on-{node}", "namespace": "default", **more.get("metadata", {})}
    server.put("v1/pods", {"metadata": metadata, "spec": spec, "status": more.get("status", {})})


async def test_a_request_is_granted_on_the_node_whose_pod_uses_the_claim_and_on_no_other() -> None:
    server = FakeServer()
    put_fuses(server, put_runtime(server), GRANTED)
    put_fuses(server, put_runtime(server, "other"), GRANTED.replace("hbase", "other"))
    put_reader(server, "n1")
    for node in ("n1", "n2"):
        put_node(server, node, **{ASKED: "true", OTHER: "true", "zone": "a"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n1") == {ASKED: "true", GRANTED: "true", "zone": "a"})
        await until(lambda: labels(server, "n2") == {"zone": "a"})


@pytest.mark.parametrize(
    "more",
    [
        {"status": {"phase": "Succeeded"}},
        {"status": {"phase": "Failed"}},
        {"metadata": {"deletionTimestamp": "2026-01-02T00:00:00Z", "finalizers": ["a.io/x"]}},
        {"metadata": {"namespace": "elsewhere"}},
    ],
    ids=["succeeded", "failed", "deleted", "elsewhere"],
)
async def test_a_pod_that_does_not_use_the_claim_any_more_or_another_is_no_reason(more: Json) -> None:
    server = FakeServer()
    put_fuses(server, put_runtime(server), GRANTED)
    put_reader(server, "n1", **more)
    put_node(server, "n1", **{ASKED: "true"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n1") == {})
        put_reader(server, "n1", metadata={"name": "again"})
        put_node(server, "n1", **{ASKED: "true"})  # as the next stage does
        await until(lambda: labels(server, "n1") == {ASKED: "true", GRANTED: "true"})


@pytest.mark.parametrize(("listed", "granted"), [("elsewhere/mine", True), ("elsewhere/other", False)])
async def test_a_pod_that_reads_by_a_reference_which_the_dataset_lists_is_a_reason(
    listed: str, granted: bool
) -> None:
    server = FakeServer()
    put_fuses(server, put_runtime(server), GRANTED)
    put_reader(server, "n1", "mine", metadata={"namespace": "elsewhere"})
    lent = {
        "metadata": {"name": "hbase", "namespace": "default"},
        "status": {"conditions": [], "datasetRef": [listed]},
    }
    server.put("data.fluid.io/v1alpha1/datasets", {**lent, "spec": {}})
    put_node(server, "n1", **{ASKED: "true"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n1") == ({ASKED: "true", GRANTED: "true"} if granted else {}))


async def test_a_grant_goes_with_its_request_and_one_without_a_request_does_not_stay() -> None:
    server = FakeServer()
    put_fuses(server, put_runtime(server), GRANTED)
    put_node(server, "n1", **{ASKED: "true", GRANTED: "true"})
    put_node(server, "n2", **{GRANTED: "true", "node-restriction.kubernetes.io/mine": "true"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n2") == {"node-restriction.kubernetes.io/mine": "true"})
        assert labels(server, "n1") == {ASKED: "true", GRANTED: "true"}, "it stays while the plugin wants it"
        put_node(server, "n1")
        put_node(server, "n1", **{GRANTED: "true"})
        await until(lambda: labels(server, "n1") == {})


async def test_requests_for_fuse_pods_that_wait_for_no_grant_cost_nothing() -> None:
    server = FakeServer()
    put_fuses(server, put_runtime(server), ASKED)
    put_node(server, "n1", **{ASKED: "true", "fluid.io/f-a-stranger": "true"})
    put_node(server, "n2", **{GRANTED: "true"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n2") == {})
        assert labels(server, "n1") == {ASKED: "true", "fluid.io/f-a-stranger": "true"}
        assert not [one for one in server.requests if "fieldSelector" in one]


async def test_fuse_pods_that_begin_to_wait_for_a_grant_have_old_requests_decided() -> None:
    server = FakeServer()
    runtime = put_runtime(server)
    put_reader(server, "n1")
    put_node(server, "n1", **{ASKED: "true"})
    put_node(server, "n2", **{GRANTED: "true"})
    async with bench(server) as one:
        one.group.start_soon(run_nodes(one).controller().run)
        await until(lambda: labels(server, "n2") == {})
        assert labels(server, "n1") == {ASKED: "true"}
        put_fuses(server, runtime, GRANTED)
        await until(lambda: labels(server, "n1") == {ASKED: "true", GRANTED: "true"})
