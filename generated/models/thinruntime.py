"""ThinRuntime (generated from schemas/thinruntime.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Update

from . import common, kubernetes


class ThinCompTemplateSpec(KubeModel):
    """Settings of the workers."""

    enabled: bool | None = None
    """Whether there are workers. Default is what the profile says, else false."""

    replicas: Annotated[int | None, Field(ge=1)] = None
    """Number of workers, where `spec.replicas` of the runtime says none."""

    image: str | None = None
    """Repository of the image without the tag."""

    image_tag: str | None = None
    """Tag of the image. Default is none, which means `latest`."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling the image, in place of `spec.imagePullSecrets`."""

    env: list[kubernetes.EnvVar] | None = None
    """Environment variables of the container. Those of a runtime are added to its profile's, and win."""

    ports: list[kubernetes.ContainerPort] | None = None
    """Ports that the container listens on. Those of a runtime are added to its profile's."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container; a runtime overrides single entries of its profile. Default is none
    requested and no limit.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the pods may run on. A runtime's replaces its profile's."""

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means what the profile
    says, else `HostNetwork`.
    """

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted. A runtime's are added to its profile's."""

    liveness_probe: kubernetes.Probe | None = None
    """When the container is restarted. A runtime's replaces its profile's. Default is none."""

    readiness_probe: kubernetes.Probe | None = None
    """When the container serves. A runtime's replaces its profile's. Default is none."""


class ThinFuseSpec(KubeModel):
    """Settings of the FUSE clients."""

    image: str | None = None
    """Repository of the image without the tag. Needed, in the runtime or in its profile."""

    image_tag: str | None = None
    """Tag of the image. Default is none, which means `latest`."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling the image, in place of `spec.imagePullSecrets`."""

    command: list[str] | None = None
    """What the container runs, in place of the profile's. Default is what its image says."""

    args: list[str] | None = None
    """Arguments of the container, in place of the profile's. Default is what its image says."""

    env: list[kubernetes.EnvVar] | None = None
    """Environment variables of the container. Those of a runtime are added to its profile's, and win. Fluid
    adds FLUID_RUNTIME_TYPE, FLUID_RUNTIME_NS, FLUID_RUNTIME_NAME, FLUID_FUSE_MOUNTPOINT, MOUNT_POINT and,
    if there are options, MOUNT_OPTIONS.
    """

    options: dict[str, str] | None = None
    """Options of the client. Single ones of a runtime win over its profile's; together they are
    MOUNT_OPTIONS, as `key=value` or `key`, separated by commas. Those of the runtime also stand in
    `config.json` as `runtimeOptions`. Where a profile has none, a Dataset that is only read gives the
    option `ro`.
    """

    ports: list[kubernetes.ContainerPort] | None = None
    """Ports that the container listens on. Those of a runtime are added to its profile's."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container; a runtime overrides single entries of its profile. Default is none
    requested and no limit.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that can mount the Dataset. Pods that use it run there only. A runtime's replaces
    its profile's.
    """

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means what the profile
    says, else `HostNetwork`.
    """

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted. A runtime's are added to its profile's."""

    liveness_probe: kubernetes.Probe | None = None
    """When the container is restarted. A runtime's replaces its profile's. Default is none."""

    readiness_probe: kubernetes.Probe | None = None
    """When the container serves. A runtime's replaces its profile's. Default is none."""

    lifecycle: kubernetes.Lifecycle | None = None
    """What runs before the container stops (`preStop`), in place of the profile's; default is to unmount. A
    `postStart` is refused.
    """

    clean_policy: str | None = None
    """When an idle FUSE pod is removed: `OnRuntimeDeleted`, `OnDemand` (as soon as no pod of the node uses
    it) or `OnFuseChanged`. Default `OnRuntimeDeleted`.
    """

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods. Single ones of a runtime win over its profile's."""


class ThinRuntimeSpec(KubeModel):
    """The parts of a ThinRuntime. What it leaves out, its profile says."""

    profile_name: str | None = None
    """Name of the ThinRuntimeProfile that is the template. Default is none; then `fuse.image` has to be given
    here.
    """

    replicas: int | None = None
    """Number of workers, when they are enabled. Default is `worker.replicas`, which the profile can give too,
    else 0.
    """

    worker: ThinCompTemplateSpec | None = None
    """The workers of the storage system, such as cache servers. Default is none."""

    fuse: ThinFuseSpec | None = None
    """The FUSE clients, which mount the Dataset on the nodes that use it."""

    tieredstore: common.TieredStore | None = None
    """Directories of the nodes for cached data. The paths of the first tier are mounted, as they are, into
    workers and clients. Default is none.
    """

    volumes: list[kubernetes.Volume] | None = None
    """Further volumes, for use in `volumeMounts` of `worker` and `fuse`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images. They replace the profile's; the list of a component replaces both."""

    run_as: common.User | None = None
    """Accepted for compatibility; clients run as root, which FUSE needs."""

    disable_prometheus: bool | None = None
    """Accepted for compatibility; what a client exports is its image's own business."""

    management: common.RuntimeManagement | None = None
    """Accepted for compatibility: there is no cache that Fluid could empty, and files are not counted."""


class ThinRuntime(KubeObject):
    """Any FUSE client, brought in a container image, that mounts the Dataset with the same name; with
    workers, if the storage system has some.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "ThinRuntime", "thinruntimes", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.profileName": "recreate",
        "spec.replicas": "hot",
        "spec.worker.enabled": "hot",
        "spec.worker.replicas": "hot",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.nodeSelector": "recreate",
        "spec.fuse.cleanPolicy": "hot",
        "spec.runAs": "hot",
        "spec.disablePrometheus": "hot",
        "spec.management": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["ThinRuntime"] = "ThinRuntime"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: ThinRuntimeSpec = Field(default_factory=ThinRuntimeSpec)
    """What is wanted."""

    status: common.RuntimeStatus | None = None
    """What is known."""
