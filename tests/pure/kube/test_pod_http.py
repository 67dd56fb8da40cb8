"""Pages of pods: a real server on loopback that behaves and that does not, and addresses that no pod has."""

import gzip
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from fluid.kube import PodHttp, Unavailable
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
LOOPBACK = PodHttp(trusted=[ip_network("127.0.0.0/8"), ip_network("::1/128")])
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
ROOM = 1024 * 1024
Serve = Callable[[SocketStream], Awaitable[None]]


class Server:
    """A server that does what a test says; it has the requests, and the bytes that each connection took."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.requests: list[bytes] = []
        self.closed = 0
        self.port = 0

    async def handle(self, stream: SocketStream) -> None:
        async with stream:
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
                self.requests.append(await stream.receive())
                await self.serve(stream)
        self.closed += 1


@asynccontextmanager
async def serving(serve: Serve | bytes, host: str = "127.0.0.1") -> AsyncGenerator[Server]:
    async def whole(stream: SocketStream) -> None:
        assert isinstance(serve, bytes)
        await stream.send(serve)

    server = Server(whole if isinstance(serve, bytes) else serve)
    listener = await anyio.create_tcp_listener(local_host=host)
    server.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, server.handle)
        yield server
        group.cancel_scope.cancel()


async def get(server: Server, path: str = "/metrics", deadline: float = 5.0, host: str = "127.0.0.1") -> str:
    return await LOOPBACK.get(host, server.port, path, deadline=deadline)


def page(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return OK + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def test_a_page_is_read_with_a_get_for_text_that_is_not_packed() -> None:
    async with serving(page(b"cache_bytes 7\n")) as server:
        assert await get(server, "/metrics?all=1") == "cache_bytes 7\n"
    (request,) = server.requests
    head = request.decode().split("\r\n")
    assert head[0] == "GET /metrics?all=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in head
    assert "Accept-Encoding: identity" in head
    assert not [line for line in head if re.match("(?i)cookie|authorization", line)]


async def test_an_ipv6_address_goes_in_brackets() -> None:
    async with serving(page(b"x 1\n"), host="::1") as server:
        assert await get(server, host="::1") == "x 1\n"
    assert b"Host: [::1]:%d\r\n" % server.port in server.requests[0]


async def test_a_page_that_ends_with_the_connection_is_read() -> None:
    async with serving(OK + b"\r\nx 1\n") as server:
        assert await get(server) == "x 1\n"


async def test_nothing_is_remembered_between_two_pages() -> None:
    async with serving(page(b"x 1\n", b"Set-Cookie: id=7; Path=/")) as server:
        await get(server)
        await get(server)
        await eventually(lambda: server.closed == 2)
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "not followed"),
        (b"HTTP/1.1 307 T\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "status 307"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", "status 500"),
        (b"HTTP/1.1 204 Nothing\r\n\r\n", "status 204"),
        (page(gzip.compress(b"\0" * 10 * ROOM), b"Content-Encoding: gzip"), "is packed ('gzip')"),
        (page(b"x 1\n", b"Content-Encoding: identity, br"), "is packed"),
        (page(bytes(range(256))), "is no UTF-8"),
        (page(b"x" * (10 * ROOM)), "more than 1048576 bytes"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "GET http://127.0.0.1"),
        (b"", "GET http://127.0.0.1"),
        (OK + b"Content-Length: 100\r\n\r\nx 1\n", "GET http://127.0.0.1"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx", "GET http://127.0.0.1"),
    ],
)
async def test_any_other_answer_than_a_page_is_a_failure_that_says_why(answer: bytes, problem: str) -> None:
    async with serving(answer) as server:
        with pytest.raises(Unavailable, match=re.escape(problem)):
            await get(server)
        assert len(server.requests) == 1, "nothing is asked twice or elsewhere"


async def test_a_page_without_end_is_read_up_to_the_bound_and_then_closed() -> None:
    sent = 0

    async def endless(stream: SocketStream) -> None:
        nonlocal sent
        await stream.send(OK + b"\r\n")
        while True:
            await stream.send(b"x 1\n" * 4096)
            sent += 4 * 4096

    async with serving(endless) as server:
        with pytest.raises(Unavailable, match="more than 1048576 bytes"):
            await get(server)
        await eventually(lambda: server.closed == 1)
    assert sent < 16 * ROOM, "what the kernel buffers, and no more"


@pytest.mark.parametrize(
    "begin", [OK, OK + b"\r\n", OK + b"X-A: ", OK + b"Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_an_answer_that_drips_ends_at_the_deadline(begin: bytes) -> None:
    async def drip(stream: SocketStream) -> None:
        await stream.send(begin)
        while True:
            await stream.send(b"1")
            await anyio.sleep(0.01)  # the pace of the hostile server

    async with serving(drip) as server:
        began = anyio.current_time()
        with pytest.raises(Unavailable, match=r"no complete answer in 0\.3 s"):
            await get(server, deadline=0.3)
        assert anyio.current_time() - began < 3
        await eventually(lambda: server.closed == 1)


async def test_headers_without_end_are_a_failure() -> None:
    async def headers(stream: SocketStream) -> None:
        await stream.send(OK)
        while True:
            await stream.send(b"X-A: " + b"a" * 4096 + b"\r\n")

    async with serving(headers) as server:
        with pytest.raises(Unavailable):
            await get(server)
        await eventually(lambda: server.closed == 1)


async def test_a_port_where_nobody_listens_is_a_failure() -> None:
    async with serving(b"") as server:
        pass
    with pytest.raises(Unavailable, match="GET http://127"):
        await get(server)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1%eth0",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "localhost",
        "kubernetes.default",
        "10.0.0.1/8",
        "10.0.0.1:80",
        "[fd00::1]",
        "0x7f000001",
        "2130706433",
        "127.1",
        "",
        "10.0.0.1@127.0.0.1",
        "x" * 10_000,
    ],
)
async def test_an_address_that_no_pod_has_is_not_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = PodHttp()

    async def connected(*_: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(pages._transport, "handle_async_request", connected)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(Unavailable) as caught:
        await pages.get(address, 9100, "/metrics", deadline=1)
    assert caught.value.reason in ("NoAddress", "NoPodAddress")
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("port", "path"),
    [
        (0, "/"),
        (65536, "/"),
        (-1, "/"),
        (80, ""),
        (80, "metrics"),
        (80, "/a b"),
        (80, "/\r\nHost: x"),
        (80, "/é"),
        (80, "/#x"),
        (80, "/" + "a" * 1024),
        (80, "@127.0.0.1/"),
    ],
)
async def test_a_port_or_a_path_that_is_none_is_not_asked(port: int, path: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await PodHttp().get("10.0.0.1", port, path, deadline=1)
    assert caught.value.reason in ("NoPort", "NoPath")
