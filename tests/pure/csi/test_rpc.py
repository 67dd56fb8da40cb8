"""How calls are answered and counted."""

import asyncio
from typing import Any, cast

import anyio
import grpc
import pytest
from anyio.abc import TaskGroup

from fluid.csi import rpc
from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code
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


def handler(behaviour: Any, tasks: TaskGroup, counted: list[str]) -> Any:
    """What gRPC calls for a method that behaves so."""
    methods = [Method("NodeGetInfo", csi.NodeGetInfoRequest, behaviour)]
    served = service(csi.DESCRIPTOR, "Node", methods, tasks, lambda _, code, __: counted.append(code))
    found: Any = served.service(cast("Any", Details()))
    return found.unary_unary


async def call(behaviour: Any) -> list[str]:
    """Call a method that behaves so; the codes that were counted."""
    counted: list[str] = []
    problems: list[AbortedError] = []
    async with anyio.create_task_group() as tasks:
        try:
            await handler(behaviour, tasks, counted)(csi.NodeGetInfoRequest(), Context())
        except AbortedError as error:
            problems.append(error)
    if problems:
        raise problems[0]
    return counted


async def never(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
    await anyio.sleep_forever()
    raise AssertionError


async def test_an_answer_is_counted_as_ok() -> None:
    async def answer(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        return csi.NodeGetInfoResponse(node_id="a")

    assert await call(answer) == ["OK"]


async def test_a_call_goes_on_when_its_caller_has_gone_and_is_counted_once() -> None:
    begun, go_on, ended, counted = anyio.Event(), anyio.Event(), anyio.Event(), list[str]()

    async def slow(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        begun.set()
        await go_on.wait()
        ended.set()
        raise CallError(Code.NOT_FOUND, "nobody hears it")

    async with anyio.create_task_group() as tasks:
        answer = handler(slow, tasks, counted)
        calling = asyncio.ensure_future(answer(csi.NodeGetInfoRequest(), Context()))
        await begun.wait()
        calling.cancel()  # as gRPC does
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert counted == ["CANCELLED"]
        assert not ended.is_set()
        go_on.set()
    assert ended.is_set()
    assert counted == ["CANCELLED"]


async def test_a_call_that_finds_no_end_is_ended_and_its_caller_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "LONGEST", 0.01)
    with pytest.raises(AbortedError, match="UNAVAILABLE: NodeGetInfo: no end within"):
        await call(never)


async def test_a_refusal_and_a_fault_are_answered_with_code_and_reason() -> None:
    async def refuse(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        raise CallError(Code.NOT_FOUND, "there is none")

    async def fail(_: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        raise ValueError("odd")

    with pytest.raises(AbortedError, match="NOT_FOUND: there is none"):
        await call(refuse)
    with pytest.raises(AbortedError, match="INTERNAL: NodeGetInfo: ValueError: odd"):
        await call(fail)
