"""What the API server does not take, change or let go: told with its words, whatever kind of object it is."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime

import httpx2
import pytest

from fluid.conditions import find_condition
from fluid.controllers.plan_applier import PlanApplier
from fluid.engines.core.plan import Notice, Plan, PodAnnotations
from fluid.engines.core.runtime_status import blank_status, record_condition
from fluid.engines.core.snapshot import Snapshot
from fluid.kube import Forbidden, KubeError
from fluid.kube.events import EventType, Recorder, Reference
from fluid.models import (
    ConfigMap,
    Dataset,
    DatasetStatus,
    ObjectMeta,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    RuntimeStatus,
    ThinRuntime,
)
from fluid.naming import Identity
from fluid.types import KubeObject
from tests.harness.server import FakeServer, status
from tests.pure.controllers.dataset_support import Bench, bench

pytestmark = pytest.mark.anyio
THINRUNTIMES = "data.fluid.io/v1alpha1/thinruntimes"
DATASETS = "data.fluid.io/v1alpha1/datasets"
META = {"name": "x", "namespace": "default"}
WORDS = "spec.accessModes: Unsupported value"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
async def one() -> AsyncGenerator[Bench]:
    server = FakeServer()
    for kind, plural in ((DATASETS, "Dataset"), (THINRUNTIMES, "ThinRuntime")):
        server.put(kind, {"kind": plural, "metadata": dict(META), "spec": {}})
    async with bench(server) as found:
        yield found


def snapshot_of(one: Bench, *, leaving: bool = False) -> Snapshot[ThinRuntime]:
    runtime = ThinRuntime.model_validate(one.server.get(THINRUNTIMES, "default", "x"))
    runtime.metadata.creation_timestamp = NOW
    if leaving:
        runtime.metadata.deletion_timestamp = NOW
    dataset = Dataset.model_validate(one.server.get(DATASETS, "default", "x"))
    return Snapshot(runtime, dataset, Identity.of("default", "x", "uid-1"), NOW)


def empty_plan() -> Plan:
    return Plan(status=blank_status(), dataset_status=DatasetStatus(conditions=[], phase="Bound"))


def refuse(
    method: str, plural: str, code: int, reason: str
) -> Callable[[httpx2.Request], httpx2.Response | None]:
    def fault(request: httpx2.Request) -> httpx2.Response | None:
        hit = request.method == method and f"/{plural}" in request.url.path
        return status(code, reason, WORDS) if hit else None

    return fault


async def carry(one: Bench, snapshot: Snapshot[ThinRuntime], plan: Plan) -> KubeError | None:
    try:
        await PlanApplier(one.context.informer_factory, one.context.informers, one.context.recorder).apply(
            snapshot, None, plan
        )
    except KubeError as error:
        return error
    return None


OBJECTS: list[tuple[str, KubeObject]] = [
    ("persistentvolumes", PersistentVolume(metadata=ObjectMeta(name="default-x"))),
    ("persistentvolumeclaims", PersistentVolumeClaim(metadata=ObjectMeta(name="x", namespace="default"))),
    ("configmaps", ConfigMap(metadata=ObjectMeta(name="x-config", namespace="default"))),
]


@pytest.mark.parametrize(("code", "reason"), [(422, "Invalid"), (403, "Forbidden")])
@pytest.mark.parametrize(("plural", "obj"), OBJECTS, ids=[plural for plural, _ in OBJECTS])
async def test_what_is_refused_is_told_on_runtime_and_dataset(
    one: Bench, plural: str, obj: KubeObject, code: int, reason: str
) -> None:
    one.server.faults.append(refuse("POST", plural, code, reason))
    snapshot, plan = snapshot_of(one), empty_plan()
    (plan.children if plural == "configmaps" else plan.create).append(obj)
    failure = await carry(one, snapshot, plan)
    assert isinstance(failure, Forbidden) == (code == 403), "what may change without a word is tried again"
    beginning = f"the API server refuses {obj.resource.kind} {obj.key}: {WORDS}; "
    told = find_condition(plan.status.conditions, "ChangeRefused")
    ready = find_condition(plan.dataset_status.conditions, "Ready")
    assert told is not None
    assert ready is not None
    assert (told.message or "").startswith(beginning)
    assert (ready.status, ready.reason, ready.message) == ("False", "ChangeRefused", told.message)
    step = "ask the administrator" if code == 403 else "correct "
    assert step in (told.message or "")
    assert plan.dataset_status.phase == "NotBound"
    written = one.server.get(DATASETS, "default", "x") or {}
    assert written["status"]["phase"] == "NotBound"


async def test_the_same_refusal_is_written_once(one: Bench) -> None:
    one.server.faults.append(refuse("POST", "persistentvolumes", 422, "Invalid"))
    for _ in range(2):
        runtime = ThinRuntime.model_validate(one.server.get(THINRUNTIMES, "default", "x"))
        live = runtime.status or blank_status()
        plan = Plan(status=live.model_copy(deep=True), dataset_status=DatasetStatus(conditions=[]))
        owner = snapshot_of(one).owner_reference()
        metadata = ObjectMeta(name="x-config", namespace="default", owner_references=[owner])
        plan.children = [ConfigMap(metadata=metadata)]
        plan.create = [OBJECTS[0][1]]
        applier = PlanApplier(one.context.informer_factory, one.context.informers, one.context.recorder)
        await applier.apply(snapshot_of(one), runtime.status, plan)
    writes = [write for write in one.server.writes() if "thinruntimes" in write]
    assert len(writes) == 1, writes


@pytest.mark.parametrize("leaving", [False, True])
async def test_what_must_not_be_deleted_is_told_and_tried_again(one: Bench, leaving: bool) -> None:
    volume = one.server.put("v1/persistentvolumes", {"metadata": {"name": "default-x"}})
    one.server.faults.append(refuse("DELETE", "persistentvolumes", 403, "Forbidden"))
    snapshot, plan = snapshot_of(one, leaving=leaving), empty_plan()
    plan.delete = [PersistentVolume.model_validate(volume)]
    assert isinstance(await carry(one, snapshot, plan), Forbidden)
    beginning = f"the API server refuses to change or delete PersistentVolume default-x: {WORDS}; ask the"
    conditions = plan.dataset_status.conditions if leaving else plan.status.conditions
    told = find_condition(list(conditions or ()), "Ready" if leaving else "ChangeRefused")  # type: ignore[reportArgumentType] - of either kind
    assert told is not None
    assert beginning in (told.message or "")


async def test_a_pod_that_must_not_be_annotated_holds_up_no_status(one: Bench) -> None:
    pod = one.server.put("v1/pods", {"metadata": {"name": "p", "namespace": "default"}})
    one.server.faults.append(refuse("PATCH", "pods", 403, "Forbidden"))
    snapshot, plan = snapshot_of(one), empty_plan()
    plan.annotate_pods = [PodAnnotations(Pod.model_validate(pod), {"a": "b"})]
    assert isinstance(await carry(one, snapshot, plan), Forbidden)
    assert ((one.server.get(DATASETS, "default", "x") or {})["status"])["phase"] == "Bound"


class Told(Recorder):
    """Notes events instead of sending them."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def event(self, about: KubeObject | Reference, type: EventType, reason: str, message: str) -> None:  # noqa: A002 - the parent's name
        self.said.append(message)


WARNING = Notice("Warning", "FuseNotReady", "a client fails", shown_by="FusesFailing")


def shown(words: str, kind: str = "FusesFailing", generation: int = 1) -> RuntimeStatus:
    found = blank_status()
    record_condition(found, kind, "FuseNotReady", words, "True", NOW)
    assert found.conditions is not None
    found.conditions[0].observed_generation = generation
    return found


@pytest.mark.parametrize(
    ("before", "now", "events"),
    [
        (None, shown("a client fails"), 1),
        (shown("a client fails"), shown("a client fails"), 0),
        (shown("ein Client"), shown("ein Client"), 0),
        (shown("a client fails"), shown("a client fails", generation=2), 0),
        (shown("a client fails, and another"), shown("a client fails"), 1),
        (shown("a client fails", "Other"), shown("a client fails"), 1),
        (shown("a client fails"), blank_status(), 1),
    ],
    ids=["new", "the same", "in other words", "of another spec", "fewer", "elsewhere", "hidden"],
)
async def test_there_is_an_event_when_what_a_condition_shows_changes(
    one: Bench, before: RuntimeStatus | None, now: RuntimeStatus, events: int
) -> None:
    told = Told()
    plan = Plan(now, DatasetStatus(conditions=[], phase="Bound"), notices=[WARNING])
    applier = PlanApplier(one.context.informer_factory, one.context.informers, told)
    await applier.apply(snapshot_of(one), before, plan)
    assert told.said == ["a client fails"] * events
