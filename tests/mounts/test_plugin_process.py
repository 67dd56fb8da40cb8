# pyright: basic
"""The plugin as a process, called on its socket as a kubelet calls it: repeated, and killed in between."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.api import pluginregistration_pb2 as registration
from fluid.csi.mountinfo import MountTable
from tests.mounts.container import read
from tests.mounts.process import NODE_SERVICE, Process
from tests.mounts.support import READER, VOLUME, Machine


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
    node = process.call(f"{NODE_SERVICE}NodeGetInfo", csi.NodeGetInfoRequest(), csi.NodeGetInfoResponse)
    assert node.node_id == "node-1"
    assert (process.folder / "csi.sock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("method", "request_", "said"),
    [
        ("NodeStageVolume", csi.NodeStageVolumeRequest(), "staging_target_path is missing"),
        ("NodeStageVolume", csi.NodeStageVolumeRequest(staging_target_path="/x"), "volume_id is missing"),
        ("NodeStageVolume", csi.NodeStageVolumeRequest(staging_target_path="x"), "'x' is no absolute path"),
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
        process.call(NODE_SERVICE + method, request_, answer)
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in str(refused.value.details())


def test_what_is_not_served_says_so(process: Process) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        process.call(
            f"{NODE_SERVICE}NodeExpandVolume", csi.NodeExpandVolumeRequest(), csi.NodeExpandVolumeResponse
        )
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
        process.call(f"{NODE_SERVICE}NodeStageVolume", request, csi.NodeStageVolumeResponse)
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "Dataset default/hbase, node node-1: the API server" in str(refused.value.details())


def test_calls_that_are_killed_anywhere_and_repeated_leave_nothing(process: Process) -> None:
    """A kubelet repeats what failed; the plugin is killed at random moments of it."""
    machine, dice = process.machine, random.Random(7)
    fuse = machine.fuse()
    before = machine.mounts()
    for cycle in range(5):
        target = machine.target(f"pod-{cycle}")
        for call in (process.publish, process.unpublish):
            doomed = process.process.pid
            # Any moment will do, none is waited for: what has to hold does after a kill at each
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
    for life in range(1, 7):
        fuse = machine.restart(fuse, f"life {life}")
        if life % 2:
            time.sleep(dice.random() * 0.3)  # a random moment of the renewal to kill it at
            process.kill()
            process.start()
        machine.until(lambda content=f"life {life}": read(target / "hello") == content, 10)
        machine.until(lambda: len(MountTable.read().stack(str(target))) == 1)
    process.unpublish(target)
    assert MountTable.read().stack(str(target)) == ()


def test_a_kept_plugin_that_is_killed_serves_again_and_ends_when_asked(machine: Machine) -> None:
    kept = Process(machine)
    kept.start("--keep")
    children = Path(f"/proc/{kept.process.pid}/task/{kept.process.pid}/children")
    for _ in range(2):
        killed = int(children.read_text())
        os.kill(killed, signal.SIGKILL)
        machine.until(lambda killed=killed: children.read_text().strip() not in ("", str(killed)))
        machine.until(kept.listens, 30)
    kept.process.terminate()
    assert kept.process.wait(10) == 0
