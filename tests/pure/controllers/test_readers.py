from collections import Counter
from typing import cast

import anyio
import pytest

from fluid.controllers.claim_readers import PodLists
from fluid.controllers.query_executor import QueryExecutor
from fluid.engines.core.queries import UNKNOWN_USER, ClaimUser, ClaimUsers
from fluid.kube import KubeError
from fluid.types import Key
from tests.harness.server import FakeServer, status
from tests.pure.controllers.dataset_support import pod, served

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


async def users_of(server: FakeServer, claim: str) -> tuple[ClaimUser, ...]:
    query = ClaimUsers(Key("default", claim))
    async with server.connect() as connection:
        finding = await QueryExecutor(connection).answer(query, "me")
    assert finding is not None
    assert finding.failed is (finding.answer == (UNKNOWN_USER,))
    return cast("tuple[ClaimUser, ...]", finding.answer)


async def test_pods_of_other_runtimes_use_a_claim_like_anybodys_and_its_own_do_not() -> None:
    server = FakeServer()
    server.put("v1/pods", served("hbase-fuse-x", "hbase", of="hbase"))
    server.put("v1/pods", served("other-worker-0", "hbase", of="other"))
    server.put("v1/pods", pod("reader", "hbase"))
    assert {user.name for user in await users_of(server, "hbase")} == {"other-worker-0", "reader"}


async def test_users_are_unknown_when_a_pod_cannot_be_read() -> None:
    server = FakeServer()
    server.put("v1/pods", pod("reader", "hbase"))
    server.put("v1/pods", {**pod("strange"), "spec": {"containers": "none"}})
    assert await users_of(server, "hbase") == (UNKNOWN_USER,)
