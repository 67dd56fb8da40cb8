# pyright: basic, reportArgumentType=false
"""Single histories of Datasets on Alluxio: mounts that follow options and credentials, restarts, counts."""

import pytest
from pydantic import JsonValue

from fluid.engines.alluxio.registration import registration
from fluid.engines.core.statistics import CALCULATING
from fluid.engines.testing.lifecycle.cluster import incarnation
from fluid.engines.testing.lifecycle.world import World
from fluid.models import AlluxioRuntime, Dataset, Pod
from fluid.types import Key
from tests.pure.alluxio.support import level, levels, s3, secret_option
from tests.pure.lifecycle.alluxio import answers

KEY = Key("team", "images")
CREDENTIAL = secret_option("s3a.secretKey")


def bound(
    *mounts: dict[str, JsonValue], runtime: dict[str, JsonValue] | None = None, **spec: JsonValue
) -> World:
    world = World(registration(), answers)
    world.create_dataset(KEY, *mounts)
    world.create(AlluxioRuntime, KEY, {"replicas": 1, **levels(level()), **(runtime or {})})
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    return world


def master(world: World) -> Pod:
    found = world.cluster.get(Pod, Key("team", "images-master-0"))
    assert found is not None
    return found


def table(world: World) -> dict[str, str]:
    return dict(world.cluster.caches.table("team/images-master-0", incarnation(master(world))))


def asked(world: World, word: str) -> list[tuple[str, ...]]:
    return [one.command for one in world.cluster.caches.asked if word in one.command]


def test_a_dataset_on_alluxio_is_bound_with_its_mounts_numbers_and_addresses() -> None:
    world = bound(s3(encryptOptions=[CREDENTIAL]), runtime={"apiGateway": {"enabled": True}})
    assert table(world) == {"/data": "s3://bucket/dir --secret s3a.secretKey=/etc/fluid/secrets/keys/key"}
    dataset, runtime = world.dataset(KEY), world.runtime(KEY)
    assert [(one.path, one.mount_point) for one in dataset.mounts or ()] == [("/data", "s3://bucket/dir")]
    assert dataset.hcfs is not None
    assert (dataset.hcfs.endpoint or "").startswith("alluxio://images-master-0.team:")
    assert runtime.api_gateway is not None
    assert (runtime.api_gateway.endpoint or "").startswith("images-master-0.team:")
    assert (dataset.file_num or "").isdigit()
    assert dataset.ufs_total not in ("", CALCULATING, None)
    states = dataset.cache_states or {}
    assert (states["cacheCapacity"], states["cachedPercentage"]) == ("100.00GiB", "50.0%")
    assert (states["cacheHitRatio"], states["localHitRatio"]) == ("50.0%", "37.5%")
    assert states["remoteHitRatio"] == "12.5%"
    assert (states["cacheThroughputRatio"], states["localThroughputRatio"]) == ("50.0%", "0.0%")
    assert runtime.selector == "app=alluxio,release=images,role=alluxio-worker"
    assert runtime.value_file == "images-alluxio-values"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"options": {"alluxio.underfs.s3.endpoint": "http://other"}}, "--option"),
        ({"readOnly": True}, "--readonly"),
        ({"shared": True}, "--shared"),
        ({"encryptOptions": [secret_option("s3a.secretKey", key="other")]}, "--secret"),
    ],
)
def test_a_changed_option_flag_or_credential_mounts_that_source_again_and_no_other(
    change: dict[str, JsonValue], word: str
) -> None:
    # The key of the same Secret may change: masters have the whole Secret already.
    before, other = s3(encryptOptions=[CREDENTIAL]), s3("other", mountPoint="s3://other")
    world = bound(before, other)
    pod, told = master(world), len(world.cluster.caches.asked)
    world.edit(Dataset, KEY, mounts=[{**before, **change}, other])
    world.settle()
    world.check()
    assert word in table(world)["/data"]
    commands = [one.command for one in world.cluster.caches.asked[told:]]
    assert [one for one in commands if "unmount" in one] == [("alluxio", "fs", "unmount", "/data")]
    assert not any("s3://other" in one for one in commands)
    assert master(world).uid == pod.uid
    assert world.dataset(KEY).phase == "Bound"


def test_a_wish_to_refresh_mounts_what_has_credentials_again() -> None:
    world = bound(s3(encryptOptions=[CREDENTIAL]), s3("open", mountPoint="s3://open"))
    world.annotate(Dataset, KEY, **{"data.fluid.io/refresh": "1"})
    world.settle()
    world.check()
    assert [one[-1] for one in asked(world, "unmount")] == ["/data"]
    assert {*table(world)} == {"/data", "/open"}


def test_sources_come_and_go_in_a_running_cache() -> None:
    world = bound(s3())
    world.edit(Dataset, KEY, mounts=[s3("more", mountPoint="s3://more")])
    world.settle()
    world.check()
    assert table(world) == {"/more": "s3://more"}
    assert [one.path for one in world.dataset(KEY).mounts or ()] == ["/more"]


def test_a_master_that_was_restarted_with_its_journal_is_asked_and_nothing_is_mounted_twice() -> None:
    world = bound(s3())
    world.cluster.caches.tables = {"team/images-master-0": table(world)}
    world.cluster.caches.durable = True
    told = len(world.cluster.caches.asked)
    world.cluster.restart(master(world))
    world.settle()
    world.check()
    commands = [one.command for one in world.cluster.caches.asked[told:]]
    assert ("alluxio", "fs", "mount") in commands
    assert not any("s3://bucket/dir" in one for one in commands)


def test_a_master_that_lost_its_journal_gets_all_mounts_again() -> None:
    world = bound(s3(encryptOptions=[CREDENTIAL]), s3("open", mountPoint="s3://open"))
    world.cluster.restart(master(world))
    world.settle()
    world.check()
    assert {*table(world)} == {"/data", "/open"}
    assert world.dataset(KEY).phase == "Bound"


def test_a_master_that_restarts_while_an_edit_is_refused_gets_its_mounts_with_their_options() -> None:
    world = bound(s3(encryptOptions=[CREDENTIAL]))
    world.edit(AlluxioRuntime, KEY, jvmOptions=["$(id)"])
    world.settle()
    world.cluster.restart(master(world))
    world.settle()
    assert table(world) == {"/data": "s3://bucket/dir --secret s3a.secretKey=/etc/fluid/secrets/keys/key"}
    ready = world.condition(KEY, "NotReady")
    assert ready is not None
    assert "spec.jvmOptions[0]" in (ready.message or "")


def test_a_source_at_the_root_and_directories_of_nodes_need_no_command() -> None:
    root = bound(s3(name="", path="/"))
    assert table(root) == {}
    assert [one.path for one in root.dataset(KEY).mounts or ()] == ["/"]
    local = bound({"name": "here", "mountPoint": "local:///mnt/data"})
    assert table(local) == {}
    assert [one.path for one in local.dataset(KEY).mounts or ()] == ["/here"]


def test_without_metadata_sync_nothing_is_counted_even_after_a_change_of_the_mounts() -> None:
    world = bound(s3(), runtime={"management": {"metadataSyncPolicy": {"autoSync": False}}})
    world.edit(Dataset, KEY, mounts=[s3(), s3("more", mountPoint="s3://more")])
    world.settle()
    world.check()
    assert not asked(world, "loadMetadata")
    assert world.dataset(KEY).ufs_total != CALCULATING


def test_sources_are_counted_after_their_metadata_are_loaded() -> None:
    world = bound(s3())
    words = [one.command[2] for one in world.cluster.caches.asked if one.command[:2] == ("alluxio", "fs")]
    assert words.index("loadMetadata") < words.index("count")


def test_a_cache_that_prints_nonsense_raises_nothing_and_is_told() -> None:
    world = World(registration(), answers)
    world.cluster.caches.faults["--metrics"] = "garbage"
    world.create_dataset(KEY, s3())
    world.create(AlluxioRuntime, KEY, {"replicas": 1, **levels(level())})
    for _ in range(30):
        world.step()
    ready = world.condition(KEY, "NotReady")
    assert ready is not None
    assert "mount.sh --metrics" in (ready.message or "")


def test_a_deletion_frees_the_cache_and_leaves_nothing() -> None:
    world = bound(s3())
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert asked(world, "free") == [("timeout", "60", "alluxio", "fs", "free", "-f", "/")]
    assert world.traces(KEY) == {}


def test_no_grace_means_that_the_cache_is_not_freed() -> None:
    world = bound(s3(), runtime={"management": {"cleanCachePolicy": {"gracePeriodSeconds": 0}}})
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert asked(world, "free") == []


def test_a_changed_property_waits_for_the_restart_of_every_pod_that_reads_it_at_its_start() -> None:
    world = bound(s3())
    world.edit(AlluxioRuntime, KEY, properties={"alluxio.user.logging.threshold": "5s"})
    world.settle()
    world.check()
    [pending] = world.runtime(KEY).pending_updates or []
    assert (pending.field, pending.update) == ("spec.properties", "on-restart")
    assert {"images-master", "images-worker"} <= {*pending.workloads}


def test_scaling_waits_for_nothing() -> None:
    world = bound(s3())
    world.edit(AlluxioRuntime, KEY, replicas=3)
    world.settle()
    world.check()
    assert not world.runtime(KEY).pending_updates
    assert world.runtime(KEY).worker_number_ready == 3


def test_a_source_whose_secret_is_new_replaces_the_masters_and_nobody_else() -> None:
    world = bound(s3())
    names = ("images-master-0", "images-worker-0")

    def uids() -> dict[str, str]:
        found = {name: world.cluster.get(Pod, Key("team", name)) for name in names}
        return {name: pod.uid for name, pod in found.items() if pod is not None}

    before = uids()
    world.edit(Dataset, KEY, mounts=[s3(), s3("more", mountPoint="s3://more", encryptOptions=[CREDENTIAL])])
    world.settle()
    world.check()
    assert {*table(world)} == {"/data", "/more"}
    assert {name for name, uid in uids().items() if before[name] != uid} == {"images-master-0"}


def test_a_plain_option_of_a_source_that_cannot_be_mounted_is_told_by_name_and_not_by_value() -> None:
    world = World(registration(), answers)
    world.create_dataset(KEY, s3(options={"s3a.secretKey": "hunter2=", "alluxio.x": "--y=hunter2"}))
    world.cluster.caches.faults["--option"] = "fail"
    world.create(AlluxioRuntime, KEY, {"replicas": 1, **levels(level())})
    for _ in range(30):
        world.step()
    told = [world.dataset(KEY).model_dump_json(), world.runtime(KEY).model_dump_json()]
    assert any("--option s3a.secretKey=... " in one for one in told), told
    assert not any("hunter2" in one for one in told)
