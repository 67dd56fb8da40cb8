"""DataLoad (generated from schemas/dataload.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource

from . import common, kubernetes


class TargetPath(KubeModel):
    """A path to load."""

    path: str
    """Path in the unified namespace of the Dataset."""

    replicas: int | None = None
    """Copies to keep in the cache; not with ThinRuntimes. Default 1; 0 counts as 1."""


class DataLoadSpec(KubeModel):
    """What to load, when and how."""

    dataset: common.TargetDataset | None = None
    """Dataset whose cache is filled, in the namespace of the DataLoad."""

    target: list[TargetPath] | None = None
    """Paths to load. Default is everything, `/`, with one replica."""

    load_metadata: bool | None = None
    """Whether to load names and sizes of new files at the source first. Default false. ThinRuntimes always
    do.
    """

    options: dict[str, str] | None = None
    """Options of the engine's loader, such as `atomicCache` or `loadMetadataOnly` for JindoCache, where
    `checkPath: "false"` loads a path even if the cache cannot tell whether it has it. With a ThinRuntime
    these are: `threadNum` (files that are read at once, default 8), `loadMetadataOnly` (look at all files,
    read none), `image` (anything with Python 3.9; default is the operator's) and `runAsUser` (default 0).
    """

    policy: Literal["Once", "Cron", "OnEvent"] = "Once"
    """`Once` runs once, `Cron` on `schedule`, `OnEvent` once when the operation in `runAfter` is complete."""

    schedule: str | None = None
    """When to run with policy `Cron`, as a cron expression such as `0 2 * * *`."""

    run_after: common.OperationRef | None = None
    """Operation that has to be complete first."""

    ttl_seconds_after_finished: int | None = None
    """Seconds after the end, after which the DataLoad is deleted. Default is never. Not with policy `Cron`."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the loader's pods."""

    affinity: kubernetes.Affinity | None = None
    """Affinity of the loader's pods."""

    tolerations: list[kubernetes.Toleration] | None = None
    """Taints that the loader's pods tolerate."""

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the loader's pods may run on."""

    scheduler_name: str | None = None
    """Scheduler of the loader's pods. Default is the cluster's own."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the loader's container. Default is none requested and no limit."""


class DataLoad(KubeObject):
    """Fills the cache of a Dataset ahead of its use, once or on a schedule."""

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "DataLoad", "dataloads", namespaced=True
    )

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["DataLoad"] = "DataLoad"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DataLoadSpec = Field(default_factory=DataLoadSpec)
    """What is wanted."""

    status: common.OperationStatus | None = None
    """What is known."""
