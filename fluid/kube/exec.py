"""Commands in containers, over the websocket protocol of the exec subresource.

The answer to a request with ``Upgrade: websocket`` is a raw stream, whichever transport brought it; wsproto
handles the frames. A websocket session of the HTTP client would cost three times the CPU: it runs separate
tasks for each of the few frames of a command.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import anyio
import httpx2
import msgspec
from lightkube.core.exceptions import ConfigError
from wsproto.connection import CLIENT
from wsproto.connection import Connection as Frames
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.utilities import ProtocolError, generate_nonce

from fluid.kube.errors import KubeError, Unavailable, error_for
from fluid.kube.requests import Requests
from fluid.kube.response_bodies import beginning
from fluid.kube.status import read_status
from fluid.types import Key

_PROTOCOL = "v4.channel.k8s.io"
"""Each binary message is a channel and its bytes. Version 5 adds only the end of stdin, which nothing here
has, and makes the API server translate the whole stream to SPDY on its way to the kubelet."""
_STDOUT, _STDERR, _END = 1, 2, 3
_RECEIVE = 64 * 1024
_ASIDE = 4096
"""Bytes that a message may have in addition to the output: its channel, or the Status at the end."""
OUTPUT = 64 * 1024
"""Bytes that a command may print by default. The limit is needed because tenants choose the image."""
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class ExecResult:
    """The result of a command in a container.

    Attributes:
        exit_code: 0 for success.
        stdout: its output; bytes that are not UTF-8 are replaced.
        stderr: its error output, likewise.
    """

    exit_code: int
    stdout: str
    stderr: str


class _Stream(Protocol):
    """The upgraded connection, as transports hand it out in ``extensions["network_stream"]``."""

    async def read(self, max_bytes: int) -> bytes: ...
    async def write(self, buffer: bytes) -> None: ...


class _TooMuchError(Exception):
    """The command printed more than it may."""


async def run_command(
    requests: Requests, pod: Key, container: str, command: Sequence[str], seconds: float, limit: int = OUTPUT
) -> ExecResult:
    """Runs `command` and waits for its end, at most `seconds`; see `Connection.exec`."""
    where = f"exec {command[0]!r} in {pod} [{container}]"
    try:
        with anyio.fail_after(seconds):
            return await _run(requests, pod, container, command, where, limit)
    except _TooMuchError as error:
        words = f"`{' '.join(command)[:200]}` in pod {pod} [{container}] printed more than {limit} bytes"
        message = f"{words}, which are the most that are read: the connection was closed; see its image"
        raise Unavailable(0, "TooMuchOutput", message) from error
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise Unavailable(0, "Timeout", f"{where}: not finished after {seconds:g} s") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ConfigError, *_BROKEN) as error:
        raise Unavailable(0, type(error).__name__, f"{where}: {error or 'the connection broke'}") from error
    except (msgspec.MsgspecError, ProtocolError, IndexError, ValueError) as error:
        raise Unavailable(0, "ExecFailed", f"{where}: the answer cannot be read: {error}") from error


async def _run(
    requests: Requests, pod: Key, container: str, command: Sequence[str], where: str, limit: int
) -> ExecResult:
    streams = {"stdout": "true", "stderr": "true"}
    request = requests.build(
        "GET",
        f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/exec",
        query={"command": list(command), "container": container, **streams},
        headers={
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-key": generate_nonce().decode(),
            "sec-websocket-version": "13",
            "sec-websocket-protocol": _PROTOCOL,
        },
        timeout=httpx2.Timeout(None),  # the caller sets a deadline
    )
    response = await requests.send(request, stream=True)
    try:
        if response.status_code != 101:
            raise await _refused(where, response)
        output, stream = _Output(limit), cast("_Stream", response.extensions["network_stream"])
        async for message in _messages(stream, limit + _ASIDE):
            if message[0] == _END:
                return ExecResult(_exit_code(message[1:], where), output.text(_STDOUT), output.text(_STDERR))
            output.add(message[0], message[1:])
        raise EOFError("the connection ended before the command")
    finally:
        await response.aclose()


@dataclass(slots=True)
class _Output:
    """The output so far by channel, and its limit."""

    left: int
    printed: dict[int, bytearray] = field(default_factory=dict[int, bytearray])

    def add(self, channel: int, data: bytes) -> None:
        self.left -= len(data)
        if self.left < 0:
            raise _TooMuchError
        self.printed.setdefault(channel, bytearray()).extend(data)

    def text(self, channel: int) -> str:
        return self.printed.get(channel, bytearray()).decode(errors="replace")


async def _messages(stream: _Stream, longest: int) -> AsyncIterator[bytes]:
    """Complete messages until the other side closes the connection.

    Raises:
        _TooMuchError: one has more than `longest` bytes, whether it ever ends or not.
    """
    frames, parts = Frames(CLIENT), bytearray()
    while True:
        for event in frames.events():
            match event:
                case BytesMessage(data=data):
                    parts += data
                    if len(parts) > longest:
                        raise _TooMuchError
                    if event.message_finished:
                        yield bytes(parts)
                        parts.clear()
                case Ping():
                    await stream.write(frames.send(event.response()))
                case TextMessage():
                    raise ValueError("text where bytes belong")
                case CloseConnection():
                    return
                case _:
                    pass
        if not (data := await stream.read(_RECEIVE)):
            return
        frames.receive_data(data)


def _exit_code(data: bytes, where: str) -> int:
    """The command's exit code.

    Raises:
        Unavailable: it was not run at all.
    """
    end = read_status(data)
    if end.status == "Success":
        return 0
    if end.reason != "NonZeroExitCode":
        raise Unavailable(500, end.reason or "ExecFailed", f"{where}: {end.message or 'no reason given'}")
    codes = [int(cause.message) for cause in end.details.causes if cause.reason == "ExitCode"]
    return codes[0] if codes else -1


async def _refused(where: str, response: httpx2.Response) -> KubeError:
    """The error for a refused upgrade, with the API server's message if it can still be read."""
    try:
        with anyio.fail_after(1):
            message = str(msgspec.json.decode(await beginning(response))["message"])
    except (httpx2.HTTPError, httpx2.StreamError, msgspec.MsgspecError, TimeoutError, KeyError, TypeError):
        message = f"HTTP {response.status_code}"
    hint = "; it needs the verbs get and create on pods/exec" if response.status_code == 403 else ""
    return error_for(response.status_code, "", f"{where}: {message}{hint}")
