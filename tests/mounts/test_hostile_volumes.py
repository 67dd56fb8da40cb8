"""Volumes whose folder or part a tenant turned into a trap: a pod gets the volume, or nothing."""

from pathlib import Path

import pytest

from fluid.csi.errors import CallError, Code, HelperError
from fluid.csi.mountinfo import MountTable
from fluid.csi.steps import Attach
from tests.mounts.support import READER, WRITER, Machine, plugin

pytestmark = pytest.mark.anyio
UNCHECKED = {"fluid.io/skip-check-mount-ready-target": "All"}


def stack(target: Path) -> int:
    return len(MountTable.read().stack(str(target)))


@pytest.mark.parametrize("above", [False, True], ids=["itself", "a folder above"])
async def test_a_link_in_place_of_the_fuse_mount_shows_no_other_folder_of_the_node(
    machine: Machine, above: bool
) -> None:
    (machine.kubelet / "pods/secret").mkdir()
    (machine.kubelet / "pods/thin-fuse").mkdir()
    target = machine.target()
    machine.path.rmdir()
    link = machine.path.parent if above else machine.path
    if above:
        link.rmdir()
    link.symlink_to(machine.kubelet / "pods")
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match="symbolic link is in the way") as refused:
            await calls.publish(target, READER, **UNCHECKED)
        assert refused.value.code is Code.UNAVAILABLE
        assert stack(target) == 0


async def test_nobody_writes_to_the_disk_of_the_node_through_a_volume_that_is_not_mounted_yet(
    machine: Machine,
) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, WRITER, **UNCHECKED)
        with pytest.raises(OSError, match="Read-only"):
            (target / "file").write_text("no")
        machine.fuse()
        (target / "hello").write_text("yes")
        await calls.unpublish(target)


async def test_a_link_to_another_part_of_the_volume_is_followed_for_its_owner_alone(machine: Machine) -> None:
    folder = machine.mount_root / "volume"
    (folder / "mine").mkdir(parents=True)
    (folder / "others").mkdir()
    (folder / "others/secret").touch()
    (folder / "mine/part").symlink_to("../others")
    (folder / "mine/out").symlink_to(machine.kubelet)
    target = machine.target()
    target.mkdir()
    async with plugin(machine) as calls:
        mounts = calls.node.publishing.mounts
        renewed = Attach(str(folder), "", "mine/part", read_only=True, exact=True)
        with pytest.raises(HelperError, match="symbolic link is in the way"):
            await mounts.attach(str(target), renewed)
        with pytest.raises(HelperError, match="cross-device"):
            await mounts.attach(str(target), Attach(str(folder), "", "mine/out", read_only=True))
        await mounts.attach(str(target), Attach(str(folder), "", "mine/part", read_only=True))
        assert [one.name for one in target.iterdir()] == ["secret"]


async def test_a_link_on_the_way_to_a_target_leads_nowhere(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    elsewhere = machine.folder / "elsewhere"
    (elsewhere / "mount").mkdir(parents=True)
    async with plugin(machine) as calls:
        mounts = calls.node.publishing.mounts
        (target.parent / "vol_data.json").unlink()
        target.parent.rmdir()
        target.parent.symlink_to(elsewhere)
        attach = Attach(str(machine.path), "", "", read_only=True)
        with pytest.raises(HelperError, match="symbolic link is in the way"):
            await mounts.attach(str(target), attach)
        assert stack(elsewhere / "mount") == 0
        await mounts.attach(str(elsewhere / "mount"), attach)
        (top,) = MountTable.read().stack(str(elsewhere / "mount"))
        with pytest.raises(HelperError, match="symbolic link is in the way"):
            await mounts.detach(str(target), top.id)
        assert stack(elsewhere / "mount") == 1
