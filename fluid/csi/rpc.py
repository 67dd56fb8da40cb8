"""Binds typed methods to gRPC services, by the descriptors of their messages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import anyio
import grpc
import grpc.aio
import structlog
from anyio.abc import TaskGroup
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from fluid.csi.errors import CallError, Code

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
LONGEST = 120.0
"""Seconds that a call may take, as long as the kubelet waits for one."""
_log = structlog.get_logger("fluid.csi.rpc")
if TYPE_CHECKING:
    Service: TypeAlias = grpc.GenericRpcHandler[Any, Any]
else:
    Service = grpc.GenericRpcHandler
Observe = Callable[[str, str, float], None]
"""Told of each call: method, code, seconds until it was answered or its caller went away."""


@dataclass(frozen=True)
class Method(Generic[Q, A]):
    """One method of a service.

    Attributes:
        name: As the protocol spells it.
        request: Its message.
        behaviour: Answers it; raises CallError to refuse.
    """

    name: str
    request: type[Q]
    behaviour: Callable[[Q], Awaitable[A]]


def unobserved(method: str, code: str, seconds: float) -> None:
    """No one counts."""
    del method, code, seconds


def service(
    file: FileDescriptor,
    name: str,
    methods: Sequence[Method[Any, Any]],
    tasks: TaskGroup,
    observe: Observe = unobserved,
) -> Service:
    """A service of a protocol; its methods that are not given answer UNIMPLEMENTED.

    Args:
        file: describes it.
        name: its name there.
        methods: what is served of it.
        tasks: carry calls out, also when the caller goes away: until their end, or that of these tasks.
        observe: is told of each call once.

    Raises:
        ValueError: the service has no such method, or one with another request.
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
        """Never fails: what went wrong is the outcome."""
        name = self.method.name
        try:
            with anyio.move_on_after(LONGEST) as bound:
                self.outcome = await self.method.behaviour(self.request)
            if bound.cancelled_caught:
                raise CallError(Code.UNAVAILABLE, f"{name}: no end within {LONGEST:g} s; it is tried again")
        except CallError as error:
            _log.warning("call refused", method=name, code=str(error.code), problem=error.message)
            self.outcome = error
        except Exception as error:  # noqa: BLE001 - the kubelet gets an answer, and calls again
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
            # At the caller's deadline, or with its connection, gRPC cancels this handler; no shield of anyio
            # holds against that. A step of the call would go on in its thread and its locks be free.
            tasks.start_soon(call.carry_out)
            await call.ended.wait()
            code = str(call.outcome.code) if isinstance(call.outcome, CallError) else "OK"
        finally:
            observe(method.name, code, monotonic() - started)
        if isinstance(call.outcome, CallError):
            return await context.abort(grpc.StatusCode[code], call.outcome.message)
        return call.outcome

    return answer
