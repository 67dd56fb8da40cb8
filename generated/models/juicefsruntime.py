"""JuiceFSRuntime (generated from schemas/juicefsruntime.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Update

from . import common, kubernetes


class ClaimTemplateMetadata(KubeModel):
    """What the claims of all workers are called, and carry."""

    name: Annotated[str, Field(pattern="^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    """Name in `worker.volumeMounts`; a claim is called NAME-RUNTIME-worker-NUMBER."""

    labels: dict[str, str] | None = None
    """Labels of the claims."""

    annotations: dict[str, str] | None = None
    """Annotations of the claims."""


class JuiceFSInitUsersSpec(KubeModel):
    """Accepted but not used."""

    image: str | None = None
    """Accepted but not used."""

    image_tag: str | None = None
    """Accepted but not used."""

    image_pull_policy: str | None = None
    """Accepted but not used."""

    env: dict[str, str] | None = None
    """Accepted but not used."""

    resources: kubernetes.ResourceRequirements | None = None
    """Accepted but not used."""


class ClaimTemplate(KubeModel):
    """A PersistentVolumeClaim that each worker gets."""

    metadata: ClaimTemplateMetadata
    """Its name, labels and annotations."""

    spec: kubernetes.PersistentVolumeClaimSpec
    """Size, access modes and storage class."""


class JuiceFSCompTemplateSpec(KubeModel):
    """Settings of the workers."""

    options: dict[str, str] | None = None
    """Mount options of the workers, such as `buffer-size`. They win over those of the Dataset and of the
    tier.
    """

    env: list[kubernetes.EnvVar] | None = None
    """Environment variables of the container."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. In the enterprise edition a memory limit has to leave room for a tier
    in memory, which is requested. Default is none requested and no limit.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the pods may run on."""

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means `HostNetwork`."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` and claims of `spec.volumeClaimTemplates` are mounted."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`."""

    replicas: Annotated[int | None, Field(ge=1)] = None
    """Accepted for compatibility; `spec.replicas` says how many workers there are."""

    ports: list[kubernetes.ContainerPort] | None = None
    """Accepted for compatibility; ports are chosen by Fluid."""

    enabled: bool | None = None
    """Accepted for compatibility; `spec.replicas` says how many workers there are."""


class JuiceFSFuseSpec(KubeModel):
    """Settings of the FUSE clients."""

    image: str | None = None
    """Repository of the image without the tag. Default is the edition's own."""

    image_tag: str | None = None
    """Tag of the image. Default is the edition's own."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    options: dict[str, str] | None = None
    """Mount options of the clients, such as `attr-cache`. They win over those of the Dataset and of the tier.
    A Dataset that is only read gives `ro`, and keeps attributes for two hours unless that is said
    otherwise here.
    """

    env: list[kubernetes.EnvVar] | None = None
    """Environment variables of the container."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. A memory limit has to leave room for a tier in memory, which is
    requested. Default is none requested and no limit.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that can mount the Dataset. Pods that use it run there only."""

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means `HostNetwork`."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`."""

    clean_policy: str | None = None
    """When an idle FUSE pod is removed: `OnRuntimeDeleted`, `OnDemand` (as soon as no pod of the node uses
    it) or `OnFuseChanged` (the same, if a new one would have another image, other options or anything else
    that is different). Default `OnRuntimeDeleted`.
    """


class JuiceFSUnusedSpec(KubeModel):
    """Settings of a component that JuiceFS does not have."""

    replicas: Annotated[int | None, Field(ge=1)] = None
    """Accepted but not used."""

    enabled: bool | None = None
    """Accepted but not used."""

    options: dict[str, str] | None = None
    """Accepted but not used."""

    env: list[kubernetes.EnvVar] | None = None
    """Accepted but not used."""

    ports: list[kubernetes.ContainerPort] | None = None
    """Accepted but not used."""

    resources: kubernetes.ResourceRequirements | None = None
    """Accepted but not used."""

    node_selector: dict[str, str] | None = None
    """Accepted but not used."""

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Accepted but not used."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Accepted but not used."""

    pod_metadata: common.PodMetadata | None = None
    """Accepted but not used."""


class JuiceFSRuntimeSpec(KubeModel):
    """The parts of a JuiceFSRuntime."""

    replicas: int | None = None
    """Number of workers. Default 0: every FUSE client has a cache of its own then, and nobody else does."""

    juicefs_version: common.VersionSpec | None = None
    """Image of the workers, and of DataLoads and DataMigrates."""

    worker: JuiceFSCompTemplateSpec | None = None
    """The workers. In the enterprise edition they are the members of the cache group; in the community
    edition each has a cache of its own, which a FUSE client of the same node shares when it is a directory
    of that node.
    """

    fuse: JuiceFSFuseSpec | None = None
    """The FUSE clients, which mount the file system on the nodes that use it."""

    tieredstore: common.TieredStore | None = None
    """Where workers and FUSE clients keep blocks, each of them up to the tier's capacity. The first tier
    counts: its directories, separated by colons or commas; its capacity, at least 1Mi; `low` is the share
    of the disk that stays free. Default is `/var/jfsCache` with the size that JuiceFS says.
    """

    configs: list[str] | None = None
    """Further flags of `juicefs format` or, in the enterprise edition, `juicefs auth`, without the two
    dashes, such as `trash-days=7`. They count when the file system is formatted or a client signs in for
    the first time.
    """

    volumes: list[kubernetes.Volume] | None = None
    """Further volumes, for use in `volumeMounts` of `worker` and `fuse`."""

    volume_claim_templates: list[ClaimTemplate] | None = None
    """Claims that each worker gets, for use in `worker.volumeMounts`; each has to be mounted. One that is
    mounted at a cache directory is the cache. Workers that there are keep the claims that they were made
    with: create the runtime anew for others. The claims go with the runtime, and stay while workers are
    scaled in.
    """

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for all pods; those of a component win."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images. The list of a component replaces it."""

    management: common.RuntimeManagement | None = None
    """How the cache is emptied at the end, and whether the files are counted."""

    run_as: common.User | None = None
    """Accepted for compatibility; clients run as root, which FUSE needs."""

    init_users: JuiceFSInitUsersSpec | None = None
    """Accepted for compatibility; nobody is added to the image."""

    disable_prometheus: bool | None = None
    """Accepted for compatibility; `metrics` in the options of a component says where it serves metrics."""

    master: JuiceFSUnusedSpec | None = None
    """Accepted for compatibility; there is no master."""

    job_worker: JuiceFSUnusedSpec | None = None
    """Accepted for compatibility; there are no job workers."""


class JuiceFSRuntime(KubeObject):
    """A JuiceFS file system, community or enterprise edition, that the Dataset with the same name names, with
    a cache beside the pods that read it. There is no master: clients and workers know the metadata
    service.
    """

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "JuiceFSRuntime", "juicefsruntimes", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.replicas": "hot",
        "spec.worker.replicas": "hot",
        "spec.worker.ports": "hot",
        "spec.worker.enabled": "hot",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.nodeSelector": "recreate",
        "spec.volumeClaimTemplates": "recreate",
        "spec.management": "hot",
        "spec.runAs": "hot",
        "spec.initUsers": "hot",
        "spec.disablePrometheus": "hot",
        "spec.master": "hot",
        "spec.jobWorker": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["JuiceFSRuntime"] = "JuiceFSRuntime"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: JuiceFSRuntimeSpec = Field(default_factory=JuiceFSRuntimeSpec)
    """What is wanted."""

    status: common.RuntimeStatus | None = None
    """What is known."""
