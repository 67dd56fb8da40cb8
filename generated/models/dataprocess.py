"""DataProcess (generated from schemas/dataprocess.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import ClassVar, Literal

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource

from . import common, kubernetes


class TargetDatasetWithMountPath(KubeModel):
    """The Dataset that a DataProcess works on, and where its containers find the files."""

    name: str
    """Name of the Dataset."""

    namespace: str | None = None
    """Namespace of the Dataset: that of the DataProcess, which is the default."""

    mount_path: str
    """Where the Dataset is mounted in every container, as an absolute path. Nothing else may be there. Empty
    for
    a process that does not read its files: nothing is mounted.
    """

    sub_path: str | None = None
    """Directory of the Dataset that is mounted. Default is all of it."""


class ScriptProcessor(KubeModel):
    """A script, mounted as `/fluid-scripts/preprocess.sh`, whose path is the argument of the container."""

    image: str | None = None
    """Repository of the image without the tag. Needed."""

    image_tag: str | None = None
    """Tag of the image. Default is none, which means `latest`."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `Always` for the tag `latest`,
    else `IfNotPresent`.
    """

    command: list[str] | None = None
    """What runs the script, such as `[bash]`. Default is what the image says; where that is nothing, the
    script itself is run and needs a first line such as `#!/bin/sh`.
    """

    source: str
    """Text of the script."""

    env: list[kubernetes.EnvVar] | None = None
    """Environment variables of the container."""

    volumes: list[kubernetes.Volume] | None = None
    """Further volumes of the pod."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where these volumes are mounted; not at `dataset.mountPath`."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. Default is none requested and no limit."""

    restart_policy: Literal["Never", "OnFailure"] = "Never"
    """Whether a failed container is started again in its pod (`OnFailure`) or a new pod is made (`Never`).
    After three more attempts the DataProcess fails.
    """


class JobProcessor(KubeModel):
    """A pod of the user."""

    pod_spec: kubernetes.PodSpec | None = None
    """The pod. Fluid adds the Dataset's volume, `fluid-dataset-vol`, to it and to all its containers. Needed.
    Default of `restartPolicy` is `Never`.
    """


class Processor(KubeModel):
    """What runs."""

    script: ScriptProcessor | None = None
    """A script, in an image that can run it."""

    job: JobProcessor | None = None
    """A pod of the user."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods. The annotation `data.fluid.io/progress-from` names the container
    whose last line, a JSON object of strings, becomes `status.infos`.
    """

    service_account_name: str | None = None
    """Service account of the pods, where `job.podSpec` names none."""


class DataProcessSpec(KubeModel):
    """What to run on which Dataset, and when."""

    dataset: TargetDatasetWithMountPath
    """Dataset whose files are processed, in the namespace of the DataProcess."""

    processor: Processor
    """What runs. Exactly one of `script` and `job` has to be given."""

    policy: Literal["Once", "Cron", "OnEvent"] = "Once"
    """`Once` runs once, `Cron` on `schedule`, `OnEvent` once when the operation in `runAfter` is complete."""

    schedule: str | None = None
    """When to run with policy `Cron`, as a cron expression such as `0 2 * * *`."""

    run_after: common.OperationRef | None = None
    """Operation that has to be complete first."""

    ttl_seconds_after_finished: int | None = None
    """Seconds after the end, after which the DataProcess is deleted. Default is never. Not with policy
    `Cron`.
    """


class DataProcess(KubeObject):
    """Runs a script or a pod of the user on the files of a Dataset, once or on a schedule. It works with
    every engine, as it uses what pods use: the Dataset's volume.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "DataProcess", "dataprocesses", namespaced=True
    )

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["DataProcess"] = "DataProcess"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DataProcessSpec | None = None
    """What is wanted."""

    status: common.OperationStatus | None = None
    """What is known."""
