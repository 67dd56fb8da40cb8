"""Volumes that pods get as links, or unchecked: what has to be there first, and what is told of it."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code
from fluid.csi.mountinfo import MountTable
from fluid.csi.readiness import WaitEvents
from fluid.csi.volume import Pod
from fluid.kube.events import Reference
from tests.mounts.support import NODE, READER, VOLUME, WRITER, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio
LINK = {"node_publish_method": "symlink"}
SKIP = {"fluid.io/skip-check-mount-ready-target": "All"}


def stack(path: Path) -> int:
    return len(MountTable.read().stack(str(path)))


def gone(path: Path) -> bool:
    return not os.path.lexists(path)


def below(machine: Machine, name: str) -> Path:
    """A folder below the volume's path."""
    folder = machine.path / name
    folder.mkdir()
    return folder


async def usage(calls: Plugin, target: Path) -> csi.NodeGetVolumeStatsResponse:
    request = csi.NodeGetVolumeStatsRequest(volume_id=VOLUME, volume_path=str(target))
    return await calls.node.stats(request)


async def test_a_link_shows_what_is_mounted_below_the_path(machine: Machine) -> None:
    one, two, target = below(machine, "a"), below(machine, "b"), machine.target()
    machine.fuse("one", one)
    async with plugin(machine, patience=0.5) as calls:
        await calls.publish(target, READER, **LINK)
        machine.fuse("two", two)
        assert [(target / name / "hello").read_text() for name in ("a", "b")] == ["one", "two"]
        await calls.publish(machine.target("pod-2"), READER, **LINK, fluid_sub_path="b/sub")
        assert [entry.name for entry in machine.target("pod-2").iterdir()] == ["inner"]


async def test_one_mount_below_the_path_that_answers_is_enough(machine: Machine) -> None:
    machine.kill(machine.fuse("dead", below(machine, "a")))
    async with plugin(machine, patience=0.2) as calls:
        with pytest.raises(CallError, match="its FUSE process is gone"):
            await calls.publish(machine.target(), READER, **LINK)
        machine.fuse("two", below(machine, "b"))
        await calls.publish(machine.target(), READER, **LINK)


async def test_a_mount_below_the_path_has_to_be_a_fuse_mount_of_the_volumes_type(machine: Machine) -> None:
    machine.fuse("one", below(machine, "a"))
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match="nor a FUSE mount of type 'jindo' below it"):
            await calls.publish(machine.target(), READER, **LINK, mount_type="jindo")


async def test_a_bind_mount_does_not_show_mounts_below_the_path_and_it_is_said_what_does(
    machine: Machine,
) -> None:
    machine.fuse("one", below(machine, "a"))
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match="are seen by links only: publish") as told:
            await calls.publish(machine.target())
        assert str(machine.path / "a") in told.value.message


async def test_a_link_or_a_bind_mount_waits_for_a_folder_although_its_check_is_skipped(
    machine: Machine,
) -> None:
    machine.path.rmdir()
    async with plugin(machine) as calls:
        for pod, way in (("pod-1", LINK), ("pod-2", {})):
            target = machine.target(pod)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: calls.publish(target, READER, **SKIP, **way))  # noqa: B023
                for _ in range(20):  # it waits all the time
                    await anyio.sleep(0.01)
                    assert gone(target)
                machine.path.mkdir()
                calls.watch.wake()
            assert target.is_dir()
            await calls.unpublish(target)
            machine.path.rmdir()


@dataclass
class Events:
    """Keeps what pods are told."""

    said: list[str] = field(default_factory=list[str])

    def event(self, about: Reference, _type: str, _reason: str, message: str) -> None:
        self.said.append(f"{about.name}: {message}")


@pytest.mark.parametrize("way", [LINK, {}], ids=["link", "bind"])
async def test_an_unchecked_pod_whose_folder_never_comes_is_told_why(
    machine: Machine, way: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.csi.readiness._EVENT_PAUSE", 0.0)
    machine.path.rmdir()
    async with plugin(machine, patience=0.3) as calls:
        metadata = {"name": "hbase", "namespace": "default"}
        trouble = {
            "type": "FusesFailing",
            "message": f"FUSE pod f on node {NODE} is not ready; it said: late",
        }
        calls.server.put(
            "data.fluid.io/v1alpha1/datasets", {"metadata": metadata, "status": {"conditions": [trouble]}}
        )
        events = Events()
        told = WaitEvents(calls.node.staging.cluster, events)  # pyright: ignore[reportArgumentType]
        readiness = replace(calls.node.publishing.readiness, events=told, patience=3.0)
        publishing = replace(calls.node.publishing, readiness=readiness)
        volume = replace(calls.volume, unchecked=True, symlink=bool(way))
        pod = Pod("default", "reader", "uid-1")
        with pytest.raises(CallError, match=f"no folder on node {NODE}: .*it said: late") as refused:
            await publishing.publish(volume, str(machine.target()), read_only=True, pod=pod)
        assert refused.value.code is Code.UNAVAILABLE
        assert events.said
        assert events.said[0].startswith("reader: ")
        with pytest.raises(CallError, match=r"no folder at .* within 0.3 s: .*No such file"):
            await calls.publish(machine.target("pod-2"), READER, **SKIP, **way)
        assert gone(machine.target())


async def test_an_unchecked_folder_is_bound_from_the_node_and_what_is_mounted_later_arrives(
    machine: Machine,
) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, WRITER, **SKIP)
        assert [*target.iterdir()] == []
        machine.fuse("late")
        assert (target / "hello").read_text() == "late"
        await calls.unpublish(target)
        assert not target.exists()


async def test_an_unchecked_folder_is_not_taken_from_another_file_system_than_the_path_was_on(
    machine: Machine,
) -> None:
    """Whoever may write beside it could lead us to another tenant's mount, or out of the mount root."""
    other = machine.mount_root / "thin/other/store/thin-fuse"
    other.mkdir(parents=True)
    machine.fuse("another tenant's", other)
    machine.path.rmdir()
    machine.path.symlink_to(other)
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError) as refused:
            await calls.publish(machine.target(), READER, **SKIP)
        assert refused.value.code is Code.UNAVAILABLE
        assert stack(machine.target()) == 0


@pytest.mark.parametrize("way", [LINK, {}], ids=["link", "bind"])
async def test_nobody_is_led_elsewhere_on_the_nodes_disk_by_a_link_in_place_of_the_folder(
    machine: Machine, way: dict[str, str]
) -> None:
    secrets = machine.kubelet / "pods/other/volumes"
    secrets.mkdir(parents=True)
    machine.path.rmdir()
    machine.path.symlink_to(secrets)
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match="a symbolic link is in the way") as refused:
            await calls.publish(machine.target(), READER, **SKIP, **way)
        assert refused.value.code is Code.UNAVAILABLE
        assert gone(machine.target()) or stack(machine.target()) == 0


async def test_a_link_does_not_lead_out_of_the_volume_by_its_sub_path(machine: Machine) -> None:
    machine.fuse("one", below(machine, "a"))
    (machine.path / "out").symlink_to(machine.mount_root)
    async with plugin(machine, patience=0.1) as calls:
        for way in (LINK, LINK | SKIP):
            with pytest.raises(CallError, match="Invalid cross-device link"):
                await calls.publish(machine.target(), READER, **way, fluid_sub_path="out")
        assert gone(machine.target())


async def test_a_link_that_was_left_by_an_earlier_life_of_the_node_is_not_taken_for_served(
    machine: Machine,
) -> None:
    """A link outlives a restart of the node, and mounts do not: its pod would start over an empty folder."""
    machine.fuse("before")
    target = machine.target()
    async with plugin(machine, patience=0.2) as calls:
        await calls.publish(target, READER, **LINK)
        machine.unmount()
        with pytest.raises(CallError, match="nothing is mounted there") as refused:
            await calls.publish(target, READER, **LINK)
        assert refused.value.code is Code.UNAVAILABLE
        machine.fuse("after")
        await calls.publish(target, READER, **LINK)
        assert (target / "hello").read_text() == "after"


async def test_all_volumes_are_links_when_the_plugin_says_so(machine: Machine) -> None:
    machine.fuse("linked")
    target = machine.target()
    async with plugin(machine) as calls:
        publishing = replace(calls.node.publishing, links=True)
        await publishing.publish(calls.volume, str(target), read_only=True, pod=Pod.of({}))
        assert (target.is_symlink(), (target / "hello").read_text()) == (True, "linked")


@pytest.mark.parametrize("way", [LINK, {}], ids=["link", "bind"])
async def test_the_nodes_own_disk_is_never_told_as_a_volumes_usage(
    machine: Machine, way: dict[str, str]
) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, READER, **SKIP, **way)
        with pytest.raises(CallError, match=r"nothing is mounted at .*look at its FUSE pod") as refused:
            await usage(calls, target)
        assert refused.value.code is Code.UNAVAILABLE
        machine.fuse()
        assert (await usage(calls, target)).usage[0].total == 100 * 512
        machine.unmount()


async def test_the_usage_of_a_link_that_leads_nowhere_is_refused(machine: Machine) -> None:
    process, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, READER, **LINK)
        machine.kill(process)
        machine.unmount()
        machine.path.rmdir()
        with pytest.raises(CallError, match=f"nothing is mounted at {machine.path}") as refused:
            await usage(calls, target)
        assert refused.value.code is Code.UNAVAILABLE
        await calls.unpublish(target)
        assert gone(target)
