"""What the plugin tidies up, and when."""

import errno
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace

import anyio
import httpx2
import pytest
from structlog.testing import capture_logs

from fluid.csi.garbage_collector import GarbageCollector
from fluid.csi.helper_pool import HelperPool, Value
from fluid.csi.mountinfo import MountTable
from fluid.csi.mounts import Mounts
from fluid.csi.options import Options
from fluid.csi.process import Plugin as WholePlugin
from fluid.csi.records import PublishedTarget, Records, StagedVolume
from fluid.kube import Backoff
from tests.harness.server import FakeServer, status
from tests.mounts.container import read
from tests.mounts.garbage_collection import collector, describe, published_unnoted
from tests.mounts.support import NODE, VOLUME, Machine, plugin

pytestmark = pytest.mark.anyio


async def test_one_trouble_does_not_end_the_reconciling_of_the_rest(machine: Machine) -> None:
    async with plugin(machine) as calls:
        records, asked = calls.node.publishing.records, list[str]()
        for pod in ("pod-1", "pod-2"):
            records.publish(PublishedTarget(volume_id=VOLUME, target=str(machine.target(pod))))

        def get_in_the_way(target: str) -> None:
            asked.append(target)
            if len(asked) == 1:
                for file in records.folder.glob("*/target-*"):
                    file.unlink()
                    file.mkdir()  # no file can be forgotten any more

        await collector(calls, get_in_the_way).reconcile()
        assert len(asked) == 2


async def test_the_record_of_a_publish_that_never_came_to_an_end_goes(machine: Machine) -> None:
    async with plugin(machine) as calls:
        records = calls.node.publishing.records
        records.publish(PublishedTarget(volume_id=VOLUME, target=str(machine.target())))
        await collector(calls).reconcile()
        assert records.targets() == []


async def test_a_volume_that_pods_still_have_stays_staged_whatever_became_of_its_directory(
    machine: Machine,
) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.stage()
        await calls.publish(target, node_publish_method="symlink")
        assert await collector(calls).reconcile()
        await calls.publish(target)
        assert await collector(calls).reconcile()
        assert [one.volume_id for one in calls.node.staging.records.volumes()] == [VOLUME]
        await calls.unpublish(target)
        assert await collector(calls).reconcile()
        assert calls.node.staging.records.volumes() == []


async def test_what_could_not_be_settled_is_tried_again_until_it_is(machine: Machine) -> None:
    machine.fuse()
    target, away = machine.target(), True
    async with plugin(machine) as calls:
        describe(calls)
        records = await published_unnoted(calls, target)

        def fault(_: httpx2.Request) -> httpx2.Response | None:
            return status(500, "InternalError") if away else None

        calls.server.faults.append(fault)
        assert not await collector(calls).reconcile()
        asked = len(calls.server.requests)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(collector(calls).run)
            with anyio.fail_after(20):
                while len(calls.server.requests) == asked:  # noqa: ASYNC110
                    await anyio.sleep(0.01)
                away = False
                while not records.targets():  # noqa: ASYNC110
                    await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        assert [one.volume_id for one in records.volumes()] == [VOLUME]


async def test_a_dataset_that_cannot_be_read_ends_neither_the_reconciling_nor_the_plugin(
    machine: Machine,
) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        key, records = {"name": "hbase", "namespace": "default"}, calls.node.staging.records
        calls.server.put("data.fluid.io/v1alpha1/datasets", {"metadata": key, "status": {"runtimes": 7}})
        for volume_id in ("first", VOLUME):
            attributes = machine.attributes() if volume_id == "first" else {}
            records.stage(StagedVolume(volume_id=volume_id, attributes=attributes, staging_path="/nowhere"))
        records.publish(PublishedTarget(volume_id=VOLUME, target=str(target)))
        assert not await collector(calls).reconcile()
        assert [one.volume_id for one in records.volumes()] == ["first"]
        assert records.targets() == []


async def test_where_all_agrees_nobody_is_asked_and_nothing_is_written(machine: Machine) -> None:
    machine.fuse()
    (machine.kubelet / "plugins/globalmount").mkdir(parents=True)
    async with plugin(machine) as calls:
        await calls.stage()
        await calls.publish(machine.target())
        before, records = len(calls.server.requests), calls.node.staging.records
        noted = written(records)
        assert await collector(calls).reconcile()
        assert len(calls.server.requests) == before
        assert written(records) == noted


async def test_readers_do_not_wait_for_garbage_collection(machine: Machine) -> None:
    """A plugin starts over a stale mount; its garbage collector waits, as for an API server that is away."""
    process = machine.fuse("one")
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.stage()
        await calls.publish(target)
        machine.restart(process, "two")

    class Waiting(GarbageCollector):
        async def reconcile(self) -> bool:
            await anyio.sleep_forever()
            return True

    async with FakeServer().connect() as connection, anyio.create_task_group() as tasks:
        options = Options(NODE, kubelet=machine.kubelet, mount_root=str(machine.mount_root))
        whole = WholePlugin(connection, replace(options, enter_containers=False))
        whole.gc = Waiting(*(getattr(whole.gc, one.name) for one in fields(GarbageCollector)))
        with anyio.fail_after(10):
            await tasks.start(whole.run)
            while read(target / "hello") != "two":  # noqa: ASYNC110
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()


async def test_dead_mounts_that_no_volume_needs_are_swept(machine: Machine) -> None:
    machine.kill(machine.fuse())
    other = machine.mount_root / "thin/default/other/thin-fuse"
    other.mkdir(parents=True)
    machine.fuse("alive", other)
    async with plugin(machine) as calls:
        looking = collector(calls)
        suspects = await looking.sweep(set())
        assert suspects == {str(machine.path)}
        assert await looking.sweep(suspects) == set()
        assert MountTable.read().stack(str(machine.path)) == ()
        assert (other / "hello").read_text() == "alive"


async def test_a_node_without_memory_for_a_helper_leaves_a_mount_until_the_next_look(
    machine: Machine,
) -> None:
    machine.kill(machine.fuse())

    class Poor(HelperPool):
        async def run(
            self, operation: str, *arguments: str, device: str = "", descriptors: Collection[int] = ()
        ) -> Mapping[str, Value]:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")

    async with plugin(machine) as calls:
        looking = collector(calls)
        looking = replace(looking, staging=replace(looking.staging, mounts=Mounts(Poor())))
        with capture_logs() as logs:
            assert await looking.sweep({str(machine.path)}) == set()
        (told,) = [one for one in logs if one.get("path") == str(machine.path)]
        assert "cannot tell whether a mount is dead" in told["event"]
        assert "Cannot allocate memory" in told["problem"]


@dataclass(frozen=True)
class Failing(GarbageCollector):
    """One whose first looks fail in a way that nobody expected."""

    looks: list[str] = field(default_factory=list[str])

    async def reconcile(self) -> bool:
        return await self.look("reconcile")

    async def sweep(self, suspects: set[str]) -> set[str]:
        await self.look("sweep")
        return suspects

    async def look(self, name: str) -> bool:
        self.looks.append(name)
        if self.looks.count(name) == 1:
            raise RuntimeError(name)
        return True


async def test_what_nobody_expected_ends_neither_the_reconciling_nor_the_sweeping(machine: Machine) -> None:
    async with plugin(machine) as calls:
        staging, publishing = calls.node.staging, calls.node.publishing
        failing = Failing(staging, publishing, calls.watch, machine.kubelet, soon=Backoff(base=0.01))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(failing.run)
            with anyio.fail_after(20):
                while min(failing.looks.count(name) for name in ("reconcile", "sweep")) < 2:
                    calls.watch.wake()  # it looks at a change, once it has waited for more of them
                    await anyio.sleep(0.05)
            tasks.cancel_scope.cancel()


async def test_dead_mounts_are_swept_while_the_reconciling_waits(machine: Machine) -> None:
    """As for an API server that is away, which each target of an earlier plugin waits for."""
    machine.kill(machine.fuse())

    @dataclass(frozen=True)
    class Waiting(GarbageCollector):
        async def reconcile(self) -> bool:
            await anyio.sleep_forever()
            return True

    async with plugin(machine) as calls, anyio.create_task_group() as tasks:
        waiting = Waiting(calls.node.staging, calls.node.publishing, calls.watch, machine.kubelet)
        tasks.start_soon(waiting.run)
        with anyio.fail_after(20):
            while MountTable.read().stack(str(machine.path)):  # noqa: ASYNC110
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()


async def test_a_dead_mount_of_a_staged_volume_is_kept_however_its_path_is_written(machine: Machine) -> None:
    async with plugin(machine) as calls:
        await calls.stage(fluid_path=f"{machine.mount_root}//thin/default/./hbase/thin-fuse/")
        machine.kill(machine.fuse())
        assert await collector(calls).sweep({str(machine.path)}) == set()
        assert len(MountTable.read().stack(str(machine.path))) == 1


def written(records: Records) -> set[tuple[str, int]]:
    """The files of the records; one that is written again is another."""
    return {(file.name, file.stat().st_ino) for file in records.folder.glob("*/*")}
