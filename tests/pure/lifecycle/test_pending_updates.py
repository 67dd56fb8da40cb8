# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What a runtime's status says of changed fields that are not in force yet."""

import pytest

from fluid.engines.core.pending_updates import waiting_pods
from fluid.models import ConfigMap, Dataset, JindoRuntime, Pod, StatefulSet, ThinRuntime, ThinRuntimeProfile
from fluid.types import Key
from tests.pure.lifecycle import test_thin as thin
from tests.pure.lifecycle.test_lifecycle import KEY, bound
from tests.pure.lifecycle.world import MOUNT, World

FUSE, MASTER, WORKER = (f"b-c-jindofs-{role}" for role in ("fuse", "master", "worker"))
NODE_0, NODE_1 = f"{FUSE}-node-0", f"{FUSE}-node-1"


def used(**spec) -> World:
    """A JindoCache with workers, and readers on two nodes."""
    world = bound(replicas=2, **spec)
    world.cluster.readers[KEY] = {"node-0", "node-1"}
    world.settle()
    return world


def changed(world: World, **spec) -> None:
    world.edit(JindoRuntime, KEY, **spec)
    world.settle()
    world.check()


def pending(world: World) -> dict[str, tuple[str, list[str]]]:
    """Policy and workloads of the fields that wait."""
    found = world.runtime(KEY).pending_updates or ()
    return {one.field: (one.update, one.workloads) for one in found}


def told(world: World, kind: str = "UpdatePending") -> str:
    found = [one for one in world.runtime(KEY).conditions if one.type == kind]
    return found[0].message if found else ""


def replace(world: World, *names: str) -> None:
    for pod in world.cluster.all(Pod):
        if pod.name in names:
            world.cluster.delete(pod)
    world.settle()
    world.check()


def test_a_hot_field_is_in_force_and_nothing_waits() -> None:
    world = used()
    changed(world, replicas=3, cleanCachePolicy={"maxRetryAttempts": 1})
    assert pending(world) == {}
    assert told(world) == ""


def test_a_field_of_fuse_pods_waits_for_each_of_them_and_is_forgotten_with_the_last() -> None:
    world = used()
    changed(world, fuse={"env": {"A": "1"}, "cleanPolicy": "OnDemand"})
    assert pending(world) == {"spec.fuse.env": ("on-fuse-restart", [FUSE])}
    assert (
        "spec.fuse.env (on-fuse-restart): FUSE pods take it when they are replaced: delete them when their"
        f" readers have ended ({NODE_0} on node node-0, {NODE_1} on node node-1)"
    ) in told(world)
    replace(world, NODE_0)
    assert f"({NODE_1} on node node-1)" in told(world)
    replace(world, NODE_1)
    assert pending(world) == {}
    assert told(world) == ""


def test_a_pod_of_the_new_template_has_the_change_although_it_was_made_in_the_same_second() -> None:
    world = used()
    changed(world, fuse={"env": {"A": "1"}})
    (update,) = world.runtime(KEY).pending_updates
    replace(world, NODE_0)
    pods = {pod.name: pod for pod in world.cluster.all(Pod) if pod.name in (NODE_0, NODE_1)}
    for pod in pods.values():
        pod.metadata.creation_timestamp = update.pods_until
    assert [pod.name for pod in waiting_pods(update, [*pods.values()])] == [NODE_1]


def test_a_field_of_a_file_that_pods_read_at_their_start_waits_although_no_template_changes() -> None:
    world = used()
    before = {one.name: one.spec.template for one in world.cluster.all(StatefulSet)}
    changed(world, worker={"properties": {"a": "b"}})
    assert {one.name: one.spec.template for one in world.cluster.all(StatefulSet)} == before
    assert pending(world) == {"spec.worker.properties": ("on-restart", [FUSE, MASTER, WORKER])}
    replace(world, NODE_0, NODE_1, f"{MASTER}-0")
    assert f"{WORKER}-0 on node" in told(world)
    replace(world, f"{WORKER}-0", f"{WORKER}-1")
    assert pending(world) == {}
    assert told(world) == ""


def test_a_field_that_cannot_be_changed_is_told_until_the_volume_is_made_anew() -> None:
    world = used()
    changed(world, fuse={"nodeSelector": {"disk": "ssd"}})
    assert pending(world)["spec.fuse.nodeSelector"][0] == "recreate"
    assert "node affinity" in told(world, "VolumeUpdatePending")
    replace(world, NODE_0, NODE_1)
    assert "spec.fuse.nodeSelector (recreate): volume and claim keep what they were made with" in told(world)
    changed(world, fuse=None)
    replace(world, NODE_0, NODE_1)
    assert pending(world) == {}
    assert told(world, "VolumeUpdatePending") == ""


def test_another_file_system_type_is_told_until_the_volume_is_made_anew() -> None:
    world = thin.bound()
    world.edit(ThinRuntimeProfile, Key("", "client"), fileSystemType="fuse.other")
    world.settle()
    world.check()
    assert "keeps its mount type" in told(world, "VolumeUpdatePending")
    world.edit(ThinRuntimeProfile, Key("", "client"), fileSystemType="fuse.client")
    world.settle()
    assert told(world, "VolumeUpdatePending") == ""


def test_a_rolling_field_is_told_while_pods_are_replaced_and_no_longer() -> None:
    world = used()
    world.cluster.stuck.add(f"{MASTER}-0")
    world.edit(JindoRuntime, KEY, secret="tokens")
    world.settle()
    assert pending(world)["spec.secret"][0] == "rolling"
    assert "spec.secret (rolling): pods are replaced one after another" in told(world)
    world.cluster.stuck.clear()
    world.cluster.readers[KEY] = set()
    world.operator.deadline = True
    world.settle()
    world.check()
    assert pending(world) == {}


def test_a_change_that_is_taken_back_before_a_pod_took_it_waits_for_nothing() -> None:
    world = used()
    changed(world, fuse={"env": {"A": "1"}})
    changed(world, fuse={})
    assert pending(world) == {}
    assert told(world) == ""


def test_a_change_that_is_taken_back_after_a_pod_took_it_waits_for_that_pod() -> None:
    world = used()
    changed(world, fuse={"env": {"A": "1"}})
    replace(world, NODE_0)
    changed(world, fuse={})
    assert "spec.fuse.env" in pending(world)
    replace(world, NODE_0, NODE_1)
    assert pending(world) == {}


def upgraded(world: World) -> None:
    """The operator of another release has taken over from one that kept no record."""
    runtime = world.cluster.get(JindoRuntime, KEY)
    older = runtime.status.model_copy(update={"applied_spec": None})
    world.cluster.change(runtime, status=older)
    written = world.cluster.get(JindoRuntime, KEY).metadata.resource_version
    world.settle()
    assert world.cluster.get(JindoRuntime, KEY).metadata.resource_version == written


def test_a_runtime_that_an_earlier_release_brought_up_has_no_record_until_its_spec_changes() -> None:
    world = used()
    upgraded(world)
    changed(world, fuse={"env": {"A": "1"}})
    assert pending(world) == {}, "nobody knows what it was before"
    changed(world, fuse={"env": {"A": "2"}})
    assert "spec.fuse.env" in pending(world)


def test_a_record_begins_with_a_change_whose_first_pass_has_to_ask_something() -> None:
    world = World()
    conf = ConfigMap.model_validate(
        {"metadata": {"name": "conf", "namespace": "a"}, "data": {"core-site.xml": ""}}
    )
    world.cluster.create(conf)
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY, hadoopConfig="conf")
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    upgraded(world)
    before = world.runtime(KEY).observed_generation
    world.edit(JindoRuntime, KEY, fuse={"env": {"A": "1"}})
    world.operator.step()
    assert world.runtime(KEY).observed_generation == before, "its ConfigMap has not been read yet"
    world.settle()
    assert world.runtime(KEY).observed_generation == world.cluster.get(JindoRuntime, KEY).metadata.generation
    assert pending(world) == {}, "nobody knows what it was before"
    world.edit(JindoRuntime, KEY, fuse={"env": {"A": "2"}})
    world.settle()
    assert "spec.fuse.env" in pending(world)


def test_a_record_begins_when_a_change_that_was_refused_is_accepted_without_another_one() -> None:
    world = used()
    upgraded(world)
    bad = {**MOUNT, "options": {**MOUNT["options"], "writePolicy": "WRITE_BACK"}}
    world.edit(Dataset, KEY, mounts=[bad])
    world.edit(JindoRuntime, KEY, fuse={"env": {"A": "1"}})
    world.settle()
    assert world.condition(KEY, "NotReady").status == "True"
    world.edit(Dataset, KEY, mounts=[MOUNT])
    world.settle()
    assert world.condition(KEY, "NotReady") is None
    changed(world, fuse={"env": {"A": "2"}})
    assert "spec.fuse.env" in pending(world)


def test_a_change_of_the_dataset_is_no_change_of_a_field_of_the_runtime() -> None:
    world = used()
    world.edit(Dataset, KEY, mounts=[MOUNT, {**MOUNT, "mountPoint": "oss://two/", "name": "two"}])
    world.settle()
    changed(world, fuse={"env": {"A": "1"}})
    assert pending(world) == {"spec.fuse.env": ("on-fuse-restart", [FUSE])}


def test_a_refused_change_waits_for_nothing_and_the_next_one_is_found() -> None:
    world = used()
    world.edit(JindoRuntime, KEY, fuse={"env": {"A": "1"}}, master={"properties": {"a": "b\nc"}})
    world.settle()
    assert world.condition(KEY, "NotReady").status == "True"
    assert pending(world) == {}
    changed(world, fuse={"env": {"A": "1"}}, master={"env": {"A": "1"}})
    assert pending(world)["spec.fuse.env"] == ("on-fuse-restart", [FUSE])


@pytest.mark.parametrize(
    ("spec", "waiting"),
    [
        ({"fuse": {"args": ["-v"]}}, {"spec.fuse.args": ("on-fuse-restart", ["b-c-fuse"])}),
        (
            {"worker": {"enabled": True, "image": "reg/other"}},
            {"spec.worker.image": ("on-restart", ["b-c-worker"])},
        ),
        ({"replicas": 3}, {}),
    ],
)
def test_fields_of_a_thin_runtime_wait_too(spec: dict, waiting: dict) -> None:
    world = thin.bound(**thin.WORKERS)
    world.cluster.readers[thin.KEY] = {"node-0"}
    world.settle()
    world.edit(ThinRuntime, Key("a", "b-c"), **spec)
    world.settle()
    world.check()
    assert pending(world) == waiting
