"""Calls over FUSE processes that are dead, and what they or an older plugin left mounted."""

import errno
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, ChangedError, Code, HelperError
from fluid.csi.helper_pool import HelperPool, Value
from fluid.csi.mountinfo import MountTable
from fluid.csi.mounts import Mounts
from fluid.csi.steps import Attach, Health
from fluid.csi.volume import Pod
from tests.mounts.support import READER, VOLUME, Machine, plugin

pytestmark = pytest.mark.anyio


def stack(path: Path) -> int:
    return len(MountTable.read().stack(str(path)))


def gone(path: Path) -> bool:
    return not os.path.lexists(path)


async def test_a_dead_mount_is_cleared_by_stage_and_waited_out_by_publish(machine: Machine) -> None:
    machine.kill(machine.fuse())
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match="its FUSE process is gone"):
            await calls.publish(machine.target())
        await calls.stage()
        assert stack(machine.path) == 0


async def test_a_volume_is_taken_away_while_its_fuse_process_is_dead(machine: Machine) -> None:
    process, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        machine.kill(process)
        started = monotonic()
        await calls.unpublish(target)
        assert monotonic() - started < 2
        assert gone(target)


@pytest.mark.parametrize(
    ("helper", "said"), [("/bin/false", "it was killed"), ("/nowhere", "could not be started")]
)
async def test_a_helper_that_does_not_come_to_ask_is_neither_a_sign_of_life_nor_of_death(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, helper: str, said: str
) -> None:
    process, target = machine.fuse(), machine.target()
    async with plugin(machine, patience=0.1) as calls:
        await calls.publish(target)
        machine.kill(process)
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", helper)
            for call in (calls.publish(target), calls.publish(machine.target("pod-2")), calls.stage()):
                with pytest.raises(CallError, match=said) as refused:
                    await call
                assert refused.value.code is Code.UNAVAILABLE
        assert (stack(target), stack(machine.path)) == (1, 1)


async def test_what_the_kernel_remembers_of_a_dead_mount_is_no_sign_of_life(machine: Machine) -> None:
    process = machine.fuse()
    async with plugin(machine) as calls:
        machine.path.stat()
        machine.kill(process)
        assert machine.path.stat()
        assert await calls.node.publishing.mounts.health(str(machine.path)) is Health.DEAD


async def test_between_two_fuse_processes_nothing_of_the_disk_below_is_shown(machine: Machine) -> None:
    target = machine.target()
    target.mkdir()
    process = machine.fuse()
    async with plugin(machine) as calls:
        mounts = calls.node.publishing.mounts
        device = await calls.node.publishing.readiness.wait(calls.volume, Pod.of({}))
        machine.kill(process)
        machine.unmount()
        attach = Attach(str(machine.path), device, "", read_only=False)
        with pytest.raises(ChangedError):
            await mounts.attach(str(target), attach)
        with pytest.raises(CallError, match=f"{target}: the FUSE mount at {machine.path} is not the one"):
            await calls.node.publishing.converge(str(target), lambda _: attach)
        assert stack(target) == 0


@dataclass
class Watched(HelperPool):
    """Helpers after which a target is looked at.

    Attributes:
        target: What.
        able: Whether this kernel can mount beneath.
        depths: How many mounts there were.
    """

    target: Path = Path()
    able: bool = True
    depths: list[int] = field(default_factory=list[int])

    async def run(
        self, operation: str, *arguments: str, device: str = "", descriptors: Collection[int] = ()
    ) -> Mapping[str, Value]:
        if "beneath" in arguments and not self.able:
            raise HelperError(errno.EINVAL, "move_mount: Invalid argument")
        answer = await super().run(operation, *arguments, device=device, descriptors=descriptors)
        if operation in ("attach", "detach"):
            self.depths.append(stack(self.target))
        return answer


@pytest.mark.parametrize(("able", "depths"), [(True, [2, 1]), (False, [2])], ids=["beneath", "over"])
async def test_a_dead_mount_has_a_successor_at_the_target_before_it_goes(
    machine: Machine, able: bool, depths: list[int]
) -> None:
    process, target = machine.fuse("one"), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        machine.restart(process, "two")
        watched = Watched(target=target, able=able)
        publishing = replace(calls.node.publishing, mounts=Mounts(watched))
        await publishing.publish(calls.volume, str(target), read_only=True, pod=Pod.of({}))
        assert watched.depths == depths
        assert (target / "hello").read_text() == "two"
        with pytest.raises(OSError, match="Read-only"):
            (target / "hello").write_text("no")
        await calls.unpublish(target)
        assert gone(target)


async def test_an_unchecked_volume_whose_fuse_process_is_dead_is_published_as_it_is(machine: Machine) -> None:
    machine.kill(machine.fuse())
    target = machine.target()
    async with plugin(machine) as calls:
        unchecked = {"fluid.io/skip-check-mount-ready-target": "MountPod"}
        for _ in range(2):
            await calls.publish(target, READER, **unchecked)
        assert stack(target) == 1
        machine.unmount()
        machine.fuse("back")
        await calls.publish(target, READER, **unchecked)
        assert ((target / "hello").read_text(), stack(target)) == ("back", 1)


async def test_stacks_of_an_older_plugin_are_taken_down_whole(machine: Machine) -> None:
    process, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        for _ in range(5):
            await calls.node.publishing.mounts.attach(
                str(target), Attach(str(machine.path), "", "", read_only=False)
            )
        assert stack(target) == 6
        machine.kill(process)
        await calls.unpublish(target)
        assert gone(target)


async def test_the_usage_of_a_volume_whose_fuse_process_is_dead_is_refused_with_a_next_step(
    machine: Machine,
) -> None:
    process, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        machine.kill(process)
        request = csi.NodeGetVolumeStatsRequest(volume_id=VOLUME, volume_path=str(target))
        with pytest.raises(CallError, match=f"{VOLUME}: .*; look at its FUSE pod on node node-1") as refused:
            await calls.node.stats(request)
        assert refused.value.code is Code.UNAVAILABLE
