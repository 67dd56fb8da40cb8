"""A context over the API server in memory, for the tests of the Dataset, lazy start and node controllers."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any

import anyio
from anyio.abc import TaskGroup

from fluid.controllers.context import Context, Informers
from fluid.controllers.dataset import DatasetController
from fluid.controllers.lazy_start import RuntimeKinds
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.kube import InformerFactory
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.models import JindoRuntime
from fluid.types import Key, KubeObject
from tests.harness.server import FakeServer
from tests.pure.kube.support import eventually

Json = dict[str, Any]
DATASETS = "data.fluid.io/v1alpha1/datasets"
RUNTIMES = "data.fluid.io/v1alpha1/jindoruntimes"
DEPLOYMENTS = "apps/v1/deployments"
STATEFUL_SETS = "apps/v1/statefulsets"


def _unused(*_: object) -> Any:
    raise AssertionError("these tests reach no engine")


def jindo() -> EngineRegistration[KubeObject]:
    """A registration that says which kind there is, and no more."""
    parts: Json = {part.name: _unused for part in fields(EngineRegistration)}
    known: Json = {
        "kind": JindoRuntime,
        "implementation": "jindocache",
        "runtime_type": "jindo",
        "operations": {},
        "carries_references": None,
    }
    known["capacities"] = lambda _: {"MEM": 1 << 30, "SSD": 3 << 29}  # type: ignore[reportUnknownLambdaType] - any runtime
    return EngineRegistration(**{**parts, **known})


def metadata(name: str, namespace: str = "default", **more: Any) -> Json:
    return {"metadata": {"name": name, "namespace": namespace, **more}}


def dataset(name: str, namespace: str = "default", *mounts: str, **more: Any) -> Json:
    spec = {"mounts": [{"mountPoint": mount} for mount in mounts]} if mounts else {}
    return {**metadata(name, namespace, **more), "spec": spec}


def runtime(name: str, namespace: str = "default", **more: Any) -> Json:
    return {**metadata(name, namespace, **more), "spec": {}}


def condition(found: Json, kind: str) -> Json:
    conditions: list[Json] = found.get("status", {}).get("conditions", [])
    return next((one for one in conditions if one["type"] == kind), Json())


def pod(name: str, *claims: str, namespace: str = "default", phase: str = "Running") -> Json:
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    spec = {"containers": [{"name": "main"}], "volumes": volumes}
    return {**metadata(name, namespace), "spec": spec, "status": {"phase": phase}}


def served(name: str, *claims: str, of: str) -> Json:
    """A pod of a Dataset's runtime."""
    found = pod(name, *claims)
    found["metadata"]["labels"] = {"fluid.io/managed-by": "fluid", "app.kubernetes.io/instance": of}
    return found


def claim(name: str, namespace: str = "default") -> Json:
    labels, annotations = {"fluid.io/dataset-id": "x"}, {"CreatedBy": "fluid"}
    return metadata(name, namespace, labels=labels, annotations=annotations)


@dataclass
class Bench:
    """A running context and what stands behind it."""

    server: FakeServer
    context: Context
    kinds: RuntimeKinds
    group: TaskGroup

    def dataset(self, name: str, namespace: str = "default") -> Json:
        found = self.server.get(DATASETS, namespace, name)
        assert found is not None
        return found

    def ready(self, name: str, namespace: str = "default") -> Json:
        return condition(self.dataset(name, namespace), "Ready")

    def events(self, reason: str) -> list[str]:
        events = self.server.objects.get("v1/events", {}).values()
        return [event["message"] for event in events if event["reason"] == reason]


@asynccontextmanager
async def bench(
    server: FakeServer,
    *,
    engines: bool = True,
    registry: Registry | None = None,
    namespace: str | None = None,
    **settings: Any,
) -> AsyncGenerator[Bench]:
    registry = registry or Registry({"JindoRuntime": jindo()} if engines else {})
    async with server.connect() as connection:
        informer_factory, metrics = InformerFactory(connection), Metrics()
        recorder = Recorder(connection)
        context = Context(
            connection=connection,
            informer_factory=informer_factory,
            recorder=recorder,
            metrics=metrics,
            registry=registry,
            settings=Settings(**settings),
            informers=Informers.by(informer_factory, namespace),
            namespace=namespace,
        )
        async with anyio.create_task_group() as group:
            group.start_soon(informer_factory.run)
            group.start_soon(recorder.run)
            yield Bench(server, context, RuntimeKinds(context), group)
            group.cancel_scope.cancel()


@dataclass
class Datasets(Bench):
    """A running Dataset controller."""

    controller: DatasetController

    async def pass_over(self, name: str, namespace: str = "default") -> list[str]:
        """The writes of one more pass over a Dataset as it is now."""
        version = self.dataset(name, namespace)["metadata"]["resourceVersion"]
        key, store = Key(namespace, name), self.context.informers.datasets.store
        await until(lambda: (entry := store.entry(key)) and entry.version >= int(version))
        before = len(self.server.writes())
        await self.controller.reconcile(key)
        return self.server.writes()[before:]


@asynccontextmanager
async def datasets(server: FakeServer, *, settle: float = 0.0, **options: Any) -> AsyncGenerator[Datasets]:
    async with bench(server, **options) as one:
        controller = DatasetController(one.context, one.kinds, settle=settle)
        one.group.start_soon(controller.controller().run)
        yield Datasets(one.server, one.context, one.kinds, one.group, controller)


async def until(condition: Callable[[], Any]) -> None:
    await eventually(lambda: bool(condition()))
