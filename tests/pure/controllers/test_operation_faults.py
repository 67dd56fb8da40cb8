# pyright: basic
"""Code of a kind of operation, or of an engine's builder, that fails: told on the operation."""

from dataclasses import replace

import pytest

from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registry import Registry
from fluid.models import ConfigMap, ObjectMeta
from fluid.types import Key
from tests.pure.controllers.operation_support import LOADS, NS, OPERATIONS, Cluster, engine, load_objects

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
