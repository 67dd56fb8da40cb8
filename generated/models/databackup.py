"""DataBackup (generated from schemas/databackup.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import ClassVar, Literal

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource

from . import common


class DataBackupSpec(KubeModel):
    """What to save, and where."""

    dataset: str | None = None
    """Name of the Dataset, in the namespace of the DataBackup. It is needed."""

    backup_path: str | None = None
    """Where the files go, `pvc://<claim>/<folder>` or `local:///<directory>` on a node that runs a master of
    the cache. It is needed.
    """

    run_as: common.User | None = None
    """The user that writes the files. Default is that of the runtime, or root. Only the numbers count."""

    run_after: common.OperationRef | None = None
    """Operation that has to be complete first."""

    ttl_seconds_after_finished: int | None = None
    """Seconds after the end, after which the DataBackup is deleted, and no file with it. Default is never."""


class DataBackup(KubeObject):
    """Saves the metadata of a Dataset's cache, names and sizes of files and what is mounted, to a claim or a
    directory of a node. A Dataset that is created with `dataRestoreLocation` begins with them, and lists
    no source. For Datasets on an AlluxioRuntime.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "DataBackup", "databackups", namespaced=True
    )

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["DataBackup"] = "DataBackup"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: DataBackupSpec | None = None
    """What is wanted."""

    status: common.OperationStatus | None = None
    """What is known."""
