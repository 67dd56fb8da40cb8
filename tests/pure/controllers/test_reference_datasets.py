# pyright: basic
"""What the controller of Datasets does for those that refer to others, at an API server in memory."""

from typing import Any, cast

import httpx2
import pytest

from fluid.controllers.referred import allowed_holders
from fluid.engines.core import references
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.thin.registration import registration as thin
from fluid.models import Dataset
from fluid.types import Key, KubeObject
from tests.harness.server import FakeServer, status
from tests.pure.controllers.dataset_support import (
    DATASETS,
    RUNTIMES,
    Json,
    condition,
    dataset,
    datasets,
    jindo,
    runtime,
    until,
)

pytestmark = pytest.mark.anyio
THIN = "data.fluid.io/v1alpha1/thinruntimes"
ALLOWED = "data.fluid.io/allowed-reference-namespaces"


def registry() -> Registry:
    """Both engines."""
    return Registry({"JindoRuntime": jindo(), "ThinRuntime": cast("EngineRegistration[KubeObject]", thin())})


def served(name: str, namespace: str, *mounts: str, kind: str = "thin", **more: Any) -> Json:
    """A Dataset that is Bound."""
    entry = {"name": name, "namespace": namespace, "category": "Accelerate", "type": kind}
    shown = [{"mountPoint": mount} for mount in mounts]
    status = {"phase": "Bound", "conditions": [], "runtimes": [entry], "mounts": shown}
    status |= more.pop("status", {})
    return {**dataset(name, namespace, *mounts, **more), "status": status}


def volume(name: str, namespace: str) -> Json:
    """The volume of a Dataset's claim."""
    metadata = {"name": f"{namespace}-{name}", "labels": {"fluid.io/dataset-id": f"{namespace}-{name}"}}
    attributes = {"fluid_path": "/runtime-mnt/x", "runtime_namespace": namespace, "runtime_name": name}
    csi = {"driver": "fuse.csi.fluid.io", "volumeHandle": metadata["name"], "volumeAttributes": attributes}
    spec = {"csi": csi, "claimRef": {"namespace": namespace, "name": name}}
    return {"metadata": {**metadata, "annotations": {"CreatedBy": "fluid"}}, "spec": spec}


def lend(server: FakeServer, *allowed: str, **status: Any) -> None:
    annotations = {ALLOWED: ",".join(allowed)}
    lent = served("data", "lending", "s3://b/", kind="jindo", annotations=annotations, status=status)
    server.put(DATASETS, lent)
    server.put("v1/persistentvolumes", volume("data", "lending"))


async def test_the_runtime_of_a_reference_is_made_once_it_is_allowed() -> None:
    server = FakeServer()
    lend(server)
    server.put(DATASETS, dataset("mine", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        await until(lambda: bench.ready("mine", "reading").get("reason") == "ReferenceNotAllowed")
        assert THIN not in server.objects or not server.objects[THIN]
        assert not [line for line in server.writes() if "datasets/data/status" in line]
        lend(server, "reading")
        await until(lambda: server.get(THIN, "reading", "mine"))
        await until(lambda: bench.dataset("data", "lending")["status"].get("datasetRef") == ["reading/mine"])
        made = server.get(THIN, "reading", "mine") or {}
        owner = made["metadata"]["ownerReferences"]
        uid = bench.dataset("mine", "reading")["metadata"]["uid"]
        assert made["spec"] == {}
        assert made["metadata"]["labels"] == {"fluid.io/dataset-id": "reading-mine"}
        api = "data.fluid.io/v1alpha1"
        assert owner == [
            {"apiVersion": api, "kind": "Dataset", "name": "mine", "uid": uid, "controller": True}
        ]


@pytest.mark.parametrize(
    ("collection", "spec", "kind"),
    [(RUNTIMES, {}, "JindoRuntime"), (THIN, {"profileName": "client"}, "ThinRuntime")],
)
async def test_a_runtime_with_a_cache_of_its_own_is_in_the_way(
    collection: str, spec: Json, kind: str
) -> None:
    server = FakeServer()
    lend(server, "reading")
    server.put(collection, {**runtime("mine", "reading"), "spec": spec})
    server.put(DATASETS, dataset("mine", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        for one in bench.kinds.kinds:  # as the controller of a kind does with its first object
            bench.context.informer_factory.stop(one.metadata_reflector)
            one.current = bench.context.informer_factory.of(one.registration.kind)
        await until(lambda: all(one.current.store.synced.is_set() for one in bench.kinds.kinds))
        await until(lambda: bench.kinds.of(Key("reading", "mine")))
        await bench.controller.reconcile(Key("reading", "mine"))
        await until(lambda: bench.ready("mine", "reading").get("reason") == "ReferenceNotSupported")
        assert f"which {kind} mine cannot serve: delete" in bench.ready("mine", "reading")["message"]


async def test_references_that_are_not_allowed_are_told_only_while_they_may_have_readers() -> None:
    server = FakeServer()
    lend(server, "third")
    server.put(DATASETS, served("mine", "reading", "dataset://lending/data"))
    server.put(DATASETS, dataset("hopes", "reading", "dataset://lending/data"))
    server.put(DATASETS, served("friend", "third", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        lent = ("data", "lending")
        await until(lambda: condition(bench.dataset(*lent), "ReadWithoutConsent"))
        told = condition(bench.dataset(*lent), "ReadWithoutConsent")
        assert told["message"].startswith("Dataset reading/mine refers to it and can be read until")
        await until(lambda: bench.dataset(*lent)["status"].get("datasetRef") == ["third/friend"])
        assert [line for line in await bench.pass_over(*lent) if "/lending/" in line] == []
        server.remove(DATASETS, "reading", "mine")
        await until(lambda: not condition(bench.dataset(*lent), "ReadWithoutConsent"))


def edited(name: str, namespace: str, address: str) -> Json:
    """A Dataset that is Bound to a cache of its own, and whose spec was edited to an address."""
    bound = served(name, namespace, "s3://own/", kind="jindo")
    return {**bound, "spec": {"mounts": [{"mountPoint": address}]}}


async def test_a_dataset_with_a_volume_of_its_own_reads_no_other_whatever_address_it_is_edited_to() -> None:
    server = FakeServer()
    lend(server, "allowed")
    for namespace in ("mallory", "allowed"):
        server.put(DATASETS, edited("x", namespace, "dataset://lending/data"))
        server.put("v1/persistentvolumes", volume("x", namespace))
    server.put(DATASETS, edited("fresh", "mallory", "dataset://lending/data"))
    server.put(DATASETS, served("mine", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        lent = ("data", "lending")
        await until(lambda: condition(bench.dataset(*lent), "ReadWithoutConsent"))
        await bench.pass_over(*lent)
        told = condition(bench.dataset(*lent), "ReadWithoutConsent")
        assert told["message"].startswith("Dataset reading/mine refers to it and can be read until")
        assert _holders(bench, *lent) == []
        assert not bench.dataset(*lent)["status"].get("datasetRef")


@pytest.mark.parametrize("addresses", [{"a": "a"}, {"a": "b", "b": "a"}], ids=["itself", "each other"])
async def test_datasets_that_are_edited_to_refer_to_each_other_hold_up_no_deletion(
    addresses: dict[str, str],
) -> None:
    server = FakeServer()
    for name, other in addresses.items():
        server.put(DATASETS, edited(name, "ns", f"dataset://ns/{other}"))
        server.put("v1/persistentvolumes", volume(name, "ns"))
    async with datasets(server, registry=registry()) as bench:
        await until(lambda: all(bench.dataset(name, "ns")["metadata"].get("labels") for name in addresses))
        await bench.pass_over("a", "ns")
        assert [_holders(bench, name, "ns") for name in addresses] == [[] for _ in addresses]


def _holders(bench: Any, name: str, namespace: str) -> list[Key]:
    found = bench.context.informers.datasets.store.get(Key(namespace, name))
    assert found is not None
    return allowed_holders(bench.context.informers, found, bench.context.settings)


async def test_an_owner_is_told_what_of_the_annotation_is_not_followed_until_it_is_put_right() -> None:
    server = FakeServer()
    lend(server, "reading", "Third")
    server.put(DATASETS, served("mine", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        lent = ("data", "lending")
        told = lambda: condition(bench.dataset(*lent), "ConsentIgnored").get("message", "")  # noqa: E731
        await until(lambda: "allow nobody: 'Third'" in told())
        await until(lambda: bench.dataset(*lent)["status"].get("datasetRef") == ["reading/mine"])
        await until(lambda: bench.events("ConsentIgnored"))
        assert [line for line in await bench.pass_over(*lent) if "/lending/" in line] == []
        lend(server, "x," * 40_000, datasetRef=["reading/mine"])
        await until(lambda: "is not read" in told())
        assert bench.dataset(*lent)["status"]["datasetRef"] == ["reading/mine"], "nobody is revoked by it"
        assert not condition(bench.dataset(*lent), "ReadWithoutConsent")
        lend(server, "reading")
        await until(lambda: not told())


async def test_a_runtime_that_the_api_server_does_not_take_is_told_on_the_reference_and_tried_again() -> None:
    server = FakeServer()
    lend(server, "reading")

    def refuse(request: httpx2.Request) -> httpx2.Response | None:
        if request.method == "POST" and request.url.path.endswith("/thinruntimes"):
            return status(403, "Forbidden", "runtime policy tenants does not allow hostNetwork")
        return None

    server.faults.append(refuse)
    server.put(DATASETS, dataset("mine", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        await until(lambda: bench.ready("mine", "reading").get("reason") == "ReferenceRefused")
        told = bench.ready("mine", "reading")["message"]
        assert "does not take ThinRuntime reading/mine, which a reference needs: runtime policy" in told
        await until(lambda: bench.events("ErrorCreateDataset"))
        again = await bench.controller.reconcile(Key("reading", "mine"))
        assert again.requeue_after == 60.0
        server.faults.clear()
        await bench.controller.reconcile(Key("reading", "mine"))
        assert server.get(THIN, "reading", "mine") is not None
        await until(lambda: bench.ready("mine", "reading").get("reason") == "RuntimeStarting")


async def test_a_pass_judges_the_dataset_that_it_read_and_not_that_of_the_store() -> None:
    server = FakeServer()
    lend(server, "reading")
    server.put(DATASETS, dataset("mine", "reading", "s3://own/"))
    async with datasets(server, registry=registry()) as bench:
        await until(lambda: bench.ready("mine", "reading"))
        stored = bench.context.informers.datasets.store.get(Key("reading", "mine"))
        assert stored is not None
        edited = Dataset.model_validate(dataset("mine", "reading", "dataset://lending/data"))
        fresh = stored.model_copy(update={"spec": edited.spec})
        assert bench.controller._references.verdict(fresh) is None


async def test_the_annotation_is_read_no_more_often_however_many_refer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, reads = FakeServer(), list[Key]()
    lend(server, "reading")
    for number in range(30):
        server.put(DATASETS, dataset(f"ref-{number}", "reading", "dataset://lending/data"))
        server.put(DATASETS, dataset(f"own-{number}", "lending", "dataset://lending/data"))
    read = references.allowed_namespaces

    def counted(found: Dataset) -> frozenset[str]:
        reads.append(found.key)
        return read(found)

    async with datasets(server, registry=registry()) as bench:
        lent = ("data", "lending")
        await until(lambda: len(bench.dataset(*lent)["status"].get("datasetRef") or ()) == 60)
        stored = bench.context.informers.datasets.store.get(Key("lending", "data"))
        assert stored is not None
        monkeypatch.setattr(references, "allowed_namespaces", counted)
        assert len(bench.controller._references._listed(stored)) == 60
        bench.controller._references._condition(stored)
        bench.controller._references.living(stored)
        assert len(reads) == 3


async def test_figures_of_a_dataset_wake_nobody_who_is_not_listed() -> None:
    server = FakeServer()
    lend(server)
    for number in range(20):
        server.put(DATASETS, dataset(f"ref-{number}", "reading", "dataset://lending/data"))
    async with datasets(server, registry=registry()) as bench:
        await until(lambda: bench.ready("ref-19", "reading"))
        seen: list[Key] = []
        controller = bench.controller._controller
        enqueue = controller.enqueue
        controller.enqueue = lambda key, after=0.0: (seen.append(key), enqueue(key, after))[1]
        for figure in ("1GiB", "2GiB"):
            lend(server, cacheStates={"cached": figure})
            await until(lambda figure=figure: _cached(bench) == figure)
        assert set(seen) == {Key("lending", "data")}
        lend(server, "reading", cacheStates={"cached": "2GiB"})
        await until(lambda: len(set(seen)) == 21)


def _cached(bench: Any) -> str:
    found = bench.context.informers.datasets.store.get(Key("lending", "data"))
    return ((found.status.cache_states or {}) if found and found.status else {}).get("cached", "")


async def test_an_operator_of_one_namespace_keeps_what_others_wrote() -> None:
    server = FakeServer()
    lend(server, "reading", datasetRef=["reading/mine", "lending/gone"])
    async with datasets(server, registry=registry(), namespace="lending") as bench:
        listed = lambda: bench.dataset("data", "lending")["status"].get("datasetRef")  # noqa: E731
        await until(lambda: listed() == ["reading/mine"])
