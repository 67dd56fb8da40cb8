# pyright: basic
"""The plugin as a process, called on its socket as a kubelet calls it."""

import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import yaml
from google.protobuf.message import Message

from fluid.csi.api import csi_pb2 as csi
from tests.mounts.support import NODE, READER, ROOT, VOLUME, Machine

NODE_SERVICE = "/csi.v1.Node/"
NOWHERE = "http://127.0.0.1:9"
"""An API server that does not answer."""


@dataclass
class Process:
    """`fluid csi`, by default without an API server: what pods need works without one."""

    machine: Machine
    api: str = NOWHERE
    log_level: str = "warning"
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def folder(self) -> Path:
        return self.machine.kubelet / "plugins/fuse.csi.fluid.io"

    @property
    def socket(self) -> Path:
        return self.folder / "csi.sock"

    @property
    def registry(self) -> Path:
        return self.machine.kubelet / "plugins_registry/fuse.csi.fluid.io-reg.sock"

    def start(self, *more: str) -> None:
        kubeconfig = self.machine.folder / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(access(self.api)))
        command = [sys.executable, "-m", "fluid.cli", "csi", f"--node-name={NODE}"]
        command += [f"--log-level={self.log_level}"]
        command += [f"--kubelet-dir={self.machine.kubelet}", f"--mount-root={self.machine.mount_root}"]
        command += [f"--kubeconfig={kubeconfig}", "--metrics-addr=none", "--health-addr=none", *more]
        self.process = subprocess.Popen(command, cwd=ROOT)
        self.machine.processes.append(self.process)
        self.machine.until(self.listens, 30)

    def listens(self) -> bool:
        assert self.lives, "the plugin ended"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.registry)) == 0

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def call(self, method: str, request: Message, answer: Any, path: Path | None = None) -> Any:
        """One call; an RpcError when it fails or the plugin is not there."""
        with grpc.insecure_channel(f"unix://{path or self.socket}") as channel:
            stub: Any = channel.unary_unary(
                method, request_serializer=serialize, response_deserializer=answer.FromString
            )
            return stub(request, timeout=20)

    def publish(
        self, target: Path, capability: csi.VolumeCapability = READER, **more: str
    ) -> csi.NodePublishVolumeResponse:
        request = csi.NodePublishVolumeRequest(
            volume_id=VOLUME,
            target_path=str(target),
            volume_capability=capability,
            volume_context=self.machine.attributes(**more),
        )
        return self.call(f"{NODE_SERVICE}NodePublishVolume", request, csi.NodePublishVolumeResponse)

    def unpublish(self, target: Path) -> csi.NodeUnpublishVolumeResponse:
        request = csi.NodeUnpublishVolumeRequest(volume_id=VOLUME, target_path=str(target))
        return self.call(f"{NODE_SERVICE}NodeUnpublishVolume", request, csi.NodeUnpublishVolumeResponse)


def serialize(message: Message) -> bytes:
    return message.SerializeToString()


def access(url: str) -> dict[str, Any]:
    """A kubeconfig of an API server."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "plugin"}}],
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "users": [{"name": "plugin", "user": {"token": "x"}}],
    }
