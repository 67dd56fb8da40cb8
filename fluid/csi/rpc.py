"""Binds typed methods to gRPC services, by the descriptors of their messages, and serves them on sockets."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import anyio
import grpc
import grpc.aio
import structlog
from anyio import CancelScope, to_thread
from anyio.abc import TaskGroup
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from fluid.csi.errors import CallError, Code

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
LONGEST = 120.0
"""Seconds that a call may take; the kubelet waits as long."""
_SCHEME = "unix://"
_LONGEST_PATH = 107
_GRACE = 5.0
"""Seconds for running calls to end, after new ones are no longer accepted."""
_log = structlog.get_logger("fluid.csi.rpc")
if TYPE_CHECKING:
    Service: TypeAlias = grpc.GenericRpcHandler[Any, Any]
else:
    Service = grpc.GenericRpcHandler
Observe = Callable[[str, str, float], None]
"""Called for each call with: method, code, seconds until it was answered or its caller went away."""


@dataclass(frozen=True)
class Method(Generic[Q, A]):
    """One method of a service.

    Attributes:
        name: Name of the method in the protocol.
        request: Type of the request message.
        behaviour: Answers a request; raises CallError to refuse it.
    """

    name: str
    request: type[Q]
    behaviour: Callable[[Q], Awaitable[A]]


def unobserved(method: str, code: str, seconds: float) -> None:
    """Observe nothing."""
    del method, code, seconds


def service(
    file: FileDescriptor,
    name: str,
    methods: Sequence[Method[Any, Any]],
    tasks: TaskGroup,
    observe: Observe = unobserved,
) -> Service:
    """Make a service of a protocol; methods that are not given answer UNIMPLEMENTED.

    Args:
        file: descriptor of the protocol.
        name: name of the service in the protocol.
        methods: the methods to serve.
        tasks: task group that carries calls out. A call goes on when its caller goes away, until the call
            ends or the task group is cancelled.
        observe: called once for each call.

    Raises:
        ValueError: the service has no such method, or the method has another request.
    """
    described = file.services_by_name[name]
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
    for method in methods:
        known = described.methods_by_name.get(method.name)
        if known is None or known.input_type.full_name != method.request.DESCRIPTOR.full_name:
            raise ValueError(f"{described.full_name} has no {method.name}({method.request.__name__})")
        handlers[method.name] = grpc.unary_unary_rpc_method_handler(  # pyright: ignore[reportUnknownMemberType]
            _answering(method, tasks, observe),
            request_deserializer=method.request.FromString,
            response_serializer=_serialize,
        )
    made = grpc.method_handlers_generic_handler(described.full_name, handlers)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("Service", made)


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


@dataclass
class _Call(Generic[Q, A]):
    method: Method[Q, A]
    request: Q
    ended: anyio.Event = field(default_factory=anyio.Event)
    outcome: A | CallError = field(
        default_factory=lambda: CallError(Code.UNAVAILABLE, "the node plugin is ending; it is tried again")
    )

    async def carry_out(self) -> None:
        """Carry the call out; never raises, a failure is the outcome."""
        name = self.method.name
        try:
            with anyio.move_on_after(LONGEST) as bound:
                self.outcome = await self.method.behaviour(self.request)
            if bound.cancelled_caught:
                raise CallError(Code.UNAVAILABLE, f"{name}: no end within {LONGEST:g} s; it is tried again")
        except CallError as error:
            _log.warning("call refused", method=name, code=str(error.code), problem=error.message)
            self.outcome = error
        except Exception as error:  # noqa: BLE001 - the kubelet gets an answer and calls again
            _log.exception("call failed", method=name)
            self.outcome = CallError(Code.INTERNAL, f"{name}: {type(error).__name__}: {error}")
        finally:
            self.ended.set()


def _answering(
    method: Method[Q, A], tasks: TaskGroup, observe: Observe
) -> Callable[[Q, grpc.aio.ServicerContext[Q, A]], Awaitable[A]]:
    async def answer(request: Q, context: grpc.aio.ServicerContext[Q, A]) -> A:
        started, code, call = monotonic(), "CANCELLED", _Call(method, request)
        try:
            # gRPC cancels this handler at the caller's deadline or when the connection ends, and no shield of
            # anyio prevents that. In here, a step of the call would go on in its thread without its locks.
            tasks.start_soon(call.carry_out)
            await call.ended.wait()
            code = str(call.outcome.code) if isinstance(call.outcome, CallError) else "OK"
        finally:
            observe(method.name, code, monotonic() - started)
        if isinstance(call.outcome, CallError):
            return await context.abort(grpc.StatusCode[code], call.outcome.message)
        return call.outcome

    return answer


class EndpointError(ValueError):
    """The endpoint cannot be listened on; the message says what to write instead."""


def socket_path(endpoint: str) -> Path:
    """The path in an endpoint ``unix:///path`` (or ``/path``).

    Raises:
        EndpointError: the endpoint is something else, or its path is too long for a socket.
    """
    path = endpoint.removeprefix(_SCHEME)
    if not path.startswith("/"):
        raise EndpointError(f"--endpoint {endpoint!r} is no unix socket; write {_SCHEME}/path/to/csi.sock")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise EndpointError(f"--endpoint {endpoint!r}: the path of a socket has at most 107 bytes")
    return Path(path)


@asynccontextmanager
async def serving(path: Path, services: Sequence[Service]) -> AsyncGenerator[None]:
    """Serve on a socket during the block. A socket that a killed process left behind is replaced.

    Raises:
        OSError: the socket cannot be created.
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
        with CancelScope(shield=True):  # calls that end in this time are still answered
            await server.stop(_GRACE)


def _make_way(path: Path) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
