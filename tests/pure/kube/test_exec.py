from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
from anyio.abc import SocketAttribute, SocketStream
from lightkube.core.exceptions import ConfigError
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    RejectConnection,
    RejectData,
    Request,
)

from fluid.kube import Connection, ExecResult, Forbidden, KubeError, NotFound, Unavailable
from fluid.types import Key

pytestmark = pytest.mark.anyio
SUCCESS = b'\x03{"metadata":{},"status":"Success"}'
EXIT_7 = (
    b'\x03{"status":"Failure","reason":"NonZeroExitCode","message":"exit 7",'
    b'"details":{"causes":[{"reason":"ExitCode","message":"7"}]}}'
)
NO_CONTAINER = b'\x03{"status":"Failure","reason":"InternalError","message":"no such container"}'


class Kubelet:
    """Accepts one exec, sends the frames, and closes (or falls silent); or refuses with a status."""

    def __init__(self, *frames: bytes, silent: bool = False, refuse: int | None = None) -> None:
        self.frames = frames
        self.silent = silent
        self.refuse = refuse
        self.target = ""

    async def serve(self, stream: SocketStream) -> None:
        protocol = WSConnection(ConnectionType.SERVER)
        async with stream:
            while not self.target:
                protocol.receive_data(await stream.receive())
                for event in protocol.events():
                    if isinstance(event, Request):
                        self.target = event.target
            if self.refuse is not None:
                await stream.send(protocol.send(RejectConnection(status_code=self.refuse, has_body=True)))
                await stream.send(protocol.send(RejectData(data=b"no", body_finished=True)))
                return
            await stream.send(protocol.send(AcceptConnection(subprotocol="v4.channel.k8s.io")))
            for frame in self.frames:
                await stream.send(protocol.send(BytesMessage(data=frame)))
            if self.silent:
                await anyio.sleep_forever()
            await stream.send(protocol.send(CloseConnection(code=1000)))

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[Connection]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"
        async with listener, anyio.create_task_group() as group:
            group.start_soon(listener.serve, self.serve)
            async with httpx2.AsyncClient(base_url=url) as http:
                yield Connection(http)
            group.cancel_scope.cancel()


async def run(kubelet: Kubelet, *command: str) -> ExecResult:
    async with kubelet.connect() as connection:
        result = await connection.exec(Key("x", "p-0"), "master", command or ("jindo",), timeout=5.0)
    return result  # noqa: RET504 - after the block, which may not swallow it


async def test_output_and_exit_code_come_back() -> None:
    kubelet = Kubelet(b"\x01hel", b"\x02warn", b"\x01lo", SUCCESS)
    assert await run(kubelet, "jindo", "fs", "-ls", "a b&c") == ExecResult(0, "hello", "warn")
    assert kubelet.target.startswith("/api/v1/namespaces/x/pods/p-0/exec?")
    assert "command=jindo&command=fs&command=-ls&command=a+b%26c&container=master" in kubelet.target
    assert "stdin" not in kubelet.target


async def test_a_command_that_fails_is_a_result() -> None:
    assert await run(Kubelet(b"\x02bad", EXIT_7)) == ExecResult(7, "", "bad")


async def test_output_that_is_no_text_is_no_failure() -> None:
    assert (await run(Kubelet(b"\x01\xff\xfe", SUCCESS))).stdout == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("kubelet", "kind", "message"),
    [
        (Kubelet(silent=True), Unavailable, "not finished after 0.1 s"),
        (Kubelet(b"\x01half"), Unavailable, r"exec 'jindo' in x/p-0 \[master\]"),
        (Kubelet(b"\x03garbage"), Unavailable, "cannot be read"),
        (Kubelet(b""), Unavailable, "cannot be read"),
        (Kubelet(NO_CONTAINER), Unavailable, "no such container"),
        (Kubelet(refuse=403), Forbidden, "it needs the verbs get and create on pods/exec"),
        (Kubelet(refuse=404), NotFound, "HTTP 404"),
        (Kubelet(refuse=502), Unavailable, "HTTP 502"),
    ],
)  # fmt: skip
async def test_what_could_not_be_run_or_seen_to_its_end_is_an_error_of_ours(
    kubelet: Kubelet, kind: type[KubeError], message: str
) -> None:
    async with kubelet.connect() as connection:
        with pytest.raises(kind, match=message):
            await connection.exec(
                Key("x", "p-0"), "master", ["jindo"], timeout=0.1 if kubelet.silent else 5.0
            )


async def test_a_credential_plugin_that_fails_is_an_error_of_ours() -> None:
    def no_token(_: httpx2.Request) -> httpx2.Response:
        raise ConfigError("exec plugin: no token")

    async with Connection.open(transport=httpx2.MockTransport(no_token)) as connection:
        with pytest.raises(Unavailable, match=r"exec 'jindo' in x/p-0 \[master\]: exec plugin: no token"):
            await connection.exec(Key("x", "p-0"), "master", ["jindo"], timeout=5.0)


MUCH = b"\x01" + b"x" * 40_000


@pytest.mark.parametrize(
    "frames",
    [
        (MUCH, MUCH, SUCCESS),
        (MUCH, MUCH.replace(b"\x01", b"\x02"), SUCCESS),
        (b"\x01" + b"x" * 10_000_000,),
    ],
)
async def test_a_command_that_prints_without_end_is_cut_off_and_told(frames: tuple[bytes, ...]) -> None:
    kubelet = Kubelet(*frames, silent=True)
    async with kubelet.connect() as connection:
        with pytest.raises(Unavailable) as failed:
            await connection.exec(Key("x", "p-0"), "master", ["jindocache", "-report"], timeout=5.0)
    assert failed.value.reason == "TooMuchOutput"
    assert "`jindocache -report` in pod x/p-0 [master] printed more than 65536 bytes" in str(failed.value)


async def test_a_caller_that_expects_much_gets_it() -> None:
    async with Kubelet(MUCH, MUCH, SUCCESS).connect() as connection:
        said = await connection.exec(Key("x", "p-0"), "master", ["list"], timeout=5.0, limit=100_000)
    assert len(said.stdout) == 80_000
