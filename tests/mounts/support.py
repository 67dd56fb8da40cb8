"""A node in a temporary directory: FUSE processes, the plugin's parts, and what a kubelet would do."""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import anyio

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.cluster import Cluster
from fluid.csi.consent import Consent
from fluid.csi.helper_limits import Tenants
from fluid.csi.helper_pool import HelperPool
from fluid.csi.mountinfo import MountTable, MountWatch
from fluid.csi.mounts import Mounts
from fluid.csi.node import Node
from fluid.csi.publishing import Publishing
from fluid.csi.readiness import Readiness
from fluid.csi.records import Records
from fluid.csi.staging import Staging
from fluid.csi.syscalls import Kernel
from fluid.csi.volume import Volume
from tests.harness.server import FakeServer

ROOT = Path(__file__).parents[2]
NODE, VOLUME, LABEL = "node-1", "default-hbase", "fluid.io/f-default-hbase"
_MS_SHARED = 1 << 20
_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x00020000, 0x4000, 0x40000
READER = csi.VolumeCapability(
    mount=csi.VolumeCapability.MountVolume(),
    access_mode=csi.VolumeCapability.AccessMode(
        mode=csi.VolumeCapability.AccessMode.Mode.MULTI_NODE_READER_ONLY
    ),
)
WRITER = csi.VolumeCapability(
    mount=csi.VolumeCapability.MountVolume(),
    access_mode=csi.VolumeCapability.AccessMode(
        mode=csi.VolumeCapability.AccessMode.Mode.MULTI_NODE_MULTI_WRITER
    ),
)


@cache
def obstacle() -> str:
    """Why mounts cannot be made here; empty when they can, in the new namespace."""
    if os.geteuid() != 0:
        return "mounts take root"
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        return f"no mount namespace of our own: {os.strerror(ctypes.get_errno())}"
    if libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None) != 0:
        return f"the namespace cannot be made private: {os.strerror(ctypes.get_errno())}"
    return ""


@dataclass
class Machine:
    """Directories and processes of one node."""

    folder: Path
    processes: list[subprocess.Popen[Any]] = field(default_factory=list[subprocess.Popen[Any]])

    @property
    def kubelet(self) -> Path:
        return self.folder / "kubelet"

    @property
    def mount_root(self) -> Path:
        return self.folder / "runtime-mnt"

    @property
    def path(self) -> Path:
        """Where the FUSE process of the one Dataset mounts."""
        return self.mount_root / "thin/default/hbase/thin-fuse"

    def start(self) -> None:
        kernel = Kernel()
        self.folder.mkdir()
        kernel.mount("none", str(self.folder), "tmpfs")
        kernel.mount("none", str(self.folder), "", _MS_SHARED)
        for folder in (self.kubelet / "pods", self.path):
            folder.mkdir(parents=True)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
        Kernel().unmount(str(self.folder), detach=True)

    def fuse(self, content: str = "hello", path: Path | None = None) -> subprocess.Popen[bytes]:
        """A FUSE process that serves `content`, mounted."""
        where = str(path or self.path)
        before = len(MountTable.read().stack(where))
        command = [sys.executable, "-S", str(ROOT / "tests/harness/fuse.py"), where, content]
        process = subprocess.Popen(command)
        self.processes.append(process)
        self.until(lambda: len(MountTable.read().stack(where)) > before)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def restart(self, process: subprocess.Popen[bytes], content: str) -> subprocess.Popen[bytes]:
        """What a supervisor does: SIGKILL happened, the dead mount goes, the client is started again."""
        self.kill(process)
        self.unmount()
        return self.fuse(content)

    def unmount(self) -> None:
        while MountTable.read().stack(str(self.path)):
            Kernel().unmount(str(self.path), detach=True)

    def target(self, pod: str = "pod-1", volume: str = VOLUME) -> Path:
        """Where the kubelet wants a pod's volume."""
        parent = self.kubelet / "pods" / pod / "volumes/kubernetes.io~csi" / volume
        parent.mkdir(parents=True, exist_ok=True)
        data = f'{{"driverName":"fuse.csi.fluid.io","volumeHandle":"{volume}","specVolID":"{volume}"}}'
        (parent / "vol_data.json").write_text(data)
        return parent / "mount"

    def attributes(self, **more: str) -> dict[str, str]:
        return {
            "fluid_path": str(self.path),
            "mount_type": "fuse.test",
            "runtime_namespace": "default",
            "runtime_name": "hbase",
            "mount_pod_node_selector_key": LABEL,
            **more,
        }

    def mounts(self) -> list[str]:
        """Lines of the table that concern this node, without numbers that differ each time."""
        return sorted(
            f"{mount.point} {mount.type} {','.join(sorted(mount.options))}"
            for mount in MountTable.read().mounts
            if mount.point.startswith(str(self.folder))
        )

    @staticmethod
    def until(holds: Callable[[], Any], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)


@contextmanager
def node_in_a_folder() -> Generator[Machine]:
    """A node's directories on a file system of their own, and the FUSE processes of a test."""
    with tempfile.TemporaryDirectory(prefix="fluid-") as folder:  # short: the path of a socket has 107 bytes
        found = Machine(Path(folder, "node"))
        found.start()
        try:
            yield found
        finally:
            found.stop()


@dataclass
class Plugin:
    """The plugin's parts on a machine, beside an API server in memory."""

    machine: Machine
    server: FakeServer
    node: Node
    watch: MountWatch

    @property
    def volume(self) -> Volume:
        return Volume.of(VOLUME, self.machine.attributes(), str(self.machine.mount_root))

    @property
    def labels(self) -> dict[str, str]:
        found = self.server.get("v1/nodes", "", NODE)
        assert found is not None
        return found["metadata"].get("labels", {})

    async def stage(self, **more: str) -> None:
        await self.node.stage(
            csi.NodeStageVolumeRequest(
                volume_id=VOLUME,
                staging_target_path=str(self.machine.kubelet / "plugins/globalmount"),
                volume_capability=READER,
                volume_context=self.machine.attributes(**more),
            )
        )

    async def unstage(self) -> None:
        path = str(self.machine.kubelet / "plugins/globalmount")
        await self.node.unstage(csi.NodeUnstageVolumeRequest(volume_id=VOLUME, staging_target_path=path))

    async def publish(self, target: Path, capability: csi.VolumeCapability = READER, **more: str) -> None:
        await self.node.publish(
            csi.NodePublishVolumeRequest(
                volume_id=VOLUME,
                target_path=str(target),
                volume_capability=capability,
                volume_context=self.machine.attributes(**more),
            )
        )

    async def unpublish(self, target: Path) -> None:
        request = csi.NodeUnpublishVolumeRequest(volume_id=VOLUME, target_path=str(target))
        await self.node.unpublish(request)


@asynccontextmanager
async def plugin(machine: Machine, *, patience: float = 5.0) -> AsyncGenerator[Plugin]:
    """The plugin's parts, with its watch running."""
    server = FakeServer()
    server.put("v1/nodes", {"metadata": {"name": NODE, "labels": {"zone": "a"}}})
    async with server.connect() as connection, anyio.create_task_group() as tasks:
        helpers = HelperPool(tenant_of=Tenants(str(machine.mount_root)).of)
        mounts, records = Mounts(helpers), Records(machine.kubelet / "plugins/fuse.csi.fluid.io/volumes")
        watch = MountWatch()
        cluster = Cluster(connection, NODE)
        staging = Staging(mounts, records, cluster, str(machine.mount_root))
        readiness = Readiness(mounts, watch, NODE, patience)
        publishing = Publishing(mounts, records, readiness, consent=Consent(cluster))
        tasks.start_soon(watch.run)
        node = Node(NODE, str(machine.mount_root), mounts, staging, publishing)
        yield Plugin(machine, server, node, watch)
        tasks.cancel_scope.cancel()
