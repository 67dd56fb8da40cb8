"""How calls are answered and counted."""

from typing import Any, cast

import anyio
import grpc
import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.problems import CallError, Code
from fluid.csi.rpc import Method, service

pytestmark = pytest.mark.anyio


class AbortedError(Exception):
    """What ends a call that is refused."""


class Context:
    async def abort(self, code: grpc.StatusCode, message: str) -> None:
        raise AbortedError(f"{code.name}: {message}")


class Details:
    method = "/csi.v1.Node/NodeGetInfo"
    invocation_metadata = ()


async def call(behaviour: Any) -> list[str]:
    """Call a method that behaves so, and give up after a moment; the codes that were counted."""
    counted: list[str] = []
    methods = [Method("NodeGetInfo", csi.NodeGetInfoRequest, behaviour)]
    served = service(csi.DESCRIPTOR, "Node", methods, lambda _, code, __: counted.append(code))
    handler: Any = served.service(cast("Any", Details()))
    with anyio.move_on_after(0.1):
        await handler.unary_unary(csi.NodeGetInfoRequest(), Context())
    return counted


async def test_an_answer_is_counted_as_ok_and_a_caller_who_gave_up_is_not() -> None:
    async def answer(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        return csi.NodeGetInfoResponse(node_id="a")

    async def never(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        await anyio.sleep_forever()
        raise AssertionError

    assert await call(answer) == ["OK"]
    assert await call(never) == ["CANCELLED"]


async def test_a_refusal_and_a_fault_are_answered_with_code_and_reason() -> None:
    async def refuse(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        raise CallError(Code.NOT_FOUND, "there is none")

    async def fail(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        raise ValueError("odd")

    with pytest.raises(AbortedError, match="NOT_FOUND: there is none"):
        await call(refuse)
    with pytest.raises(AbortedError, match="INTERNAL: NodeGetInfo: ValueError: odd"):
        await call(fail)
