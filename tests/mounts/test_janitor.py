"""What a starting plugin tidies up, while a kubelet calls it already."""

import anyio
import pytest

from fluid.csi.janitor import Janitor
from fluid.csi.records import PublishedTarget
from tests.mounts.support import LABEL, VOLUME, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio


def janitor(calls: Plugin) -> Janitor:
    return Janitor(calls.node.staging, calls.node.publishing, calls.watch, calls.machine.kubelet)


async def test_the_record_of_a_publish_that_is_at_work_is_kept(machine: Machine) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        records = calls.node.publishing.records
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(calls.publish, target)  # which waits for the FUSE process
            while not records.targets():  # noqa: ASYNC110
                await anyio.sleep(0.01)
            await janitor(calls).heal()
            machine.fuse()
        assert [one.target for one in records.targets()] == [str(target)]


async def test_the_record_of_a_publish_that_never_came_to_an_end_goes(machine: Machine) -> None:
    async with plugin(machine) as calls:
        records = calls.node.publishing.records
        records.publish(PublishedTarget(volume_id=VOLUME, target=str(machine.target())))
        await janitor(calls).heal()
        assert records.targets() == []


async def test_a_volume_that_the_kubelet_forgot_is_unstaged_and_one_that_it_stages_again_is_not(
    machine: Machine,
) -> None:
    staging = machine.kubelet / "plugins/globalmount"
    async with plugin(machine) as calls:
        await calls.stage()
        node_staging = calls.node.staging
        (record,) = node_staging.records.volumes()
        async with anyio.create_task_group() as tasks, node_staging.locks.hold(VOLUME):
            tasks.start_soon(node_staging.unstage_forgotten, record)
            await anyio.wait_all_tasks_blocked()
            staging.mkdir()  # the holder of the lock stages it again
        assert LABEL in calls.labels
        staging.rmdir()
        await janitor(calls).heal()
        assert LABEL not in calls.labels
