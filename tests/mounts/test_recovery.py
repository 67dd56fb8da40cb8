"""FUSE processes are killed under pods that read: the same pods read again, and what is said is true."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from fluid.csi.containers import EnteredContainers, PropagatingContainers, Renewal
from fluid.csi.deciding import Attach
from fluid.csi.janitor import Janitor
from fluid.csi.metrics import PluginMetrics
from fluid.csi.mountinfo import MountTable
from fluid.csi.recovery import Recovery
from fluid.csi.syscalls import Kernel
from fluid.kube import Metrics, Recorder
from tests.mounts.container import read
from tests.mounts.support import READER, ROOT, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio
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
        containers = EnteredContainers(helpers, pod_in_environment) if enter else PropagatingContainers()
        recovery = Recovery(
            staging,
            publishing,
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


def reasons(calls: Plugin) -> list[str]:
    return sorted(one["reason"] for one in calls.server.objects.get("v1/events", {}).values())


async def events(calls: Plugin, count: int) -> list[str]:
    with anyio.fail_after(5):
        while len(reasons(calls)) < count:  # noqa: ASYNC110
            await anyio.sleep(0.02)
    return reasons(calls)


async def test_a_running_container_without_propagation_reads_again_each_time(machine: Machine) -> None:
    process = machine.fuse("life 0")
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")
        container = Container.run(machine, target, POD + "1")
        gaps: list[float] = []
        for life in range(1, 7):
            process = machine.restart(process, f"life {life}")
            gaps.append(await container.reads(f"life {life}"))
            await shows(target / "hello", f"life {life}")
            await count(recovery, life)
            assert container.depth() == 1
            assert len(MountTable.read().stack(str(target))) == 1
        assert max(gaps) < 3, gaps
        assert set(await events(calls, 1)) == {"FuseRecoverSucceed"}
        await calls.unpublish(target)
        assert not target.exists()


async def test_containers_of_several_pods_and_a_part_of_the_volume(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, _):
        targets = [await published(calls, POD + str(number)) for number in range(3)]
        sub = await published(calls, POD + "8", fluid_sub_path="sub")
        containers = [Container.run(machine, target, POD + str(n)) for n, target in enumerate(targets)]
        machine.kill(process)
        with pytest.raises(OSError, match="Transport endpoint"):
            (targets[0] / "sub").stat()  # which makes the kernel forget it
        assert any("/sub//deleted " in mount.line for mount in MountTable.read().mounts)
        machine.restart(process, "two")
        for container in containers:
            await container.reads("two")
        await shows(sub / "inner", "two")
        assert [one.name for one in sub.iterdir()] == ["inner"]
        assert await events(calls, 4) == ["FuseRecoverSucceed"] * 4


async def test_read_only_stays_read_only(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, _):
        target = await published(calls, POD + "1")
        machine.restart(process, "two")
        await shows(target / "hello", "two")
        with pytest.raises(OSError, match="Read-only"):
            (target / "hello").write_text("no")


async def test_a_target_that_is_half_renewed_by_a_killed_plugin_is_finished(machine: Machine) -> None:
    process = machine.fuse("one")
    async with plugin(machine) as calls:
        target = await published(calls, POD + "1")
        container = Container.run(machine, target, POD + "1")
        machine.restart(process, "two")
        mounts = calls.node.publishing.mounts
        await mounts.attach(str(target), Attach(str(machine.path), "", "", read_only=True, beneath=True))
    async with recovering(machine):
        await container.reads("two")
        with anyio.fail_after(5):
            while len(MountTable.read().stack(str(target))) != 1:  # noqa: ASYNC110
                await anyio.sleep(0.01)
        assert (target / "hello").read_text() == "two"


async def test_a_container_is_found_whose_new_fuse_process_died_before_the_rest_was_renewed(
    machine: Machine,
) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")
        container = Container.run(machine, target, POD + "1")
        real = recovery.containers

        class DyingAfterwards:
            async def renew(self, renewal: Renewal) -> list[str]:
                problems = await real.renew(renewal)
                recovery.containers = real
                machine.restart(machine.processes[-1], "three")
                return problems

        recovery.containers = DyingAfterwards()
        machine.restart(process, "two")
        await container.reads("three")
        await shows(target / "hello", "three")
        await count(recovery, 1)
        assert container.depth() == 1
        (record,) = calls.node.publishing.records.targets()
        assert record.devices == []


async def test_a_container_is_found_whose_target_the_kubelet_published_again_meanwhile(
    machine: Machine,
) -> None:
    process = machine.fuse("one")
    async with plugin(machine) as calls:  # a plugin that does not renew, as while it starts
        target = await published(calls, POD + "1")
        container = Container.run(machine, target, POD + "1")
        machine.restart(process, "two")
        await published(calls, POD + "1")
        assert (target / "hello").read_text() == "two"
    async with recovering(machine) as (calls, recovery):
        await container.reads("two")
        await count(recovery, 1)
        assert [one.devices for one in calls.node.publishing.records.targets()] == [[]]


async def test_success_is_not_said_when_a_container_could_not_be_renewed(machine: Machine) -> None:
    process = machine.fuse("one")

    class Failing:
        async def renew(self, renewal: Renewal) -> list[str]:
            return ["process 7, /data: Operation not permitted"]

    async with recovering(machine) as (calls, recovery):
        recovery.containers = Failing()
        target = await published(calls, POD + "1")
        machine.restart(process, "two")
        assert await events(calls, 1) == ["FuseRecoverFailed"]
        (event,) = calls.server.objects["v1/events"].values()
        for part in ("default/app-1", "/data: Operation not permitted", "delete the pod"):
            assert part in event["message"]
        await shows(target / "hello", "two")  # what new containers of the pod get
        assert set(reasons(calls)) == {"FuseRecoverFailed"}


async def test_a_pod_that_ends_meanwhile_is_no_failure(machine: Machine) -> None:
    process, ended = machine.fuse("one"), anyio.Event()
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")

        class Ending:
            async def renew(self, renewal: Renewal) -> list[str]:
                if renewal.pod_uid == POD + "1":
                    await calls.unpublish(target)
                    ended.set()
                return []

        recovery.containers = Ending()
        process = machine.restart(process, "two")
        with anyio.fail_after(5):
            await ended.wait()
        other = await published(calls, POD + "2")
        machine.restart(process, "three")
        await shows(other / "hello", "three")
        assert await events(calls, 1) == ["FuseRecoverSucceed"]


async def test_a_failure_that_passes_within_moments_is_not_told(machine: Machine) -> None:
    process = machine.fuse("one")

    class FailingTwice:
        left = 2

        async def renew(self, renewal: Renewal) -> list[str]:
            self.left -= 1
            return ["process 7, /data: Input/output error"] if self.left >= 0 else []

    async with recovering(machine) as (calls, recovery):
        recovery.containers = FailingTwice()
        target = await published(calls, POD + "1")
        machine.restart(process, "two")
        assert await events(calls, 1) == ["FuseRecoverSucceed"]
        assert (target / "hello").read_text() == "two"


async def test_a_fuse_process_that_still_serves_keeps_its_pods(machine: Machine) -> None:
    machine.fuse("old")
    async with recovering(machine) as (calls, _):
        target = await published(calls, POD + "1")
        Kernel().unmount(str(machine.path), detach=True)
        machine.fuse("new")
        await anyio.sleep(0.5)
        assert (target / "hello").read_text() == "old"
        assert reasons(calls) == []


async def test_a_plugin_that_starts_late_adopts_heals_and_forgets(machine: Machine) -> None:
    process = machine.fuse("one")
    async with plugin(machine) as calls:
        (machine.kubelet / "plugins/globalmount").mkdir(parents=True)
        target = await published(calls, POD + "1")
        forgotten = await published(calls, POD + "2")
        records = calls.node.publishing.records
        records.forget_target("default-hbase", str(target))
        (forgotten.parent / "vol_data.json").unlink()
        machine.restart(process, "two")
    async with recovering(machine) as (calls, recovery):
        janitor = Janitor(calls.node.staging, calls.node.publishing, calls.watch, machine.kubelet)
        await janitor.heal()
        calls.watch.wake()
        await shows(target / "hello", "two")
        assert not forgotten.exists()
        assert [one.target for one in recovery.staging.records.targets()] == [str(target)]
