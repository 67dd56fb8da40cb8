from collections import Counter

import anyio
import pytest

from fluid.controllers.readers import PodLists
from fluid.kube import KubeError
from tests.harness.server import FakeServer, status

pytestmark = pytest.mark.anyio
POD = {"metadata": {"name": "reader", "namespace": "data"}, "spec": {"containers": [{"name": "c"}]}}


async def test_a_crowd_that_asks_at_once_shares_two_lists() -> None:
    server, found = FakeServer(), Counter[str]()
    server.put("v1/pods", POD)
    async with server.connect() as connection:
        lists = PodLists(connection)

        async def ask() -> None:
            found.update(pod.name for pod in await lists.of("data"))

        async with anyio.create_task_group() as crowd:
            for _ in range(30):
                crowd.start_soon(ask)
    assert found == {"reader": 30}
    assert len([line for line in server.requests if line.startswith("GET")]) <= 2


async def test_nobody_gets_a_list_that_began_before_they_asked() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        lists = PodLists(connection)
        assert list(await lists.of("data")) == []
        server.put("v1/pods", POD)
        assert [pod.name for pod in await lists.of("data")] == ["reader"]


async def test_a_list_that_fails_is_no_empty_list_for_those_who_wait() -> None:
    server, failures = FakeServer(), Counter[str]()
    server.put("v1/pods", POD)
    async with server.connect() as connection:
        lists = PodLists(connection)

        async def ask() -> None:
            try:
                failures[(await lists.of("data"))[0].name] += 1
            except KubeError:
                failures["failed"] += 1

        server.faults.append(lambda request: status(403, "Forbidden"))
        async with anyio.create_task_group() as crowd:
            for _ in range(5):
                crowd.start_soon(ask)
    assert failures == {"failed": 5}
