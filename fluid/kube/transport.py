"""HTTP/1.1 over kept-alive connections, limited to what an API server uses.

The HTTP client's own transport costs 1.5 ms of CPU per request, this one 0.4 ms, and a controller mainly
sends requests: head and body are sent in one piece, and the answer's head is parsed by hand.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import contextmanager
from ssl import SSLContext
from time import monotonic
from typing import NamedTuple

import anyio
import httpx2
from anyio.abc import ByteStream

_IDLE = 60.0  # an API server closes its side after 90 s
_RECEIVE = 256 * 1024
_LONGEST_LINE = 256 * 1024
_UPGRADED = 101
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Head(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]

    def get(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key == name), b"").lower()


class KeepAliveTransport(httpx2.AsyncBaseTransport):
    """Connections to one server, reused as long as they are fresh.

    Args:
        tls: verification of the server, and the client certificate; not used for ``http`` URLs.
    """

    def __init__(self, tls: SSLContext) -> None:
        self._tls = tls
        self._idle: list[_Wire] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends one request; the body of the answer is read as the caller asks for it.

        Raises:
            httpx2.ConnectError: nobody listens, or TLS fails.
            httpx2.RemoteProtocolError: the connection broke, or the answer is no HTTP.
        """
        body = await request.aread()
        wire = await self._wire(request)
        try:
            with _translated(request):
                await wire.send(_encode(request, body))
                head = await wire.head()
        except BaseException as error:
            await wire.discard()
            if isinstance(error, httpx2.HTTPError):
                await self.aclose()  # after one connection broke, the others may be broken too
            raise
        upgraded = {"network_stream": wire} if head.status == _UPGRADED else None
        content = _Body(self, wire, request, head)
        return httpx2.Response(head.status, headers=head.headers, stream=content, extensions=upgraded)

    async def aclose(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            await self._idle.pop().discard()

    def release(self, wire: "_Wire") -> None:
        """Keeps a connection for the next request after its answer was read to the end."""
        wire.idle_since = monotonic()
        self._idle.append(wire)

    async def _wire(self, request: httpx2.Request) -> "_Wire":
        while self._idle:
            wire = self._idle.pop()  # the freshest: the others may expire
            if monotonic() - wire.idle_since < _IDLE:
                return wire
            await wire.discard()
        url = request.url
        port = url.port or _DEFAULT_PORTS[url.scheme]
        try:
            if url.scheme == "http":
                return _Wire(await anyio.connect_tcp(url.host, port))
            stream = await anyio.connect_tcp(
                url.host, port, ssl_context=self._tls, tls_hostname=url.host, tls_standard_compatible=False
            )
            return _Wire(stream)
        except (OSError, anyio.BrokenResourceError, anyio.EndOfStream) as error:
            raise httpx2.ConnectError(str(error) or "the connection broke", request=request) from error


class _Wire:
    """One connection and its read buffer."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._ahead = bytearray()
        self.idle_since: float = 0.0

    async def send(self, data: bytes) -> None:
        await self._stream.send(data)

    async def head(self) -> _Head:
        """The head of the answer; interim ones (100 Continue) are skipped."""
        while True:
            status = int((await self.line()).split(b" ", 2)[1])
            headers: list[tuple[bytes, bytes]] = []
            while line := await self.line():
                name, _, value = line.partition(b":")
                headers.append((name.strip().lower(), value.strip()))
            if status >= 200 or status == _UPGRADED:
                return _Head(status, headers)

    async def line(self) -> bytes:
        """The bytes up to the next line end."""
        while (end := self._ahead.find(b"\r\n")) < 0:
            if len(self._ahead) > _LONGEST_LINE:
                raise ValueError("a line has no end")
            await self._more()
        line = bytes(self._ahead[:end])
        del self._ahead[: end + 2]
        return line

    async def exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self._ahead) < size:
            await self._more()
        data = bytes(self._ahead[:size])
        del self._ahead[:size]
        return data

    async def pieces(self, size: int) -> AsyncGenerator[bytes]:
        """The next `size` bytes as they arrive, so that the caller can stop early."""
        while size > _RECEIVE:
            yield await self.exactly(_RECEIVE)
            size -= _RECEIVE
        yield await self.exactly(size)

    async def rest(self) -> AsyncGenerator[bytes]:
        """Everything until the other side closes."""
        yield await self.exactly(len(self._ahead))
        while data := await self.read(_RECEIVE):
            yield data

    async def read(self, max_bytes: int) -> bytes:
        """The next bytes; empty when the other side has closed."""
        if self._ahead:
            return await self.exactly(min(max_bytes, len(self._ahead)))
        try:
            return await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            return b""

    async def write(self, buffer: bytes) -> None:
        """The same as `send`, under the name that users of an upgraded connection know."""
        await self.send(buffer)

    async def discard(self) -> None:
        await anyio.aclose_forcefully(self._stream)

    async def _more(self) -> None:
        self._ahead += await self._stream.receive(_RECEIVE)


class _Body(httpx2.AsyncByteStream):
    """The body of one answer; releases its connection once it was read to the end."""

    def __init__(
        self, transport: KeepAliveTransport, wire: _Wire, request: httpx2.Request, head: _Head
    ) -> None:
        self._transport = transport
        self._wire: _Wire | None = wire
        self._request = request
        self._head = head

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._wire is None:
            return
        head, wire = self._head, self._wire
        with _translated(self._request):
            if self._request.method == "HEAD" or head.status in {204, 304}:
                pass
            elif head.get(b"transfer-encoding") == b"chunked":
                async for chunk in _chunks(wire):
                    yield chunk
            elif length := head.get(b"content-length"):
                async for piece in wire.pieces(int(length)):
                    yield piece
            else:
                async for data in wire.rest():
                    yield data
                return  # closed by the other side: `aclose` discards it
        if head.get(b"connection") != b"close":
            self._wire = None
            self._transport.release(wire)

    async def aclose(self) -> None:
        if self._wire is not None:
            wire, self._wire = self._wire, None
            await wire.discard()


async def _chunks(wire: _Wire) -> AsyncGenerator[bytes]:
    while size := int((await wire.line()).partition(b";")[0], 16):
        async for piece in wire.pieces(size):
            yield piece
        await wire.line()
    while await wire.line():
        pass  # trailers


def _encode(request: httpx2.Request, body: bytes) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    return b"\r\n".join([*lines, b"", body])


@contextmanager
def _translated(request: httpx2.Request) -> Generator[None]:
    try:
        yield
    except (OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
        message = str(error) or "the connection broke"
        raise httpx2.RemoteProtocolError(message, request=request) from error
    except (ValueError, IndexError) as error:
        raise httpx2.RemoteProtocolError(f"the answer is no HTTP: {error}", request=request) from error
