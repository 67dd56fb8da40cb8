"""DataProcess runs a script or a pod of the user on the files of a Dataset, whatever the engine."""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import normpath
from typing import Literal

from pydantic import Field

from fluid.charts import ChartError, ChartValues, Release, load_chart
from fluid.engines.core.distributions import INTERFACE
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.limits import refuse_impossible, refuse_oversized
from fluid.engines.core.operation import (
    OperationProblem,
    OperationRegistration,
    OperationRequest,
    OperationSpec,
)
from fluid.engines.core.settings import Settings
from fluid.engines.kit.pods import dataflow_annotations
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
from fluid.types import Key, KubeObject

DATASET_VOLUME = "fluid-dataset-vol"
"""Name of the volume by which pods use the Dataset."""
SCRIPTS_VOLUME = "fluid-processor-scripts"
"""Name of the volume with the script."""
SCRIPTS_PATH = "/fluid-scripts"
"""Where the script is mounted."""


def problem_of(spec: DataProcessSpec) -> OperationProblem | None:
    """The first problem of a spec; None when there is none."""
    return next(_problems(spec), None)


def _problems(spec: DataProcessSpec) -> Iterator[OperationProblem]:
    script, job = spec.processor.script, spec.processor.job
    if script is None and job is None:
        missing = "has neither script nor job"
        yield OperationProblem("ProcessorNotSpecified", "spec.processor", missing, "set one of them")
    if script is not None and job is not None:
        both = "has a script and a job"
        yield OperationProblem("MultipleProcessorSpecified", "spec.processor", both, "remove one of them")
    if job is not None and (job.pod_spec is None or not job.pod_spec.containers):
        path, fix = "spec.processor.job.podSpec", "say which containers process the files"
        yield OperationProblem("ProcessorNotSpecified", path, "has no container", fix)
    if script is not None and not script.image:
        path, fix = "spec.processor.script.image", "name an image that can run the script"
        yield OperationProblem("ImageNotSpecified", path, "is missing", fix)
    if spec.dataset.mount_path:  # empty: the Dataset is not mounted
        yield from _unusable(spec.dataset.mount_path)
    if script is not None:
        yield from _script_conflicts(script, spec.dataset.mount_path)
    if job is not None and job.pod_spec is not None:
        yield from _pod_conflicts(job.pod_spec, spec.dataset.mount_path)


def _unusable(mount_path: str) -> Iterator[OperationProblem]:
    if not mount_path.startswith("/") or _plain(mount_path) == "/" or ":" in mount_path:
        message = f"is {mount_path[:80]!r}, where no container can mount anything"
        fix = "use an absolute path without a colon, such as /data"
        yield OperationProblem("MountPathNotValid", "spec.dataset.mountPath", message, fix)


def _script_conflicts(script: ScriptProcessor, mount_path: str) -> Iterator[OperationProblem]:
    path = "spec.processor.script"
    if mount_path and _plain(mount_path) == SCRIPTS_PATH:
        message = f"is {SCRIPTS_PATH}, where the script is mounted"
        yield OperationProblem(
            "ConflictMountPath", "spec.dataset.mountPath", message, "mount the Dataset elsewhere"
        )
    paths, volumes = (mount_path, SCRIPTS_PATH), (DATASET_VOLUME, SCRIPTS_VOLUME)
    if not mount_path:
        paths, volumes = (SCRIPTS_PATH,), (SCRIPTS_VOLUME,)
    yield from _mount_conflicts(path, script.volume_mounts or (), paths)
    yield from _name_conflicts(path, script.volumes or (), volumes)


def _pod_conflicts(pod: PodSpec, mount_path: str) -> Iterator[OperationProblem]:
    path = "spec.processor.job.podSpec"
    if not mount_path:
        return  # nothing is added that could conflict
    lists: tuple[tuple[str, Iterable[Container]], ...] = (
        ("containers", pod.containers),
        ("initContainers", pod.init_containers or ()),
    )
    for name, containers in lists:
        for index, container in enumerate(containers):
            yield from _mount_conflicts(
                f"{path}.{name}[{index}]", container.volume_mounts or (), (mount_path,)
            )
    yield from _name_conflicts(path, pod.volumes or (), (DATASET_VOLUME,))


def _mount_conflicts(
    path: str, mounts: Sequence[VolumeMount], taken: Sequence[str]
) -> Iterator[OperationProblem]:
    for index, mount in enumerate(mounts):
        for other in taken:
            if _plain(mount.mount_path) == _plain(other):
                what = "the script" if other == SCRIPTS_PATH else "the Dataset"
                message = f"is {mount.mount_path}, where {what} is mounted"
                field = f"{path}.volumeMounts[{index}].mountPath"
                yield OperationProblem("ConflictMountPath", field, message, "mount that volume elsewhere")


def _name_conflicts(path: str, volumes: Sequence[Volume], taken: Sequence[str]) -> Iterator[OperationProblem]:
    for index, volume in enumerate(volumes):
        if volume.name in taken:
            message = f"is {volume.name}, which is the name of a volume that Fluid adds"
            field = f"{path}.volumes[{index}].name"
            yield OperationProblem("ConflictVolumeName", field, message, "name that volume otherwise")


def _plain(path: str) -> str:
    """The shortest spelling of a path."""
    return normpath("/" + path.lstrip("/"))


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
        me = NamedObject.of(process)
        raise InvalidSpec(
            me, "spec.processor", f"cannot be rendered ({error})", "Remove one of the two"
        ) from error
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
    me = NamedObject.of(process)
    if process.spec is None:
        raise InvalidSpec(me, "spec", "is missing", "Name a Dataset and a processor")
    problem = problem_of(process.spec)
    if problem is not None:
        fix = problem.fix[0].upper() + problem.fix[1:]
        raise InvalidSpec(me, problem.path, problem.message, fix)
    if process.spec.policy == "Cron" and not (process.spec.schedule or "").strip():
        raise InvalidSpec(
            me, "spec.schedule", "is missing for policy Cron", "Set a schedule such as '0 2 * * *'"
        )
    refuse_impossible(me, process.spec)
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


def _spec(process: DataProcess) -> OperationSpec:
    spec = process.spec
    if spec is None:
        return OperationSpec(dataset=None)
    target = Key(spec.dataset.namespace or process.namespace, spec.dataset.name)
    return OperationSpec.of(spec, target, scripts=spec.processor.script is not None)


def _problem(process: DataProcess) -> OperationProblem | None:
    return problem_of(process.spec) if process.spec else None


def registration() -> OperationRegistration[DataProcess]:
    """The kind; its pods use the volume of the Dataset, as any pod does, so no engine has to know of it."""
    return OperationRegistration(
        DataProcess,
        _spec,
        release="processor",
        scripts="scripts",
        interface=INTERFACE,
        problem=_problem,
        build=process_objects,
        values={"fluid-dataprocess": ProcessValues},
    )
