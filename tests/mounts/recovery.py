"""The plugin's parts with recovery, containers that read, and what can be waited for."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from fluid.csi.containers import EnteredContainers, PropagatingContainers
from fluid.csi.metrics import PluginMetrics
from fluid.csi.mount_namespaces import NamespaceScans
from fluid.csi.mountinfo import MountTable
from fluid.csi.recovery import Recovery
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from tests.mounts.container import read
from tests.mounts.support import READER, ROOT, Machine, Plugin, plugin

POD = "0b1c2d3e-0000-4000-8000-00000000000"


@dataclass
class Container:
    """A process that reads a volume in its own mount namespace."""

    process: subprocess.Popen[str]
    point: Path
    lines: list[str]

    @classmethod
    def run(cls, machine: Machine, volume: Path, pod: str) -> "Container":
        point = machine.folder / f"container-{len(machine.processes)}"
        point.mkdir()
        command = [sys.executable, "-S", str(ROOT / "tests/mounts/container.py"), str(volume), str(point)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"POD": pod})
        machine.processes.append(process)
        found = cls(process, point, [])
        assert found.next() != ""
        return found

    def next(self) -> str:
        """What it reads, when that changes."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().rstrip("\n")
        self.lines.append(line)
        return line.partition(" ")[2]

    async def reads(self, content: str) -> float:
        """Wait until it reads this; returns the seconds for which it read something else."""
        first = 0.0
        with anyio.fail_after(10):
            while True:
                now = await anyio.to_thread.run_sync(self.next, abandon_on_cancel=True)
                at = float(self.lines[-1].partition(" ")[0])
                first = first or at
                if now == content:
                    return at - first

    def depth(self) -> int:
        table = MountTable.read(Path(f"/proc/{self.process.pid}/mountinfo"))
        return len(table.stack(str(self.point)))


def pod_in_environment(process: Path) -> str:
    try:
        entries = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((one.removeprefix(b"POD=").decode() for one in entries if one.startswith(b"POD=")), "")


@asynccontextmanager
async def recovering(machine: Machine, *, enter: bool = True) -> AsyncGenerator[tuple[Plugin, Recovery]]:
    """The plugin's parts with recovery, whose pods are told by their environment."""
    async with plugin(machine) as calls:
        staging, publishing = calls.node.staging, calls.node.publishing
        helpers = publishing.mounts.helpers
        metrics = Metrics()
        recorder = Recorder(staging.cluster.connection)
        containers = (
            EnteredContainers(helpers, NamespaceScans(pod_in_environment))
            if enter
            else PropagatingContainers()
        )
        recovery = Recovery(
            staging,
            publishing,
            publishing.readiness,
            staging.cluster,
            calls.watch,
            containers,
            machine.kubelet,
            recorder,
            PluginMetrics(metrics, helpers),
        )
        key = {"name": "hbase", "namespace": "default", "uid": "uid-1"}
        calls.server.put("data.fluid.io/v1alpha1/datasets", {"metadata": key})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(recorder.run)
            tasks.start_soon(recovery.run)
            yield calls, recovery
            tasks.cancel_scope.cancel()


async def published(calls: Plugin, pod: str, **more: str) -> Path:
    target = calls.machine.target(pod)
    context = {"uid": pod, "name": "app-" + pod[-1], "namespace": "default"}
    await calls.stage()
    await calls.publish(
        target, READER, **{f"csi.storage.k8s.io/pod.{k}": v for k, v in context.items()}, **more
    )
    return target


async def shows(path: Path, content: str) -> None:
    """Wait until a file can be read again and has this content."""
    with anyio.fail_after(10):
        while read(path) != content:  # noqa: ASYNC110
            await anyio.sleep(0.01)


async def count(recovery: Recovery, wanted: int) -> None:
    """Wait until so many recoveries were verified."""
    with anyio.fail_after(5):
        while recovery.metrics.succeeded < wanted:  # noqa: ASYNC110
            await anyio.sleep(0.01)


async def looked_at(recovery: Recovery, before: int) -> None:
    """Wait until a target was found stale, after so many, and nothing is left to do about it."""
    queue = recovery.queue
    with anyio.fail_after(5):
        while queue.adds == before or queue.busy or len(queue):  # noqa: ASYNC110
            await anyio.sleep(0.01)


def reasons(calls: Plugin) -> list[str]:
    return sorted(one["reason"] for one in calls.server.objects.get("v1/events", {}).values())


async def events(calls: Plugin, count: int) -> list[str]:
    with anyio.fail_after(5):
        while len(reasons(calls)) < count:  # noqa: ASYNC110
            await anyio.sleep(0.02)
    return reasons(calls)
