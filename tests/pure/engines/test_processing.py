"""A DataProcess becomes a Job with the Dataset in all its containers, or is refused with its field."""

from pathlib import Path
from posixpath import normpath
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.settings import Settings
from fluid.engines.operations.dataprocess import problem_of, process_objects
from fluid.models import (
    ConfigMap,
    CronJob,
    DataProcess,
    Dataset,
    Job,
    ObjectMeta,
    PodTemplateSpec,
    ThinRuntime,
    ThinRuntimeSpec,
)
from fluid.types import KubeObject
from fluid.types.yaml import load_yaml
from tests import strategies

EXAMPLES = Path(__file__).parents[3] / "examples" / "dataprocess"
SETTINGS = Settings(image_pull_secrets=("registry",))
DATASET = Dataset.author({"metadata": {"name": "images", "namespace": "team"}, "spec": {}})
SCRIPT: dict[str, JsonValue] = {
    "image": "busybox",
    "imageTag": "1.36",
    "command": ["sh"],
    "source": "ls /data\n",
}
POD: dict[str, JsonValue] = {"containers": [{"name": "main", "image": "busybox"}]}


def process(
    mount_path: str = "/data", *, script: JsonValue = None, pod: JsonValue = None, **spec: JsonValue
) -> DataProcess:
    """A DataProcess with one processor, or with what `processor` says."""
    ways: dict[str, JsonValue] = {"script": script} if pod is None else {"job": {"podSpec": pod}}
    target: JsonValue = {"name": "images", "mountPath": mount_path}
    metadata: JsonValue = {"name": "count", "namespace": "team"}
    return DataProcess.author({"metadata": metadata, "spec": {"dataset": target, "processor": ways, **spec}})


def objects(one: DataProcess) -> list[KubeObject]:
    runtime = ThinRuntime(metadata=ObjectMeta(name="images", namespace="team"), spec=ThinRuntimeSpec())
    return process_objects(OperationRequest(one, DATASET, runtime, SETTINGS))


def template(rendered: list[KubeObject]) -> PodTemplateSpec:
    for item in rendered:
        if isinstance(item, Job) and item.spec:
            return item.spec.template
        if isinstance(item, CronJob) and item.spec and item.spec.job_template.spec:
            return item.spec.job_template.spec.template
    raise AssertionError("no workload")


def pod_of(rendered: list[KubeObject]) -> dict[str, JsonValue]:
    pod = template(rendered).to_wire()["spec"]
    assert isinstance(pod, dict)
    return pod


def test_a_script_is_mounted_and_run_by_its_path_beside_the_dataset() -> None:
    script, job = objects(process(script=SCRIPT))
    assert isinstance(script, ConfigMap)
    assert (script.name, script.data) == ("count-processor-scripts", {"preprocess.sh": "ls /data\n"})
    assert isinstance(job, Job)
    assert job.name == "count-processor-job"
    assert job.spec
    assert job.spec.backoff_limit == 3
    assert pod_of([job]) == {
        "restartPolicy": "Never",
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [
            {
                "name": "script-processor",
                "image": "busybox:1.36",
                "command": ["sh"],
                "args": ["/fluid-scripts/preprocess.sh"],
                "volumeMounts": [
                    {"name": "fluid-dataset-vol", "mountPath": "/data"},
                    {"name": "fluid-processor-scripts", "mountPath": "/fluid-scripts"},
                ],
            }
        ],
        "volumes": [
            {"name": "fluid-dataset-vol", "persistentVolumeClaim": {"claimName": "images"}},
            {
                "name": "fluid-processor-scripts",
                "configMap": {
                    "name": "count-processor-scripts",
                    "items": [{"key": "preprocess.sh", "path": "preprocess.sh", "mode": 0o555}],
                },
            },
        ],
    }


def test_an_empty_mount_path_means_that_a_script_has_no_dataset_mounted() -> None:
    pod = pod_of(objects(process("", script={**SCRIPT, "volumeMounts": mounted("/data")})))
    (container,) = cast("list[dict[str, JsonValue]]", pod["containers"])
    assert container["volumeMounts"] == [
        {"name": "fluid-processor-scripts", "mountPath": "/fluid-scripts"},
        {"name": "scratch", "mountPath": "/data"},
    ]
    volumes = cast("list[dict[str, JsonValue]]", pod["volumes"])
    assert [volume["name"] for volume in volumes] == ["fluid-processor-scripts"]


def test_an_empty_mount_path_leaves_the_pod_of_the_user_as_it_is() -> None:
    pod: dict[str, JsonValue] = {**POD, "volumes": [{"name": "fluid-dataset-vol", "emptyDir": {}}]}
    assert pod_of(objects(process("", pod=pod))) == {**pod, "restartPolicy": "Never"}


def test_what_a_script_asks_for_reaches_its_pod() -> None:
    more: dict[str, JsonValue] = {
        **SCRIPT,
        "env": [{"name": "A", "value": "$(B)"}],
        "imagePullPolicy": "Always",
        "resources": {"requests": {"cpu": "100m"}},
        "restartPolicy": "OnFailure",
        "volumes": [{"name": "scratch", "emptyDir": {}}],
        "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
    }
    one = process(script=more)
    assert one.spec
    one.spec.dataset.sub_path = "a/b"
    one.spec.processor.service_account_name = "worker"
    pod = pod_of(objects(one))
    assert (pod["serviceAccountName"], pod["restartPolicy"]) == ("worker", "OnFailure")
    containers, volumes = pod["containers"], pod["volumes"]
    assert isinstance(containers, list)
    assert isinstance(volumes, list)
    [container] = containers
    assert isinstance(container, dict)
    assert container["env"] == [{"name": "A", "value": "$(B)"}]
    assert container["resources"] == {"requests": {"cpu": "100m"}}
    assert container["imagePullPolicy"] == "Always"
    assert container["volumeMounts"] == [
        {"name": "fluid-dataset-vol", "mountPath": "/data", "subPath": "a/b"},
        {"name": "fluid-processor-scripts", "mountPath": "/fluid-scripts"},
        {"name": "scratch", "mountPath": "/scratch"},
    ]
    assert volumes[-1] == {"name": "scratch", "emptyDir": {}}


def test_a_pod_of_the_user_gets_the_dataset_in_all_its_containers_and_nothing_else() -> None:
    own: JsonValue = [{"name": "scratch", "mountPath": "/scratch"}]
    pod: dict[str, JsonValue] = {
        "containers": [{"name": "main", "image": "busybox", "volumeMounts": own}, {"name": "beside"}],
        "initContainers": [{"name": "first"}],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
        "terminationGracePeriodSeconds": 5,
    }
    mount: JsonValue = {"name": "fluid-dataset-vol", "mountPath": "/data"}
    volume: JsonValue = {"name": "fluid-dataset-vol", "persistentVolumeClaim": {"claimName": "images"}}
    [job] = objects(process(pod=pod))
    assert pod_of([job]) == {
        "containers": [
            {"name": "main", "image": "busybox", "volumeMounts": [*own, mount]},
            {"name": "beside", "volumeMounts": [mount]},
        ],
        "initContainers": [{"name": "first", "volumeMounts": [mount]}],
        "volumes": [{"name": "scratch", "emptyDir": {}}, volume],
        "terminationGracePeriodSeconds": 5,
        "restartPolicy": "Never",
    }


@pytest.mark.parametrize(("own", "expected"), [(None, "worker"), ("mine", "mine")])
def test_the_service_account_of_a_pod_comes_before_that_of_the_processor(
    own: str | None, expected: str
) -> None:
    one = process(pod={**POD, **({"serviceAccountName": own} if own else {})})
    assert one.spec
    one.spec.processor.service_account_name = "worker"
    assert pod_of(objects(one))["serviceAccountName"] == expected


def test_a_schedule_makes_a_cron_job_whose_runs_are_found_by_label() -> None:
    one = process(script=SCRIPT, policy="Cron", schedule="*/5 * * * *")
    [cron] = [item for item in objects(one) if isinstance(item, CronJob)]
    assert cron.spec
    labels = cron.metadata.labels or {}
    assert (cron.name, cron.spec.schedule, cron.spec.concurrency_policy) == (
        "count-processor-job",
        "*/5 * * * *",
        "Forbid",
    )
    assert (labels["role"], labels["dataprocess"], labels["fluid.io/jobPolicy"]) == (
        "dataprocess-cronjob",
        "count",
        "cron",
    )
    runs = cron.spec.job_template.metadata
    assert runs
    expected = {"cronjob": "count-processor-job", "role": "dataprocess-job", "fluid.io/managed-by": "fluid"}
    assert expected.items() <= (runs.labels or {}).items()


def test_pods_count_as_users_of_the_claim_and_carry_what_the_user_says() -> None:
    one = process(pod=POD)
    assert one.spec
    one.metadata.annotations = {"affinity.dataflow.fluid.io/labels": "zone", "other": "x"}
    one.spec.processor.pod_metadata = strategies.PodMetadata(
        labels={"a": "b", "role": "mine"}, annotations={"c": "d"}
    )
    metadata = template(objects(one)).metadata
    assert metadata
    assert metadata.labels == {
        "a": "b",
        "fluid.io/managed-by": "fluid-operation",
        "role": "dataprocess-pod",
        "release": "count-processor",
        "targetDataset": "images",
    }
    assert metadata.annotations == {
        "sidecar.istio.io/inject": "false",
        "c": "d",
        "affinity.dataflow.fluid.io/labels": "zone",
    }


def mounted(path: str, name: str = "scratch") -> JsonValue:
    return [{"name": name, "mountPath": path}]


@pytest.mark.parametrize(
    ("one", "reason", "path"),
    [
        (process(pod={"containers": []}), "ProcessorNotSpecified", "spec.processor.job.podSpec"),
        (process(script={"source": "ls"}), "ImageNotSpecified", "spec.processor.script.image"),
        (process("data", pod=POD), "MountPathNotValid", "spec.dataset.mountPath"),
        (process("//", pod=POD), "MountPathNotValid", "spec.dataset.mountPath"),
        (process("/a:b", script=SCRIPT), "MountPathNotValid", "spec.dataset.mountPath"),
        (process("/fluid-scripts/", script=SCRIPT), "ConflictMountPath", "spec.dataset.mountPath"),
        (
            process(script={**SCRIPT, "volumeMounts": mounted("/data/")}),
            "ConflictMountPath",
            "spec.processor.script.volumeMounts[0].mountPath",
        ),
        (
            process(script={**SCRIPT, "volumeMounts": mounted("/fluid-scripts")}),
            "ConflictMountPath",
            "spec.processor.script.volumeMounts[0].mountPath",
        ),
        (
            process(pod={"containers": [{"name": "a"}, {"name": "b", "volumeMounts": mounted("/data")}]}),
            "ConflictMountPath",
            "spec.processor.job.podSpec.containers[1].volumeMounts[0].mountPath",
        ),
        (
            process(
                "/data/", pod={**POD, "initContainers": [{"name": "b", "volumeMounts": mounted("/data")}]}
            ),
            "ConflictMountPath",
            "spec.processor.job.podSpec.initContainers[0].volumeMounts[0].mountPath",
        ),
        (
            process(pod={**POD, "volumes": [{"name": "fluid-dataset-vol", "emptyDir": {}}]}),
            "ConflictVolumeName",
            "spec.processor.job.podSpec.volumes[0].name",
        ),
    ],
)
def test_what_cannot_run_is_refused_with_reason_and_field(one: DataProcess, reason: str, path: str) -> None:
    assert one.spec
    problem = problem_of(one.spec)
    assert problem
    assert (problem.reason, problem.path) == (reason, path)
    with pytest.raises(InvalidSpec) as raised:
        objects(one)
    assert (raised.value.subject, raised.value.field) == (NamedObject.of(one), path)
    assert str(raised.value).startswith(f"DataProcess team/count {path}: ")


def test_two_volumes_of_one_name_are_refused_with_the_name() -> None:
    volumes: JsonValue = [{"name": "v", "emptyDir": {}}, {"name": "v", "hostPath": {"path": "/"}}]
    with pytest.raises(
        InvalidSpec, match=r"DataProcess team/count spec.processor: .*two entries have the name v"
    ):
        objects(process(pod={**POD, "volumes": volumes}))


@pytest.mark.parametrize("file", sorted(EXAMPLES.iterdir()), ids=lambda file: file.name)
def test_the_examples_run_on_the_dataset_of_another_example(file: Path) -> None:
    [document] = load_yaml(file.read_text())
    assert isinstance(document, dict)
    one = DataProcess.author(document)
    assert one.spec
    assert one.spec.dataset.name == "store"
    assert template(objects(one)).spec


def rendered_or_refused(one: DataProcess) -> list[KubeObject] | InvalidSpec:
    try:
        return objects(one)
    except InvalidSpec as refusal:
        return refusal


def plain(path: str) -> str:
    return normpath("/" + path.lstrip("/"))


@given(strategies.data_processes(dataset=st.just("images")))
def test_every_process_is_refused_with_a_field_or_has_the_dataset_in_all_containers_once(
    one: DataProcess,
) -> None:
    spec, rendered = one.spec, rendered_or_refused(one)
    assert spec
    if isinstance(rendered, InvalidSpec):
        assert (rendered.subject, rendered.field[:4]) == (NamedObject.of(one), "spec")
        return
    assert problem_of(spec) is None
    pod, target = template(rendered).spec, spec.dataset
    assert pod
    if not target.mount_path:
        claims = [volume.persistent_volume_claim for volume in pod.volumes or ()]
        assert [claim for claim in claims if claim and claim.claim_name == "images"] == []
        return
    for container in (*pod.containers, *(pod.init_containers or ())):
        mounts = container.volume_mounts or []
        here = [mount for mount in mounts if plain(mount.mount_path) == plain(target.mount_path)]
        assert [(mount.name, mount.sub_path or "") for mount in here] == [
            ("fluid-dataset-vol", target.sub_path or "")
        ]
    volumes = [volume for volume in pod.volumes or () if volume.name == "fluid-dataset-vol"]
    claims = [volume.persistent_volume_claim for volume in volumes]
    assert [claim and claim.claim_name for claim in claims] == ["images"]
    script = spec.processor.script
    scripts = [item.data for item in rendered if isinstance(item, ConfigMap)]
    assert scripts == ([{"preprocess.sh": script.source}] if script else [])
