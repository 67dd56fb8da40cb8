"""Single rules of what an AlluxioRuntime becomes: properties, tiers, ports, networks, users, FUSE clients."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.engines.alluxio.commands import parse_count
from fluid.engines.alluxio.properties import layered
from fluid.engines.core.errors import InvalidSpec
from fluid.models import Service
from tests.pure.alluxio.support import (
    PORTS,
    Case,
    container,
    level,
    levels,
    mounts,
    pod_spec,
    s3,
    secret_option,
)

PAIRS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"), max_size=6)


@given(PAIRS, PAIRS, PAIRS, PAIRS)
def test_a_user_wins_over_the_profile_and_that_over_defaults_but_components_take_theirs_out(
    defaults: dict[str, str], profile: dict[str, str], component: dict[str, str], user: dict[str, str]
) -> None:
    found = layered(defaults, profile, [component, None], user)
    assert list(found) == sorted(found)
    for key in "abcdef":
        ours = profile.get(key, defaults.get(key)) if key not in component else None
        assert found.get(key) == user.get(key, ours)


@pytest.mark.parametrize("runtime", [{}, {"properties": {"alluxio.user.logging.threshold": "1s"}}])
def test_sources_read_by_http_get_large_blocks_whatever_else_the_user_sets(
    runtime: dict[str, JsonValue],
) -> None:
    case = Case(runtime, {"mounts": [{"mountPoint": "https://example.com/x", "name": "x"}]})
    assert case.properties()["alluxio.user.block.size.bytes.default"] == "256MB"
    own = Case({"properties": {"alluxio.user.block.size.bytes.default": "8MB"}}, case.dataset)
    assert own.properties()["alluxio.user.block.size.bytes.default"] == "8MB"


def test_levels_of_one_medium_are_one_tier_and_the_fastest_comes_first() -> None:
    given = levels(level("HDD", "/h1,/h2", "20Gi"), level(high="0.9", low="0.5"), level("HDD", "/h3", "10G"))
    case = Case(given, {"mounts": [s3()]})
    found = {key: one for key, one in case.properties().items() if "tieredstore" in key}
    below, tier = "/spark/demo", "alluxio.worker.tieredstore.level"
    assert found == {
        "alluxio.worker.tieredstore.levels": "2",
        f"{tier}0.alias": "MEM",
        f"{tier}0.dirs.mediumtype": "MEM",
        f"{tier}0.dirs.path": f"/dev/shm{below}",
        f"{tier}0.dirs.quota": "2GB",
        f"{tier}0.watermark.high.ratio": "0.9",
        f"{tier}0.watermark.low.ratio": "0.5",
        f"{tier}1.alias": "HDD",
        f"{tier}1.dirs.mediumtype": "HDD,HDD,HDD",
        f"{tier}1.dirs.path": f"/h1{below},/h2{below},/h3{below}",
        f"{tier}1.dirs.quota": "10GB,10GB,9536MB",
    }
    names = [volume.name for volume in pod_spec(case.worker).volumes or ()]
    assert names == ["mem", "hdd-0", "hdd-1", "hdd-2"]
    assert mounts(container(case.fuse, "alluxio-fuse")).keys() >= {f"/dev/shm{below}", f"/h3{below}"}


def test_without_a_tier_there_is_one_in_memory_that_is_requested_and_read_through_the_worker() -> None:
    case = Case({}, {"mounts": [s3()]})
    [volume] = pod_spec(case.worker).volumes or []
    assert volume.to_wire() == {"name": "mem", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}
    resources = container(case.worker, "alluxio-worker").resources
    assert resources is not None
    assert resources.to_wire() == {"requests": {"memory": "1Gi"}}
    assert case.properties()["alluxio.user.short.circuit.enabled"] == "false"
    assert "mem" not in {one.name for one in pod_spec(case.fuse).volumes or ()}


def test_a_memory_limit_bounds_the_heap_and_leaves_room_for_the_tier() -> None:
    parts: dict[str, JsonValue] = {
        name: {"resources": {"limits": {"memory": "4Gi"}}} for name in ("master", "worker", "fuse")
    }
    case = Case({**parts, **levels(level())}, {"mounts": [s3()]})
    assert "-Xmx3072m" in case.options("ALLUXIO_MASTER_JAVA_OPTS")
    assert {"-Xmx1024m", "-XX:MaxDirectMemorySize=512m"} <= {*case.options("ALLUXIO_WORKER_JAVA_OPTS")}
    assert {"-Xmx2048m", "-Xms2048m"} <= {*case.options("ALLUXIO_FUSE_JAVA_OPTS")}
    limits = container(case.fuse, "alluxio-fuse").resources
    assert limits is not None
    assert limits.to_wire() == {"limits": {"memory": "6Gi"}}  # the tier comes on top


@pytest.mark.parametrize("network", ["HostNetwork", "ContainerNetwork"])
def test_a_named_port_is_one_number_for_process_container_and_service(network: str) -> None:
    master: dict[str, JsonValue] = {"networkMode": network, "ports": {"rpc": 30001, "web": 30002}}
    given: dict[str, JsonValue] = {
        "master": master,
        "worker": {"networkMode": network},
        "properties": {"alluxio.master.web.port": "30003"},
    }
    case = Case(given, {"mounts": [s3()]})
    listened = {one.name: one.container_port for one in container(case.master, "alluxio-master").ports or ()}
    assert listened == {"rpc": 30001, "web": 30003}
    assert (case.properties()["alluxio.master.rpc.port"], case.properties()["alluxio.master.web.port"]) == (
        "30001",
        "30003",
    )
    spec = case.only(Service, "demo-master-0").spec
    assert spec is not None
    assert {one.name: one.port for one in spec.ports or ()}.items() >= listened.items()
    rest = "20001" if network == "ContainerNetwork" else str(PORTS["jobMasterRpc"])
    assert case.properties()["alluxio.job.master.rpc.port"] == rest


def test_several_masters_keep_a_common_journal_and_know_each_other() -> None:
    case = Case({"master": {"replicas": 3}}, {"mounts": [s3()]})
    assert len([one for one in case.objects if isinstance(one, Service)]) == 3
    found = case.properties()
    members = ",".join(f"demo-master-{index}:{PORTS['embedded']}" for index in range(3))
    assert found["alluxio.master.embedded.journal.addresses"] == members
    assert found["alluxio.master.journal.type"] == "EMBEDDED"
    assert "alluxio.master.hostname" not in found
    assert container(case.master, "alluxio-master").startup_probe is None


@pytest.mark.parametrize(
    ("fuse", "dataset", "expected"),
    [
        ({"imageTag": "2.9.3"}, {}, ["fuse", "ro", "/"]),
        ({"imageTag": "latest"}, {}, ["fuse", "ro", "/"]),
        ({"imageTag": "release-2.3.0-SNAPSHOT"}, {}, ["fuse", "ro"]),
        ({"imageTag": "2.9.3", "args": ["fuse"]}, {}, ["fuse", "/"]),
        (
            {"imageTag": "2.9.3", "args": ["fuse", "--fuse-opts=kernel_cache"]},
            {"owner": {"uid": 1, "gid": 2, "user": "a", "group": "b"}},
            ["fuse", "--fuse-opts=kernel_cache,uid=1,gid=2,allow_other", "/"],
        ),
    ],
)
def test_arguments_of_clients_follow_their_version_and_only_options_are_edited(
    fuse: dict[str, JsonValue], dataset: dict[str, JsonValue], expected: list[str]
) -> None:
    case = Case({"fuse": fuse}, {"mounts": [s3()], **dataset})
    read_only = "--fuse-opts=kernel_cache,ro,attr_timeout=7200,entry_timeout=7200,allow_other"
    path = "/alluxio/spark/demo/alluxio-fuse"
    wanted = [read_only if one == "ro" else one for one in expected]
    assert case.values.fuse.args == [*wanted[:-1], path, "/"] if wanted[-1] == "/" else wanted
    old = {one.name: one.value for one in container(case.fuse, "alluxio-fuse").env or ()}.get("MOUNT_POINT")
    assert old == (None if wanted[-1] == "/" else path)


def test_a_user_of_ones_own_is_made_in_each_pod() -> None:
    user: JsonValue = {"uid": 1000, "gid": 100, "user": "alice", "group": "staff"}
    case = Case({"runAs": user, **levels(level("SSD", "/mnt/d1"))}, {"mounts": [s3()]})
    for workload in (case.master, case.worker, case.fuse):
        first = (pod_spec(workload).init_containers or [])[0]
        assert first.name == "init-users"
        env = {one.name: one.value for one in first.env or ()}
        assert env["FLUID_INIT_USERS"] == "1000:alice:100,100:staff"
        for one in pod_spec(workload).containers:
            assert one.security_context is not None
            assert (one.security_context.run_as_user, one.security_context.run_as_group) == (1000, 100)
            assert mounts(one).keys() >= {"/etc/passwd", "/etc/group"}
    assert (pod_spec(case.worker).init_containers or [])[0].args == ["init_users", "chmod_tierpath"]
    memory = Case({"runAs": user}, {"mounts": [s3()]})  # chmod_tierpath fails without paths
    assert (pod_spec(memory.worker).init_containers or [])[0].args == ["init_users"]


def test_credentials_of_a_source_at_the_root_are_for_the_masters_alone() -> None:
    root = s3(name="", path="/", encryptOptions=[secret_option("s3a.secretKey")])
    case = Case({}, {"mounts": [root]})
    assert case.properties()["alluxio.master.mount.table.root.ufs"] == "s3://bucket/dir"
    found = case.properties("ALLUXIO_MASTER_JAVA_OPTS")
    option = "alluxio.master.mount.table.root.option.s3a.secretKey"
    assert found[option] == "${FLUID_ROOT_OPTION_0}"
    assert option not in case.properties()
    variables = {one.name: one for one in container(case.master, "alluxio-master").env or ()}
    reference = variables["FLUID_ROOT_OPTION_0"].value_from
    assert reference is not None
    assert reference.to_wire() == {"secretKeyRef": {"name": "keys", "key": "key"}}


def test_a_backup_is_where_masters_find_it() -> None:
    claim = Case({}, {"mounts": [s3()], "dataRestoreLocation": {"path": "pvc://backups/monday"}})
    env = {one.name: one.value for one in container(claim.master, "alluxio-master").env or ()}
    assert env["JOURNAL_BACKUP"] == "/pvc/monday/metadata-backup-demo-spark.gz"
    assert mounts(container(claim.master, "alluxio-master"))["/pvc"] == "alluxio-backup"
    node: JsonValue = {"path": "local:///backups", "nodeName": "n1"}
    local = Case({}, {"mounts": [s3()], "dataRestoreLocation": node})
    assert pod_spec(local.master).node_selector == {"kubernetes.io/hostname": "n1"}


ROOT_UFS: dict[str, JsonValue] = {"properties": {"alluxio.master.mount.table.root.ufs": "s3://x"}}
AT_ROOT: dict[str, JsonValue] = {"mounts": [s3(name="", path="/")]}
NO_VOLUME: JsonValue = [{"name": "none", "mountPath": "/x"}]
BAD: list[tuple[dict[str, JsonValue], dict[str, JsonValue], str]] = [
    ({"jvmOptions": ["-Dx=$(id)"]}, {}, "spec.jvmOptions[0]"),
    ({"jvmOptions": ["Xmx4g"]}, {}, "does not begin with '-'"),
    ({"properties": {"a b": "c"}}, {}, "is no property of Alluxio"),
    ({"worker": {"properties": {"a": "x y"}}}, {}, "spec.worker.properties[a]"),
    ({"jobMaster": {"properties": {"alluxio.job.master.rpc.port": "1"}}}, {}, "spec.jobMaster.properties"),
    ({"properties": {"alluxio.master.rpc.port": "70000"}}, {}, "names no port"),
    ({}, {"mounts": [s3(name="", path="/"), s3("other")]}, "the Dataset has other sources"),
    ({}, {"mounts": [s3(mountPoint="-Dx=y://z")]}, "is no address"),
    ({}, {"mounts": [s3(options={"a=b": "c"})]}, "spec.mounts[0].options"),
    ({}, {"mounts": [s3(name="a b")]}, "has a blank"),
    ({}, {"mounts": [s3(name="", path="/", options={"a": "$(id)"})]}, "spec.mounts[0].options[a]"),
    (
        {"properties": {"alluxio.master.mount.table.root.ufs": "s3://x"}},
        {"mounts": [s3(name="", path="/")]},
        "sources",
    ),
    ({"runAs": {"uid": 1, "gid": 1, "user": "a:b", "group": "g"}}, {}, "spec.runAs.user"),
    (
        {"master": {"volumeMounts": [{"name": "none", "mountPath": "/x"}]}},
        {},
        "spec.master.volumeMounts[0].name",
    ),
    ({"worker": {"resources": {"limits": {"memory": "1Mi"}}}}, {}, "spec.worker.resources.limits[memory]"),
    (
        levels(level("SSD", "/a"), level("SSD", "/b", volumeType="emptyDir")),
        {},
        "one volumeType",
    ),
    (levels(level("SSD", "/a"), level("SSD", "/a")), {}, "once more"),
    ({}, {"dataRestoreLocation": {"path": "local:///x"}}, "spec.dataRestoreLocation.nodeName"),
    ({}, {"dataRestoreLocation": {"path": "s3://x"}}, "is no place"),
    ({"hadoopConfig": "absent"}, {}, "spec.hadoopConfig"),
]


@pytest.mark.parametrize(("runtime", "dataset", "words"), BAD)
def test_what_cannot_be_is_refused_with_its_field(
    runtime: dict[str, JsonValue], dataset: dict[str, JsonValue], words: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _ = Case(runtime, {"mounts": [s3()], **dataset}).values
    assert words in str(refused.value)


def test_words_of_another_cache_and_plain_credentials_are_told() -> None:
    options: JsonValue = {"fs.jindocache.x": "1", "s3a.secretKey": "open"}
    found = Case({}, {"mounts": [s3(options=options)]}).transformed.warnings
    assert {one.reason for one in found} == {"MeaninglessValue", "PlaintextCredentials"}


def test_files_of_hadoop_are_mounted_in_the_servers_in_a_fixed_order() -> None:
    keys = frozenset({"core-site.xml", "hdfs-site.xml", "other"})
    case = Case({"hadoopConfig": "conf"}, {"mounts": [s3()]}, hadoop_keys=keys)
    files = "/hdfs-config/hdfs-site.xml:/hdfs-config/core-site.xml"
    assert case.properties()["alluxio.underfs.hdfs.configuration"] == files
    for workload in (case.master, case.worker):
        for one in pod_spec(workload).containers:
            assert mounts(one)["/hdfs-config"] == "hdfs-confs"


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), ("head\n6 3 40\n", (6, 40)), ("6 3\n", None), ("a b c\n", None)]
)
def test_counts_are_read_from_a_line_of_three_numbers(text: str, expected: tuple[int, int] | None) -> None:
    assert parse_count(text) == expected
