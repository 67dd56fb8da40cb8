"""gRPC servers on unix sockets."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio
from anyio import CancelScope, to_thread

from fluid.csi.rpc import Service

_SCHEME = "unix://"
_LONGEST_PATH = 107
_GRACE = 5.0
"""Seconds for calls to end, once no more are taken."""


class EndpointError(ValueError):
    """An endpoint that cannot be listened on; the message says what to write instead."""


def socket_path(endpoint: str) -> Path:
    """The path in ``unix:///path`` (or a path alone).

    Raises:
        EndpointError: it is something else, or too long for a socket.
    """
    path = endpoint.removeprefix(_SCHEME)
    if not path.startswith("/"):
        raise EndpointError(f"--endpoint {endpoint!r} is no unix socket; write {_SCHEME}/path/to/csi.sock")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise EndpointError(f"--endpoint {endpoint!r}: the path of a socket has at most 107 bytes")
    return Path(path)


@asynccontextmanager
async def serving(path: Path, services: Sequence[Service]) -> AsyncGenerator[None]:
    """Serve on a socket for the length of the block. One that a killed process left is replaced.

    Raises:
        OSError: the socket cannot be made.
    """
    await to_thread.run_sync(_make_way, path)
    server = grpc.aio.server(handlers=services)  # pyright: ignore[reportUnknownMemberType] - generics left open
    try:
        server.add_insecure_port(f"{_SCHEME}{path}")
    except RuntimeError as error:
        raise OSError(f"cannot listen on {path}: {error}") from error
    await to_thread.run_sync(path.chmod, 0o600)
    await server.start()
    try:
        yield
    finally:
        with CancelScope(shield=True):  # calls that end now are still answered
            await server.stop(_GRACE)


def _make_way(path: Path) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
