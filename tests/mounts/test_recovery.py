"""FUSE processes are killed under pods that read: the same pods read again."""

import errno

import anyio
import pytest

from fluid.csi.mountinfo import MountTable
from fluid.csi.stale_mounts import StaleMount
from fluid.csi.syscalls import Kernel
from tests.mounts.recovery import (
    POD,
    Container,
    count,
    events,
    looked_at,
    published,
    reasons,
    recovering,
    shows,
)
from tests.mounts.support import Machine

pytestmark = pytest.mark.anyio


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


async def test_a_fuse_process_that_still_serves_keeps_its_pods(machine: Machine) -> None:
    machine.fuse("old")
    async with recovering(machine) as (calls, recovery):
        target, before = await published(calls, POD + "1"), recovery.queue.adds
        Kernel().unmount(str(machine.path), detach=True)
        machine.fuse("new")
        await looked_at(recovery, before)
        assert (target / "hello").read_text() == "old"
        assert reasons(calls) == []


async def test_what_nobody_expected_does_not_end_the_looking(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        target, failed = await published(calls, POD + "1"), anyio.Event()

        async def fail() -> list[StaleMount]:
            monkeypatch.undo()
            failed.set()
            raise OSError(errno.EMFILE, "Too many open files")

        monkeypatch.setattr(recovery, "find", fail)
        calls.watch.wake()
        with anyio.fail_after(5):
            await failed.wait()
        machine.restart(process, "two")
        await shows(target / "hello", "two")
