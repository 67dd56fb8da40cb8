# pyright: basic
"""Code of a kind of operation, or of an engine's builder, that fails: told on the operation."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from fluid.engines.core import faults
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registry import Registry
from fluid.models import ConfigMap, ObjectMeta
from fluid.types import Key
from tests.pure.controllers.operation_support import (
    DATASETS,
    LOADS,
    NS,
    OPERATIONS,
    PROCESSES,
    Cluster,
    engine,
    load_objects,
)

pytestmark = pytest.mark.anyio


def named(request, name: str) -> bool:
    return request.operation.name == name


async def fail(cluster: Cluster) -> None:
    """A pass over the first load, which fails."""
    cluster.deliver()
    key = Key(NS, "warm")
    cluster.woken.pop((LOADS, key), None)
    with pytest.raises(EngineFault):
        await cluster.reconcilers[LOADS].reconcile(key)


def two_jobs(request):
    return [*load_objects(request), *load_objects(request)]


def elsewhere(request):
    return [*load_objects(request), ConfigMap(metadata=ObjectMeta(name="x", namespace="other"))]


def raises(request):
    raise SystemExit(3)


FAULTS = {
    "raises": (raises, "raised SystemExit: 3"),
    "None": (lambda _: None, "is None and no list"),
    "a text": (lambda _: "nonsense", "is a str and no list"),
    "nothing": (lambda _: [], "returned 0 Jobs and CronJobs"),
    "two Jobs": (two_jobs, "returned 2 Jobs and CronJobs"),
    "elsewhere": (elsewhere, f"is not in namespace {NS}"),
    "too much": (lambda one: load_objects(one) * 100_000, "has 200000 items"),
}


@pytest.mark.parametrize("what", FAULTS)
async def test_a_builder_that_fails_is_told_and_others_run(what):
    build, words = FAULTS[what]
    faulty = [True]

    def chosen(request):
        return build(request) if faulty[0] and named(request, "warm") else load_objects(request)

    async with Cluster() as cluster:
        one = replace(engine({"DataLoad": chosen}), implementation="x", distribution="toys 1.0")
        cluster.registry = Registry({"JindoRuntime": one}, OPERATIONS)
        cluster.restart()
        cluster.bind("hbase")
        cluster.load("warm")
        await fail(cluster)
        assert cluster.phase("warm") == "Pending"
        assert cluster.condition("warm") == ("Progressing", "False", "EngineFault")
        message = cluster.status("warm")["conditions"][0]["message"]
        assert message.startswith(f"DataLoad {NS}/warm: engine x of toys 1.0: ")
        assert words in message
        await fail(cluster)
        assert [event for event in cluster.events.seen if event[2] == "EngineFault"] == [
            ("warm", "Warning", "EngineFault")
        ], "told once"
        faulty[0] = False
        cluster.woken[LOADS, Key(NS, "warm")] = None  # its back-off is over
        await cluster.settle()
        assert cluster.phase("warm") == "Executing"


def counting_builder(number):
    def build(_):
        raise ValueError(f"failure {next(number)}")

    return Registry({"JindoRuntime": engine({"DataLoad": build})}, OPERATIONS)


def counting_kind(number):
    def spec(_):
        raise ValueError(f"failure {next(number)}")

    operations = {**OPERATIONS, "DataLoad": replace(OPERATIONS["DataLoad"], spec=spec)}
    return Registry({"JindoRuntime": engine()}, operations)


@pytest.mark.parametrize("faulty", [counting_builder, counting_kind])
async def test_words_that_differ_each_time_are_written_once_in_a_while(faulty):
    async with Cluster() as cluster:
        cluster.registry = faulty(count())
        cluster.restart()
        cluster.bind("hbase")
        cluster.load("warm")

        def told() -> str:
            return cluster.status("warm")["conditions"][0]["message"]

        await fail(cluster)
        first, writes = told(), len(cluster.server.writes())
        assert "ValueError: failure" in first
        for _ in range(3):
            cluster.now += timedelta(seconds=5)
            await fail(cluster)
        assert (told(), len(cluster.server.writes())) == (first, writes)
        assert [event[2] for event in cluster.events.seen] == ["EngineFault"]
        cluster.now += timedelta(minutes=1)
        await fail(cluster)
        again = told()
        assert again != first
        cluster.load("warm", target=[{"path": "/", "replicas": 1}])
        await fail(cluster)
        assert told() != again, "of a new spec the news are told at once"


async def test_what_an_operation_s_own_pass_writes_into_its_status_does_not_outrun_the_back_off():
    async with Cluster() as cluster:
        cluster.registry = counting_builder(count())
        cluster.restart()
        cluster.bind("hbase")
        cluster.load("warm")
        work = (LOADS, Key(NS, "warm"))
        cluster.deliver()
        assert cluster.asked_for[work] == 0, "what a user does is answered at once"
        await fail(cluster)
        cluster.deliver()
        assert work in cluster.woken
        assert cluster.asked_for[work] >= 1


async def test_a_kind_whose_spec_cannot_be_read_stops_no_store_and_its_operations_can_be_deleted():
    broken = [True]
    real = OPERATIONS["DataLoad"]

    def spec(load):
        if broken[0] and load.name == "warm":
            raise ValueError("no such thing")
        return real.spec(load)

    async with Cluster() as cluster:
        cluster.registry = Registry(
            cluster.registry.engines, {**OPERATIONS, "DataLoad": replace(real, spec=spec)}
        )
        cluster.restart()
        cluster.bind("hbase")
        cluster.load("warm")
        await fail(cluster)
        message = cluster.status("warm")["conditions"][0]["message"]
        assert "data operation DataLoad of fluid-operator" in message
        assert "spec raised ValueError: no such thing; report it" in message
        cluster.bind("spark")
        cluster.load("other", dataset={"name": "spark", "namespace": NS})
        cluster.woken.pop((LOADS, Key(NS, "warm")), None)
        cluster.deliver()
        cluster.woken.pop((LOADS, Key(NS, "warm")), None)
        await cluster.step((LOADS, Key(NS, "other")))
        assert cluster.phase("other") == "Executing"
        cluster.delete(LOADS, "warm")
        await cluster.settle()
        assert cluster.server.get(LOADS, NS, "warm") is None


async def test_an_operation_waits_for_one_of_a_kind_whose_spec_cannot_be_read_and_heeds_its_status():
    real = OPERATIONS["DataProcess"]

    def spec(process):
        raise SystemExit(3)

    async with Cluster() as cluster:
        kinds = {**OPERATIONS, "DataProcess": replace(real, spec=spec)}
        cluster.registry = Registry(cluster.registry.engines, kinds)
        cluster.restart()
        cluster.bind("hbase")
        first = cluster.process("first")
        cluster.load("warm", runAfter={"kind": "DataProcess", "name": "first"})
        cluster.deliver()
        await cluster.step((LOADS, Key(NS, "warm")))
        cluster.deliver()
        message = cluster.status("warm")["conditions"][0]["message"]
        assert message == f"Waiting for operation DataProcess {NS}/first to complete"
        status = {"phase": "Complete", "duration": "1s", "conditions": []}
        cluster.server.put(PROCESSES, {**first, "status": status})
        cluster.woken.clear()
        cluster.deliver()
        assert (LOADS, Key(NS, "warm")) in cluster.woken
        await cluster.step((LOADS, Key(NS, "warm")))
        assert cluster.phase("warm") == "Executing"


async def test_an_operation_that_was_listed_while_its_kind_rested_is_woken_by_its_dataset(monkeypatch):
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    stuck, real = [False], OPERATIONS["DataLoad"]

    def spec(load):
        while stuck[0]:
            pass
        return real.spec(load)

    async with Cluster() as cluster:
        kinds = {**OPERATIONS, "DataLoad": replace(real, spec=spec)}
        cluster.registry = Registry(cluster.registry.engines, kinds)
        cluster.restart()
        cluster.load("warm")
        await cluster.settle()
        assert cluster.phase("warm") == "Pending"
        stuck[0] = True
        cluster.restart()
        reconciler, key = cluster.reconcilers[LOADS], Key(NS, "warm")
        assert (await reconciler.reconcile(key)).requeue_after, "the kind rests"
        stuck[0] = False
        reconciler._calls._rests_until = 0.0
        writes = len(cluster.server.writes())
        await cluster.step((LOADS, key))
        assert len(cluster.server.writes()) == writes, "it waits as before"
        cluster.woken.clear()
        cluster.bind("hbase")
        cluster.sources = {DATASETS: cluster.sources[DATASETS]}  # a new list of operations would file them
        cluster.deliver()
        assert list(cluster.woken) == [(LOADS, key)]


async def test_while_an_engine_rests_operations_of_others_wait_and_are_told_nothing(monkeypatch):
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)

    def chosen(request):
        while named(request, "warm"):
            pass
        return load_objects(request)

    async with Cluster() as cluster:
        one = engine({"DataLoad": chosen})
        one = replace(one, implementation="x", distribution="toys 1.0")
        cluster.registry = Registry({"JindoRuntime": one}, OPERATIONS)
        cluster.restart()
        cluster.bind("hbase")
        cluster.bind("spark")
        cluster.load("warm")
        cluster.load("other", dataset={"name": "spark", "namespace": NS})
        await fail(cluster)
        result = await cluster.reconcilers[LOADS].reconcile(Key(NS, "other"))
        assert result.requeue_after
        assert {event[0] for event in cluster.events.seen} == {"warm"}
