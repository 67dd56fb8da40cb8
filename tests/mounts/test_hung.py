"""FUSE processes that hang: nobody but who asks them waits, and no more than a few do."""

import signal
from time import monotonic

import pytest

from fluid.csi.bounded import Helpers
from fluid.csi.deciding import Health
from fluid.csi.mountinfo import MountTable
from fluid.csi.mounts import Mounts
from fluid.csi.problems import CallError
from tests.mounts.support import Machine, plugin

pytestmark = pytest.mark.anyio


async def test_a_hung_fuse_process_holds_up_neither_its_unpublish_nor_other_volumes(
    machine: Machine,
) -> None:
    hung, target = machine.fuse(), machine.target()
    other = machine.mount_root / "thin/default/other/thin-fuse"
    other.mkdir(parents=True)
    machine.fuse("other", other)
    async with plugin(machine, patience=1.0) as calls:
        calls.node.publishing.mounts.helpers.deadline = 2.0
        await calls.publish(target)
        hung.send_signal(signal.SIGSTOP)
        started = monotonic()
        with pytest.raises(CallError, match="does not answer"):
            await calls.publish(machine.target("pod-2"))
        await calls.publish(machine.target("pod-3"), fluid_path=str(other))
        await calls.unpublish(target)
        assert monotonic() - started < 15
        assert not MountTable.read().stack(str(target))
        assert calls.node.publishing.mounts.helpers.killed > 0


async def test_few_helpers_hang_in_a_file_system_that_took_their_requests_and_they_go_with_it(
    machine: Machine,
) -> None:
    mute, helpers = machine.fuse(), Helpers(deadline=0.3)
    mounts = Mounts(helpers)
    assert await mounts.health(str(machine.path)) is Health.ALIVE
    mute.send_signal(signal.SIGUSR1)
    for _ in range(6):
        assert await mounts.health(str(machine.path)) is Health.HUNG
    assert helpers.hanging == helpers.killed == 4
    machine.restart(mute, "new")
    assert await mounts.health(str(machine.path)) is Health.ALIVE
    machine.until(lambda: helpers.hanging == 0)


async def test_a_hung_fuse_process_is_not_even_asked_when_its_volume_is_taken_away(machine: Machine) -> None:
    hung, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        hung.send_signal(signal.SIGSTOP)
        started = monotonic()
        await calls.unpublish(target)
        assert monotonic() - started < calls.node.publishing.mounts.helpers.deadline
        assert not MountTable.read().stack(str(target))
