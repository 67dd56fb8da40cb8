"""ThinRuntimeProfile (generated from schemas/thinruntimeprofile.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import ClassVar, Literal

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Update

from . import kubernetes, thinruntime


class ThinRuntimeProfileStatus(KubeModel):
    """What is known about a profile. Nothing is."""


class ThinRuntimeProfileSpec(KubeModel):
    """The template of ThinRuntimes."""

    file_system_type: str
    """What the mount table of a node calls the mounts, or a part of it, such as `fuse.rclone`: a mount is
    live when it shows. It is the attribute `mount_type` of the volume.
    """

    fuse: thinruntime.ThinFuseSpec | None = None
    """The FUSE clients, which mount Datasets on the nodes that use them."""

    worker: thinruntime.ThinCompTemplateSpec | None = None
    """The workers of the storage system."""

    volumes: list[kubernetes.Volume] | None = None
    """Volumes, for use in `volumeMounts` of `worker` and `fuse`, here and in runtimes."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images. The list of a runtime or of a component replaces it."""

    node_publish_secret_policy: Literal[
        "NotMountNodePublishSecret",
        "MountNodePublishSecretIfExists",
        "CopyNodePublishSecretAndMountIfNotExists",
    ] = "MountNodePublishSecretIfExists"
    """What becomes of the Secret that the volume behind a `pvc://` source names for its node plugin:
    `NotMountNodePublishSecret` leaves it, `MountNodePublishSecretIfExists` mounts the Secret of that name
    in the runtime's namespace at `/etc/fluid/secrets/<secret>`. `CopyNodePublishSecretAndMountIfNotExists`
    is refused: Fluid has no right to read Secrets.
    """


class ThinRuntimeProfile(KubeObject):
    """How one kind of storage is mounted: the template of all ThinRuntimes that name it, whatever their
    namespace. A change of it reaches them.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "ThinRuntimeProfile", "thinruntimeprofiles", namespaced=False
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.fileSystemType": "recreate",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.nodeSelector": "recreate",
        "spec.fuse.cleanPolicy": "hot",
        "spec.worker.enabled": "hot",
        "spec.worker.replicas": "hot",
        "spec.nodePublishSecretPolicy": "rolling",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["ThinRuntimeProfile"] = "ThinRuntimeProfile"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: ThinRuntimeProfileSpec | None = None
    """What is wanted."""

    status: ThinRuntimeProfileStatus | None = None
    """What is known; nothing is."""
