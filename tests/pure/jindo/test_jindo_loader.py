"""The loader's Job and CronJob; its scripts run as real processes, programs write down their arguments."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.settings import Settings
from fluid.engines.jindo.loader import load_objects
from fluid.engines.operations.dataload import literal
from fluid.models import ConfigMap, CronJob, DataLoad, Job, PodTemplateSpec
from fluid.types import KubeObject
from tests.pure.jindo.support import Case, Json, tier

IMAGE = "reg/smartdata:6.9.1"
RECORDER = """#!/usr/bin/env python3
import json, os, sys
name = os.path.basename(sys.argv[0])
with open(os.environ["RECORD"], "a") as record:
    record.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
if sys.argv[1:3] == ["fs", "-ls"] and sys.argv[3].endswith("/missing"):
    print("ls: `" + sys.argv[3] + "': No such file or directory")
    sys.exit(1)
if sys.argv[1:3] == ["fs", "-ls"] and sys.argv[3].endswith("/unanswered"):
    print("Cannot connect to the namespace service")
    sys.exit(255)
sys.exit(int(os.environ.get("EXIT_" + name, "0")))
"""


def objects(
    spec: Json,
    runtime: Json | None = None,
    *,
    settings: Settings | None = None,
    name: str = "warm",
    annotations: dict[str, str] | None = None,
) -> list[KubeObject]:
    load = DataLoad.model_validate(
        {"metadata": {"name": name, "namespace": "default"}, "spec": {"dataset": {"name": "hbase"}, **spec}}
    )
    load.metadata.annotations = annotations
    repository, tag = IMAGE.rsplit(":", 1)
    version: Json = {"jindoVersion": {"image": repository, "imageTag": tag}}
    found, dataset = Case({**version, **(runtime or {})}).models
    return load_objects(OperationRequest(load, dataset, found, settings or Settings()))


def template(found: list[KubeObject]) -> PodTemplateSpec:
    [workload] = [item for item in found if isinstance(item, Job | CronJob)]
    assert workload.spec is not None
    if isinstance(workload, Job):
        return workload.spec.template
    assert isinstance(workload, CronJob)
    assert workload.spec is not None
    job = workload.spec.job_template.spec
    assert job is not None
    return job.template


def variables(found: list[KubeObject]) -> dict[str, str]:
    """The environment as the kubelet hands it over: `$$` halved, unknown variables left alone."""
    pod = template(found).spec
    assert pod is not None
    [container] = pod.containers
    return {one.name: one.value.replace("$$", "$") for one in container.env or [] if one.value is not None}


def run(
    found: list[KubeObject],
    folder: Path,
    *,
    programs: tuple[str, ...],
    without: tuple[str, ...] = (),
    **environment: str,
) -> tuple[int, str]:
    """Run both scripts one after the other, as the container does."""
    [scripts] = [item for item in found if isinstance(item, ConfigMap)]
    for program in programs:
        (folder / program).write_text(RECORDER)
        (folder / program).chmod(stat.S_IRWXU)
    for key, name in (("dataloader.jindo.init", "init.sh"), ("dataloader.distributedLoad", "load.sh")):
        (folder / name).write_text((scripts.data or {})[key])
        (folder / name).chmod(stat.S_IRWXU)
    result = subprocess.run(
        ["/bin/sh", "-c", f"{folder}/init.sh && {folder}/load.sh"],
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "RECORD": str(folder / "record"),
            "CACHE_LIST_FILE": "/cachelist.txt",
            **{name: value for name, value in variables(found).items() if name not in without},
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def commands(folder: Path) -> list[list[str]]:
    record = folder / "record"
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def loaded(spec: Json, folder: Path, runtime: Json | None = None) -> list[list[str]]:
    """The arguments of each `jindocache`."""
    code, output = run(objects(spec, runtime), folder, programs=("jindo", "jindocache", "ossutil"))
    assert code == 0, output
    return [command[1:] for command in commands(folder) if command[0] == "jindocache"]


def test_a_job_loads_once() -> None:
    spec: Json = {
        "target": [{"path": "/a", "replicas": 2}, {"path": "/b c"}],
        "loadMetadata": True,
        "podMetadata": {"labels": {"x": "y"}, "annotations": {"p": "q"}},
        "schedulerName": "mine",
        "nodeSelector": {"a": "b"},
        "tolerations": [{"key": "k"}],
        "resources": {"limits": {"cpu": "1"}},
        "affinity": {"nodeAffinity": {}},
    }
    found = objects(spec, settings=Settings(image_pull_secrets=("pull",)))
    config, job = found
    standard = {
        "release": "warm-loader",
        "app.kubernetes.io/name": "fluid-dataloader",
        "app.kubernetes.io/instance": "warm-loader",
        "app.kubernetes.io/managed-by": "Helm",
        "fluid.io/managed-by": "fluid",
        "fluid.io/dataset-id": "default-hbase",
    }
    assert (config.name, config.metadata.labels) == (
        "warm-loader-data-load-script",
        {**standard, "role": "dataload-job"},
    )
    assert isinstance(job, Job)
    target = {"app": "jindocache", "targetDataset": "hbase"}
    assert (job.name, job.metadata.labels) == (
        "warm-loader-job",
        {**standard, **target, "role": "dataload-job"},
    )
    assert job.spec is not None
    assert (job.spec.backoff_limit, job.spec.completions, job.spec.parallelism) == (1, 1, 1)
    metadata, pod = template(found).metadata, template(found).spec
    assert metadata is not None
    assert pod is not None
    assert metadata.labels == {**standard, **target, "role": "dataload-pod", "x": "y"}
    assert metadata.annotations == {"sidecar.istio.io/inject": "false", "p": "q"}
    [container] = pod.containers
    assert (container.name, container.image, container.image_pull_policy) == (
        "dataloader",
        IMAGE,
        "IfNotPresent",
    )
    assert (pod.scheduler_name, pod.restart_policy, pod.node_selector) == ("mine", "Never", {"a": "b"})
    assert [one.name for one in pod.image_pull_secrets or []] == ["pull"]
    wire = {one.name: one.to_wire() for one in container.env or []}
    assert wire["STORAGE_ADDRESS"]["valueFrom"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert wire["NEED_LOAD_METADATA"]["value"] == "true"
    assert wire["LOAD_MEMORY_DATA"]["value"] == "false"
    assert (wire["DATA_PATH"]["value"], wire["PATH_REPLICAS"]["value"]) == ("/a:/bc", "2:1")
    assert [one.to_wire() for one in container.env_from or []] == [
        {"configMapRef": {"name": "hbase-jindofs-client-config"}}
    ]
    assert {one.mount_path: (one.name, one.sub_path) for one in container.volume_mounts or []} == {
        "/jindocache.cfg": ("bigboot-config", "jindocache.cfg"),
        "/jindosdk.cfg": ("bigboot-config", "jindosdk.cfg"),
        "/hdfs-3.2.1/etc/hadoop/core-site.xml": ("bigboot-config", "core-site.xml"),
        "/scripts": ("data-load-script", None),
    }
    [scripts] = [one.to_wire() for one in pod.volumes or [] if one.name == "data-load-script"]
    assert scripts["configMap"] == {
        "name": "warm-loader-data-load-script",
        "items": [
            {"key": "dataloader.jindo.init", "path": "jindo_env_init.sh", "mode": 365},
            {"key": "dataloader.distributedLoad", "path": "jindo_dataload.sh", "mode": 365},
        ],
    }


def test_a_cron_job_loads_by_its_schedule() -> None:
    found = objects({"policy": "Cron", "schedule": "0 2 * * *", "options": {"forceload": "true"}})
    job = found[1]
    assert isinstance(job, CronJob)
    assert job.spec is not None
    assert (job.name, job.spec.schedule) == ("warm-loader-job", "0 2 * * *")
    labels = job.metadata.labels or {}
    assert (labels["role"], labels["dataload"], labels["fluid.io/jobPolicy"]) == (
        "dataload-cronjob",
        "warm",
        "cron",
    )
    metadata = template(found).metadata
    assert metadata is not None
    assert (metadata.labels or {})["cronjob"] == "warm-loader-job"
    assert variables(found)["FORCE_LOAD_ENABLE"] == "true"


@pytest.mark.parametrize("spec", [{}, {"policy": "Cron", "schedule": "0 2 * * *"}])
def test_the_annotation_about_node_labels_reaches_the_pods_and_counts_over_pod_metadata(
    spec: dict[str, JsonValue],
) -> None:
    name, kept = "affinity.dataflow.fluid.io/labels", {"sidecar.istio.io/inject": "false", "p": "q"}
    spec["podMetadata"] = {"annotations": {name: "other", "p": "q"}}
    annotated = template(objects(spec, annotations={name: "rack,zone", "else": "stays"})).metadata
    assert annotated is not None
    assert annotated.annotations == {**kept, name: "rack,zone"}
    plain = template(objects(spec)).metadata
    assert plain is not None
    assert plain.annotations == {**kept, name: "other"}


@pytest.mark.parametrize("spec", [{"policy": "Cron"}, {"policy": "Cron", "schedule": " "}])
def test_a_cron_job_without_a_schedule_is_refused(spec: dict[str, JsonValue]) -> None:
    with pytest.raises(InvalidSpec, match=r"spec\.schedule"):
        objects(spec)


def test_a_runtime_without_a_cache_cannot_be_loaded() -> None:
    with pytest.raises(InvalidSpec, match="tieredstore"):
        objects({}, {"tieredstore": {}})


def test_hadoops_configuration_reaches_the_loader() -> None:
    for found in (objects({}, {"hadoopConfig": "hadoop"}), objects({"options": {"hdfsConfig": "hadoop"}})):
        pod = template(found).spec
        assert pod is not None
        mounted = {one.mount_path: one.name for one in pod.containers[0].volume_mounts or []}
        assert mounted["/hdfs-site.xml"] == "hdfs-confs"


def test_a_loads_own_hadoop_configuration_counts_over_the_runtimes() -> None:
    pod = template(objects({"options": {"hdfsConfig": "own"}}, {"hadoopConfig": "runtimes"})).spec
    assert pod is not None
    [volume] = [one.to_wire() for one in pod.volumes or [] if one.name == "hdfs-confs"]
    assert volume["configMap"] == {"name": "own"}


def test_without_a_target_everything_is_loaded(tmp_path: Path) -> None:
    assert loaded({}, tmp_path) == [["-load", "-data", "-s", "-R", "-replica", "1", "jindo:///"]]


@pytest.mark.parametrize(
    ("spec", "flags"),
    [
        ({}, ["-data"]),
        ({"loadMetadata": True}, ["-meta", "-data"]),
        ({"loadMetadata": True, "options": {"loadMetadataOnly": "true"}}, ["-meta"]),
        ({"options": {"loadMetadataOnly": "true"}}, []),
        ({"options": {"atomicCache": "true"}}, ["-data", "-atomic"]),
        ({"options": {"loadMemorydata": "true"}}, ["-data", "-m"]),
        ({"options": {"dryrun": "true"}}, ["-data", "-dryrun"]),
        ({"options": {"forceload": "true"}}, ["-data", "-f"]),
        ({"options": {"cacheListLocationEnable": "true", "unknown": "x"}}, ["-data"]),
    ],
)
def test_each_option_becomes_its_flag(spec: dict[str, JsonValue], flags: list[str], tmp_path: Path) -> None:
    found = loaded({**spec, "target": [{"path": "/spark", "replicas": 3}]}, tmp_path)
    assert found == [["-load", *flags, "-s", "-R", "-replica", "3", "jindo:///spark"]]


def test_a_memory_cache_is_loaded_into_memory_unless_said_otherwise(tmp_path: Path) -> None:
    memory: Json = {"tieredstore": tier(mediumtype="MEM")}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert "-m" in loaded({}, tmp_path / "a", memory)[0]
    assert "-m" not in loaded({"options": {"loadMemorydata": "false"}}, tmp_path / "b", memory)[0]


def test_a_filter_narrows_what_is_loaded(tmp_path: Path) -> None:
    options: Json = {"filter": "*.parquet $(id)", "threadNum": "4"}
    assert loaded({"options": dict(options), "target": [{"path": "/x"}]}, tmp_path) == [
        [
            *("-load", "-data", "-s", "-R", "-replica", "1"),
            *("-filter", "*.parquet $(id)", "-thread", "4", "jindo:///x"),
        ]
    ]


def list_options() -> dict[str, JsonValue]:
    return {
        "accessKeyId": "i d",
        "accessKeySecret": "hush",
        "endpoint": "e",
        "url": "oss://b/l",
        "cacheListReplica": "2",
    }


def test_a_file_list_is_fetched_and_loaded(tmp_path: Path) -> None:
    code, output = run(
        objects({"options": list_options()}), tmp_path, programs=("jindo", "jindocache", "ossutil")
    )
    assert code == 0, output
    assert commands(tmp_path)[1:] == [
        ["ossutil", "-e", "e", "-i", "i d", "-k", "hush", "cp", "oss://b/l", "/cachelist.txt"],
        [
            *("jindocache", "-load", "-data", "-R", "-replica", "2"),
            *("-cachelist", "/cachelist.txt", "-thread", "10", "jindo:///"),
        ],
    ]
    assert "hush" not in output


def test_a_file_list_without_ossutil_fails_with_a_clear_message(tmp_path: Path) -> None:
    code, output = run(objects({"options": list_options()}), tmp_path, programs=("jindo", "jindocache"))
    assert code == 1
    assert "needs the program 'ossutil'" in output
    assert [command for command in commands(tmp_path) if command[0] == "jindocache"] == []


HOSTILE = [
    "/a b",
    "/a:b",
    "/$(touch x)",
    "/`id`",
    "/$HOME/${PATH}",
    "/'\"\\",
    "/*",
    "/-rf",
    "/a\nb",
    "/;&|>",
    "/é",
    "$$",
]


def test_hostile_paths_arrive_as_they_were_written(tmp_path: Path) -> None:
    spec: Json = {"target": [{"path": path} for path in HOSTILE]}
    assert [command[-1] for command in loaded(spec, tmp_path)] == [f"jindo://{path}" for path in HOSTILE]
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        "init.sh",
        "jindo",
        "jindocache",
        "load.sh",
        "ossutil",
        "record",
    ]


def test_a_nul_in_a_path_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidSpec, match=r"DataLoad \S+ spec\.target\[1\]\.path"):
        objects({"target": [{"path": "/a"}, {"path": "/a\x00b"}]})


def test_a_missing_path_fails_before_it_is_loaded(tmp_path: Path) -> None:
    found = objects({"target": [{"path": "/there"}, {"path": "/missing"}, {"path": "/later"}]})
    code, output = run(found, tmp_path, programs=("jindo", "jindocache"))
    assert code == 1
    assert "there is no path '/missing' in the cache" in output
    assert [command[-1] for command in commands(tmp_path) if command[0] == "jindocache"] == ["jindo:///there"]


def test_a_path_that_nobody_can_tell_of_fails_with_what_the_cache_said(tmp_path: Path) -> None:
    found = objects({"target": [{"path": "/unanswered"}]})
    code, output = run(found, tmp_path, programs=("jindo", "jindocache"), CHECK_PAUSE="0")
    assert code == 1
    assert "cannot tell whether the cache has the path '/unanswered'" in output
    assert "Cannot connect to the namespace service" in output
    assert [command[0] for command in commands(tmp_path)] == ["jindo"] * 3


def test_a_path_is_loaded_unchecked_when_the_user_says_so(tmp_path: Path) -> None:
    spec: Json = {"target": [{"path": "/unanswered"}], "options": {"checkPath": "false"}}
    assert [command[-1] for command in loaded(spec, tmp_path)] == ["jindo:///unanswered"]


def test_the_loader_mounts_only_files_that_the_caches_configuration_has() -> None:
    pod = template(objects({})).spec
    assert pod is not None
    [container] = pod.containers
    wanted = {one.sub_path for one in container.volume_mounts or [] if one.name == "bigboot-config"}
    config = Case({}).only(ConfigMap, "hbase-jindofs-config")
    assert wanted - {"core-site.xml"} <= set(config.data or {})


def test_a_failing_load_fails_the_job(tmp_path: Path) -> None:
    code, _ = run(objects({}), tmp_path, programs=("jindo", "jindocache"), EXIT_jindocache="3")
    assert code == 3


def test_an_image_without_the_programs_is_named(tmp_path: Path) -> None:
    code, output = run(objects({}), tmp_path, programs=("jindo",))
    assert code == 1
    assert "no program 'jindocache'" in output


def test_lists_separated_by_colons_still_work(tmp_path: Path) -> None:
    found = objects({"target": [{"path": "/a", "replicas": 2}, {"path": "/b"}]})
    code, output = run(found, tmp_path, programs=("jindo", "jindocache"), without=("DATA_PATH_0",))
    assert code == 0, output
    assert [command[-2:] for command in commands(tmp_path) if command[0] == "jindocache"] == [
        ["2", "jindo:///a"],
        ["1", "jindo:///b"],
    ]


@given(text=st.text(alphabet="$()AB_ \n:", max_size=12))
def test_the_kubelet_hands_over_what_was_written(text: str) -> None:
    assert expand(literal(text)) == text


def expand(text: str) -> str:
    """What a kubelet makes of a value when every variable with a plain name is defined as X."""
    result, index = "", 0
    while index < len(text):
        if text.startswith("$$", index):
            result, index = result + "$", index + 2
        elif text.startswith("$(", index) and ")" in text[index:]:
            end = text.index(")", index)
            name = text[index + 2 : end]
            known = name.replace("_", "a").isalnum()
            result, index = result + ("X" if known else text[index : end + 1]), end + 1
        else:
            result, index = result + text[index], index + 1
    return result
