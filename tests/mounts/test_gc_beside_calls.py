"""Calls of a kubelet while the garbage collector is at work: what they do holds."""

from functools import partial

import anyio
import pytest

from fluid.csi.mountinfo import MountTable
from fluid.csi.records import StagedVolume
from fluid.csi.syscalls import Kernel
from tests.mounts.garbage_collection import collector, describe, published_unnoted
from tests.mounts.support import LABEL, READER, VOLUME, Machine, plugin

pytestmark = pytest.mark.anyio


async def test_the_record_of_a_publish_that_is_at_work_is_kept(machine: Machine) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        records = calls.node.publishing.records
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(calls.publish, target)  # which waits for the FUSE process
            while not records.targets():  # noqa: ASYNC110
                await anyio.sleep(0.01)
            await collector(calls).reconcile()
            machine.fuse()
        assert [one.target for one in records.targets()] == [str(target)]


async def test_what_a_call_notes_of_a_target_that_is_being_adopted_holds(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.stage()
        (machine.kubelet / "plugins/globalmount").mkdir()
        await calls.publish(target, READER, **{"csi.storage.k8s.io/pod.name": "app"})
        records = calls.node.publishing.records
        (noted,) = records.targets()
        records.forget_target(VOLUME, str(target))
        await collector(calls, lambda _: records.publish(noted)).reconcile()
        assert records.targets() == [noted]


async def test_a_volume_that_the_kubelet_forgot_is_unstaged_and_one_that_it_stages_again_is_not(
    machine: Machine,
) -> None:
    staging = machine.kubelet / "plugins/globalmount"
    async with plugin(machine) as calls:
        await calls.stage()
        node_staging = calls.node.staging
        async with anyio.create_task_group() as tasks, node_staging.locks.hold(VOLUME):
            tasks.start_soon(node_staging.unstage_forgotten, VOLUME)
            await anyio.wait_all_tasks_blocked()
            staging.mkdir()  # the holder of the lock stages it again
        assert LABEL in calls.labels
        staging.rmdir()
        await collector(calls).reconcile()
        assert LABEL not in calls.labels


async def test_a_volume_that_is_unstaged_and_staged_elsewhere_meanwhile_stays_staged(
    machine: Machine,
) -> None:
    async with plugin(machine) as calls:
        await calls.stage()  # at a directory that is not there
        records = calls.node.staging.records
        (record,) = records.volumes()
        elsewhere = record.model_copy(update={"staging_path": str(machine.folder)})
        await collector(calls, first_of_volume=lambda _: records.stage(elsewhere)).reconcile()
        assert records.volumes() == [elsewhere]
        assert LABEL in calls.labels


async def test_a_target_that_is_published_again_while_its_mount_is_taken_for_forgotten_stays(
    machine: Machine,
) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        (target.parent / "vol_data.json").unlink()
        # A kubelet notes a target, then it calls
        await collector(
            calls, lambda _: machine.target()
        ).reconcile()  # a kubelet notes a target, then it calls
        assert (target / "hello").read_text() == "hello"
        (target.parent / "vol_data.json").unlink()
        await collector(calls).reconcile()
        assert MountTable.read().stack(str(target)) == ()
        assert calls.node.publishing.records.targets() == []


async def test_nothing_is_noted_of_a_volume_that_is_taken_away_while_it_is_adopted(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        describe(calls)
        records = await published_unnoted(calls, target)
        gone = partial(Kernel().unmount, str(target), detach=True)
        await collector(calls, first_of_volume=lambda _: gone()).reconcile()
        assert records.volumes() == records.targets() == []


async def test_a_stage_holds_beside_a_publish_that_knows_nothing_of_it(machine: Machine) -> None:
    async with plugin(machine) as calls:
        staging, records = calls.node.staging, calls.node.staging.records
        unknown = StagedVolume(volume_id=VOLUME, attributes=machine.attributes())
        staged = unknown.model_copy(update={"staging_path": "/staging"})
        async with anyio.create_task_group() as tasks, staging.locks.hold(VOLUME):
            tasks.start_soon(staging.note, unknown)
            await anyio.wait_all_tasks_blocked()
            assert records.volumes() == []
            records.stage(staged)  # the holder of the lock
        assert records.volumes() == [staged]
