# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What runs is looked after although the specs ask for what cannot be, or somebody wants it gone."""

import pytest

from fluid.models import DaemonSet, Dataset, JindoRuntime, PersistentVolume
from fluid.types import Key
from tests.pure.lifecycle.test_lifecycle import KEY, bound
from tests.pure.lifecycle.world import MOUNT, World

NO_ENDPOINT = {"mountPoint": "oss://three/", "name": "three"}
REFUSED = [
    {"mounts": [MOUNT, NO_ENDPOINT]},
    {"mounts": [{"mountPoint": "dataset://a/other", "name": "other"}]},
    {"mounts": [MOUNT, {"mountPoint": "pvc://claim/../x", "name": "outside"}]},
    {"mounts": [MOUNT, {"mountPoint": "local:///a/../etc", "name": "outside"}]},
]


def refused(edit: dict) -> World:
    world = bound()
    world.edit(Dataset, KEY, **edit)
    world.settle()
    world.check()
    return world


@pytest.mark.parametrize("edit", REFUSED)
def test_a_refused_edit_is_told_and_the_dataset_stays_bound(edit: dict) -> None:
    world = refused(edit)
    assert world.dataset(KEY).phase == "Bound"
    assert world.condition(KEY, "NotReady").status == "True"
    assert world.dataset(KEY).observed_generation == world.cluster.get(Dataset, KEY).metadata.generation


@pytest.mark.parametrize("edit", REFUSED)
def test_while_an_edit_is_refused_lost_health_is_told_and_mounts_come_back(edit: dict) -> None:
    world = refused(edit)
    world.cluster.stuck.add("b-c-jindofs-master-0")
    world.cluster.remove(world.pod(KEY))
    world.settle()
    assert world.dataset(KEY).phase == "Failed"
    assert world.runtime(KEY).master_phase == "NotReady"
    world.cluster.stuck.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert world.table(KEY) == {"/one": "oss://one/"}


@pytest.mark.parametrize("edit", REFUSED)
def test_a_refused_edit_that_is_taken_back_leaves_no_word(edit: dict) -> None:
    world = refused(edit)
    world.edit(Dataset, KEY, mounts=[MOUNT])
    world.settle()
    world.check()
    assert world.condition(KEY, "NotReady") is None


def test_readers_of_a_dataset_whose_deletion_they_block_keep_their_data() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    world.delete(Dataset, KEY)
    world.settle()
    world.cluster.restart(world.pod(KEY))
    world.settle()
    world.check()
    assert world.table(KEY) == {"/one": "oss://one/"}
    assert world.dataset(KEY).phase == "Bound"
    world.cluster.readers.clear()
    world.settle()
    world.check()
    assert world.cluster.get(Dataset, KEY) is None


def test_a_cache_that_recovers_while_readers_block_its_deletion_is_bound_again() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    world.cluster.stuck.add("b-c-jindofs-master-0")
    world.cluster.remove(world.pod(KEY))
    world.delete(Dataset, KEY)
    world.settle()
    assert world.dataset(KEY).phase == "Failed"
    world.cluster.stuck.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_the_observed_generation_follows_an_edit_that_changes_nothing_else() -> None:
    world = bound()
    world.edit(Dataset, KEY, tolerations=[{"operator": "Exists"}])
    world.settle()
    world.check()
    assert world.dataset(KEY).observed_generation == world.cluster.get(Dataset, KEY).metadata.generation


def test_a_volume_that_keeps_its_access_modes_says_so_and_what_to_do() -> None:
    world = bound()
    assert said(world, "VolumeUpdatePending") is None
    world.edit(Dataset, KEY, accessModes=["ReadWriteMany"])
    world.settle()
    world.check()
    assert "access modes" in (said(world, "VolumeUpdatePending") or "")
    world.edit(Dataset, KEY, accessModes=None)
    world.settle()
    assert said(world, "VolumeUpdatePending") is None


def test_fuse_pods_of_an_older_template_are_counted_until_they_are_gone() -> None:
    world = bound()
    fuses = world.cluster.get(DaemonSet, Key("a", "b-c-jindofs-fuse"))
    status = {
        "desiredNumberScheduled": 2,
        "currentNumberScheduled": 2,
        "numberReady": 2,
        "numberMisscheduled": 0,
    }
    generation = fuses.metadata.generation
    for updated, told in ((1, True), (2, False)):
        numbers = {**status, "updatedNumberScheduled": updated, "observedGeneration": generation}
        fuses = world.cluster.change(fuses, status=type(fuses.status).model_validate(numbers))
        world.operator.step()
        assert (said(world, "UpdatePending") is not None) == told


def test_a_cache_is_cleaned_as_often_as_its_policy_says_whatever_its_annotations_say() -> None:
    world = bound(cleanCachePolicy={"gracePeriodSeconds": 3600, "maxRetryAttempts": 1})
    world.annotate(JindoRuntime, KEY, **{"data.fluid.io/clean-cache-attempts": "many"})
    world.cluster.caches.faults["-formatCache"] = "fail"
    world.delete(JindoRuntime, KEY)
    world.settle()
    assert world.cluster.get(JindoRuntime, KEY) is None
    assert world.cluster.get(PersistentVolume, Key("", "a-b-c")) is None


def said(world: World, kind: str) -> str | None:
    conditions = world.runtime(KEY).conditions or ()
    return next((one.message for one in conditions if one.type == kind), None)
