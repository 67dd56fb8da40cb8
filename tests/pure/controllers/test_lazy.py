import anyio
import pytest

from fluid.controllers.scale import ScaleController, deployment_name, wanted_replicas
from fluid.engines.core.registration import EngineRegistration
from fluid.kube import Reflector
from fluid.models import Deployment, JindoRuntime
from fluid.types import Key, KubeObject
from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import (
    DATASETS,
    DEPLOYMENTS,
    RUNTIMES,
    Bench,
    Json,
    bench,
    dataset,
    runtime,
    until,
)

pytestmark = pytest.mark.anyio
KEY = Key("default", "hbase")


class Starts:
    """Notes which controllers were started."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Reflector[KubeObject]]] = []

    def __call__(self, registration: EngineRegistration[KubeObject], runtimes: Reflector[KubeObject]) -> None:
        self.started.append((registration.kind.resource.kind, runtimes))


def _here(_: EngineRegistration[KubeObject]) -> bool:
    return True


def _follow(one: Bench) -> Starts:
    starts = Starts()
    one.group.start_soon(one.kinds.run, starts, _here)
    return starts


async def test_until_the_first_runtime_there_is_one_watch_of_metadata() -> None:
    server = FakeServer()
    async with bench(server) as one:
        starts = _follow(one)
        await one.kinds.synced()
        assert starts.started == []
        assert one.kinds.of(KEY) == []
        await until(lambda: sum("jindoruntimes" in line for line in server.requests) == 2)


async def test_the_first_runtime_starts_the_controller_and_ends_the_watch_of_metadata() -> None:
    server = FakeServer()
    async with bench(server) as one:
        starts = _follow(one)
        changes: list[Key] = []
        one.kinds.subscribe(lambda change: changes.append(change.key))
        await one.kinds.synced()
        server.put(RUNTIMES, runtime("hbase"))
        kind = one.kinds.kinds[0]
        await until(lambda: kind.current is not kind.metadata_reflector)
        assert [name for name, _ in starts.started] == ["JindoRuntime"]
        assert isinstance(one.kinds.of(KEY)[0].object, JindoRuntime)
        server.put(RUNTIMES, runtime("second"))
        await until(lambda: Key("default", "second") in changes)
        assert len(kind.metadata_reflector.store) == 1, "nobody feeds the metadata any more"


async def test_of_a_kind_that_another_process_serves_metadata_is_enough() -> None:
    server = FakeServer()
    server.put(RUNTIMES, runtime("hbase"))
    async with bench(server) as one:
        starts = Starts()
        await one.kinds.run(starts, lambda _: False)
        await one.kinds.synced()
        assert starts.started == []
        assert [entry.key for entry in one.kinds.of(KEY)] == [KEY]


async def test_a_kind_that_is_installed_later_is_picked_up() -> None:
    server = FakeServer(missing={RUNTIMES})
    async with bench(server) as one:
        starts = _follow(one)
        with anyio.fail_after(1):
            await one.kinds.synced()
        server.missing.clear()
        server.put(RUNTIMES, runtime("hbase"))
        await until(lambda: starts.started)


def deployment(replicas: int, namespace: str = "fluid-system", **annotations: str) -> Json:
    metadata = {"name": "jindoruntime-controller", "namespace": namespace, "annotations": annotations}
    template = {"metadata": {}, "spec": {"containers": [{"name": "manager"}]}}
    spec: Json = {"replicas": replicas, "selector": {"matchLabels": {}}, "template": template}
    return {"metadata": metadata, "spec": spec}


def replicas(server: FakeServer, namespace: str = "fluid-system") -> int:
    found = server.get(DEPLOYMENTS, namespace, "jindoruntime-controller")
    assert found is not None
    return found["spec"]["replicas"]


async def test_the_deployment_of_a_kind_is_scaled_up_when_a_dataset_has_such_a_runtime() -> None:
    server = FakeServer()
    server.put(DEPLOYMENTS, deployment(0, "ops"))
    server.put(RUNTIMES, runtime("hbase"))
    async with bench(server) as one:
        one.group.start_soon(ScaleController(one.context, one.kinds.kinds, "ops").controller().run)
        await one.kinds.synced()
        assert replicas(server, "ops") == 0, "a runtime alone is not enough"
        server.put(DATASETS, dataset("hbase"))
        await until(lambda: replicas(server, "ops") == 1)


async def test_a_deployment_that_comes_late_is_scaled_too() -> None:
    server = FakeServer()
    server.put(RUNTIMES, runtime("hbase"))
    server.put(DATASETS, dataset("hbase"))
    async with bench(server) as one:
        one.group.start_soon(ScaleController(one.context, one.kinds.kinds, "").controller().run)
        await one.kinds.synced()
        server.put(DEPLOYMENTS, deployment(0, **{"controller.runtime.fluid.io/replicas": "3"}))
        await until(lambda: replicas(server) == 3)


async def test_a_deployment_that_runs_is_left_alone() -> None:
    server = FakeServer()
    server.put(DEPLOYMENTS, deployment(2))
    server.put(RUNTIMES, runtime("hbase"))
    server.put(DATASETS, dataset("hbase"))
    async with bench(server) as one:
        scale = ScaleController(one.context, one.kinds.kinds, "")
        controller = scale.controller()
        await one.context.informer_factory.synced()
        await scale.reconcile(Key("fluid-system", "jindoruntime-controller"))
        assert replicas(server) == 2
        assert server.writes() == []
        controller.stop()


@pytest.mark.parametrize(
    ("on_deployment", "on_template", "expected"),
    [
        (None, None, 1),
        ("2", None, 2),
        (None, "3", 3),
        ("2", "3", 2),
        ("0", None, 1),
        ("many", None, 1),
        ("-1", None, 1),
    ],
)
def test_the_annotation_says_how_many(
    on_deployment: str | None, on_template: str | None, expected: int
) -> None:
    name = "controller.runtime.fluid.io/replicas"
    wire = deployment(0)
    wire["metadata"]["annotations"] = {name: on_deployment} if on_deployment else {}
    wire["spec"]["template"]["metadata"]["annotations"] = {name: on_template} if on_template else {}
    assert wanted_replicas(Deployment.model_validate(wire)) == expected


def test_the_deployment_is_named_after_the_kind() -> None:
    assert deployment_name(JindoRuntime) == "jindoruntime-controller"
