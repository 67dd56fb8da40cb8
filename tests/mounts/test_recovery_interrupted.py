"""Plugins and FUSE processes that end in the middle of a recovery, and what the next one makes of it."""

import anyio
import pytest

from fluid.csi.containers import Renewal
from fluid.csi.garbage_collector import GarbageCollector
from fluid.csi.mountinfo import MountTable
from fluid.csi.steps import Attach
from tests.mounts.recovery import (
    POD,
    Container,
    count,
    published,
    recovering,
    shows,
)
from tests.mounts.support import Machine, plugin

pytestmark = pytest.mark.anyio


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


async def test_a_container_is_found_whose_target_is_published_again_at_the_end_of_its_renewal(
    machine: Machine,
) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")
        container = Container.run(machine, target, POD + "1")
        real, renewed = recovery.containers, list[str]()

        class DyingAtTheEnd:
            async def renew(self, renewal: Renewal) -> list[str]:
                problems = await real.renew(renewal)
                renewed.append(renewal.live)
                if len(renewed) == 2:  # the last look of the renewal
                    recovery.containers = real
                    machine.restart(machine.processes[-1], "three")
                    await published(calls, POD + "1")
                return problems

        recovery.containers = DyingAtTheEnd()
        machine.restart(process, "two")
        await container.reads("three")
        await count(recovery, 2)
        assert container.depth() == 1
        (record,) = calls.node.publishing.records.targets()
        assert record.devices == []


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
        gc = GarbageCollector(calls.node.staging, calls.node.publishing, calls.watch, machine.kubelet)
        await gc.reconcile()
        calls.watch.wake()
        await shows(target / "hello", "two")
        assert not forgotten.exists()
        assert [one.target for one in recovery.staging.records.targets()] == [str(target)]
