"""`fluid render`: documents on stdout, diagnostics on stderr, exit code 1 with file, document and field."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fluid.cli import main
from fluid.engines.core.settings import Settings
from fluid.models import DaemonSet, StatefulSet
from fluid.offline.render import render_documents
from fluid.types.yaml import load_yaml
from tests.pure.jindo.support import Case, mounts

DATASET = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: hbase}
spec:
  mounts: [{mountPoint: "s3://bucket/", name: data, options: {fs.s3.endpoint: e}}]
"""
RUNTIME = """
apiVersion: data.fluid.io/v1alpha1
kind: JindoRuntime
metadata: {name: hbase}
spec:
  replicas: 2
  master: {replicas: 3}
  tieredstore: {levels: [{mediumtype: SSD, path: /mnt/d1, quota: 10Gi}]}
"""
LOAD = """
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: warm}
spec: {dataset: {name: hbase, namespace: default}, target: [{path: /data}]}
"""
PROCESS = """
apiVersion: data.fluid.io/v1alpha1
kind: DataProcess
metadata: {name: count}
spec:
  dataset: {name: hbase, mountPath: /data}
  processor: {script: {image: busybox, source: ls}}
"""


def render(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["render", *arguments], input=text, catch_exceptions=False)


def kinds(result: Result) -> dict[str, int]:
    counts: dict[str, int] = {}
    for document in load_yaml(result.stdout):
        assert isinstance(document, dict)
        counts[str(document["kind"])] = counts.get(str(document["kind"]), 0) + 1
    return counts


def test_options_of_another_cache_are_refused_with_the_right_word() -> None:
    result = render("-f", "-", text=f"{DATASET.replace('fs.s3.endpoint', 'endpoint')}---{RUNTIME}")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "spec.mounts[0].options[endpoint]: endpoint means nothing to a JindoRuntime" in result.stderr
    assert "it reads fs.s3.endpoint" in result.stderr


def test_a_mistake_is_found_in_its_document_whatever_the_field_is_called() -> None:
    result = render("-f", "-", text=f"{RUNTIME}---{DATASET.replace('fs.s3.endpoint', 'alluxio.a/b')}")
    assert result.exit_code == 1
    assert "document 2: spec.mounts[0].options[alluxio.a/b]: " in result.stderr
    assert "document 1" not in result.stderr


def test_of_two_datasets_the_one_that_is_wrong_is_shown() -> None:
    other = [text.replace("name: hbase", "name: other") for text in (DATASET, RUNTIME)]
    wrong = DATASET.replace("fs.s3.endpoint: e", "metaPolicy: NEVER")
    result = render("-f", "-", text="---".join([*other, wrong, RUNTIME]))
    assert result.exit_code == 1
    assert "document 3: spec.mounts[0].options[metaPolicy]: " in result.stderr


def test_a_dataset_and_its_runtime_become_all_their_objects() -> None:
    result = render("-f", "-", text=f"{DATASET}---{RUNTIME}---{LOAD}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert kinds(result) == {
        "Service": 3,
        "StatefulSet": 2,
        "DaemonSet": 1,
        "ConfigMap": 4,
        "PersistentVolume": 1,
        "PersistentVolumeClaim": 1,
        "Job": 1,
    }
    assert "namespace.rpc.port = 18000" in result.stdout
    assert "storage.rpc.port = 18001" in result.stdout
    assert "hbase-jindofs-master-2:18002:0" in result.stdout


def test_a_load_after_another_operation_is_rendered_as_its_job() -> None:
    event = "spec: {policy: OnEvent, runAfter: {kind: DataLoad, name: first}, dataset"
    result = render("-f", "-", text=f"{DATASET}---{RUNTIME}---{LOAD}".replace("spec: {dataset", event))
    assert (result.exit_code, kinds(result)["Job"]) == (0, 1)


def test_a_process_is_rendered_for_any_engine() -> None:
    result = render("-f", "-", text=f"{DATASET}---{RUNTIME}---{PROCESS}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "name: count-processor-job" in result.stdout
    assert kinds(result)["Job"] == 1


def test_of_hadoops_files_only_hdfs_site_is_assumed_without_a_cluster() -> None:
    _, dataset = Case().models
    runtime, _ = Case({"hadoopConfig": "hadoop"}).models
    objects = render_documents([dataset, runtime], Settings())
    for workload in [one for one in objects if isinstance(one, StatefulSet | DaemonSet)]:
        found = mounts(workload)
        assert found["/hdfs-site.xml"] == "hdfs-confs"
        assert found.get("/hdfs-3.2.1/etc/hadoop/core-site.xml") in {"bigboot-config", None}


def test_documents_may_stand_in_several_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DATASET)
    (tmp_path / "b").write_text(RUNTIME)
    assert render("-f", str(tmp_path / "a"), "-f", str(tmp_path / "b")).exit_code == 0


def test_warnings_go_to_stderr() -> None:
    text = DATASET.replace("endpoint: e", "accessKeyId: mine")
    result = render("-f", "-", text=f"{text}---{RUNTIME}")
    assert result.exit_code == 0
    assert "Warning: spec.mounts[0].options[fs.s3.accessKeyId]" in result.stderr
    assert "Warning" not in result.stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{DATASET}---{RUNTIME}".replace("10Gi", "0"),
            "document 2: JindoRuntime default/hbase: spec.tieredstore.levels[0]: a tier needs room",
        ),
        (
            f"{DATASET}---{RUNTIME}".replace("s3://bucket/", "oss://bucket/"),
            "document 1: spec.mounts[0].options",
        ),
        (f"{DATASET}---{RUNTIME}".replace("mountPoint", "mountpoint"), "document 1: spec.mounts[0]"),
        (f"{DATASET}---{RUNTIME}".replace("quota:", "qota:"), "document 2: spec.tieredstore.levels[0].qota"),
        (f"{DATASET}---{RUNTIME}".replace("10Gi", "lots"), "document 2: spec.tieredstore.levels[0].quota"),
        (DATASET, "document 1: Dataset default/hbase: there is no AlluxioRuntime, JindoRuntime"),
        (RUNTIME, "document 1: JindoRuntime default/hbase: there is no Dataset"),
        (
            f"{DATASET}---{RUNTIME}---{LOAD}".replace("{name: hbase, n", "{name: other, n"),
            "document 3: DataLoad",
        ),
        (
            f"{DATASET}---{RUNTIME}".replace("metadata: {name: hbase}", "metadata: {name: Not_A_Name}"),
            "metadata.name",
        ),
        (
            f"{DATASET}---{RUNTIME}".replace("quota: 10Gi", "quotaList: '1Gi,2Gi'"),
            "document 2: JindoRuntime default/hbase: spec.tieredstore.levels[0]: quotaList has as many",
        ),
        (
            f"{DATASET}---{RUNTIME}".replace("bucket/", "b" * 4096),
            "document 1: Dataset default/hbase: spec.mounts[0].mountPoint: too long",
        ),
        (
            f"{DATASET}---{RUNTIME}".replace("{name: hbase}", f"{{name: {'n' * 38}}}"),
            f"document 2: JindoRuntime default/{'n' * 38}: metadata.name is the beginning of",
        ),
        ("apiVersion: v1\nkind: Nonsense\n", "document 1: unknown kind Nonsense"),
        ("[1, 2]", "document 1"),
        ("a: [", "standard input: not valid YAML"),
        (f"{DATASET}---{RUNTIME}".replace("/mnt/d1", '"/mnt\\0"'), "contains a NUL"),
        (f"{DATASET}---{RUNTIME}---{RUNTIME}", "stands there twice"),
        (
            f"{DATASET}---{RUNTIME}".replace("s3://bucket/", "dataset://other/hbase"),
            "document 1: Dataset default/hbase spec.mounts[0].mountPoint: refers to another Dataset",
        ),
        (
            DATASET.replace("s3://bucket/", "dataset://other/hbase"),
            "document 1: Dataset default/hbase spec.mounts[0].mountPoint: refers to another Dataset",
        ),
        (
            f"{DATASET}---{RUNTIME}---{LOAD}".replace("spec: {dataset", "spec: {policy: OnEvent, dataset"),
            "document 3: DataLoad default/warm spec.policy: is OnEvent but there is no event",
        ),
        (
            f"{DATASET}---{RUNTIME}---{LOAD}".replace(
                "spec: {dataset", "spec: {runAfter: {kind: DataLoad, name: a, namespace: other}, dataset"
            ),
            "document 3: DataLoad default/warm spec.runAfter.namespace: is another namespace",
        ),
        (
            f"{DATASET}---{RUNTIME}---{PROCESS}".replace("mountPath: /data", "mountPath: /fluid-scripts"),
            "document 3: DataProcess default/count spec.dataset.mountPath: is /fluid-scripts, where",
        ),
        (
            f"{DATASET}---{RUNTIME}---{PROCESS}".replace("script: {image: busybox, source: ls}", ""),
            "DataProcess default/count spec.processor: has neither script nor job. Set one of them",
        ),
    ],
)
def test_a_mistake_is_named_with_file_document_and_field(text: str, expected: str) -> None:
    result = render("-f", "-", text=text)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert expected in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_missing_is_named() -> None:
    result = render("-f", "/nowhere/at/all.yaml")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: /nowhere/at/all.yaml: No such file or directory\n",
    )


def test_a_chart_alone_is_rendered_with_values_over_its_own(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("imageTag: 9.9.9\nmaster: {nodeSelector: {a: b}}\n")
    result = render("--chart", "jindocache", "--values", str(values), "--name", "demo", "-n", "prod")
    assert result.exit_code == 0, result.stderr
    assert "smartdata:9.9.9" in result.stdout
    assert "name: demo-jindofs-master" in result.stdout
    assert "demo-jindofs-master-0.prod:8101" in result.stdout


def test_a_chart_refuses_values_that_it_does_not_know(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("master: {replicaCout: 3}\n")
    result = render("--chart", "jindocache", "--values", str(values))
    assert result.exit_code == 1
    assert f"{values}: master.replicaCout" in result.stderr


def test_the_loaders_chart_is_rendered_alone() -> None:
    assert kinds(render("--chart", "fluid-dataloader/jindocache")) == {"ConfigMap": 1, "Job": 1}


@pytest.mark.parametrize("arguments", [[], ["-f", "-", "--chart", "jindocache"], ["--values", "x"]])
def test_unclear_arguments_are_explained(arguments: list[str]) -> None:
    result = render(*arguments, text="")
    assert result.exit_code == 2
    assert "give -f FILE, or --chart DIR" in result.stderr


def test_help_lists_commands_without_importing_them() -> None:
    assert "render" in CliRunner().invoke(main, ["--help"]).stdout
