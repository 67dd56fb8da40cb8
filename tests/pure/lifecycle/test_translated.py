# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""Messages are for people: with all of them in a language that nobody reads, the same is done."""

import re
from collections.abc import Iterator
from itertools import islice

import pytest

from fluid.models import Dataset, JindoRuntime, ThinRuntime
from fluid.types import Key, fit
from tests.pure.lifecycle.thin import MOUNT, ThinWorld
from tests.pure.lifecycle.world import MOUNT as MOUNT_OF_OSS
from tests.pure.lifecycle.world import World

KEY = Key("a", "b-c")
SIGN = "\N{PILCROW SIGN}"
"""Before what is translated already."""
VARYING = ("message", "lastTransitionTime", "lastProbeTime", "lastUpdateTime")


def translated(text: str, longest: int = 4000) -> str:
    """A message backwards; translating twice changes nothing, as it is with `fit`."""
    return text if text.startswith(SIGN) else SIGN + fit(text, longest)[::-1]


def done(world: World) -> list[str]:
    """What was sent, what is asked, and the statuses without their words; each world has UIDs of its own."""
    found: list[object] = [*world.cluster.writes, *world.operator.asked, *world.cluster.caches.asked]
    for kind in (Dataset, world.kind):
        for one in world.cluster.all(kind):
            status = one.status.to_wire() if one.status else {}
            for condition in status.get("conditions") or []:
                for name in VARYING:
                    condition.pop(name, None)
            found.append(status)
    return [re.sub(r"uid-\d+", "uid", str(one)) for one in found]


def life_of_a_thin_runtime() -> Iterator[World]:
    """Pods that are refused, readers without a client, operators that are killed meanwhile."""
    world = ThinWorld()
    world.create_profile()
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY, worker={"enabled": True}, replicas=2)
    world.settle()
    yield world
    for role in ("fuse", "worker"):
        world.cluster.refuses[f"b-c-{role}"] = "exceeded quota: few"
    world.cluster.readers[KEY] = {"node-0"}
    world.edit(ThinRuntime, KEY, replicas=3)
    for _ in range(3):
        world.settle()
        yield world
        world.restart_operator()
        world.operator.step()
        yield world
    world.edit(ThinRuntime, KEY, profileName="missing")
    world.settle()
    yield world
    world.cluster.refuses.clear()
    world.edit(ThinRuntime, KEY, profileName="client")
    world.settle()
    yield world
    world.delete(ThinRuntime, KEY)
    world.settle()
    yield world


def restart_master(world: World) -> None:
    world.cluster.now += world.SECOND
    world.cluster.restart(world.pod(KEY))


def life_of_a_jindo_runtime() -> Iterator[World]:
    """Masters that are restarted, edits before the binding and after, and operators that are killed."""
    world = World()
    one, two = MOUNT_OF_OSS, {**MOUNT_OF_OSS, "mountPoint": "oss://two/", "name": "two"}
    world.cluster.stuck.add("b-c-jindofs-worker-0")
    world.create_dataset(KEY, one)
    world.create_runtime(KEY)
    world.settle()
    yield world
    assert world.dataset(KEY).phase == "NotBound"
    for act in (world.restart_operator, lambda: world.edit(Dataset, KEY, mounts=[one, two])):
        act()
        world.settle()
        yield world
    world.cluster.stuck.clear()
    world.settle()
    yield world
    for mounts in ([one, two], [one, two, {"mountPoint": "oss://refused/", "name": "half"}], [one, two]):
        world.edit(Dataset, KEY, mounts=mounts)
        for act in (world.restart_operator, lambda: restart_master(world)):
            act()
            world.step()
            yield world
            world.settle()
            yield world
    world.edit(Dataset, KEY, mounts=[two])
    world.settle()
    yield world


@pytest.mark.parametrize("life", [life_of_a_thin_runtime, life_of_a_jindo_runtime])
def test_what_is_done_does_not_hang_on_words(life, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [done(world) for world in life()]
    monkeypatch.setattr("fluid.conditions.fit", translated)
    assert [done(world) for world in life()] == told


def test_what_release_0_1_wrote_of_refused_pods_stays_until_there_is_an_answer() -> None:
    world = next(islice(life_of_a_thin_runtime(), 1, None))
    before = world.runtime(KEY)
    assert {one.name for one in before.refused_pods} == {"b-c-fuse", "b-c-worker"}
    runtime = world.cluster.get(ThinRuntime, KEY)
    world.cluster.change(runtime, status=before.model_copy(update={"refused_pods": None}))
    world.restart_operator()
    world.operator.step()
    assert world.runtime(KEY).conditions == before.conditions
    world.settle()
    assert world.runtime(KEY).refused_pods == before.refused_pods


def mounted(world: World) -> list[str]:
    """Paths that a master was told to mount."""
    commands = [one.command for one in world.cluster.caches.asked]
    return sorted(one[2] for one in commands if one[:2] == ("jindocache", "-mount") and len(one) == 4)


def test_a_mount_that_release_0_1_wrote_down_holds_for_that_life_of_the_master() -> None:
    world = next(islice(life_of_a_jindo_runtime(), 3, None))
    runtime = world.cluster.get(JindoRuntime, KEY)
    [told] = [one for one in runtime.status.conditions or () if one.type == "UfsMounted"]
    master = world.pod(KEY)
    started = master.status.container_statuses[0].state.running.started_at
    words = f"The sources of generation 2 are mounted in pod {master.name} ({master.uid}@{started})."
    assert told.message == words, "release 0.1 reads it too, if it is installed again"
    world.cluster.change(runtime, status=runtime.status.model_copy(update={"mount_record": None}))
    world.cluster.caches.asked.clear()
    world.restart_operator()
    world.settle()
    assert mounted(world) == []
    restart_master(world)
    world.settle()
    assert mounted(world) == ["/one", "/two"]
    record = world.runtime(KEY).mount_record
    assert (record.pod, record.dataset_generation) == (world.pod(KEY).uid, 2)


def test_the_translation_reaches_every_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluid.conditions.fit", translated)
    seen = set()
    for world in life_of_a_thin_runtime():
        for kind in (Dataset, world.kind):
            for one in world.cluster.all(kind):
                conditions = (one.status.conditions if one.status else None) or ()
                assert all(condition.message.startswith(SIGN) for condition in conditions)
                seen |= {condition.type for condition in conditions}
    assert seen >= {"Ready", "NotReady", "PodsRefused", "FusesFailing"}
