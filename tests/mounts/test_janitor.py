"""What a starting plugin tidies up, while a kubelet calls it already."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import anyio
import pytest

from fluid.csi.janitor import Janitor
from fluid.csi.locks import Locks
from fluid.csi.records import PublishedTarget
from tests.mounts.support import LABEL, READER, VOLUME, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio


@dataclass
class Interrupted(Locks):
    """Locks before which something else happens.

    Attributes:
        first: What, given the key.
    """

    first: Callable[[str], object] = str

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        self.first(key)
        async with super().hold(key):
            yield


def janitor(calls: Plugin, first: Callable[[str], object] | None = None) -> Janitor:
    publishing = calls.node.publishing
    if first:
        publishing = replace(publishing, locks=Interrupted(first=first))
    return Janitor(calls.node.staging, publishing, calls.watch, calls.machine.kubelet)


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
        await janitor(calls, lambda _: records.publish(noted)).heal()
        assert records.targets() == [noted]


async def test_one_trouble_does_not_end_the_healing_of_the_rest(machine: Machine) -> None:
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

        await janitor(calls, get_in_the_way).heal()
        assert len(asked) == 2


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
