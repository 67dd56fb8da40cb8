"""FUSE processes that hang: nobody but who asks them waits, and no more than a few do."""

import signal
from pathlib import Path
from time import monotonic
from typing import Any

import anyio
import pytest

from fluid.csi import helper_limits
from fluid.csi.errors import CallError, Code, HungError, TooManyError
from fluid.csi.helper_limits import MOST_HELPERS, Tenants
from fluid.csi.helper_pool import HelperPool
from fluid.csi.manifests import NodePlugin
from fluid.csi.mountinfo import MountTable
from fluid.csi.mounts import Mounts
from fluid.csi.steps import Health
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
    mute, helpers = machine.fuse(), HelperPool(deadline=1.0)
    mounts = Mounts(helpers)
    assert await mounts.health(str(machine.path)) is Health.ALIVE
    mute.send_signal(signal.SIGUSR1)
    for path in (machine.path, machine.path / "sub", machine.path / "sub/inner") * 2:
        assert await mounts.health(str(path)) is Health.HUNG
    assert helpers.hanging == helpers.killed == 4
    machine.restart(mute, "new")
    assert await mounts.health(str(machine.path)) is Health.ALIVE
    machine.until(lambda: helpers.hanging == 0)


async def test_of_many_questions_at_once_few_are_asked_until_the_first_had_no_answer(
    machine: Machine,
) -> None:
    hung, helpers = machine.fuse(), HelperPool()
    mounts, told = Mounts(helpers), list[Health]()

    async def ask() -> None:
        told.append(await mounts.health(str(machine.path)))

    async def all_ask() -> list[Health]:
        told.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(24):
                tasks.start_soon(ask)
        return told

    assert await all_ask() == [Health.ALIVE] * 24, "who waits for a turn gets one"
    hung.send_signal(signal.SIGSTOP)
    helpers.deadline = 1.0
    assert await all_ask() == [Health.HUNG] * 24
    assert 0 < helpers.killed <= 8


def cache(machine: Machine, namespace: str, name: str) -> Path:
    """Where the FUSE mount of a Dataset has its place."""
    path = machine.mount_root / "thin" / namespace / name / "thin-fuse"
    path.mkdir(parents=True)
    return path


async def test_mute_file_systems_of_one_tenant_keep_nobody_else_from_asking(machine: Machine) -> None:
    helpers = HelperPool(deadline=1.0, tenant_of=Tenants(str(machine.mount_root)).of)
    mounts, told = Mounts(helpers), list[str]()
    mute = [cache(machine, "tenant", f"mute-{number}") for number in range(6)]
    for path in mute:
        machine.fuse("mute", path).send_signal(signal.SIGUSR1)

    async def ask(path: Path) -> None:
        try:
            told.append(await mounts.health(str(path)))
        except TooManyError as error:
            told.append(str(error))

    for _ in range(8):
        async with anyio.create_task_group() as tasks:
            for path in mute:
                tasks.start_soon(ask, path)
    assert 12 <= helpers.hanging < 12 + 6, "the share of one tenant, and what ran when it was reached"
    assert any(f"{helpers.hanging} helpers on this node wait" in one for one in told)
    helpers.deadline = 5.0
    for namespace in ("other", "tenant"):
        sound = cache(machine, namespace, "sound")
        machine.fuse("sound", sound)
        for _ in range(8):
            assert await mounts.health(str(sound)) is Health.ALIVE
    for process in machine.processes:
        machine.kill(process)
    machine.until(lambda: helpers.hanging == 0)


async def test_one_tenants_silence_takes_no_turns_of_others(machine: Machine) -> None:
    helpers = HelperPool(deadline=2.0, tenant_of=Tenants(str(machine.mount_root)).of)
    mounts, stopped = Mounts(helpers), [cache(machine, "tenant", f"{number}") for number in range(4)]
    for path in stopped:
        machine.fuse("stopped", path).send_signal(signal.SIGSTOP)
    sound = cache(machine, "other", "sound")
    machine.fuse("sound", sound)
    async with anyio.create_task_group() as tasks:
        for path in stopped:
            for _ in range(8):
                tasks.start_soon(mounts.health, str(path))
        with anyio.fail_after(5):
            while helpers.running < 6:  # noqa: ASYNC110
                await anyio.sleep(0.01)
        assert helpers.running == 6, "the share of one tenant"
        started = monotonic()
        assert await mounts.health(str(sound)) is Health.ALIVE
        assert monotonic() - started < helpers.deadline


async def test_when_too_many_hang_on_a_node_it_is_said_and_volumes_are_still_taken_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute, other, target = machine.fuse(), cache(machine, "default", "other"), machine.target()
    machine.fuse("other", other)
    for name in ("_FIRST_PER_TENANT", "_AGAIN_PER_TENANT"):
        monkeypatch.setattr(helper_limits, name, 2)
    async with plugin(machine, patience=0.5) as calls:
        helpers = calls.node.publishing.mounts.helpers
        await calls.publish(target, fluid_path=str(other))
        helpers.deadline = 0.3
        mute.send_signal(signal.SIGUSR1)
        for _ in range(2):
            assert await calls.node.publishing.mounts.health(str(machine.path)) is Health.HUNG
        helpers.deadline = 5.0
        device = MountTable.read().stack(str(machine.path))[0].device
        for pod in ("pod-1", "pod-2"):
            with pytest.raises(CallError, match=f"2 helpers on this node .* of {device}; find") as refused:
                await calls.publish(machine.target(pod), fluid_path=str(other))
            assert refused.value.code is Code.UNAVAILABLE
        with pytest.raises(TooManyError, match="2 helpers on this node"):
            await calls.node.publishing.readiness.missing(calls.volume)
        await calls.unpublish(target)
        assert not MountTable.read().stack(str(target))
        machine.kill(mute)
        machine.until(lambda: helpers.hanging == 0)
        await calls.publish(machine.target("pod-2"), fluid_path=str(other))


async def test_a_link_to_a_hung_fuse_process_holds_up_no_other_link(machine: Machine) -> None:
    mute, other = machine.fuse(), machine.mount_root / "other"
    other.mkdir()
    machine.fuse("other", other)
    hung, sound = machine.target(), machine.target("pod-2")
    async with plugin(machine) as calls:
        mounts = calls.node.publishing.mounts
        await calls.publish(hung, node_publish_method="symlink")
        await calls.publish(sound, node_publish_method="symlink", fluid_path=str(other))
        mounts.helpers.deadline = 0.3
        mute.send_signal(signal.SIGUSR1)
        for _ in range(4):
            with pytest.raises(HungError, match="no answer from the file system"):
                await mounts.usage(str(hung), disk=str(machine.mount_root))
        mounts.helpers.deadline = 5.0
        with pytest.raises(HungError, match="owes the answer to 4 earlier questions"):
            await mounts.usage(str(hung), disk=str(machine.mount_root))
        assert await mounts.usage(str(sound), disk=str(machine.mount_root))
        machine.kill(mute)
        machine.until(lambda: mounts.helpers.hanging == 0)


async def test_as_many_helpers_as_can_hang_fit_into_the_memory_of_the_plugins_container(
    machine: Machine,
) -> None:
    mute, helpers = machine.fuse(), HelperPool(deadline=1.0)
    mute.send_signal(signal.SIGUSR1)
    assert await Mounts(helpers).health(str(machine.path)) is Health.HUNG
    [helper] = [one.process.pid for one in helpers._lost]  # pyright: ignore[reportPrivateUsage] - no one else knows
    wire: Any = NodePlugin("default", "image").daemon_set().to_wire()
    limit = wire["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    left = (int(limit.removesuffix("Mi")) << 20) - (128 << 20)  # without the plugin and its supervisor
    assert 2 << 20 < private_memory(helper) < left / MOST_HELPERS
    machine.kill(mute)
    machine.until(lambda: helpers.hanging == 0)


def private_memory(process: int) -> int:
    """Bytes that a process shares with no other."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


async def test_a_hung_fuse_process_is_not_even_asked_when_its_volume_is_taken_away(machine: Machine) -> None:
    hung, target = machine.fuse(), machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        hung.send_signal(signal.SIGSTOP)
        started = monotonic()
        await calls.unpublish(target)
        assert monotonic() - started < calls.node.publishing.mounts.helpers.deadline
        assert not MountTable.read().stack(str(target))
