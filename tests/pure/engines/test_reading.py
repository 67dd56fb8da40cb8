"""The Job of a DataLoad that reads the files through the claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.settings import Settings
from fluid.engines.operations.reading import load_by_reading
from fluid.models import ConfigMap, CronJob, DataLoad, Dataset, Job, PodSpec, ThinRuntime
from fluid.naming import MANAGED_BY, PROGRESS_FROM
from fluid.types import KubeObject
from tests.pure.jindo.support import Json


def objects(spec: Json | None = None, settings: Settings | None = None) -> list[KubeObject]:
    metadata = {"name": "warm", "namespace": "team"}
    full = {"dataset": {"name": "store"}, **(spec or {})}
    load = DataLoad.model_validate({"metadata": metadata, "spec": full})
    dataset = Dataset.model_validate({"metadata": {"name": "store", "namespace": "team"}, "spec": {}})
    runtime = ThinRuntime.model_validate({"metadata": {"name": "store", "namespace": "team"}, "spec": {}})
    return load_by_reading(OperationRequest(load, dataset, runtime, settings or Settings()))


def pod(found: list[KubeObject]) -> PodSpec:
    [job] = [item for item in found if isinstance(item, Job)]
    assert job.spec is not None
    assert job.spec.template.spec is not None
    return job.spec.template.spec


def arguments(found: list[KubeObject]) -> list[str]:
    """As the kubelet hands them over: `$$` halved."""
    return [one.replace("$$", "$") for one in pod(found).containers[0].args or []]


def test_the_pod_reads_the_claim_and_is_found_by_its_labels() -> None:
    found = objects()
    [script, job] = found
    assert isinstance(script, ConfigMap)
    assert isinstance(job, Job)
    assert (script.name, job.name) == ("warm-loader-data-load-script", "warm-loader-job")
    assert (script.data or {})["warm_up.py"].startswith('"""Reads the files of a Dataset')
    assert job.spec is not None
    template = job.spec.template.metadata
    assert template is not None
    labels, annotations = template.labels or {}, template.annotations or {}
    assert labels[MANAGED_BY] == "fluid-operation"  # it uses the claim as any reader does, and holds it
    assert (labels["role"], labels["release"]) == ("dataload-pod", "warm-loader")
    assert annotations[PROGRESS_FROM] == pod(found).containers[0].name
    claim, program = pod(found).volumes or []
    assert claim.persistent_volume_claim is not None
    assert claim.persistent_volume_claim.claim_name == "store"
    assert program.config_map is not None
    assert program.config_map.name == script.name


def test_the_pod_has_no_more_rights_than_reading_takes() -> None:
    security = pod(objects()).containers[0].security_context
    assert security is not None
    assert security.capabilities is not None
    assert (security.run_as_user, security.capabilities.add) == (0, ["DAC_OVERRIDE"])
    assert security.capabilities.drop == ["ALL"]
    assert security.read_only_root_filesystem
    assert pod(objects()).automount_service_account_token is False
    somebody = pod(objects({"options": {"runAsUser": "1000"}})).containers[0].security_context
    assert somebody is not None
    assert somebody.capabilities is not None
    assert (somebody.run_as_user, somebody.run_as_non_root, somebody.capabilities.add) == (1000, True, None)


def test_the_image_is_the_operators_unless_the_load_names_one() -> None:
    settings = Settings.from_environment({"FLUID_IMAGE": "reg/fluid:2", "IMAGE_PULL_SECRETS": "keys"})
    found = pod(objects(settings=settings))
    assert found.containers[0].image == "reg/fluid:2"
    assert [one.name for one in found.image_pull_secrets or []] == ["keys"]
    assert (
        pod(objects({"options": {"image": "reg/python:3"}}, settings)).containers[0].image == "reg/python:3"
    )


def test_options_become_arguments() -> None:
    assert arguments(objects()) == ["--threads", "8", "--"]
    spec: Json = {
        "options": {"threadNum": "3", "loadMetadataOnly": "true"},
        "target": [{"path": "/a b"}, {"path": "-x", "replicas": 2}],
    }
    assert arguments(objects(spec)) == ["--threads", "3", "--metadata-only", "--", "/a b", "-x"]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_every_path_arrives_as_it_was_written(path: str) -> None:
    [written] = (pod(objects({"target": [{"path": path}]})).containers[0].args or [])[3:]
    expanded = written.replace("$$", "$") if written != path else written
    assert expanded == path


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"threadnum": "3"}, "spec.options['threadnum']: is no option of a ThinRuntime. Use image, "),
        ({"threadNum": "many"}, "spec.options['threadNum']: is 'many'. Write a whole number from 1 to 256"),
        ({"threadNum": "0"}, "spec.options['threadNum']: is '0'. Write"),
        ({"runAsUser": "-1"}, "spec.options['runAsUser']: is '-1'. Write"),
        ({"runAsUser": "99999999999"}, "spec.options['runAsUser']: is '99999999999'. Write"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_its_name(options: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        objects({"options": dict(options)})
    assert refused.value.message.startswith(f"DataLoad team/warm {problem}")


def test_a_schedule_makes_a_cron_job_of_the_same_pod() -> None:
    [_, cron_job] = objects({"policy": "Cron", "schedule": "0 2 * * *"})
    assert isinstance(cron_job, CronJob)
    assert cron_job.spec is not None
    job = cron_job.spec.job_template.spec
    assert job is not None
    assert job.template.metadata is not None
    assert (job.template.metadata.labels or {})["cronjob"] == cron_job.name
    assert (job.template.metadata.annotations or {})[PROGRESS_FROM] == "dataloader"
    assert job.template.spec == pod(objects())
