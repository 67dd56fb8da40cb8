"""The Job or CronJob of a DataProcess, for any engine: its pods use the Dataset's claim."""

from typing import Literal

from pydantic import Field

from fluid.charts import ChartError, ChartValues, Release, load_chart
from fluid.engines.errors import InvalidSpec
from fluid.engines.limits import refuse_oversized
from fluid.engines.pods import dataflow_annotations
from fluid.engines.processor import DATASET_VOLUME, problem_of
from fluid.engines.registry import OperationRequest
from fluid.engines.settings import Settings
from fluid.engines.texts import refuse_impossible
from fluid.models import (
    Container,
    DataProcess,
    DataProcessSpec,
    Dataset,
    EnvVar,
    LocalObjectReference,
    PersistentVolumeClaimVolumeSource,
    PodMetadata,
    PodSpec,
    ResourceRequirements,
    ScriptProcessor,
    TargetDatasetWithMountPath,
    Volume,
    VolumeMount,
)
from fluid.naming import DATASET_ID, default_dataset_id
from fluid.types import KubeObject

CHART = "fluid-dataprocess/common"


class Script(ChartValues):
    """A script and the container that runs it."""

    source: str = "true"
    image: str = "busybox"
    image_pull_policy: str = ""
    command: list[str] = Field(default_factory=lambda: ["sh"])
    env: list[EnvVar] = Field(default_factory=list[EnvVar])
    volumes: list[Volume] = Field(default_factory=list[Volume])
    volume_mounts: list[VolumeMount] = Field(default_factory=list[VolumeMount])
    resources: ResourceRequirements | None = None
    restart_policy: Literal["Never", "OnFailure"] = "Never"
    service_account_name: str = ""
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])


class ProcessValues(ChartValues):
    """All values of the chart `fluid-dataprocess/common`."""

    name: str = "process"
    target_dataset: str = "dataset"
    owner_dataset_id: str = "default-dataset"
    mount_path: str = "/data"
    sub_path: str = ""
    policy: Literal["Once", "Cron"] = "Once"
    schedule: str = ""
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    script: Script = Field(default_factory=Script)
    pod_spec: PodSpec | None = None


def process_objects(request: OperationRequest[KubeObject]) -> list[KubeObject]:
    """The Job or CronJob, and for a script the ConfigMap with it.

    Raises:
        InvalidSpec: The DataProcess can never run as it is written.
    """
    process = request.operation
    assert isinstance(process, DataProcess), "registered for DataProcess"
    values = process_values(process, request.dataset, request.settings)
    release = Release(f"{process.name}-processor", process.namespace)
    try:
        objects = load_chart(CHART).render(values, release)
    except ChartError as error:  # of two equal names in lists of the user
        path = f"DataProcess {process.key} spec.processor"
        raise InvalidSpec(path, f"cannot be rendered ({error})", "Remove one of the two") from error
    refuse_oversized(objects, [process])
    return objects


def process_values(process: DataProcess, dataset: Dataset, settings: Settings) -> ProcessValues:
    """The chart's values; see `process_objects`."""
    spec = _checked(process)
    processor, job = spec.processor, spec.processor.job
    metadata = processor.pod_metadata or PodMetadata()
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return ProcessValues(
        name=process.name,
        target_dataset=dataset.name,
        owner_dataset_id=recorded or default_dataset_id(dataset.namespace, dataset.name, dataset.uid),
        mount_path=spec.dataset.mount_path,
        sub_path=spec.dataset.sub_path or "",
        policy="Cron" if spec.policy == "Cron" else "Once",
        schedule=spec.schedule or "",
        labels=metadata.labels or {},
        annotations={**(metadata.annotations or {}), **dataflow_annotations(process)},
        script=_script(processor.script, processor.service_account_name or "", settings)
        if processor.script
        else Script(),
        pod_spec=_pod(job.pod_spec, spec.dataset, processor.service_account_name)
        if job and job.pod_spec
        else None,
    )


def _checked(process: DataProcess) -> DataProcessSpec:
    if process.spec is None:
        raise InvalidSpec(f"DataProcess {process.key} spec", "is missing", "Name a Dataset and a processor")
    problem = problem_of(process.spec)
    if problem is not None:
        fix = problem.fix[0].upper() + problem.fix[1:]
        raise InvalidSpec(f"DataProcess {process.key} {problem.path}", problem.message, fix)
    if process.spec.policy == "Cron" and not (process.spec.schedule or "").strip():
        path = f"DataProcess {process.key} spec.schedule"
        raise InvalidSpec(path, "is missing for policy Cron", "Set a schedule such as '0 2 * * *'")
    refuse_impossible(f"DataProcess {process.key}", process.spec)
    return process.spec


def _script(script: ScriptProcessor, service_account: str, settings: Settings) -> Script:
    return Script(
        source=script.source,
        image=f"{script.image}:{script.image_tag}" if script.image_tag else script.image or "",
        image_pull_policy=script.image_pull_policy or "",
        command=script.command or [],
        env=script.env or [],
        volumes=script.volumes or [],
        volume_mounts=script.volume_mounts or [],
        resources=script.resources,
        restart_policy=script.restart_policy,
        service_account_name=service_account,
        image_pull_secrets=settings.pull_secrets,
    )


def _pod(pod: PodSpec, target: TargetDatasetWithMountPath, service_account: str | None) -> PodSpec:
    """The user's pod with the Dataset in all its containers, if it is to be mounted."""
    defaults = {
        "restart_policy": pod.restart_policy or "Never",
        "service_account_name": pod.service_account_name or pod.service_account or service_account,
    }
    if not target.mount_path:
        return pod.model_copy(update=defaults)
    mount = VolumeMount(name=DATASET_VOLUME, mount_path=target.mount_path, sub_path=target.sub_path or None)
    claim = PersistentVolumeClaimVolumeSource(claim_name=target.name)
    volume = Volume(name=DATASET_VOLUME, persistent_volume_claim=claim)
    return pod.model_copy(
        update={
            "containers": [_mounting(one, mount) for one in pod.containers],
            "init_containers": [_mounting(one, mount) for one in pod.init_containers or ()] or None,
            "volumes": [*(pod.volumes or ()), volume],
            **defaults,
        }
    )


def _mounting(container: Container, mount: VolumeMount) -> Container:
    return container.model_copy(update={"volume_mounts": [*(container.volume_mounts or ()), mount]})
