import anyio
import pytest

from fluid.controllers.context import utc_now
from fluid.controllers.deletion import POD_FIELDS, ClaimUsers
from fluid.models import Pod
from fluid.types import Key
from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import (
    DATASETS,
    RUNTIMES,
    Json,
    bench,
    claim,
    condition,
    dataset,
    datasets,
    pod,
    runtime,
    served,
    until,
)

pytestmark = pytest.mark.anyio
FINALIZER = "fluid-dataset-controller-finalizer"
_NOW = utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_a_dataset_alone_is_not_bound_and_says_what_to_create() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        ready, found = bench.ready("hbase"), bench.dataset("hbase")
        assert (ready["status"], ready["reason"]) == ("False", "RuntimeNotFound")
        assert "hbase" in ready["message"]
        assert "create a JindoRuntime" in ready["message"]
        assert found["status"]["phase"] == "NotBound"
        assert found["status"]["observedGeneration"] == 1
        assert found["metadata"]["finalizers"] == [FINALIZER]
        assert found["metadata"]["labels"] == {"fluid.io/dataset-id": "default-hbase"}
        assert await bench.pass_over("hbase") == []
        assert len(server.writes()) == 2, "one for the metadata, one for the status"


async def test_a_runtime_that_is_there_is_said_to_start_in_the_one_write() -> None:
    server = FakeServer()
    server.put(RUNTIMES, runtime("hbase"))
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase").get("reason") == "RuntimeStarting")
        assert await bench.pass_over("hbase") == []
        assert len(server.writes()) == 2


async def test_a_runtime_that_comes_later_is_noticed() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase").get("reason") == "RuntimeNotFound")
        server.put(RUNTIMES, runtime("hbase"))
        await until(lambda: bench.ready("hbase").get("reason") == "RuntimeStarting")


async def test_what_a_runtime_has_written_is_never_overwritten() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        standing = {"type": "Ready", "status": "False", "reason": "MasterNotReady"}
        server.put(
            DATASETS, {**bench.dataset("hbase"), "status": {"phase": "NotBound", "conditions": [standing]}}
        )
        server.put(RUNTIMES, runtime("hbase"))
        await until(lambda: bench.kinds.of(Key("default", "hbase")))
        assert await bench.pass_over("hbase") == []


@pytest.mark.parametrize("other", [("a-b", "jindocache"), ("jindocache-t-a-b", "h")])
@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_datasets_with_a_common_node_label_the_later_one_goes_by_its_uid(
    other: tuple[str, str], first: int
) -> None:
    server, pair = FakeServer(), [("b", "a"), other]
    for age, one in enumerate((pair[first], pair[1 - first])):
        server.put(DATASETS, dataset(*one, creationTimestamp=f"2026-01-01T00:00:0{age}Z"))
    async with datasets(server) as bench:
        await until(lambda: all(bench.dataset(*one)["metadata"].get("labels") for one in pair))
        holder, later = (bench.dataset(*one)["metadata"] for one in (pair[first], pair[1 - first]))
        assert holder["labels"] == {"fluid.io/dataset-id": f"{holder['namespace']}-{holder['name']}"}
        assert later["labels"] == {"fluid.io/dataset-id": later["uid"]}


async def test_a_recorded_identity_stays_although_a_node_label_is_shared() -> None:
    server = FakeServer()
    for name, namespace in (("b", "a"), ("a-b", "jindocache")):
        server.put(DATASETS, dataset(name, namespace, labels={"fluid.io/dataset-id": f"{namespace}-{name}"}))
    async with datasets(server) as bench:
        await until(lambda: all(bench.ready(*one) for one in (("b", "a"), ("a-b", "jindocache"))))
        assert "datasets/a-b/status" in str(server.writes())
        for name, namespace in (("b", "a"), ("a-b", "jindocache")):
            labels = bench.dataset(name, namespace)["metadata"]["labels"]
            assert labels == {"fluid.io/dataset-id": f"{namespace}-{name}"}


async def test_in_the_place_of_a_deleted_runtime_a_new_one_is_noticed_at_once() -> None:
    server = FakeServer()
    deleted = {"type": "Ready", "status": "False", "reason": "RuntimeDeleted", "message": "create one"}
    found = dataset("hbase", finalizers=[FINALIZER])
    server.put(DATASETS, {**found, "status": {"phase": "NotBound", "conditions": [deleted]}})
    going = runtime("hbase", deletionTimestamp="2026-01-02T00:00:00Z", finalizers=["x"])
    server.put(RUNTIMES, going)
    async with datasets(server, settle=60.0) as bench:
        await until(lambda: bench.dataset("hbase")["metadata"].get("labels"))
        await bench.pass_over("hbase")
        assert bench.ready("hbase") == deleted, "until it is gone, it speaks for itself"
        server.remove(RUNTIMES, "default", "hbase")
        await until(lambda: not bench.kinds.of(Key("default", "hbase")))
        server.put(RUNTIMES, runtime("hbase", creationTimestamp=_NOW))
        await until(lambda: bench.ready("hbase")["reason"] == "RuntimeStarting")


async def test_without_a_runtime_the_observed_generation_follows_the_spec() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        server.put(DATASETS, {**bench.dataset("hbase"), "spec": {"mounts": [{"mountPoint": "s3://b/d"}]}})
        generation = bench.dataset("hbase")["metadata"]["generation"]
        assert generation > 1
        await until(lambda: bench.dataset("hbase")["status"]["observedGeneration"] == generation)
        assert bench.ready("hbase")["observedGeneration"] == generation


async def test_a_kind_that_is_not_installed_delays_nobody() -> None:
    server = FakeServer(missing={RUNTIMES})
    server.put(DATASETS, dataset("hbase"))
    async with datasets(server) as bench:
        with anyio.fail_after(2):
            await until(lambda: bench.ready("hbase"))


@pytest.mark.parametrize(
    ("mounts", "reason"),
    [
        (["dataset://other/data"], "ReferenceNotAllowed"),
        (["s3://bucket", "dataset://other/data"], "InvalidMounts"),
        (["dataset://a/a", "dataset://b/b"], "InvalidMounts"),
    ],
)
async def test_references_are_refused_with_one_event(mounts: list[str], reason: str) -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("ref", "default", *mounts))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("ref"))
        assert bench.ready("ref")["reason"] == reason
        await until(lambda: bench.events("ErrorCreateDataset"))
        assert await bench.pass_over("ref") == []
        assert len(bench.events("ErrorCreateDataset")) == 1
        fixed = {**bench.dataset("ref"), "spec": {"mounts": [{"mountPoint": "s3://bucket"}]}}
        server.put(DATASETS, fixed)
        await until(lambda: bench.ready("ref")["reason"] == "RuntimeNotFound")


async def test_a_name_that_cannot_be_used_ends_in_a_condition() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("1.2"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("1.2"))
        assert bench.ready("1.2")["reason"] == "InvalidName"
        assert "finalizers" not in bench.dataset("1.2")["metadata"]


async def test_two_datasets_of_one_spelling_get_two_identities() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("b-c", "a"))
    server.put(DATASETS, dataset("c", "a-b"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("b-c", "a") and bench.ready("c", "a-b"))
        first, second = bench.dataset("b-c", "a")["metadata"], bench.dataset("c", "a-b")["metadata"]
        assert first["labels"]["fluid.io/dataset-id"] == "a-b-c"
        assert second["labels"]["fluid.io/dataset-id"] == second["uid"]


async def test_a_conflict_is_no_failure() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    touched: list[int] = []

    def meddle(request: object) -> None:
        if str(getattr(request, "url", "")).split("?")[0].endswith("/status") and not touched:
            touched.append(1)
            server.put(DATASETS, {**server.objects[DATASETS]["default", "hbase"], "data": 1})

    server.faults.append(meddle)
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        assert touched


async def test_deleting_takes_the_runtime_along_and_two_writes() -> None:
    server = FakeServer()
    made = server.put(DATASETS, dataset("hbase"))
    owner = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "name": "hbase",
        "uid": made["metadata"]["uid"],
    }
    server.put(RUNTIMES, runtime("hbase", ownerReferences=[owner], finalizers=["x"]))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        before = len(server.writes())
        _delete(server, "hbase")
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)
        left = server.get(RUNTIMES, "default", "hbase")
        assert left is not None
        assert "deletionTimestamp" in left["metadata"]
        assert len(server.writes()) - before == 2
        assert not any("/pods" in line and "namespaces" in line for line in server.requests), (
            "no claim, no list"
        )


async def test_a_runtime_of_another_owner_stays() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    server.put(RUNTIMES, runtime("hbase"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        _delete(server, "hbase")
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)
        assert server.get(RUNTIMES, "default", "hbase") is not None


async def test_pods_block_the_deletion_and_their_end_releases_it() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase"))
    server.put("v1/persistentvolumeclaims", claim("hbase"))
    for number in range(7):
        server.put("v1/pods", pod(f"reader-{number}", "hbase"))
    server.put("v1/pods", pod("done", "hbase", phase="Succeeded"))
    server.put("v1/pods", pod("elsewhere", "hbase", namespace="other"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        _delete(server, "hbase")
        await until(lambda: _blocked(bench.dataset("hbase")))
        message = _blocked(bench.dataset("hbase"))["message"]
        assert "reader-0, reader-1, reader-2, reader-3, reader-4 and 2 more" in message
        assert bench.ready("hbase"), "an apply of one condition does not withdraw the other"
        assert bench.dataset("hbase")["status"]["phase"] == "NotBound"
        for number in range(6):
            server.remove("v1/pods", "default", f"reader-{number}")
        await until(lambda: "by pod reader-6:" in _blocked(bench.dataset("hbase"))["message"])
        await until(lambda: bench.events("ErrorDeleteDataset"))
        assert len(bench.events("ErrorDeleteDataset")) == 1
        server.put("v1/pods", pod("reader-6", "hbase", phase="Failed"))
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)
        before = _watches(server, "namespaces/default/pods")
        others = len(_watches(server, "/datasets"))
        server.drop_watches()
        await until(lambda: len(_watches(server, "/datasets")) > others)
        assert _watches(server, "namespaces/default/pods") == before, "the pods are informers no longer"


async def test_of_the_pods_that_a_deletion_watches_only_what_it_reads_is_kept() -> None:
    server = FakeServer()
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "hbase"}}
    container = {"name": "main", "image": "busybox", "env": [{"name": "A", "value": "a"}]}
    spec = {"containers": [container], "volumes": [volume], "nodeName": "node-0"}
    server.put("v1/pods", {**pod("reader"), "spec": spec})
    async with bench(server) as one:
        users = ClaimUsers(one.context.informer_factory, lambda _: None)
        assert await users.follow(Key("default", "hbase")) == ["reader"]
        watch = one.context.informer_factory.of(Pod, namespace="default", keep=POD_FIELDS)
        [entry] = watch.store.entries()
        assert entry.raw["spec"] == {"containers": [{"name": "main"}], "volumes": [volume]}
        assert entry.raw["status"] == {"phase": "Running"}


async def test_a_runtime_of_another_dataset_that_mounts_the_volume_blocks_and_the_own_one_does_not() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase", finalizers=[FINALIZER]))
    server.put("v1/persistentvolumeclaims", claim("hbase"))
    server.put("v1/pods", served("hbase-worker-0", "hbase", of="hbase"))
    server.put("v1/pods", served("other-worker-0", "hbase", of="other"))
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        _delete(server, "hbase")
        await until(lambda: _blocked(bench.dataset("hbase")))
        assert "by pod other-worker-0:" in _blocked(bench.dataset("hbase"))["message"]
        server.remove("v1/pods", "default", "other-worker-0")
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)


async def test_a_pod_that_cannot_be_read_counts_as_one_that_uses_the_volume() -> None:
    server = FakeServer()
    server.put(DATASETS, dataset("hbase", finalizers=[FINALIZER]))
    server.put("v1/persistentvolumeclaims", claim("hbase"))
    unreadable = pod("strange", "hbase")
    unreadable["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = {"no": "name"}
    server.put("v1/pods", unreadable)
    async with datasets(server) as bench:
        await until(lambda: bench.ready("hbase"))
        _delete(server, "hbase")
        await until(lambda: _blocked(bench.dataset("hbase")))
        assert "by pod strange (which cannot be read):" in _blocked(bench.dataset("hbase"))["message"]
        server.put("v1/pods", pod("strange"))
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)


async def test_referring_datasets_block_and_gone_ones_are_pruned() -> None:
    server = FakeServer()
    allowed = {"data.fluid.io/allowed-reference-namespaces": "third, other"}
    server.put(DATASETS, dataset("hbase", finalizers=[FINALIZER], annotations=allowed))
    alive = dataset("alive", "other", "dataset://default/hbase/folder")
    reading = {"name": "alive", "namespace": "other", "category": "Accelerate", "type": "thin"}
    status = {"phase": "Bound", "conditions": [], "runtimes": [reading]}
    server.put(DATASETS, {**alive, "status": status})
    found = server.objects[DATASETS]["default", "hbase"]
    status = {"phase": "Bound", "conditions": [], "datasetRef": ["other/alive", "other/gone", "nonsense"]}
    server.put(DATASETS, {**found, "status": status})
    async with datasets(server) as bench:
        await until(lambda: bench.dataset("hbase")["status"]["datasetRef"] == ["other/alive"])
        _delete(server, "hbase")
        await until(lambda: _blocked(bench.dataset("hbase")))
        assert "dataset other/alive:" in _blocked(bench.dataset("hbase"))["message"]
        assert bench.dataset("hbase")["status"]["phase"] == "Bound"
        server.remove(DATASETS, "other", "alive")
        await until(lambda: server.get(DATASETS, "default", "hbase") is None)


def _delete(server: FakeServer, name: str) -> None:
    found = server.objects[DATASETS]["default", name]
    server.put(
        DATASETS, {**found, "metadata": {**found["metadata"], "deletionTimestamp": "2026-01-02T00:00:00Z"}}
    )


def _watches(server: FakeServer, collection: str) -> list[str]:
    return [line for line in server.requests if line.endswith(collection)]


def _blocked(found: Json) -> Json:
    return condition(found, "DeletionBlocked")
