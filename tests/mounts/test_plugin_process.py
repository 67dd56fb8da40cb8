# pyright: basic
"""The plugin as a process, called on its socket as a kubelet calls it: repeated, and killed in between."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf.message import Message

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.api import pluginregistration_pb2 as registration
from fluid.csi.mountinfo import MountTable
from tests.mounts.container import read
from tests.mounts.support import READER, ROOT, VOLUME, Machine

NODE = "/csi.v1.Node/"


@dataclass
class Process:
    """`fluid csi` without an API server: what pods need works without one."""

    machine: Machine
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def folder(self) -> Path:
        return self.machine.kubelet / "plugins/fuse.csi.fluid.io"

    @property
    def registry(self) -> Path:
        return self.machine.kubelet / "plugins_registry/fuse.csi.fluid.io-reg.sock"

    def start(self) -> None:
        kubeconfig = self.machine.folder / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(nowhere()))
        command = [sys.executable, "-m", "fluid.cli", "csi", "--node-name=node-1", "--log-level=warning"]
        command += [f"--kubelet-dir={self.machine.kubelet}", f"--mount-root={self.machine.mount_root}"]
        command += [f"--kubeconfig={kubeconfig}", "--metrics-addr=none", "--health-addr=none"]
        self.process = subprocess.Popen(command, cwd=ROOT)
        self.machine.processes.append(self.process)
        self.machine.until(self.listens, 30)

    def listens(self) -> bool:
        assert self.process.poll() is None, "the plugin ended"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.registry)) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def call(self, method: str, request: Message, answer: Any, path: Path | None = None) -> Any:
        """One call; an RpcError when it fails or the plugin is not there."""
        with grpc.insecure_channel(f"unix://{path or self.folder / 'csi.sock'}") as channel:
            stub: Any = channel.unary_unary(
                method,
                request_serializer=serialize,
                response_deserializer=answer.FromString,
            )
            return stub(request, timeout=20)

    def publish(self, target: Path) -> None:
        request = csi.NodePublishVolumeRequest(
            volume_id=VOLUME,
            target_path=str(target),
            volume_capability=READER,
            volume_context=self.machine.attributes(),
        )
        self.call(f"{NODE}NodePublishVolume", request, csi.NodePublishVolumeResponse)

    def unpublish(self, target: Path) -> None:
        request = csi.NodeUnpublishVolumeRequest(volume_id=VOLUME, target_path=str(target))
        self.call(f"{NODE}NodeUnpublishVolume", request, csi.NodeUnpublishVolumeResponse)


def serialize(message: Message) -> bytes:
    return message.SerializeToString()


def nowhere() -> dict[str, Any]:
    """A kubeconfig of a cluster that does not answer."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "nowhere",
        "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
        "clusters": [{"name": "nowhere", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "nobody", "user": {"token": "x"}}],
    }


@pytest.fixture
def process(machine: Machine) -> Iterator[Process]:
    found = Process(machine)
    found.start()
    yield found
    found.kill()


def test_the_kubelet_finds_and_calls_it(process: Process) -> None:
    info = process.call(
        "/pluginregistration.Registration/GetInfo",
        registration.InfoRequest(),
        registration.PluginInfo,
        process.registry,
    )
    assert (info.type, info.name) == ("CSIPlugin", "fuse.csi.fluid.io")
    assert info.endpoint == str(process.folder / "csi.sock")
    assert [*info.supported_versions] == ["1.0.0"]
    name = process.call(
        "/csi.v1.Identity/GetPluginInfo", csi.GetPluginInfoRequest(), csi.GetPluginInfoResponse
    )
    assert name.name == "fuse.csi.fluid.io"
    assert process.call("/csi.v1.Identity/Probe", csi.ProbeRequest(), csi.ProbeResponse).ready.value
    node = process.call(f"{NODE}NodeGetInfo", csi.NodeGetInfoRequest(), csi.NodeGetInfoResponse)
    assert node.node_id == "node-1"
    assert (process.folder / "csi.sock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("method", "request_", "said"),
    [
        ("NodeStageVolume", csi.NodeStageVolumeRequest(), "staging_target_path is missing"),
        ("NodeStageVolume", csi.NodeStageVolumeRequest(staging_target_path="/x"), "volume_id is missing"),
        ("NodeUnstageVolume", csi.NodeUnstageVolumeRequest(staging_target_path="/x"), "volume_id is missing"),
        ("NodePublishVolume", csi.NodePublishVolumeRequest(), "target_path is missing"),
        ("NodePublishVolume", csi.NodePublishVolumeRequest(target_path="/x"), "volume_id is missing"),
        (
            "NodePublishVolume",
            csi.NodePublishVolumeRequest(target_path="/x", volume_id="v"),
            "volume_capability is missing",
        ),
        (
            "NodePublishVolume",
            csi.NodePublishVolumeRequest(target_path="/x", volume_id="v", volume_capability=READER),
            "fluid_path is missing",
        ),
        ("NodeUnpublishVolume", csi.NodeUnpublishVolumeRequest(target_path="/x"), "volume_id is missing"),
        ("NodeUnpublishVolume", csi.NodeUnpublishVolumeRequest(volume_id="v"), "target_path is missing"),
        ("NodeGetVolumeStats", csi.NodeGetVolumeStatsRequest(volume_id="v"), "volume_path is missing"),
    ],
)
def test_what_is_missing_is_named(process: Process, method: str, request_: Any, said: str) -> None:
    answer = getattr(csi, f"{type(request_).__name__.removesuffix('Request')}Response")
    with pytest.raises(grpc.RpcError) as refused:
        process.call(NODE + method, request_, answer)
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in str(refused.value.details())


def test_what_is_not_served_says_so(process: Process) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        process.call(f"{NODE}NodeExpandVolume", csi.NodeExpandVolumeRequest(), csi.NodeExpandVolumeResponse)
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_stage_without_an_api_server_says_so_and_may_be_tried_again(process: Process) -> None:
    request = csi.NodeStageVolumeRequest(
        volume_id=VOLUME,
        staging_target_path="/x",
        volume_capability=READER,
        volume_context=process.machine.attributes(),
    )
    with pytest.raises(grpc.RpcError) as refused:
        process.call(f"{NODE}NodeStageVolume", request, csi.NodeStageVolumeResponse)
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "Dataset default/hbase, node node-1: the API server" in str(refused.value.details())


def test_calls_that_are_killed_anywhere_and_repeated_leave_nothing(process: Process) -> None:
    """A kubelet repeats what failed; the plugin is killed at random moments of it."""
    machine, dice = process.machine, random.Random(7)
    fuse = machine.fuse()
    before = machine.mounts()
    for cycle in range(8):
        target = machine.target(f"pod-{cycle}")
        for call in (process.publish, process.unpublish):
            doomed = process.process.pid
            killer = subprocess.Popen(["/bin/sh", "-c", f"sleep {dice.random() * 0.2}; kill -9 {doomed}"])
            for _ in range(20):
                try:
                    call(target)
                except grpc.RpcError:
                    process.process.wait()
                    process.start()
                else:
                    break
            killer.wait()
            if process.process.pid == doomed:
                process.process.wait()
                process.start()
            call(target)  # and once more, whatever came of it
            stack = MountTable.read().stack(str(target))
            assert len(stack) == (1 if call == process.publish else 0), [one.line for one in stack]
    machine.kill(fuse)
    machine.fuse()
    assert [line for line in machine.mounts() if "/pods/" in line] == [
        line for line in before if "/pods/" in line
    ]


def test_a_volume_is_renewed_whenever_fuse_and_plugin_are_killed(process: Process) -> None:
    machine, dice = process.machine, random.Random(11)
    fuse, target = machine.fuse("life 0"), machine.target()
    process.publish(target)
    for life in range(1, 9):
        fuse = machine.restart(fuse, f"life {life}")
        if life % 2:
            time.sleep(dice.random() * 0.3)
            process.kill()
            process.start()
        machine.until(lambda content=f"life {life}": read(target / "hello") == content, 10)
        machine.until(lambda: len(MountTable.read().stack(str(target))) == 1)
    process.unpublish(target)
    assert MountTable.read().stack(str(target)) == ()
