import anyio
import httpx2
import pytest

from fluid.controllers.operations.locking import DatasetLock
from fluid.controllers.operations.operation_id import OperationId
from fluid.models import Dataset
from fluid.types import Key
from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import DATASETS, bench, dataset, until

pytestmark = pytest.mark.anyio


class SlowServer(FakeServer):
    """Results writes of one Dataset only when it may."""

    def __init__(self, slow: str) -> None:
        super().__init__()
        self.slow = slow
        self.may_answer = anyio.Event()

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "PATCH" and f"/{self.slow}/" in request.url.path:
            await self.may_answer.wait()
        return await super().answer(request)


def _load(name: str) -> OperationId:
    return OperationId("DataLoad", "default", name)


def _recorded(server: FakeServer, name: str) -> str:
    found = server.get(DATASETS, "default", name) or {}
    return found.get("status", {}).get("operationRef", {}).get("DataLoad", "")


async def test_the_record_of_one_dataset_waits_for_no_other_and_for_nothing_when_it_stands() -> None:
    server = SlowServer("slow")
    for name in ("slow", "quick"):
        server.put(DATASETS, {**dataset(name), "status": {"phase": "Bound", "conditions": []}})
    async with bench(server) as one, anyio.create_task_group() as group:
        await one.context.informer_factory.synced()
        lock = DatasetLock(one.context)

        def current(name: str) -> Dataset | None:
            return one.context.informers.datasets.store.get(Key("default", name))

        async def record(load: str, name: str, held: bool) -> None:
            await lock.record(_load(load), current(name), held=held)

        for load in ("a", "b"):
            group.start_soon(record, load, "slow", True)
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(1):
            await record("c", "quick", True)
            await record("d", "slow", False)
        assert _recorded(server, "quick") == "c"
        assert _recorded(server, "slow") == ""
        server.may_answer.set()
        await until(lambda: sorted(_recorded(server, "slow").split(",")) == ["a", "b"])
    assert len(server.writes()) == 3, "they took fair_queue: no conflict"
