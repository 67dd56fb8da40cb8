"""Answers are read no further than there is room, and lists of large objects come in smaller pages."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from fluid.kube import Connection, Invalid, KubeError, TooLarge, Unavailable
from fluid.kube.listwatch import ListWatch
from fluid.kube.response_bodies import LARGEST, lines_of
from fluid.models import ConfigMap
from tests.harness.server import FakeServer
from tests.pure.kube.support import CONFIG_MAPS, raw

pytestmark = pytest.mark.anyio
PIECE = b"x" * 65536


class Endless(httpx2.AsyncByteStream):
    """A body without an end; how much of it was taken."""

    def __init__(self, piece: bytes = PIECE) -> None:
        self.piece, self.taken, self.closed = piece, 0, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += len(self.piece)
            yield self.piece

    async def aclose(self) -> None:
        self.closed = True


def answering(code: int, body: Endless) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(code, stream=body))


async def test_an_answer_without_an_end_is_given_up_and_its_connection_closed() -> None:
    body = Endless()
    async with Connection.open(transport=answering(200, body)) as connection:
        with pytest.raises(TooLarge, match="GET /api/v1/pods: the answer has more than"):
            await connection.request("GET", "/api/v1/pods")
    assert body.closed
    assert body.taken <= LARGEST + len(PIECE)


async def test_of_a_refusal_no_more_is_read_than_serves() -> None:
    body = Endless()
    async with Connection.open(transport=answering(422, body)) as connection:
        with pytest.raises(Invalid, match="HTTP 422"):
            await connection.request("GET", "/api/v1/pods")
    assert body.closed
    assert body.taken <= 2 * 1024 * 1024


async def test_a_refusal_that_quotes_a_long_value_is_told_shortened() -> None:
    status = {"status": "Failure", "reason": "Invalid", "message": "Invalid value: " + "v" * 500_000}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(422, json=status))
    async with Connection.open(transport=transport) as connection:
        with pytest.raises(KubeError) as refused:
            await connection.request("GET", "/api/v1/pods")
    assert 15 < len(refused.value.message) <= 4096


async def test_a_watch_line_without_an_end_ends_the_watch() -> None:
    body = Endless()
    async with Connection.open(transport=answering(200, body)) as connection:
        with pytest.raises(Unavailable, match="a line has more than"):
            await follow(connection)
    assert body.closed
    assert body.taken <= LARGEST + len(PIECE)


async def follow(connection: Connection) -> None:
    async with connection.stream("/api/v1/pods", {}) as lines:
        async for _ in lines:
            pass


async def test_lines_come_whole_however_they_are_cut() -> None:
    class Cut(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in (b"a", b"b\nc", b"\n\n", b"d", b"e\nrest"):
                yield piece

    response = httpx2.Response(200, stream=Cut())
    assert [line async for line in lines_of(response)] == [b"ab", b"c", b"de"]


async def test_a_list_of_large_objects_is_read_in_pages_that_fit() -> None:
    server = FakeServer()
    for number in range(120):
        server.put(CONFIG_MAPS, {**raw(f"c-{number}"), "data": {"x": "y" * 5_000}})
    sizes: list[str] = []

    def note(request: httpx2.Request) -> None:
        sizes.append(request.url.params["limit"])

    server.faults.append(note)
    async with server.connect() as connection:
        connection_limit(connection, 100_000)
        names, version = await ListWatch(connection, ConfigMap.resource).list(
            lambda item: item["metadata"]["name"]
        )
    assert len(set(names)) == 120
    assert version == str(server.version)
    assert sizes[:3] == ["500", "50", "5"]
    assert set(sizes[3:]) == {"5"}


def connection_limit(connection: Connection, limit: int) -> None:
    """Lets a connection read answers up to a size that a test can afford."""
    whole = connection.request

    async def request(*args: object, **kwargs: object) -> bytes:
        return await whole(*args, **{**kwargs, "limit": limit})  # type: ignore[arg-type]

    connection.request = request  # type: ignore[method-assign]


async def test_who_needs_a_few_fields_of_many_objects_gets_those_and_no_more_than_so_many() -> None:
    server = FakeServer()
    for number in range(1_200):
        server.put(CONFIG_MAPS, {**raw(f"c-{number}", annotations={"a": "x" * 2_000}), "data": {"x": "y"}})
    async with server.connect() as connection:
        found = await connection.api(ConfigMap).list(keep=("immutable",), most=500)
        everything = await connection.api(ConfigMap).list()
    assert (len(found), len(everything)) == (500, 1_200)
    assert not any(one.data or one.metadata.annotations for one in found)
    assert all(one.data == {"x": "y"} for one in everything)
