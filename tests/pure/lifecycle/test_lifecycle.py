# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""Single histories that say what a cache's life means: each was a bug, or is easily made one."""

import pytest

from fluid.engines.core.statistics import CALCULATING
from fluid.engines.core.steps import KEPT
from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    JindoRuntime,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    StatefulSet,
)
from fluid.types import Key
from tests.pure.lifecycle.world import MOUNT, World

KEY, RIVAL = Key("a", "b-c"), Key("a-b", "c")
TWO = {"mountPoint": "oss://two/", "name": "two", "options": {"fs.oss.endpoint": "oss-cn"}}


def bound(key: Key = KEY, *mounts: dict, **spec) -> World:
    world = World()
    world.create_dataset(key, *(mounts or (MOUNT,)))
    world.create_runtime(key, **spec)
    world.settle()
    world.check()
    assert world.dataset(key).phase == "Bound"
    return world


def test_a_dataset_whose_wanted_fuse_pods_are_refused_is_bound_and_not_ready() -> None:
    world = bound()
    world.cluster.refuses["b-c-jindofs-fuse"] = "not by this webhook"
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    world.cluster.now += 60 * world.SECOND
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    ready = world.condition(KEY, "Ready")
    assert (ready.status, ready.reason) == ("False", "FuseNotReady")
    assert "not by this webhook" in ready.message


TYPO = {**MOUNT, "options": {**MOUNT["options"], "writePolicy": "WRITE_BACK"}}


def test_a_word_that_means_nothing_is_refused_at_creation_and_at_a_change() -> None:
    typo = TYPO
    world = World()
    world.create_dataset(KEY, typo)
    world.create_runtime(KEY)
    world.settle()
    assert world.dataset(KEY).phase != "Bound"
    assert world.cluster.all(StatefulSet) == []
    assert (
        "spec.mounts[0].options[writePolicy]: 'WRITE_BACK' is unknown"
        in world.condition(KEY, "Ready").message
    )
    world.edit(Dataset, KEY, mounts=[MOUNT])
    world.settle()
    assert world.dataset(KEY).phase == "Bound"
    world.edit(Dataset, KEY, mounts=[typo])
    world.settle()
    assert world.dataset(KEY).phase == "Bound", "pods rely on it"
    assert "'WRITE_BACK' is unknown" in world.condition(KEY, "NotReady").message
    world.check()
    world.edit(Dataset, KEY, mounts=[MOUNT])
    world.settle()
    world.check()
    assert world.condition(KEY, "NotReady") is None


def test_a_word_that_means_nothing_with_which_an_earlier_release_bound_a_runtime_is_shown() -> None:
    world = bound()
    [values] = [one for one in world.cluster.all(ConfigMap) if one.name.endswith("-values")]
    del values.metadata.annotations["data.fluid.io/accepted-words"]
    world.edit(Dataset, KEY, mounts=[TYPO])
    world.settle()
    world.edit(Dataset, KEY, mounts=[{**TWO, "options": {**TWO["options"], **MOUNT["options"]}}, TYPO])
    world.settle()
    world.check()
    assert world.condition(KEY, "NotReady") is None, "it moved in the list, and is the same word"
    other = {**TWO, "options": {**MOUNT["options"], "cacheStrategy": "dht"}}
    world.edit(Dataset, KEY, mounts=[other, TYPO])
    world.settle()
    assert "'dht' is unknown" in world.condition(KEY, "NotReady").message
    world.edit(Dataset, KEY, mounts=[TYPO])
    world.settle()
    [shown] = [one for one in world.runtime(KEY).conditions if one.type == "SpecWarning"]
    assert (shown.reason, shown.status) == ("MeaninglessValue", "True")
    assert "so the default WRITE_AROUND counts" in shown.message


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"replicas": 0},
        {"master": {"replicas": 3}},
        {"worker": {"disabled": True}},
        {"master": {"disabled": True}},
        {"master": {"disabled": True}, "worker": {"disabled": True}},
        {"networkmode": "ContainerNetwork"},
    ],
)
def test_every_shape_of_a_cache_becomes_bound_and_ends(spec: dict) -> None:
    world = bound(**spec)
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert {obj.kind for obj in world.cluster.everything()} == {"Node"}


def test_a_dataset_without_mounts_is_bound_and_counted() -> None:
    world = World()
    world.create_dataset(KEY)
    world.create_runtime(KEY)
    world.settle()
    world.check()
    assert (world.dataset(KEY).phase, world.dataset(KEY).ufs_total) == ("Bound", "0.00B")


@pytest.mark.parametrize("durable", [False, True])
def test_an_address_that_changes_is_mounted_anew_and_counted_again(durable: bool) -> None:
    world = bound()
    world.cluster.caches.durable = durable
    before = world.dataset(KEY).ufs_total
    world.edit(Dataset, KEY, mounts=[{**MOUNT, "mountPoint": "oss://other/"}])
    world.settle()
    world.check()
    assert world.table(KEY) == {"/one": "oss://other/"}
    assert world.dataset(KEY).ufs_total not in (before, CALCULATING)


def test_an_address_corrected_during_setup_is_the_one_that_is_mounted() -> None:
    world = World()
    world.cluster.caches.durable = True
    world.cluster.stuck.add("b-c-jindofs-worker-0")
    world.create_dataset(KEY, {"mountPoint": "local:///wrong", "name": "one"})
    world.create_runtime(KEY)
    world.settle()
    assert world.table(KEY) == {"/one": "local:///wrong"}
    world.edit(Dataset, KEY, mounts=[{"mountPoint": "local:///right", "name": "one"}])
    world.settle()
    world.cluster.stuck.clear()
    world.settle()
    world.check()
    assert world.table(KEY) == {"/one": "local:///right"}


def test_two_mounts_at_one_path_are_told_and_what_was_mounted_stays() -> None:
    world = bound(KEY, {**MOUNT, "path": "/x"})
    world.edit(Dataset, KEY, mounts=[{**MOUNT, "path": "/x"}, {**TWO, "path": "/x"}])
    world.settle()
    world.check()
    assert "spec.mounts[1].path and spec.mounts[0].path" in world.condition(KEY, "NotReady").message
    assert world.dataset(KEY).phase == "Bound"
    assert world.table(KEY) == {"/x": "oss://one/"}


def test_mounts_are_made_although_a_worker_finds_no_node() -> None:
    world = bound(replicas=2)
    world.cluster.stuck.add("b-c-jindofs-worker-1")
    world.settle()
    world.edit(Dataset, KEY, mounts=[{**MOUNT, "name": "again"}, MOUNT])
    world.settle()
    assert set(world.table(KEY)) == {"/one", "/again"}
    assert world.dataset(KEY).phase == "Bound"


def test_a_mount_that_fails_is_shown_on_a_bound_dataset_until_it_works() -> None:
    world = bound()
    world.cluster.caches.faults["-mount"] = "fail"
    world.edit(Dataset, KEY, mounts=[MOUNT, {**MOUNT, "name": "more"}])
    for _ in range(6):
        world.step()
    assert world.dataset(KEY).phase == "Updating"
    assert "ConnectException" in world.condition(KEY, "Updating").message
    assert world.condition(KEY, "Ready").status == "True"
    world.cluster.caches.faults.clear()
    world.settle()
    world.check()
    assert set(world.table(KEY)) == {"/one", "/more"}


@pytest.mark.parametrize("how", ["fail", "garbage"])
def test_a_cache_that_does_not_answer_stays_failed_until_it_does(how: str) -> None:
    world = bound()
    world.cluster.caches.faults["-report"] = how
    world.cluster.now += 700 * world.SECOND
    phases = []
    for _ in range(12):
        world.step()
        phases.append(world.dataset(KEY).phase)
    assert set(phases[-9:]) == {"Failed"}, phases
    assert world.condition(KEY, "Ready").reason == "CacheNotAnswering"
    world.restart_operator()
    world.cluster.caches.faults.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


@pytest.mark.parametrize("word", ["-report", "-mount", "-count"])
@pytest.mark.parametrize("how", ["fail", "garbage", "hang"])
def test_setup_gets_over_commands_that_fail_babble_or_hang(word: str, how: str) -> None:
    world = World()
    world.cluster.caches.faults[word] = how
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    for _ in range(15):
        world.step()
    assert word == "-count" or not world.dataset(KEY).runtimes
    world.cluster.caches.faults.clear()
    world.settle()
    world.cluster.now += 700 * world.SECOND  # sizes that could not be counted come with the next sample
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


@pytest.mark.parametrize("word", ["-formatCache"])
@pytest.mark.parametrize("how", ["fail", "hang"])
def test_a_cache_that_cannot_be_cleaned_goes_all_the_same(word: str, how: str) -> None:
    world = bound()
    world.cluster.caches.faults[word] = how
    world.delete(Dataset, KEY)
    for _ in range(80):
        world.step()
    world.settle()
    world.check()
    assert world.cluster.get(JindoRuntime, KEY) is None


def test_a_volume_taken_away_by_force_is_replaced_with_its_lost_claim() -> None:
    world = bound()
    before = world.claim(KEY).uid
    world.cluster.remove(world.cluster.all(PersistentVolume)[0])
    for _ in range(2):
        world.step()
    assert world.dataset(KEY).phase == "Failed"
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert world.claim(KEY).uid != before


def test_a_volume_deleted_while_pods_read_is_replaced_when_they_have_ended() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    before = world.cluster.all(PersistentVolume)[0]
    world.cluster.delete(before)
    world.settle()
    assert world.dataset(KEY).phase == "Bound"
    assert [volume.uid for volume in world.cluster.all(PersistentVolume)] == [before.uid]
    world.cluster.readers.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert [volume.uid for volume in world.cluster.all(PersistentVolume)] != [before.uid]


def test_pods_that_have_finished_do_not_hold_a_deletion_up() -> None:
    world = bound()
    world.cluster.finished.add(KEY)
    world.delete(Dataset, KEY)
    world.settle()
    assert [obj.kind for obj in world.cluster.everything() if obj.kind != "Node"] == []


def test_a_claim_deleted_by_hand_is_made_again_although_finished_pods_are_there() -> None:
    world = bound()
    world.cluster.finished.add(KEY)
    before = world.claim(KEY)
    world.cluster.delete(before)
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert world.claim(KEY).uid != before.uid


def test_a_claim_deleted_by_hand_stays_while_pods_read_and_the_runtime_says_so() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    before = world.claim(KEY)
    world.cluster.delete(before)
    world.settle()
    assert world.claim(KEY).uid == before.uid
    (kept,) = [one.message for one in world.runtime(KEY).conditions if one.type == KEPT]
    assert kept.startswith("PersistentVolumeClaim a/b-c was deleted: it is made anew")
    world.cluster.readers.clear()
    world.settle()
    world.check()
    assert world.claim(KEY).uid != before.uid


def test_the_dataset_says_which_pods_hold_its_runtime_and_says_it_once() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    world.delete(JindoRuntime, KEY)
    world.settle()
    assert "used by reader-node-0" in world.condition(KEY, "Ready").message
    world.cluster.readers.clear()
    world.settle()
    world.check()
    status = world.dataset(KEY)
    assert (status.phase, status.mounts, status.ufs_total) == ("NotBound", None, None)
    assert "create a JindoRuntime of that name" in world.condition(KEY, "Ready").message


def test_a_runtime_that_comes_back_binds_its_dataset_again() -> None:
    world = bound()
    world.delete(JindoRuntime, KEY)
    world.settle()
    world.create_runtime(KEY, replicas=2)
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_readers_keep_their_fuse_pods_and_the_rest_takes_new_credentials_over() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    fuse = [pod.uid for pod in world.cluster.pods_of(world.workload(KEY, "fuse"))]
    world.edit(Dataset, KEY, mounts=[{**MOUNT, "options": {"fs.oss.endpoint": "elsewhere"}}])
    world.settle()
    assert [pod.uid for pod in world.cluster.pods_of(world.workload(KEY, "fuse"))] == fuse
    assert "b-c-jindofs-fuse-node-0" in world.condition(KEY, "Updating").message
    world.cluster.readers[KEY] = set()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert [pod.uid for pod in world.cluster.pods_of(world.workload(KEY, "fuse"))] != fuse


def test_numbers_of_a_cache_that_was_switched_off_are_withdrawn() -> None:
    world = bound()
    world.edit(JindoRuntime, KEY, master={"disabled": True}, worker={"disabled": True})
    world.settle()
    world.check()
    status = world.dataset(KEY)
    assert (status.mounts, status.ufs_total, status.cache_states) == (None, None, {})
    assert status.hcfs.endpoint == "N/A"


def test_a_change_of_the_network_gives_ports_of_the_range() -> None:
    world = World()
    for key in (KEY, RIVAL):
        world.create_dataset(key, MOUNT)
        world.create_runtime(key, networkmode="ContainerNetwork")
    world.settle()
    for key in (KEY, RIVAL):
        world.edit(JindoRuntime, key, networkmode="HostNetwork")
    world.settle()
    world.check()


@pytest.mark.parametrize("kind", [StatefulSet, DaemonSet, ConfigMap])
def test_what_is_deleted_by_hand_comes_back_with_the_same_ports(kind: type) -> None:
    world = bound()
    before = world.dataset(KEY).hcfs.endpoint
    world.restart_operator()
    for obj in world.cluster.all(kind):
        world.cluster.delete(obj)
    world.settle()
    world.check()
    assert world.dataset(KEY).hcfs.endpoint == before


def test_a_spec_that_cannot_work_touches_nothing_and_names_its_field() -> None:
    world = bound(replicas=2)
    before = {obj.uid: obj.metadata.resource_version for obj in world.cluster.of(KEY)}
    world.edit(JindoRuntime, KEY, replicas=1)
    world.annotate(JindoRuntime, KEY, **{"fluid.io/runtime-rpc-protocol": "pigeon"})
    world.settle()
    after = {obj.uid: obj.metadata.resource_version for obj in world.cluster.of(KEY)}
    changed = {uid for uid in before if before[uid] != after.get(uid)}
    assert changed <= {world.cluster.get(kind, KEY).uid for kind in (Dataset, JindoRuntime)}
    problem = world.condition(KEY, "NotReady")
    assert (problem.reason, problem.status) == ("InvalidSpec", "True")
    assert "metadata.annotations[fluid.io/runtime-rpc-protocol]" in problem.message
    assert world.dataset(KEY).phase == "Bound"
    world.annotate(JindoRuntime, KEY, **{"fluid.io/runtime-rpc-protocol": None})
    world.settle()
    world.check()
    assert world.condition(KEY, "NotReady") is None
    assert world.workload(KEY, "worker").spec.replicas == 1


def test_two_datasets_whose_names_collide_have_volumes_and_labels_of_their_own() -> None:
    world = bound()
    world.create_dataset(RIVAL, MOUNT)
    world.create_runtime(RIVAL)
    before = world.traces(KEY)
    world.settle()
    world.check()
    assert world.traces(KEY) == before
    assert world.dataset(RIVAL).phase == "Bound"
    names = {world.claim(key).spec.volume_name for key in (KEY, RIVAL)}
    assert len(names) == len(world.cluster.all(PersistentVolume)) == 2
    kept = world.traces(RIVAL)
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert world.traces(RIVAL) == kept
    assert any(
        (node.metadata.labels or {}).get("fluid.io/dataset-num") == "1" for node in world.cluster.all(Node)
    )


def test_a_claim_of_a_user_is_never_touched() -> None:
    world = World()
    metadata = {"name": KEY.name, "namespace": KEY.namespace, "labels": {"fluid.io/dataset-id": "x"}}
    spec = {"volumeName": "theirs", "accessModes": ["ReadWriteOnce"]}
    mine = world.cluster.create(PersistentVolumeClaim.model_validate({"metadata": metadata, "spec": spec}))
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    world.settle()
    assert "was not made by Fluid" in world.condition(KEY, "Ready").message
    world.delete(Dataset, KEY)
    world.settle()
    assert world.claim(KEY).uid == mine.uid
    assert world.claim(KEY).metadata.deletion_timestamp is None


def test_mounts_removed_during_setup_are_gone_when_it_is_bound() -> None:
    world = World()
    world.cluster.stuck.add("b-c-jindofs-worker-0")
    world.create_dataset(KEY, MOUNT, TWO)
    world.create_runtime(KEY)
    world.settle()
    assert set(world.table(KEY)) == {"/one", "/two"}
    world.edit(Dataset, KEY, mounts=[TWO])
    world.settle()
    world.cluster.stuck.clear()
    world.settle()
    world.check()
    assert set(world.table(KEY)) == {"/two"}


def test_a_dataset_whose_master_finds_no_node_says_so_and_is_bound_again_afterwards() -> None:
    world = bound()
    world.cluster.stuck.add("b-c-jindofs-master-0")
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Failed"
    assert "no room" in world.condition(KEY, "Ready").message
    world.cluster.stuck.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_a_command_that_is_tried_again_during_setup_changes_no_status() -> None:
    world = World()
    world.cluster.caches.faults["-mount"] = "fail"
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    for _ in range(10):
        world.step()
    before = world.cluster.get(Dataset, KEY).metadata.resource_version
    for _ in range(10):
        world.step()
    assert "ConnectException" in world.condition(KEY, "NotReady").message
    assert world.cluster.get(Dataset, KEY).metadata.resource_version == before
