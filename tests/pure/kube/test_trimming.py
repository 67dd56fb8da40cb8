"""What others label as ours costs next to nothing; what one of our kinds controls is kept as it is."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fluid.kube import Entry, InformerFactory, Reflector
from fluid.kube.trimming import MOST, Trimmer, brief
from fluid.models import ConfigMap
from tests.harness.server import FakeServer
from tests.pure.kube.support import CONFIG_MAPS, eventually, key, running

pytestmark = pytest.mark.anyio
GROUP = "data.fluid.io"
OWNERS = (GROUP, "batch/CronJob")
DATA = {"text": "x" * 50_000}


def owner(kind: str = "ThinRuntime", uid: str = "u", api: str = f"{GROUP}/v1alpha1") -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "name": "images", "uid": uid, "controller": True}


def labelled(name: str, *owners: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    named = {"name": name, "namespace": "x", "labels": {"fluid.io/managed-by": "fluid"}}
    return {"metadata": {**named, "ownerReferences": list(owners), **metadata}, "data": DATA}


@asynccontextmanager
async def following(server: FakeServer) -> AsyncGenerator[Reflector[ConfigMap]]:
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        found = informers.of(ConfigMap, labels="fluid.io/managed-by=fluid", owners=OWNERS)
        async with running(informers.run):
            await informers.synced()
            yield found


def size(reflector: Reflector[ConfigMap]) -> int:
    return sum(len(str(entry.raw)) for entry in reflector.store.entries())


async def test_of_what_others_label_as_ours_only_the_name_is_kept_listed_and_watched() -> None:
    server = FakeServer()
    long = {"annotations": {"theirs": "y" * 50_000, "short": "z"}}
    server.put(CONFIG_MAPS, labelled("listed", **long))
    async with following(server) as one:
        server.put(CONFIG_MAPS, labelled("watched", owner("Deployment", api="apps/v1"), **long))
        await eventually(lambda: len(one.store) == 2)
        assert size(one) < 2_000
        entry = one.store.entry(key("watched"))
        assert entry is not None
        assert (entry.controller, entry.annotations) == (("Deployment", "images", "u"), {"short": "z"})
        assert entry.object.data is None
        assert entry.object.metadata.labels == {"fluid.io/managed-by": "fluid"}


@pytest.mark.parametrize("mine", [owner(), owner("DataLoad"), owner("CronJob", api="batch/v1")])
async def test_what_one_of_our_kinds_controls_is_kept_whole(mine: dict[str, Any]) -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, labelled("listed", mine))
    async with following(server) as one:
        server.put(CONFIG_MAPS, labelled("watched", mine))
        await eventually(lambda: len(one.store) == 2)
        assert [found.data for found in one.store.list()] == [DATA, DATA]


async def test_an_owner_has_only_so_many_objects_that_are_kept_whole_and_room_again_when_one_goes() -> None:
    server = FakeServer()
    for number in range(3 * MOST):
        server.put(CONFIG_MAPS, labelled(f"c-{number}", owner()))
    async with following(server) as one:
        assert size(one) < (MOST + 1) * 51_000
        server.remove(CONFIG_MAPS, "x", "c-0")
        server.put(CONFIG_MAPS, labelled("late", owner()))
        await eventually(lambda: one.store.entry(key("late")) is not None)
        late = one.store.get(key("late"))
        assert late is not None
        assert late.data == DATA


async def test_the_answer_to_an_own_write_is_the_entry_that_the_store_has() -> None:
    async with following(FakeServer()) as one:
        mine = Entry(ConfigMap, labelled("mine", owner(), resourceVersion="900", uid="m"))
        theirs = Entry(ConfigMap, labelled("theirs", resourceVersion="901", uid="t"))
        one.observe_entry(mine)
        one.observe_entry(theirs)
        assert one.store.entry(key("mine")) is mine, "it remembers what it was compared with"
        assert size(one) < 51_000 + 1_000


def test_a_list_begins_to_count_anew() -> None:
    trimmer = Trimmer(OWNERS)
    for round_ in range(3):
        trimmer.begin()
        assert all(trimmer.keeps(labelled(f"c-{round_}-{number}", owner())) for number in range(MOST))
        assert not trimmer.keeps(labelled("one-more", owner()))


def test_brief_metadata_is_short_whatever_somebody_writes() -> None:
    many = {f"example.org/{number}": "v" * 60 for number in range(10_000)}
    metadata = labelled("c", owner(), *(owner(uid=str(number)) for number in range(1_000)))["metadata"]
    metadata |= {"labels": many, "annotations": many, "finalizers": [*many], "managedFields": [many]}
    assert len(str(brief(metadata))) < 30_000
