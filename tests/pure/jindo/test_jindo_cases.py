"""What the wire specification says of storage, networks, placement, images and pods, case by case."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.jindo.shape import PORTS, reported_medium
from fluid.models import ConfigMap, OwnerReference
from fluid.types import Quantity
from tests.pure.jindo.support import Case, container, env, mounts, oss, pod_spec, tier, volume

TOKEN = "secrets:///token/"


def quota(case: Case) -> str:
    return case.section("jindocache-worker")["storage.data-dirs.capacities"]


def refused(case: Case) -> InvalidSpec:
    with pytest.raises(InvalidSpec) as caught:
        _ = case.objects
    return caught.value


@pytest.mark.parametrize(
    ("level", "capacities"),
    [
        (tier(quota="512Mi"), "512m"),
        (tier(quota="1.5Gi"), "1536m"),
        (tier(quota="2Ti"), "2048g"),
        (tier(quota="1e9"), "953m"),
        (tier(quota="10G"), "9536m"),
        (tier(path="/a,/b", quota=None, quotaList="2048Mi,1.5Gi"), "2048m,1536m"),
        (tier(path="/a,/b", quota="10Gi"), "5g,5g"),
        (tier(path="/a,/b,/c", quota="10Gi"), "3413m,3413m,3413m"),
        (tier(path="/a,/b", quota=None, quotaList="1Gi,512Mi"), "1g,512m"),
        (tier(path="/a,/b", quota="10Gi", quotaList="10Gi,5Gi"), "10g,5g"),
        ({}, "1g"),
    ],
)
def test_each_path_has_exactly_one_capacity_in_the_spelling_of_the_cache(
    level: dict[str, JsonValue], capacities: str
) -> None:
    case = Case({"tieredstore": level})
    assert quota(case) == capacities
    data_dirs = case.section("jindocache-worker")["storage.data-dirs"]
    assert len(data_dirs.split(",")) == len(capacities.split(","))


def test_a_quota_beside_a_quota_list_is_ignored_with_a_warning() -> None:
    case = Case({"tieredstore": tier(path="/a,/b", quotaList="10Gi,5Gi")})
    assert [warning.reason for warning in case.transformed.warnings] == ["QuotaIgnored"]


@pytest.mark.parametrize(
    "level",
    [
        tier(path="/a,/b", quotaList="10Gi,5Gi,1Gi", quota=None),
        tier(quota=None),
        tier(path=None),
        tier(path="relative"),
        tier(path="/a/../b"),
        tier(path="/a,/a/"),
        tier(path="/a,,/b"),
        tier(path="/"),
        tier(path="/a,//"),
        tier(path="/./"),
        tier(quota="0"),
    ],
)
def test_a_tier_that_cannot_work_is_refused_with_its_field(level: dict[str, JsonValue]) -> None:
    assert refused(Case({"tieredstore": level})).field.startswith("spec.tieredstore.levels[0]")


def test_without_a_tier_the_cache_is_small_and_in_memory() -> None:
    case = Case({"tieredstore": {}})
    worker = case.section("jindocache-worker")
    assert worker["storage.data-dirs"] == "/dev/shm/default/hbase/jindocache"
    assert worker["storage.watermark.high.ratio"] == "0.8"
    assert worker["storage.watermark.low.ratio"] == "0.6"
    assert worker["storage.ram.cache.size"] == worker["storage.slicelet.buffer.size"] == "1g"
    assert container(case.worker).resources is None


def test_a_memory_tier_raises_the_workers_memory_request_in_the_pod_only() -> None:
    memory = tier(mediumtype="MEM", path="/a,/b", quota=None, quotaList="1Gi,512Mi")
    case = Case({"tieredstore": memory, "worker": {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}})
    resources = container(case.worker).resources
    assert resources is not None
    assert resources.requests == {"cpu": Quantity("1"), "memory": Quantity("1536Mi")}
    spec = case.models[0].spec.worker
    assert spec is not None
    assert spec.resources is not None
    assert spec.resources.requests == {"cpu": Quantity("1"), "memory": Quantity("1Gi")}
    assert case.section("jindocache-worker")["storage.ram.cache.size"] == "1g,512m"
    assert case.section("jindosdk", "jindosdk.cfg")["fs.jindocache.ram.cache.enable"] == "true"


def test_the_users_specs_are_never_edited() -> None:
    case = Case(
        {"tieredstore": tier(mediumtype="MEM"), "fuse": {"nodeSelector": {"a": "b"}}}, {"mounts": [oss()]}
    )
    before = [model.to_wire() for model in case.models]
    _ = case.objects
    assert [model.to_wire() for model in case.models] == before


def test_512mi_of_memory_are_requested_as_512mi() -> None:
    resources = container(Case({"tieredstore": tier(mediumtype="MEM", quota="512Mi")}).worker).resources
    assert resources is not None
    assert resources.to_wire() == {"requests": {"memory": "512Mi"}}


def test_a_memory_limit_below_the_quota_is_refused() -> None:
    limited: JsonValue = {"resources": {"limits": {"memory": "1Gi"}}}
    error = refused(Case({"tieredstore": tier(mediumtype="MEM", quota="2Gi"), "worker": limited}))
    assert error.field == "spec.worker.resources.limits[memory]"


@pytest.mark.parametrize(("quota_", "request_"), [("100Gi", None), ("101Gi", "30Gi")])
def test_masters_of_large_memory_caches_request_30gi_where_the_administrator_wants_that(
    quota_: str, request_: str | None
) -> None:
    case = Case(
        {"tieredstore": tier(mediumtype="MEM", quota=quota_)}, environment={"USE_DEFAULT_MEM_LIMIT": "true"}
    )
    resources = container(case.master).resources
    assert (resources.to_wire() if resources else None) == (
        {"requests": {"memory": request_}} if request_ else None
    )


@pytest.mark.parametrize(
    ("medium", "source", "expected"),
    [("MEM", None, "Memory"), ("SSD", None, ""), ("HDD", {"emptyDir": {"medium": "HugePages"}}, "HugePages")],
)
def test_an_empty_dir_has_the_tiers_medium_and_a_size_limit(
    medium: str, source: JsonValue, expected: str
) -> None:
    case = Case({"tieredstore": tier(mediumtype=medium, volumeType="emptyDir", volumeSource=source)})
    assert volume(case.worker, "datavolume-1") == {
        "name": "datavolume-1",
        "emptyDir": {"medium": expected, "sizeLimit": "10Gi"},
    }
    assert volume(case.master, "datavolume-1")["emptyDir"] == {"medium": "Memory" if medium == "MEM" else ""}
    assert "datavolume-1" not in mounts(case.fuse).values()


def test_the_last_tier_decides_between_memory_and_disk() -> None:
    levels = [tier()["levels"], tier(mediumtype="MEM")["levels"]]
    both: JsonValue = {"levels": [level[0] for level in levels if isinstance(level, list)]}
    assert case_sdk(Case({"tieredstore": both}))["fs.jindocache.ram.cache.enable"] == "true"


@pytest.mark.parametrize(
    ("media", "medium"),
    [
        (["MEM"], "MEM"),
        (["MEM", "SSD"], "MEM"),
        (["SSD", "MEM"], "Disk"),
        (["HDD"], "Disk"),
        ([], "MEM"),
    ],
)
def test_the_report_is_read_for_the_first_tiers_medium(media: list[str], medium: str) -> None:
    levels: JsonValue = [
        {"mediumtype": one, "path": f"/d{index}", "quota": "1Gi"} for index, one in enumerate(media)
    ]
    runtime, _ = Case({"tieredstore": {"levels": levels}}).models
    assert reported_medium(runtime) == medium


def case_sdk(case: Case) -> dict[str, str]:
    return case.section("jindosdk", "jindosdk.cfg")


def test_the_container_network_has_fixed_ports_and_pod_addresses() -> None:
    case = Case(
        {"networkmode": "ContainerNetwork", "master": {"replicas": 3}, "fuse": {"metrics": {"enabled": True}}}
    )
    assert [pod.host_network for pod in case.pods] == [False, False, False]
    assert [pod.dns_policy for pod in case.pods] == [
        "ClusterFirst",
        "ClusterFirst",
        "ClusterFirstWithHostNet",
    ]
    worker = {one.name: one.to_wire() for one in container(case.worker).env or []}
    assert worker["STORAGE_ADDRESS"]["valueFrom"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert worker["POD_NAME"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert worker["STORAGE_DATA_PATH"]["value"] == "/mnt/d1/default/hbase/jindocache"
    server = case.section("jindocache-server")
    assert (server["namespace.rpc.port"], case.section("jindocache-worker")["storage.rpc.port"]) == (
        "8101",
        "6101",
    )
    assert "hbase-jindofs-master-2:8103:0" in server["namespace.backend.raft.initial-conf"]
    assert [one.to_wire() for one in container(case.fuse).ports or []] == [
        {"name": "jindo-metrics", "containerPort": 10001}
    ]


def test_ports_are_needed_in_the_order_of_their_allocation() -> None:
    every: JsonValue = {"metrics": {"enabled": True}}
    assert PORTS.needed(Case({}).models[0]) == ("masterRpc", "workerRpc")
    assert PORTS.needed(Case({"fuse": every}).models[0]) == ("masterRpc", "workerRpc", "fuseMetrics")
    three = Case({"master": {"replicas": 3}, "fuse": every})
    assert PORTS.needed(three.models[0]) == ("masterRpc", "workerRpc", "raft", "fuseMetrics")
    assert PORTS.needed(Case({"networkmode": "ContainerNetwork"}).models[0]) == ()
    with pytest.raises(ValueError, match="raft"):
        PORTS.used(three.models[0], {"masterRpc": 1, "workerRpc": 2})


def test_the_config_notes_the_ports_of_the_host_network_only() -> None:
    def noted(case: Case) -> str | None:
        return (case.only(ConfigMap, "hbase-jindofs-config").metadata.annotations or {}).get(
            "data.fluid.io/ports"
        )

    assert noted(Case()) == '{"masterRpc":18000,"workerRpc":18001}'
    assert noted(Case({"networkmode": "ContainerNetwork"})) is None


def test_one_master_has_no_consensus() -> None:
    case = Case({"master": {"replicas": 2}})
    assert case.section("jindocache-server")["namespace.backend.type"] == "rocksdb"
    assert env(case.master) == {
        "CLIENT_NAMESPACE_RPC_ADDRESS": "hbase-jindofs-master-0.default:18000",
        "NAMESPACE_BACKEND_RAFT_HOSTNAME": "hbase-jindofs-master-0.default",
    }
    assert [service.name for service in case.services] == ["hbase-jindofs-master-0"]
    assert [port.name for port in container(case.master).ports or []] == ["rpc"]


def test_a_disabled_master_keeps_its_services() -> None:
    case = Case({"master": {"replicas": 3, "disabled": True}, "replicas": 2})
    assert case.master.spec is not None
    assert case.master.spec.replicas == 0
    assert len(case.services) == 3


@pytest.mark.parametrize("runtime_mounts", [[], [oss()]])
def test_fuse_only_works_with_and_without_mounts(runtime_mounts: list[JsonValue]) -> None:
    disabled: JsonValue = {"disabled": True}
    case = Case(
        {"master": disabled, "worker": disabled}, {"mounts": runtime_mounts} if runtime_mounts else {}
    )
    assert env(case.fuse)["FLUID_FUSE_MODE"] == "fuseOnly"
    addresses = [argument for argument in container(case.fuse).args or [] if argument.startswith("-ouri=")]
    assert addresses == (["-ouri=oss://bkt/dir"] if runtime_mounts else [])
    assert case.worker.spec is not None
    assert case.worker.spec.replicas == 0


@pytest.mark.parametrize(
    ("modes", "arguments"),
    [
        (
            None,
            [
                "-okernel_cache",
                "-oro",
                "-oattr_timeout=7200",
                "-oentry_timeout=7200",
                "-onegative_timeout=7200",
            ],
        ),
        (
            ["ReadWriteMany", "ReadOnlyMany"],
            [
                "-okernel_cache",
                "-oro",
                "-oattr_timeout=7200",
                "-oentry_timeout=7200",
                "-onegative_timeout=7200",
            ],
        ),
        (
            ["ReadWriteMany"],
            ["-oauto_cache", "-oattr_timeout=0", "-oentry_timeout=0", "-onegative_timeout=0"],
        ),
    ],
)
def test_fuse_arguments_follow_the_access_modes(modes: JsonValue, arguments: list[str]) -> None:
    dataset: dict[str, JsonValue] = {"mounts": [oss(), oss("b2", "two")]}
    case = Case({}, {**dataset, "accessModes": modes} if modes else dataset)
    assert container(case.fuse).args == [*arguments, "-ometrics_port=0"]
    assert ("fs.jindocache.read.only.enable" in case_sdk(case)) == ("-oro" in arguments)


@pytest.mark.parametrize(
    ("arguments", "enabled", "result", "port"),
    [
        (["-oro"], True, ["-oro", "-ometrics_port=18003"], 18003),
        (["-oro"], False, ["-oro", "-ometrics_port=0"], None),
        (["-ometrics_port=9999"], True, ["-ometrics_port=9999"], 9999),
        (["-ometrics_port=9999"], False, ["-ometrics_port=9999"], None),
    ],
)
def test_the_users_metrics_port_counts(
    arguments: list[JsonValue], enabled: bool, result: list[str], port: int | None
) -> None:
    case = Case({"fuse": {"args": arguments, "metrics": {"enabled": enabled}}})
    assert container(case.fuse).args == result
    assert [one.container_port for one in container(case.fuse).ports or []] == ([port] if port else [])


@pytest.mark.parametrize(
    ("target", "scraped"),
    [("MountPod", True), ("All", True), ("Sidecar,MountPod", True), ("Sidecar", False), ("None", False)],
)
def test_prometheus_scrapes_mount_pods_on_request(target: str, scraped: bool) -> None:
    case = Case({"fuse": {"metrics": {"enabled": True, "scrapeTarget": target}}})
    assert case.fuse.spec is not None
    metadata = case.fuse.spec.template.metadata
    assert metadata is not None
    assert ("prometheus.fuse.fluid.io/scrape" in (metadata.annotations or {})) is scraped


def test_unknown_scrape_targets_and_ports_are_refused() -> None:
    assert (
        refused(Case({"fuse": {"metrics": {"scrapeTarget": "Mars"}}})).field
        == "spec.fuse.metrics.scrapeTarget"
    )
    assert refused(Case({"fuse": {"args": ["-ometrics_port=x"]}})).field == "spec.fuse.args"


def test_rdma_adds_its_keys_and_capabilities() -> None:
    case = Case(annotations={"fluid.io/runtime-rpc-protocol": "rdma"})
    assert case.section("jindocache-server")["namespace.rpc.rdma.enable"] == "true"
    worker = case.section("jindocache-worker")
    assert worker["storage.namespace.rpc.rdma.enable"] == worker["storage.rpc.rdma.enable"] == "true"
    assert case_sdk(case)["fs.jindocache.storage.rpc.rdma.enable"] == "true"
    assert not [key for key in case.section("jindocache-client") if "rdma" in key]
    for workload in (case.master, case.worker):
        security = container(workload).security_context
        assert security is not None
        assert security.to_wire() == {"capabilities": {"add": ["SYS_RESOURCE", "IPC_LOCK"]}}


def test_rdma_properties_of_the_user_reach_servers_and_fuse_where_the_runtime_does_not_set_them() -> None:
    own: dict[str, JsonValue] = {
        "fs.jindocache.namespace.rpc.rdma.enable": "true",
        "fs.jindocache.rpc.rdma.device": "mlx5_0",
    }
    case = Case({"fuse": {"properties": own}})
    assert own.items() <= case.section("jindocache-client").items()
    assert own.items() <= case_sdk(case).items()
    rdma = Case({"fuse": {"properties": own}}, annotations={"fluid.io/runtime-rpc-protocol": "rdma"})
    assert own.items() <= case_sdk(rdma).items()
    assert not own.keys() & rdma.section("jindocache-client").keys()


def test_an_unknown_rpc_protocol_is_refused() -> None:
    assert (
        "runtime-rpc-protocol" in refused(Case(annotations={"fluid.io/runtime-rpc-protocol": "smoke"})).field
    )


def test_the_host_pid_annotation_reaches_the_fuse_pod() -> None:
    assert pod_spec(Case(annotations={"runtime.fluid.io/fuse.hostpid": "true"}).fuse).host_pid is True


def test_labels_and_annotations_of_a_component_win_over_the_runtimes() -> None:
    case = Case(
        {
            "podMetadata": {"labels": {"a": "1", "b": "1"}, "annotations": {"c": "1"}},
            "master": {
                "podMetadata": {"labels": {"b": "2"}, "annotations": {"sidecar.istio.io/inject": "true"}}
            },
        }
    )
    assert case.master.spec is not None
    metadata = case.master.spec.template.metadata
    assert metadata is not None
    assert ((metadata.labels or {})["a"], (metadata.labels or {})["b"]) == ("1", "2")
    assert (metadata.annotations or {})["sidecar.istio.io/inject"] == "true"
    assert (metadata.annotations or {})["c"] == "1"


def test_deprecated_labels_work_alone_and_are_refused_beside_pod_metadata() -> None:
    case = Case({"labels": {"a": "1"}, "worker": {"labels": {"a": "2"}}})
    assert case.worker.spec is not None
    metadata = case.worker.spec.template.metadata
    assert metadata is not None
    assert (metadata.labels or {})["a"] == "2"
    assert (
        refused(Case({"labels": {"a": "1"}, "fuse": {"podMetadata": {"labels": {"b": "1"}}}})).field
        == "spec.labels"
    )


def test_labels_that_selectors_need_stay_and_are_announced() -> None:
    case = Case({"podMetadata": {"labels": {"role": "mine", "x": "y"}}})
    assert case.worker.spec is not None
    metadata = case.worker.spec.template.metadata
    assert metadata is not None
    assert (metadata.labels or {})["role"] == "jindofs-worker"
    assert {warning.reason for warning in case.transformed.warnings} == {"LabelsIgnored"}


def test_a_users_variable_replaces_ours_and_stands_once() -> None:
    case = Case({"user": "1000", "fuse": {"env": {"RUN_AS_USER": "0", "A": "$(B)"}}})
    names = [one.name for one in container(case.fuse).env or []]
    assert len(names) == len(set(names))
    assert env(case.fuse)["RUN_AS_USER"] == "0"
    assert env(case.fuse)["A"] == "$(B)"
    assert env(case.master)["RUN_AS_USER"] == env(case.worker)["RUN_AS_USER"] == "1000"


def test_pull_secrets_of_a_component_replace_those_of_the_runtime() -> None:
    case = Case(
        {"imagePullSecrets": [{"name": "a"}, {"name": "a"}], "fuse": {"imagePullSecrets": [{"name": "b"}]}}
    )
    assert [[one.name for one in pod.image_pull_secrets or []] for pod in case.pods] == [["a"], ["a"], ["b"]]


def test_tolerations_are_the_datasets_and_then_the_components() -> None:
    mine: JsonValue = {"key": "mine", "operator": "Exists"}
    case = Case({"worker": {"tolerations": [mine]}}, {"tolerations": [{"key": "all"}]})
    assert [[one.key for one in pod.tolerations or []] for pod in case.pods] == [
        ["all"],
        ["all", "mine"],
        [None],
    ]


@pytest.mark.parametrize("placement", ["Exclusive", "Shared", "", None])
def test_workers_keep_apart_as_the_placement_says(placement: str | None) -> None:
    term: JsonValue = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]}
    dataset: dict[str, JsonValue] = {"nodeAffinity": {"required": term}}
    case = Case({}, dataset if placement is None else {**dataset, "placement": placement})
    affinity = pod_spec(case.worker).affinity
    assert affinity is not None
    any_worker: JsonValue = {
        "labelSelector": {"matchExpressions": [{"key": "fluid.io/dataset", "operator": "Exists"}]},
        "topologyKey": "kubernetes.io/hostname",
    }
    exclusive: JsonValue = {
        "labelSelector": {
            "matchExpressions": [
                {"key": "fluid.io/dataset-placement", "operator": "In", "values": ["Exclusive"]}
            ]
        },
        "topologyKey": "kubernetes.io/hostname",
    }
    wire = affinity.to_wire()
    if placement == "Shared":
        assert wire["podAntiAffinity"] == {
            "requiredDuringSchedulingIgnoredDuringExecution": [exclusive],
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 50, "podAffinityTerm": any_worker}
            ],
        }
    else:
        assert wire["podAntiAffinity"] == {"requiredDuringSchedulingIgnoredDuringExecution": [any_worker]}
    near: JsonValue = {
        "matchExpressions": [{"key": "fluid.io/f-default-hbase", "operator": "In", "values": ["true"]}]
    }
    assert wire["nodeAffinity"] == {
        "requiredDuringSchedulingIgnoredDuringExecution": term,
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "preference": near}],
    }
    assert (case.worker.metadata.labels or {})["fluid.io/dataset-placement"] == (placement or "Exclusive")


def test_the_masters_volumes_come_from_the_runtime() -> None:
    volumes: JsonValue = [{"name": "a", "emptyDir": {}}, {"name": "unused", "emptyDir": {}}]
    case = Case({"volumes": volumes, "master": {"volumeMounts": [{"name": "a", "mountPath": "/a"}]}})
    assert mounts(case.master)["/a"] == "a"
    assert {one.name for one in pod_spec(case.master).volumes or []} >= {"a"}
    assert "unused" not in {one.name for one in pod_spec(case.master).volumes or []}
    assert "/a" not in mounts(case.worker)


@pytest.mark.parametrize("name", ["missing", "bigboot-config"])
def test_a_mount_without_a_volume_of_its_own_is_refused(name: str) -> None:
    case = Case(
        {
            "volumes": [{"name": "bigboot-config", "emptyDir": {}}],
            "master": {"volumeMounts": [{"name": name, "mountPath": "/a"}]},
        }
    )
    assert refused(case).field == "spec.master.volumeMounts[0].name"


def test_a_mount_over_one_of_ours_is_refused() -> None:
    case = Case(
        {
            "volumes": [{"name": "a", "emptyDir": {}}],
            "master": {"volumeMounts": [{"name": "a", "mountPath": "/jindocache.cfg"}]},
        }
    )
    assert "/jindocache.cfg" in refused(case).message


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            {"hdfs-site.xml"},
            {"/hdfs-site.xml": "hdfs-confs", "/hdfs-3.2.1/etc/hadoop/core-site.xml": "bigboot-config"},
        ),
        (
            {"hdfs-site.xml", "core-site.xml"},
            {"/hdfs-site.xml": "hdfs-confs", "/hdfs-3.2.1/etc/hadoop/core-site.xml": "hdfs-confs"},
        ),
    ],
)
def test_hadoops_files_are_mounted_where_the_users_config_map_has_them(
    keys: set[str], expected: dict[str, str]
) -> None:
    case = Case({"hadoopConfig": "hadoop"}, hadoop_keys=frozenset(keys))
    assert expected.items() <= mounts(case.worker).items()
    assert expected.items() <= mounts(case.fuse).items()
    assert mounts(case.master)["/hdfs-site.xml"] == "hdfs-confs"
    assert volume(case.fuse, "hdfs-confs") == {"name": "hdfs-confs", "configMap": {"name": "hadoop"}}


@pytest.mark.parametrize("keys", [None, frozenset[str](), frozenset({"other"})])
def test_a_hadoop_config_map_that_is_missing_or_useless_is_refused(keys: frozenset[str] | None) -> None:
    assert refused(Case({"hadoopConfig": "hadoop"}, hadoop_keys=keys)).field == "spec.hadoopConfig"


def test_images_come_from_the_runtime_then_the_administrator_then_the_default() -> None:
    images = {"JINDO_SMARTDATA_IMAGE_ENV": "reg:5000/smart:7.0.0", "JINDO_FUSE_IMAGE_ENV": "no tag"}
    case = Case({"jindoVersion": {"imageTag": "7.1.0", "imagePullPolicy": "Never"}}, environment=images)
    assert container(case.master).image == container(case.worker).image == "reg:5000/smart:7.1.0"
    assert container(case.master).image_pull_policy == "Never"
    assert container(case.fuse).image == "registry.cn-shanghai.aliyuncs.com/jindofs/jindo-fuse:6.2.0"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("registry-cn-hongkong.ack.aliyuncs.com/acs/smartdata", True),
        ("10.0.0.1:5000/jindo/smartdata", True),
        ("my-registry/smartdata@sha256", True),
        ("v6", True),
        ("latest", True),
        ("6.9.1-202509151826", True),
        ("release-6.2.0", True),
        ("123e4567", False),
        ("6.20", False),
        ("7", False),
        ("on", False),
        ("n", False),
        ("2025-01-02", False),
        ("12:30", False),
    ],
)
def test_tools_can_cut_image_lines_at_the_colon_unless_yaml_would_misread_them(text: str, bare: bool) -> None:
    case = Case({"jindoVersion": {"image": text, "imageTag": text}})
    lines = (case.only(ConfigMap, "hbase-jindocache-values").data or {})["data"].splitlines()
    written = text if bare else f'"{text}"'
    assert lines[:2] == [f"image: {written}", f"imageTag: {written}"]


@pytest.mark.parametrize(
    ("tag", "version"), [("6.2.0", "legacy"), ("6.9.1-2025", "default"), ("latest", "default")]
)
def test_the_prefetcher_follows_the_fuse_version(tag: str, version: str) -> None:
    keys = case_sdk(Case({"fuse": {"imageTag": tag}}))
    assert keys["jindofsx.read.readahead.prefetcher.version"] == version


def test_the_administrators_settings_reach_the_pods() -> None:
    environment = {
        "MOUNT_ROOT": "/runtime-mnt",
        "CRITICAL_FUSE_POD": "true",
        "INIT_PORT_CHECK_ENABLED": "true",
        "JINDO_DNS_SERVER_ENV": "10.0.0.10",
    }
    case = Case({"master": {"replicas": 3}}, environment=environment)
    mount = volume(case.fuse, "jindofs-fuse-mount")
    assert mount["hostPath"] == {"path": "/runtime-mnt/jindo/default/hbase", "type": "DirectoryOrCreate"}
    assert pod_spec(case.fuse).priority_class_name == "system-node-critical"
    [check] = pod_spec(case.master).init_containers or []
    assert check.image == "registry.cn-hangzhou.aliyuncs.com/fluid/init-users:v0.3.0-1467caa"
    assert [one.to_wire() for one in check.env or []] == [{"name": "PORTS_TO_CHECK", "value": "18000:18002"}]
    for pod in case.pods:
        assert (pod.dns_policy, pod.enable_service_links) == ("None", False)
        assert pod.dns_config is not None
        assert pod.dns_config.to_wire() == {
            "nameservers": ["10.0.0.10"],
            "searches": [
                "default.svc.cluster.local",
                "svc.cluster.local",
                "cluster.local",
                "tbsite.net",
                "aliyun.com",
            ],
            "options": [{"name": "ndots", "value": "5"}],
        }


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("", "/jindo"),
        ("relative", "/jindo"),
        ("/bad dir", "/jindo"),
        ("/", "/jindo"),
        ("/a/b_c.d/", "/a/b_c.d/jindo"),
    ],
)
def test_a_mount_root_that_is_no_directory_counts_as_none(root: str, path: str) -> None:
    mount = volume(Case(environment={"MOUNT_ROOT": root}).fuse, "jindofs-fuse-mount")["hostPath"]
    assert mount == {"path": f"{path}/default/hbase", "type": "DirectoryOrCreate"}


def test_properties_and_log_settings_of_the_user_count() -> None:
    case = Case(
        {
            "master": {"properties": {"namespace.rpc.port": "1", "own": "a = b"}},
            "worker": {"properties": {"storage.rpc.port": "2"}},
            "fuse": {"properties": {"fs.xengine": "x"}, "logConfig": {"logger.level": "0"}},
            "logConfig": {"logger.verbose": "9"},
        }
    )
    assert case.section("jindocache-server")["namespace.rpc.port"] == "1"
    assert case.section("jindocache-server")["own"] == "a = b"
    assert case.section("jindocache-worker")["storage.rpc.port"] == "2"
    assert case_sdk(case)["fs.xengine"] == case.section("jindocache-client")["fs.xengine"] == "x"
    assert case.section("common")["logger.level"] == "0"
    assert case.section("jindocache-common")["logger.verbose"] == "9"


def test_all_children_are_controlled_by_the_runtime() -> None:
    owner = OwnerReference(
        api_version="data.fluid.io/v1alpha1",
        kind="JindoRuntime",
        name="hbase",
        uid="u1",
        controller=True,
        block_owner_deletion=False,
    )
    case = Case({"master": {"replicas": 3}}, owner=owner)
    assert all(item.metadata.owner_references == [owner] for item in case.objects)
