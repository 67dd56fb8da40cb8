"""DataMigrate (generated from schemas/datamigrate.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource

from . import common, kubernetes


class DatasetToMigrate(KubeModel):
    """A part of a Dataset."""

    name: str
    """Name of the Dataset."""

    namespace: str
    """Namespace of the Dataset, that of the DataMigrate."""

    path: str | None = None
    """Folder or file, from the folder on that the Dataset mounts. With a slash at the end, what is in the
    folder is copied. Default is everything.
    """


class ExternalStorage(KubeModel):
    """A storage outside of Fluid."""

    uri: str
    """Its address as `juicefs sync` reads it, such as `s3://bucket.s3.eu-1.example.com/folder/`, without
    credentials; or `pvc://claim/folder`.
    """

    encrypt_options: list[common.EncryptOption] | None = None
    """Its credentials, in Secrets: `access-key`, `secret-key` and `token`. Any other one is an environment
    variable of the client.
    """


class DataToMigrate(KubeModel):
    """One end of a copy, a Dataset or a storage outside of Fluid."""

    dataset: DatasetToMigrate | None = None
    """A Dataset on a JuiceFSRuntime, in the namespace of the DataMigrate."""

    external_storage: ExternalStorage | None = None
    """A storage outside of Fluid."""


class DataMigrateSpec(KubeModel):
    """What to copy where, when and how."""

    from_: Annotated[DataToMigrate, Field(alias="from")]
    """Where files are copied from. This end or the other one is a Dataset."""

    to: DataToMigrate
    """Where files are copied to."""

    policy: Literal["Once", "Cron", "OnEvent"] = "Once"
    """`Once` runs once, `Cron` on `schedule`, `OnEvent` once when the operation in `runAfter` is complete."""

    schedule: str | None = None
    """When to run with policy `Cron`, as a cron expression such as `0 2 * * *`."""

    run_after: common.OperationRef | None = None
    """Operation that has to be complete first."""

    ttl_seconds_after_finished: int | None = None
    """Seconds after the end, after which the DataMigrate is deleted. Default is never. Not with policy
    `Cron`.
    """

    options: dict[str, str] | None = None
    """`timeout`, such as `2h`, is how long a run may take, by default 30m. Each other one is a flag of
    `juicefs sync`, such as `exclude` or `threads`; empty for a flag without a value.
    """

    parallelism: Annotated[int, Field(ge=1)] = 1
    """Number of pods that copy. With more than one, all but the first are workers that the first one reaches
    by SSH, while it runs.
    """

    parallel_options: dict[str, str] | None = None
    """For `parallelism` above 1: `sshSecretName`, a Secret with `ssh-privatekey` and `ssh-publickey`, which
    is needed; `sshPort`, default 22; `sshReadyTimeoutSeconds`, how long the workers may take to come,
    default 180.
    """

    image: str | None = None
    """Repository of the image without the tag. Default is that of the workers of the runtime."""

    image_tag: str | None = None
    """Tag of the image. Default is that of the workers of the runtime."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    block: bool | None = None
    """Whether the Dataset cannot be used meanwhile. Nobody keeps pods from using it, so `true` is refused."""

    runtime_type: str | None = None
    """Type of the runtime that carries it out, `juicefs`. Default is that of the Dataset."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    affinity: kubernetes.Affinity | None = None
    """Which nodes and pods the pods are near to. Default is apart from each other, where that is possible."""

    tolerations: list[kubernetes.Toleration] | None = None
    """Taints that the pods tolerate."""

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the pods may run on."""

    scheduler_name: str | None = None
    """Scheduler of the pods. Default is the cluster's."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of each pod. Default is none requested and no limit."""


class DataMigrate(KubeObject):
    """Copies files into a Dataset or out of it, by `juicefs sync`, once, on a schedule or after another
    operation. One end is a Dataset on a JuiceFSRuntime.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "DataMigrate", "datamigrates", namespaced=True
    )

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["DataMigrate"] = "DataMigrate"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DataMigrateSpec | None = None
    """What is wanted."""

    status: common.OperationStatus | None = None
    """What is known."""
