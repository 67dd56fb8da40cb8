"""Dataset (generated from schemas/dataset.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Time, Update

from . import common, kubernetes


class DataRestoreLocation(KubeModel):
    """The place of a backup."""

    path: str | None = None
    """`local://<folder>` or `pvc://<claim>/<folder>`."""

    node_name: str | None = None
    """Node that holds the backup when the path is `local://`."""


class DatasetCondition(KubeModel):
    """One statement about a Dataset."""

    type: str
    """What the condition speaks of, such as `RuntimeScheduled`, `Ready`, `NotReady`, `UpdateReady`,
    `Updating` or `Initialized`.
    """

    status: str
    """`True`, `False` or `Unknown`."""

    reason: str | None = None
    """Why, in one word for machines."""

    message: str | None = None
    """Why, and what to do, for people."""

    observed_generation: int | None = None
    """The `metadata.generation` that this condition speaks of."""

    last_update_time: Time | None = None
    """When the condition was last written."""

    last_transition_time: Time | None = None
    """When the status last changed."""


class HCFSStatus(KubeModel):
    """Address of the cache for Hadoop clients."""

    endpoint: str | None = None
    """Address, such as `jindo://host:port`."""

    underlayer_file_system_version: str | None = None
    """Version of the Hadoop interface."""


class CacheableNodeAffinity(KubeModel):
    """Nodes that cache workers may run on."""

    required: kubernetes.NodeSelector | None = None
    """Selector that a node has to match."""


class DatasetSpec(KubeModel):
    """The sources of a Dataset, and how they are offered."""

    mounts: Annotated[list[common.Mount] | None, Field(min_length=1)] = None
    """The sources. May be left out for runtimes that need none; an empty list is refused. A `dataset://`
    source stands alone. Each has a place of its own: no two have one `path`, or one `name` and no path.
    """

    shared_options: dict[str, str] | None = None
    """Options for every mount; a mount's own `options` win."""

    shared_encrypt_options: list[common.EncryptOption] | None = None
    """Options for every mount whose values are kept in Secrets; they come before the mount's own."""

    access_modes: list[str] | None = None
    """How the volume may be used: `ReadOnlyMany`, `ReadWriteMany`, `ReadWriteOnce` or `ReadWriteOncePod`.
    Empty means `ReadOnlyMany`, and wherever that stands the volume is read-only.
    """

    placement: Literal["Exclusive", "", "Shared"] | None = None
    """Whether cache workers of other Datasets may run on the same nodes (`Shared`) or not (`Exclusive`).
    Empty means `Exclusive`.
    """

    node_affinity: CacheableNodeAffinity | None = None
    """Nodes that cache workers may run on."""

    tolerations: list[kubernetes.Toleration] | None = None
    """Taints that masters and workers tolerate. FUSE pods tolerate all."""

    owner: common.User | None = None
    """Owner of the data, for runtimes that can set one (Alluxio). Default is root."""

    runtimes: list[common.Runtime] | None = None
    """Runtimes that are meant for this Dataset. For information only; a runtime binds by equal name."""

    data_restore_location: DataRestoreLocation | None = None
    """Where a backup made by DataBackup is restored from (Alluxio only)."""


class DatasetStatus(KubeModel):
    """What is known about a Dataset."""

    observed_generation: int | None = None
    """The `metadata.generation` that this status speaks of."""

    phase: str | None = None
    """`NotBound`, `Pending`, `Bound`, `Updating`, `DataMigrating` or `Failed`."""

    conditions: list[DatasetCondition]
    """What is true about the Dataset, one entry per type."""

    failing_fuse_nodes: list[str] | None = None
    """Nodes whose FUSE pods the condition `FusesFailing` names: pods there wait for them. Absent without that
    condition.
    """

    runtimes: list[common.Runtime] | None = None
    """Runtimes that are bound."""

    mounts: list[common.Mount] | None = None
    """Mounts that the cache has."""

    ufs_total: str | None = None
    """Size of all data at the sources, such as `52.18MiB`, or `[Calculating]`."""

    file_num: str | None = None
    """Number of files at the sources, or `[Calculating]`."""

    cache_states: dict[str, str] | None = None
    """Statistics of the cache as text, such as `cached`, `cacheCapacity`, `cachedPercentage` and
    `cacheHitRatio`.
    """

    hcfs: HCFSStatus | None = None
    """Address for Hadoop clients, where the cache has one."""

    operation_ref: dict[str, str] | None = None
    """Data operations in progress; their names by kind, separated by commas."""

    dataset_ref: list[str] | None = None
    """Datasets that refer to this one, as `<namespace>/<name>`."""

    data_load_ref: str | None = None
    """No longer used."""

    data_backup_ref: str | None = None
    """No longer used."""


class Dataset(KubeObject):
    """A named set of data sources that a runtime with the same name caches, and that pods read as one
    PersistentVolumeClaim, also with the same name.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "Dataset", "datasets", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.mounts": "rolling",
        "spec.mounts.readOnly": "hot",
        "spec.mounts.shared": "hot",
        "spec.sharedOptions": "rolling",
        "spec.sharedEncryptOptions": "rolling",
        "spec.accessModes": "recreate",
        "spec.owner": "hot",
        "spec.runtimes": "hot",
        "spec.dataRestoreLocation": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["Dataset"] = "Dataset"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DatasetSpec = Field(default_factory=DatasetSpec)
    """What is wanted."""

    status: DatasetStatus | None = None
    """What is known."""
