"""The clients against an API server in memory."""

import json

import anyio
import httpx2
import pytest
from pydantic import JsonValue

from fluid import (
    AsyncClient,
    AuthoringError,
    Client,
    Conflict,
    Dataset,
    Forbidden,
    JindoRuntime,
    NotDeleted,
    NotFound,
    ThinRuntime,
    s3,
    source,
)
from fluid.models import ObjectMeta, PersistentVolume
from tests.harness.server import FakeServer, status
from tests.pure.sdk.support import DATASETS, LOADS, Json, Stage, dataset, load

pytestmark = pytest.mark.anyio
RUNTIMES = "data.fluid.io/v1alpha1/jindoruntimes"


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


async def test_apply_uses_a_manager_of_its_own_and_the_namespace_of_the_client(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect, namespace="team") as client:
        made = await Dataset.of("hbase", s3("bucket")).apply(client)
        assert (type(made), made.namespace, made.metadata.generation) == (Dataset, "team", 1)
        elsewhere = await client.datasets.apply(Dataset.of("hbase", namespace="other"))
        assert elsewhere.namespace == "other"
    assert server.get(DATASETS, "team", "hbase")


async def test_apply_sends_what_was_asked_for(server: FakeServer) -> None:
    seen: list[httpx2.URL] = []
    server.faults.append(lambda request: seen.append(request.url))
    async with AsyncClient(connect=server.connect) as client:
        await Dataset.of("hbase").apply(client, force=True, dry_run=True)
    assert dict(seen[-1].params) == {"fieldManager": "fluid-sdk", "force": "true", "dryRun": "All"}


async def test_what_was_read_can_be_changed_and_applied(server: FakeServer) -> None:
    found = dataset({"phase": "NotBound", "conditions": []})
    found["metadata"]["finalizers"] = ["held"]
    server.put(DATASETS, found)
    sent: list[bytes] = []
    async with AsyncClient(connect=server.connect) as client:
        read = await client.datasets.get("hbase")
        read.spec.placement = "Shared"
        server.faults.append(lambda request: sent.append(request.content))
        written = await read.apply(client)
    assert (written.spec.placement, written.status is not None) == ("Shared", True)
    body = json.loads(sent[-1])
    assert body["metadata"] == {"name": "hbase", "namespace": "default"}
    assert set(body) == {"apiVersion", "kind", "metadata", "spec"}


async def test_apply_refuses_unknown_fields_with_their_path_and_sends_nothing(server: FakeServer) -> None:
    wrong = Dataset.model_validate({"metadata": {"name": "x"}, "spec": {"mount": []}})
    async with AsyncClient(connect=server.connect) as client:
        with pytest.raises(AuthoringError, match=r"spec.mount: unknown field; did you mean mounts\?"):
            await wrong.apply(client)
        with pytest.raises(AuthoringError, match=r"metadata.name: is missing: name the Dataset"):
            await client.datasets.apply(Dataset(metadata=ObjectMeta()))
    assert server.requests == []


async def test_errors_name_kind_object_and_next_step(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect) as client:
        with pytest.raises(
            NotFound, match=r"cannot get Dataset default/x: .*; see `kubectl -n default get datasets`"
        ):
            await client.datasets.get("x")
        assert await client.datasets.find("x") is None
        with pytest.raises(NotFound, match=r"only runtimes have replicas"):
            await client.jindo_runtimes.scale("x", 2)
        server.faults.append(lambda _: status(403, "Forbidden", "user cannot list"))
        with pytest.raises(
            Forbidden, match=r"datasets in namespace default: .*auth can-i list datasets.data.fluid.io"
        ):
            await client.datasets.list()
        with pytest.raises(Forbidden, match=r"auth can-i list"):
            async with client.datasets.watch():
                pass
        ending = status(403, "Forbidden", "it is being terminated", cause="NamespaceTerminating")
        server.faults[:] = [lambda _: ending]
        with pytest.raises(Forbidden, match=r"being terminated; take another namespace"):
            await Dataset.of("x").apply(client)
        server.faults[:] = [lambda _: status(409, "Conflict", 'conflict with "kubectl"')]
        with pytest.raises(Conflict, match=r"cannot apply Dataset default/x: .*force=True"):
            await Dataset.of("x").apply(client)


async def test_a_kind_that_is_not_installed_is_said_with_what_to_do(server: FakeServer) -> None:
    server.missing.add(DATASETS)
    async with AsyncClient(connect=server.connect) as client:
        with pytest.raises(NotFound, match="fluid manifests --crds"):
            await client.datasets.list()


async def test_list_looks_where_it_is_told(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect) as client:
        for namespace in ("default", "other"):
            await Dataset.of("hbase", namespace=namespace, labels={"in": namespace}).apply(client)
        assert [one.namespace for one in await client.datasets.list()] == ["default"]
        assert [one.namespace for one in await client.datasets.list(namespace="other")] == ["other"]
        everywhere = await client.datasets.list(all_namespaces=True)
        assert sorted(one.namespace for one in everywhere) == ["default", "other"]
        assert len(await client.datasets.list(all_namespaces=True, labels="in=other")) == 1
        assert await client.kind(PersistentVolume).list() == []
    assert server.requests[-1] == "GET /api/v1/persistentvolumes"


async def test_scale_sets_the_workers(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect) as client:
        await JindoRuntime.of("hbase", replicas=1).apply(client)
        await client.jindo_runtimes.scale("hbase", 3)
        assert (await client.jindo_runtimes.get("hbase")).spec.replicas == 3


async def test_a_watch_misses_no_deletion_when_the_server_forgets() -> None:
    stage = Stage()
    stage.server.put(DATASETS, dataset(name="a"))
    stage.server.put(DATASETS, dataset(name="b"))
    async with AsyncClient(connect=stage.server.connect) as client, client.datasets.watch() as events:
        with anyio.fail_after(10):
            first = [await anext(events), await anext(events)]
            assert [(one.type, one.object.name) for one in first] == [("ADDED", "a"), ("ADDED", "b")]
            await stage.watched("datasets")
            stage.server.objects[DATASETS].pop(("default", "a"))
            stage.server.version += 1
            stage.server.compact()
            gone = await anext(events)
            assert (gone.type, gone.object.name, type(gone.object)) == ("DELETED", "a", Dataset)
            stage.server.put(DATASETS, dataset({"phase": "Bound", "conditions": []}, "b"))
            changed = await anext(events)
            assert (changed.type, changed.object.name) == ("MODIFIED", "b")


async def test_a_cancelled_step_of_a_watch_loses_nothing(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect) as client, client.datasets.watch() as events:
        with anyio.move_on_after(0.01):
            await anext(events)
        server.put(DATASETS, dataset())
        with anyio.fail_after(5):
            assert (await anext(events)).object.name == "hbase"


async def test_what_a_block_raises_leaves_the_watch_as_it_is(server: FakeServer) -> None:
    async with AsyncClient(connect=server.connect) as client:
        with pytest.raises(KeyError):
            async with client.datasets.watch():
                raise KeyError


async def test_delete_waits_until_the_object_is_gone() -> None:
    stage = Stage()
    held = dataset()
    held["metadata"]["finalizers"] = ["held"]
    stage.server.put(DATASETS, held)
    async with AsyncClient(connect=stage.server.connect) as client, anyio.create_task_group() as group:
        with pytest.raises(NotDeleted, match="describe dataset hbase, which held holds"):
            await client.datasets.delete("hbase", wait=0.1)
        group.start_soon(lambda: client.datasets.delete("hbase", wait=5))
        await stage.watched("datasets")
        stage.server.remove(DATASETS, "default", "hbase")
    async with AsyncClient(connect=stage.server.connect) as client:
        await client.datasets.delete("hbase", wait=1)
        with pytest.raises(NotFound, match="cannot delete Dataset default/hbase"):
            await client.datasets.delete("hbase", missing_ok=False)


def test_the_blocking_client_does_the_same(server: FakeServer) -> None:
    with Client(connect=server.connect) as client:
        made = Dataset.of("hbase", s3("bucket", secret="s")).apply(client)
        assert (type(made), client.namespace) == (Dataset, "default")
        assert client.datasets.get("hbase") == made
        with client.datasets.watch() as events:
            assert next(events).object.name == "hbase"
            client.datasets.delete("hbase")
            assert next(events).type == "DELETED"
        with pytest.raises(NotFound):
            client.datasets.get("hbase")


def test_a_client_that_is_not_open_says_how_to_open_it() -> None:
    with pytest.raises(RuntimeError, match=r"with Client\(\) as client"):
        _ = Client().datasets
    with pytest.raises(RuntimeError, match=r"async with AsyncClient\(\) as client"):
        _ = AsyncClient().datasets


def leaving(found: Json) -> Json:
    """The same object, whose deletion was asked for and is held up."""
    metadata = {**found["metadata"], "finalizers": ["held"], "deletionTimestamp": "2026-01-01T00:00:00Z"}
    return {**found, "metadata": metadata}


def runtime(**metadata: JsonValue) -> Json:
    return {"metadata": {"name": "hbase", "namespace": "default", **metadata}, "spec": {}}


async def test_an_object_in_deletion_is_waited_for_and_made_anew() -> None:
    stage = Stage()
    stage.server.put(RUNTIMES, leaving(runtime()))
    old = stage.server.get(RUNTIMES, "default", "hbase")
    assert old

    async def go() -> None:
        await stage.watched("jindoruntimes")
        assert stage.server.get(RUNTIMES, "default", "hbase") == old, "nobody touches what goes"
        stage.server.remove(RUNTIMES, "default", "hbase")

    async with AsyncClient(connect=stage.server.connect) as client, anyio.create_task_group() as group:
        group.start_soon(go)
        made = await JindoRuntime.of("hbase").apply(client)
        assert made.uid != old["metadata"]["uid"]
        assert made.metadata.deletion_timestamp is None


async def test_an_object_that_stays_in_deletion_is_left_alone_and_said() -> None:
    stage = Stage()
    stage.server.put(RUNTIMES, leaving(runtime()))
    async with AsyncClient(connect=stage.server.connect) as client:
        with pytest.raises(NotDeleted, match="which held holds"):
            await client.jindo_runtimes.apply(JindoRuntime.of("hbase"), wait=0.05)
    assert not [one for one in stage.server.writes() if "jindoruntimes" in one]


def test_a_dataset_is_gone_when_its_runtime_and_operations_are() -> None:
    stage = Stage()
    found = stage.server.put(DATASETS, dataset())
    owner: JsonValue = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "name": "hbase",
        "uid": found["metadata"]["uid"],
    }
    stage.server.put(RUNTIMES, leaving(runtime(ownerReferences=[owner])))
    with Client(connect=stage.server.connect) as client:
        with pytest.raises(NotDeleted, match="JindoRuntime default/hbase did not go"):
            client.datasets.delete("hbase", wait=0.3)
        with pytest.raises(NotDeleted, match="JindoRuntime default/hbase did not go"):
            client.datasets.delete("hbase", wait=0.3)  # although it is gone itself
        stage.server.remove(RUNTIMES, "default", "hbase")
        stage.server.put(
            LOADS, {**load("Complete"), "metadata": {**load("")["metadata"], "ownerReferences": [owner]}}
        )
        client.datasets.delete("hbase", wait=0.3)  # nobody knows any more whose it was
        stage.server.remove(LOADS, "default", "warm")
        again = stage.server.put(DATASETS, dataset())
        stage.server.put(
            LOADS,
            {
                **load("Complete"),
                "metadata": {
                    **load("")["metadata"],
                    "ownerReferences": [{**owner, "uid": again["metadata"]["uid"]}],
                },
            },
        )
        with pytest.raises(NotDeleted, match="DataLoad default/warm did not go"):
            client.datasets.delete("hbase", wait=0.3)


PROFILES = "data.fluid.io/v1alpha1/thinruntimeprofiles"


def _profile(accepted: str = "") -> Json:
    annotations = {"data.fluid.io/accepted-options": accepted}
    return {"metadata": {"name": "rclone", "annotations": annotations}, "spec": {"fileSystemType": "rclone"}}


@pytest.mark.parametrize("first", ["dataset", "runtime"])
async def test_a_source_in_the_words_of_another_cache_is_refused_for_a_thin_runtime(
    server: FakeServer, first: str
) -> None:
    both = [Dataset.of("hbase", s3("bucket", secret="keys")), ThinRuntime.of("hbase", "rclone")]
    earlier, later = both if first == "dataset" else reversed(both)
    async with AsyncClient(connect=server.connect) as client:
        await earlier.apply(client)
        with pytest.raises(AuthoringError) as caught:
            await later.apply(client)
    assert "Dataset default/hbase spec.mounts[0].options[fs.s3.accessKeyId]: is a word of JindoCache" in str(
        caught.value
    )
    assert "write source(" in str(caught.value)


async def test_such_a_source_is_sent_where_it_may_work(server: FakeServer) -> None:
    server.put(PROFILES, _profile("fs.s3."))
    dataset_of = Dataset.of("hbase", s3("bucket", endpoint="https://store"))
    async with AsyncClient(connect=server.connect) as client:
        await JindoRuntime.of("hbase").apply(client)
        await dataset_of.apply(client)
        await ThinRuntime.of("hbase", "rclone").apply(client)
        await Dataset.of("words", source("s3://bucket", options={"endpoint": "https://store"})).apply(client)
        await ThinRuntime.of("words", "rclone").apply(client)


async def test_a_bound_dataset_is_left_to_the_operator(server: FakeServer) -> None:
    bound: Json = dataset({"phase": "Bound", "conditions": []})
    bound["spec"]["mounts"][0]["options"] = {"fs.s3.endpoint": "https://store"}
    server.put(DATASETS, bound)
    async with AsyncClient(connect=server.connect) as client:
        await ThinRuntime.of("hbase", "rclone").apply(client)
        await Dataset.of("hbase", s3("bucket", endpoint="https://store")).apply(client)


async def test_what_one_may_not_read_is_left_to_the_operator(server: FakeServer) -> None:
    def forbid(request: httpx2.Request) -> httpx2.Response | None:
        read = request.method == "GET" and "/datasets/" in request.url.path
        return status(403, "Forbidden", "no") if read else None

    server.faults.append(forbid)
    async with AsyncClient(connect=server.connect) as client:
        await ThinRuntime.of("hbase", "rclone").apply(client, dry_run=True)
