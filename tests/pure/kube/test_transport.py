from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ssl import create_default_context

import anyio
import httpx2
import pytest
from anyio.abc import SocketAttribute, SocketStream

from fluid.kube.transport import KeepAliveTransport

pytestmark = pytest.mark.anyio
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """Answers each request with the next script, byte for byte, in pieces of `step`; None hangs up."""

    def __init__(self, *scripts: bytes | None, step: int = 1000) -> None:
        self.scripts = [*scripts]
        self.step = step
        self.connections = 0
        self.requests: list[bytes] = []

    async def serve(self, stream: SocketStream) -> None:
        self.connections += 1
        async with stream:
            while self.scripts:
                try:
                    self.requests.append(await stream.receive())
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    return
                script = self.scripts.pop(0)
                if script is None:
                    return
                for start in range(0, len(script), self.step):
                    await stream.send(script[start : start + self.step])
                if b"Length" not in script and b"chunked" not in script:
                    return

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[httpx2.AsyncClient]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(SocketAttribute.local_port)
        async with listener, anyio.create_task_group() as group:
            group.start_soon(listener.serve, self.serve)
            transport = KeepAliveTransport(create_default_context())
            with anyio.fail_after(5):
                async with httpx2.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}", transport=transport
                ) as client:
                    yield client
            group.cancel_scope.cancel()


@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_every_framing_is_read_however_it_is_cut(step: int) -> None:
    body = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    peer = Peer(
        OK,
        chunked,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        step=step,
    )
    async with peer.client() as client:
        answers = [await client.get("/a?b=c"), await client.get("/"), await client.put("/", content=b"x")]
        answers.append(await client.get("/"))
    assert [(r.status_code, r.text) for r in answers] == [
        (200, "ok"), (200, "hello world"), (201, ""), (200, "until the end"),
    ]  # fmt: skip
    assert peer.connections == 1
    assert peer.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")


async def test_a_request_leaves_in_one_piece() -> None:
    peer = Peer(OK)
    async with peer.client() as client:
        await client.patch("/", content=b'{"a":1}')
    assert peer.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_a_stale_connection_breaks_once_and_is_not_used_again() -> None:
    peer = Peer(OK, None, OK)
    async with peer.client() as client:
        await client.get("/")
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")
        assert (await client.get("/")).text == "ok"
    assert peer.connections == 2


async def test_an_answer_that_is_not_read_to_its_end_costs_its_connection() -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nline\r\n"
    peer = Peer(endless, OK)
    async with peer.client() as client:
        async with client.stream("GET", "/") as response:
            assert await anext(response.aiter_raw()) == b"line"
        assert (await client.get("/")).text == "ok"
    assert peer.connections == 2


async def test_close_is_honoured() -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    peer = Peer(closing, OK)
    async with peer.client() as client:
        assert [(await client.get("/")).text for _ in range(2)] == ["ok", "ok"]
    assert peer.connections == 2


@pytest.mark.parametrize("garbage", [b"garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", None])
async def test_what_is_no_http_is_an_error_of_the_other_side(garbage: bytes | None) -> None:
    async with Peer(garbage).client() as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")


async def test_a_half_body_is_an_error_of_the_other_side() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Type: Length\r\nContent-Length: 20\r\n\r\nhalf"
    async with Peer(half).client() as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")


async def test_nobody_listening_is_a_connect_error() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    await listener.aclose()
    transport = KeepAliveTransport(create_default_context())
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/")
