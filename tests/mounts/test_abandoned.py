"""Calls whose caller goes away in the middle: nobody else works at their target until they have ended."""

import signal
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import grpc
import grpc.aio
import pytest
from anyio import to_thread
from google.protobuf.message import Message

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.mountinfo import MountTable
from fluid.csi.rpc import service, serving
from tests.mounts.process import NODE_SERVICE, Process, serialize
from tests.mounts.support import LABEL, READER, VOLUME, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio


@dataclass
class Kubelet:
    """Calls the plugin's parts on a socket; what was counted of that."""

    plugin: Plugin
    channel: grpc.aio.Channel
    counted: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    answered: anyio.Event = field(default_factory=anyio.Event)

    def call(self, method: str, answer: type[Message], **fields: Any) -> Any:
        request = getattr(csi, f"{method}Request")(volume_id=VOLUME, **fields)
        channel: Any = self.channel  # its generics are left open
        stub = channel.unary_unary(
            f"{NODE_SERVICE}{method}", request_serializer=serialize, response_deserializer=answer.FromString
        )
        return stub(request)

    def count(self, method: str, code: str, seconds: float) -> None:
        del seconds
        self.counted.append((method, code))
        self.answered.set()


@asynccontextmanager
async def kubelet(machine: Machine) -> AsyncGenerator[Kubelet]:
    path = machine.kubelet / "csi.sock"
    async with plugin(machine) as calls, anyio.create_task_group() as tasks:
        async with grpc.aio.insecure_channel(f"unix://{path}") as channel:
            found = Kubelet(calls, channel)
            node = service(csi.DESCRIPTOR, "Node", calls.node.methods(), tasks, found.count)
            async with serving(path, [node]):
                yield found
        tasks.cancel_scope.cancel()


def held(
    before: Callable[..., Any], meant: str
) -> tuple[Callable[..., Any], threading.Event, threading.Event]:
    """A helper's run that waits before one operation; set when it does, and what lets it go on."""
    begun, go_on = threading.Event(), threading.Event()

    def run(operation: str, *rest: Any) -> Any:
        if operation == meant:
            begun.set()
            assert go_on.wait(10)
        return before(operation, *rest)

    return run, begun, go_on


async def test_an_unpublish_waits_for_the_step_of_a_publish_whose_caller_went_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.fuse()
    target = str(machine.target())
    async with kubelet(machine) as calls:
        publishing = calls.plugin.node.publishing
        run, attaching, go_on = held(publishing.mounts.helpers._run, "attach")  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(publishing.mounts.helpers, "_run", run)
        attributes = machine.attributes()
        publish = calls.call(
            "NodePublishVolume",
            csi.NodePublishVolumeResponse,
            target_path=target,
            volume_capability=READER,
            volume_context=attributes,
        )
        assert await to_thread.run_sync(attaching.wait, 10)
        publish.cancel()
        with anyio.fail_after(10):
            await calls.answered.wait()
        assert calls.counted == [("NodePublishVolume", "CANCELLED")]
        assert target in publishing.locks, "the step is under way"
        unpublish = calls.call("NodeUnpublishVolume", csi.NodeUnpublishVolumeResponse, target_path=target)
        go_on.set()
        await unpublish
        assert target not in publishing.locks
        assert not MountTable.read().stack(target)
        assert publishing.records.targets() == []
        assert calls.counted == [("NodePublishVolume", "CANCELLED"), ("NodeUnpublishVolume", "OK")]


async def test_an_unstage_waits_for_the_label_of_a_stage_whose_caller_went_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kubelet(machine) as calls:
        staging, labelling, go_on = calls.plugin.node.staging, anyio.Event(), anyio.Event()
        request = staging.cluster.connection.request

        async def slow(method: str, *rest: Any, **more: Any) -> Any:
            if method == "PATCH":
                labelling.set()
                await go_on.wait()
            return await request(method, *rest, **more)

        monkeypatch.setattr(staging.cluster.connection, "request", slow)
        path = {"staging_target_path": str(machine.kubelet / "plugins/globalmount")}
        stage = calls.call(
            "NodeStageVolume",
            csi.NodeStageVolumeResponse,
            volume_capability=READER,
            volume_context=machine.attributes(),
            **path,
        )
        with anyio.fail_after(10):
            await labelling.wait()
        stage.cancel()
        with anyio.fail_after(10):
            await calls.answered.wait()
        assert calls.counted == [("NodeStageVolume", "CANCELLED")]
        assert VOLUME in staging.locks, "the label is under way"
        unstage = calls.call("NodeUnstageVolume", csi.NodeUnstageVolumeResponse, **path)
        go_on.set()
        await unstage
        assert LABEL not in calls.plugin.labels
        assert staging.records.volumes() == []


async def test_a_plugin_that_is_asked_to_end_answers_who_waits_and_does_not_wait_itself(
    machine: Machine,
) -> None:
    process, target, told = Process(machine), machine.target(), list[grpc.RpcError]()
    process.start()

    def wait() -> None:
        with pytest.raises(grpc.RpcError) as refused:
            process.publish(target)  # nothing is mounted: it waits
        told.append(refused.value)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(to_thread.run_sync, wait)
        records = process.folder / "volumes"
        await to_thread.run_sync(machine.until, lambda: [*records.glob("*/target-*.json")])
        process.process.send_signal(signal.SIGTERM)
        assert await to_thread.run_sync(process.process.wait, 5) == 0
    assert isinstance(told[0], grpc.Call)
    assert told[0].code() is grpc.StatusCode.UNAVAILABLE
    assert "the node plugin is ending" in str(told[0].details())
