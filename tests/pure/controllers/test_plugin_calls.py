"""A plug-in's code as a controller calls it, and what follows for nodes and references when it fails."""

import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from fluid.controllers import plugin_calls, runtime_engine
from fluid.controllers.lazy_start import RuntimeKinds
from fluid.controllers.nodes import NodeController
from fluid.controllers.plugin_calls import REST, AllPluginCalls, PluginCalls
from fluid.controllers.references import References
from fluid.controllers.runtime_engine import RuntimeEngine
from fluid.engines.core import faults
from fluid.engines.core.faults import EngineFault, Plugin
from fluid.engines.core.registration import Reference
from fluid.kube.controller import Controller, Result
from fluid.models import ThinRuntime, ThinRuntimeProfile
from fluid.types import Key, KubeObject
from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import bench, until
from tests.pure.controllers.test_nodes_controller import labels, put_node, put_runtime, put_workers

PLUGIN = Plugin("engine toy", "toys")


def spin() -> None:
    while True:
        pass


def test_code_that_had_to_be_stopped_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    now = [100.0]
    calls = PluginCalls(PLUGIN, clock=lambda: now[0])
    with pytest.raises(EngineFault, match="values did not end") as found:
        calls.run("values", spin)
    assert found.value.stopped
    assert found.value.seconds > 0, "its key waits"
    assert calls.rest == REST
    assert calls.rest_after_runtimes > REST, "a runtime's pass tells of the fault"
    with pytest.raises(EngineFault, match="is not called now") as found:
        calls.run("values", lambda: 7)
    assert not found.value.stopped
    now[0] += REST
    assert calls.rest_after_runtimes == 0
    assert calls.run("values", lambda: 7) == 7


def test_code_that_raises_is_called_again_at_once() -> None:
    calls, gathered = PluginCalls(PLUGIN), list[EngineFault]()
    assert calls.attempt("values", lambda: 1 // 0, 7, gathered) == 7
    assert calls.attempt("values", lambda: 1, 7, gathered) == 1
    (fault,) = gathered
    assert fault.message.startswith("engine toy: values raised ZeroDivisionError: integer division")


@pytest.mark.anyio
async def test_the_limit_is_for_all_calls_between_two_waits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 1.0)
    every = AllPluginCalls()
    calls, other = every.of(PLUGIN), every.of(Plugin("engine other", "other"))

    def slow() -> None:
        time.sleep(0.6)

    calls.run("values", slow)
    await anyio.lowlevel.checkpoint()
    calls.run("values", slow)
    with pytest.raises(EngineFault, match="was stopped"):
        calls.run("ports", slow)
    assert calls.rest
    assert other.run("values", lambda: 7) == 7, "another plug-in has nothing to do with it"


@pytest.mark.anyio
async def test_a_pass_gets_what_the_calls_before_it_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 1.0)
    given: list[float] = []

    def decided(*_: object, seconds: float) -> SimpleNamespace:
        given.append(seconds)
        return SimpleNamespace(fault=None)

    monkeypatch.setattr(runtime_engine, "decide_or_explain", decided)
    nothing: Any = SimpleNamespace()
    going: Any = SimpleNamespace(runtime=SimpleNamespace(metadata=SimpleNamespace(deletion_timestamp="now")))
    calls = AllPluginCalls().of(PLUGIN)
    engine = RuntimeEngine[KubeObject](nothing, nothing, calls)
    calls.run("live_ports", lambda: time.sleep(0.3))
    engine.decide(going, None, nothing, nothing)
    await anyio.lowlevel.checkpoint()
    engine.decide(going, None, nothing, nothing)
    assert given[0] <= 0.7
    assert given[1] == 1.0


@pytest.mark.anyio
async def test_capacities_that_fail_keep_no_label_of_others_from_a_node_and_take_none_away() -> None:
    server = FakeServer()
    put_node(server, "n1", **{"fluid.io/s-h-jindocache-t-default-broken": "9GiB"})
    for name in ("broken", "hbase"):
        put_workers(server, put_runtime(server, name), "n1")
    async with bench(server) as one:
        nodes = NodeController(one.context)
        for kind in RuntimeKinds(one.context).kinds:
            real = kind.registration

            def sizes(runtime: KubeObject, known: Callable[..., object] = real.capacities) -> object:
                if runtime.name == "broken":
                    raise SystemExit(3)
                return known(runtime)

            changed = replace(real, capacities=sizes)  # pyright: ignore[reportArgumentType] - as plug-ins do
            nodes.add(changed, one.context.informer_factory.of(real.kind, optional=True))
        one.group.start_soon(nodes.controller().run)
        await until(lambda: labels(server, "n1").get("fluid.io/dataset-num") == "2")
    found = labels(server, "n1")
    assert found["fluid.io/s-h-jindocache-t-default-hbase"] == "2.5GiB"
    assert found["fluid.io/s-default-broken"] == "true"
    assert found["fluid.io/s-h-jindocache-t-default-broken"] == "9GiB"


@pytest.mark.anyio
async def test_labels_that_a_resting_engine_could_not_say_come_back_when_it_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    monkeypatch.setattr(plugin_calls, "REST", 0.1)
    monkeypatch.setattr(plugin_calls, "AFTER_RUNTIMES", 0.1)
    server, stuck = FakeServer(), [True]
    put_node(server, "n1")
    put_workers(server, put_runtime(server), "n1")
    size = "fluid.io/s-h-jindocache-t-default-hbase"
    async with bench(server) as one:
        nodes = NodeController(one.context)
        for kind in RuntimeKinds(one.context).kinds:
            real = kind.registration

            def sizes(runtime: KubeObject, known: Callable[..., object] = real.capacities) -> object:
                return spin() if stuck[0] else known(runtime)

            changed = replace(real, capacities=sizes)  # pyright: ignore[reportArgumentType] - as plug-ins do
            nodes.add(changed, one.context.informer_factory.of(real.kind, optional=True))
        one.group.start_soon(nodes.controller().run)
        await until(lambda: "fluid.io/s-default-hbase" in labels(server, "n1"))
        assert size not in labels(server, "n1")
        stuck[0] = False
        await until(lambda: labels(server, "n1").get(size) == "2.5GiB")


@pytest.mark.anyio
async def test_a_reference_that_cannot_be_told_wakes_its_runtime_and_those_that_name_the_object() -> None:
    server, woken = FakeServer(), set[Key]()
    for name, profile in (("broken", "p"), ("named", "p"), ("other", "q")):
        metadata = {"name": name, "namespace": "default"}
        server.put(
            "data.fluid.io/v1alpha1/thinruntimes", {"metadata": metadata, "spec": {"profileName": profile}}
        )

    def keys(runtime: ThinRuntime) -> list[Key]:
        if runtime.name == "broken":
            raise SystemExit(3)
        return [Key("", runtime.spec.profile_name or "")]

    async def reconcile(key: Key) -> Result:
        woken.add(key)
        return Result()

    async with bench(server) as one:
        factory = one.context.informer_factory
        runtimes, controller = factory.of(ThinRuntime), Controller("test", reconcile)
        references = References(factory, [Reference(ThinRuntimeProfile, keys)], PluginCalls(PLUGIN))
        references.subscribe(controller, runtimes)
        one.group.start_soon(controller.run)
        await runtimes.store.synced.wait()
        server.put("data.fluid.io/v1alpha1/thinruntimeprofiles", {"metadata": {"name": "p"}, "spec": {}})
        await until(lambda: len(woken) == 2)
        await anyio.lowlevel.checkpoint()
    assert woken == {Key("default", "broken"), Key("default", "named")}
