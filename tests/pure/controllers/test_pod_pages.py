"""Pages of pods as a query: what is kept of them, and pods that do not serve."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from typing import cast

import anyio
import pytest
from structlog.testing import capture_logs

from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_runner import QueryRunner
from fluid.engines.core.pod_pages import HttpAnswer, HttpGet
from fluid.kube import Connection, PodHttp
from fluid.types import Key
from tests.pure.kube.test_pod_http import page, serving

pytestmark = pytest.mark.anyio
PAGE = b"# HELP cache_bytes x\ncache_bytes 7\nother 8\ncache_hits 9\n"
ME = Key("ns", "a")


async def answers(asked: Sequence[HttpGet], pages: PodHttp | None = None) -> list[HttpAnswer | None]:
    """What a pass finds; nothing may be logged, as a pod that does not serve is told on the Dataset."""
    loopback = PodHttp(trusted=[ip_network("127.0.0.0/8")])
    runner = QueryRunner(QueryExecutor(cast("Connection", object()), pages=pages or loopback))
    woken = anyio.Event()
    with capture_logs() as logs:
        async with anyio.create_task_group() as group:
            await group.start(runner.run)
            runner.ask(ME, asked, woken.set)
            with anyio.fail_after(10):
                await woken.wait()
            group.cancel_scope.cancel()
    assert logs == []
    results = runner.results(ME)
    return [results.get(query) for query in asked]


def query(port: int, *lines: str) -> HttpGet:
    return HttpGet(Key("ns", "worker-0"), "127.0.0.1", port, "/metrics", lines)


async def test_the_lines_that_are_wanted_are_kept_or_all_of_them() -> None:
    async with serving(page(PAGE)) as server:
        asked = [query(server.port, "cache_"), query(server.port)]
        assert await answers(asked) == [
            HttpAnswer("cache_bytes 7\ncache_hits 9"),
            HttpAnswer(PAGE.decode()),
        ]


async def test_more_lines_than_may_be_kept_are_a_failure_and_the_others_of_a_large_page_are_none() -> None:
    large = b"other 1\n" * 100_000 + PAGE
    async with serving(page(large)) as server:
        kept, much = await answers([query(server.port, "cache_"), query(server.port)])
        assert kept == HttpAnswer("cache_bytes 7\ncache_hits 9")
        assert much is not None
        assert (much.text, much.error) == ("", f"GET :{server.port}/metrics: more than 65536 characters")


async def test_a_pod_that_does_not_serve_fails_alone() -> None:
    async with serving(page(PAGE)) as server, serving(b"HTTP/1.1 503 No\r\n\r\n") as other:
        first, second = await answers([query(server.port), query(other.port)])
    assert first == HttpAnswer(PAGE.decode())
    assert second is not None
    assert "status 503" in second.error


async def test_by_default_no_address_is_asked_that_no_pod_has() -> None:
    async with serving(page(PAGE)) as server:
        (found,) = await answers([query(server.port)], PodHttp())
        assert server.requests == []
    assert found is not None
    assert "is an address that no pod has" in found.error


async def test_a_pod_that_never_ends_takes_as_long_as_the_query_says() -> None:
    async with serving(lambda _: anyio.sleep_forever()) as server:
        (found,) = await answers([replace(query(server.port), timeout=0.2)])
    assert found is not None
    assert "no complete answer in 0.2 s" in found.error
