"""Binds typed methods to gRPC services, by the descriptors of their messages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import grpc
import grpc.aio
import structlog
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from fluid.csi.problems import CallError, Code

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
_log = structlog.get_logger("fluid.csi.rpc")
if TYPE_CHECKING:
    Service: TypeAlias = grpc.GenericRpcHandler[Any, Any]
else:
    Service = grpc.GenericRpcHandler
Observe = Callable[[str, str, float], None]
"""Told of each call: method, code, seconds."""


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
    file: FileDescriptor, name: str, methods: Sequence[Method[Any, Any]], observe: Observe = unobserved
) -> Service:
    """A service of a protocol; its methods that are not given answer UNIMPLEMENTED.

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
            _answering(method, observe),
            request_deserializer=method.request.FromString,
            response_serializer=_serialize,
        )
    made = grpc.method_handlers_generic_handler(described.full_name, handlers)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("Service", made)


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _answering(
    method: Method[Q, A], observe: Observe
) -> Callable[[Q, grpc.aio.ServicerContext[Q, A]], Awaitable[A]]:
    async def answer(request: Q, context: grpc.aio.ServicerContext[Q, A]) -> A:
        started, code = monotonic(), "CANCELLED"
        try:
            answered = await method.behaviour(request)
            code = "OK"
            return answered
        except CallError as error:
            code, message = str(error.code), error.message
            _log.warning("call refused", method=method.name, code=code, problem=message)
        except Exception as error:  # noqa: BLE001 - the kubelet gets an answer, and calls again
            code, message = str(Code.INTERNAL), f"{method.name}: {type(error).__name__}: {error}"
            _log.exception("call failed", method=method.name)
        finally:
            observe(method.name, code, monotonic() - started)
        return await context.abort(grpc.StatusCode[code], message)

    return answer
