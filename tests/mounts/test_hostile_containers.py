"""Containers whose tenant sets traps: a renewal changes mounts of the volume there, or nothing."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from fluid.csi.containers import EnteredContainers, Renewal
from fluid.csi.mount_namespaces import NamespaceScans
from fluid.csi.mountinfo import MountTable, parse
from tests.mounts import tenant
from tests.mounts.recovery import POD, count, events, pod_in_environment, published, recovering
from tests.mounts.support import ROOT, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio
_LOOK = """
import os, sys
from fluid.csi.syscalls import Kernel, ProcSelf
kernel = Kernel()
own = ProcSelf(kernel)
kernel.enter_mount_namespace(os.open(f"/proc/{sys.argv[1]}/ns/mnt", os.O_RDONLY))
sys.stdout.write("".join(own.lines()))
"""
_FAIL = """
import sys
from fluid.csi import helper, namespace_renewal
def fail(*_):
    import wave
    raise ValueError("nobody expected it")
namespace_renewal.NamespaceRenewal.renew = fail
helper.main()
"""


@dataclass
class Tenant:
    """A process that plays a trick.

    Attributes:
        process: The process.
        folder: Where it has the volume.
    """

    process: subprocess.Popen[str]
    folder: Path

    @classmethod
    def run(cls, machine: Machine, trick: Callable[[str, Path], None], volume: Path) -> "Tenant":
        folder = machine.folder / "tenant"
        folder.mkdir()
        program = str(ROOT / "tests/mounts/tenant.py")
        command = [sys.executable, "-S", program, trick.__name__, str(volume), str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"POD": POD + "1"})
        machine.processes.append(process)
        found = cls(process, folder)
        found.until_ready()
        return found

    def until_ready(self) -> None:
        """Wait until it has mounted everything, or has ended a race that it was to stop."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def table(self) -> MountTable:
        """What is mounted, as the root of the namespace has it."""
        command = [sys.executable, "-c", _LOOK, str(self.process.pid)]
        return MountTable(
            tuple(parse(subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout))
        )

    def sources(self, name: str) -> list[str]:
        """Names or devices of what is mounted at a path below its folder, the lowest first."""
        stack = self.table().stack(str(self.folder / name))
        return [one.device if one.fuse else one.source for one in stack]


def device(machine: Machine) -> str:
    top = MountTable.read().top(str(machine.path))
    assert top is not None
    return top.device


def renewal(machine: Machine, shown: set[str]) -> Renewal:
    live = device(machine)
    return Renewal(str(machine.path), live, frozenset(shown - {live}), POD + "1")


def entered(calls: Plugin) -> EnteredContainers:
    return EnteredContainers(calls.node.publishing.mounts.helpers, NamespaceScans(pod_in_environment))


async def test_a_process_with_another_root_loses_no_mount_of_that_name(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        tricky = Tenant.run(machine, tenant.chroots, await published(calls, POD + "1"))
        before = tricky.table().stack("/proc/sys")
        assert before[-1].read_only
        machine.restart(process, "two")
        await count(recovery, 1)
        assert tricky.table().stack("/proc/sys") == before
        assert tricky.sources("x/proc/sys") == [device(machine)]
        assert await events(calls, 1) == ["FuseRecoverSucceed"]


async def test_what_a_tenant_mounted_at_proc_is_not_asked(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        tricky = Tenant.run(machine, tenant.hides_proc, await published(calls, POD + "1"))
        machine.restart(process, "two")
        await count(recovery, 1)
        assert tricky.sources("data") == [device(machine)]


async def test_what_is_mounted_over_or_under_the_volume_stays_and_is_never_uncovered(
    machine: Machine,
) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        old = device(machine)
        tricky = Tenant.run(machine, tenant.covers, await published(calls, POD + "1"))
        machine.restart(process, "two")
        await count(recovery, 1)
        assert tricky.sources("covered") == [old, "cover"]
        assert tricky.sources("data") == ["ground", device(machine)]


async def test_a_container_in_a_user_namespace_of_its_own_reads_again_each_time(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        first = device(machine)
        tricky = Tenant.run(machine, tenant.in_a_user_namespace, await published(calls, POD + "1"))
        for life in (1, 2):
            process = machine.restart(process, f"life {life}")
            await count(recovery, life)
            assert tricky.sources("data") == [first, device(machine)], "the first one is locked there"


async def test_thousands_of_mounts_of_a_tenant_cost_time_and_no_memory(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        tricky = Tenant.run(machine, tenant.many_mounts, await published(calls, POD + "1"))
        machine.restart(process, "two")
        await count(recovery, 1)
        assert tricky.sources("data") == [device(machine)]


async def test_a_rename_and_a_link_in_the_middle_lead_nowhere_else(machine: Machine) -> None:
    process = machine.fuse("one")
    async with plugin(machine) as calls:
        target = await published(calls, POD + "1")
        shown = {device(machine)}
        tricky = Tenant.run(machine, tenant.races, target)
        for life in range(5):
            process = machine.restart(process, f"life {life}")
            for _ in range(3):
                await entered(calls).renew(renewal(machine, shown))
                assert tricky.sources("victim/y") == ["victim"]
            shown.add(device(machine))
        (tricky.folder / "stop").touch()
        tricky.until_ready()
        assert await entered(calls).renew(renewal(machine, shown)) == []
        assert tricky.sources("x/y") == [device(machine)]
        assert tricky.sources("victim/y") == ["victim"]


@pytest.mark.parametrize("program", [_FAIL, _FAIL.replace("import wave", "")], ids=["import", "traceback"])
async def test_neither_an_import_nor_a_traceback_runs_or_reads_a_file_of_the_tenant(
    machine: Machine, program: str
) -> None:
    process = machine.fuse("one")
    async with plugin(machine) as calls:
        old = device(machine)
        tricky = Tenant.run(machine, tenant.poisons, await published(calls, POD + "1"))
        machine.restart(process, "two")
        with (Path("/proc") / str(tricky.process.pid) / "ns/mnt").open("rb") as namespace:
            number = namespace.fileno()
            arguments = [str(os.getpid()), "renew", str(number), str(machine.path), device(machine), old]
            command = [sys.executable, "-S", "-c", program, *arguments]
            done = await anyio.run_process(command, pass_fds=[number], check=False, cwd=ROOT)
        assert b"'failed': " in done.stdout
        assert done.stderr == b""
        assert not (tricky.folder / "marker").exists()
