"""JindoRuntime (generated from schemas/jindoruntime.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Update

from . import common, kubernetes


class JindoCompTemplateSpec(KubeModel):
    """Settings of the masters or of the workers."""

    replicas: Annotated[int | None, Field(ge=1)] = None
    """For masters: 3 for high availability, else 1. Not used for workers, see `spec.replicas`."""

    disabled: bool | None = None
    """Whether to run without this component. Default false."""

    properties: dict[str, str] | None = None
    """Configuration of JindoCache by key; these win over what Fluid sets."""

    ports: dict[str, int] | None = None
    """Accepted for compatibility; ports are chosen by Fluid."""

    env: dict[str, str] | None = None
    """Environment variables of the container."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. A memory limit for workers has to leave room for a tier in memory.
    Default is none requested and no limit.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the pods may run on."""

    tolerations: list[kubernetes.Toleration] | None = None
    """Taints that the pods tolerate, besides those of the Dataset."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    labels: dict[str, str] | None = None
    """Deprecated, use `podMetadata`; not together with labels there."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted. Used for masters only."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`."""


class JindoFuseSpec(KubeModel):
    """Settings of the FUSE clients."""

    image: str | None = None
    """Repository of the image without the tag. Default is the engine's own."""

    image_tag: str | None = None
    """Tag of the image. Default is the engine's own."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `Always`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`."""

    disabled: bool | None = None
    """Whether the health of the clients is left out of account. Default false."""

    args: list[str] | None = None
    """Arguments of the client, in place of all that Fluid sets."""

    properties: dict[str, str] | None = None
    """Configuration of the client by key; these win over what Fluid sets."""

    env: dict[str, str] | None = None
    """Environment variables of the container."""

    log_config: dict[str, str] | None = None
    """Log settings of the client, by configuration key."""

    clean_policy: str | None = None
    """When an idle FUSE pod is removed: `OnRuntimeDeleted`, `OnDemand` (as soon as no pod of the node uses
    it) or `OnFuseChanged`. Default `OnRuntimeDeleted`.
    """

    metrics: common.ClientMetrics | None = None
    """Prometheus metrics of the client."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. Default is none requested and no limit."""

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that can mount the Dataset. Pods that use it run there only."""

    tolerations: list[kubernetes.Toleration] | None = None
    """Accepted for compatibility; FUSE pods tolerate all taints."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    labels: dict[str, str] | None = None
    """Deprecated, use `podMetadata`; not together with labels there."""


class JindoRuntimeSpec(KubeModel):
    """The parts of a JindoCache cluster."""

    replicas: int | None = None
    """Number of workers. Default 0, a cache without storage."""

    jindo_version: common.VersionSpec | None = None
    """Image of masters and workers."""

    master: JindoCompTemplateSpec | None = None
    """The masters, which keep the metadata."""

    worker: JindoCompTemplateSpec | None = None
    """The workers, which keep the data."""

    fuse: JindoFuseSpec | None = None
    """The FUSE clients, which mount the cache on the nodes that use it."""

    tieredstore: common.TieredStore | None = None
    """Where workers keep data. The first tier counts. Default is 1Gi in memory below `/dev/shm`."""

    networkmode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means `HostNetwork`."""

    hadoop_config: str | None = None
    """ConfigMap of the same namespace with `core-site.xml`, `hdfs-site.xml` or both, for HDFS sources."""

    secret: str | None = None
    """Secret of the same namespace with files of temporary (STS) credentials, mounted at `/token`."""

    user: str | None = None
    """User that masters, workers and clients act as, in the environment variable RUN_AS_USER."""

    run_as: common.User | None = None
    """Accepted for compatibility; JindoCache does not use it."""

    properties: dict[str, str] | None = None
    """Accepted for compatibility; set properties at `master`, `worker` or `fuse`."""

    log_config: dict[str, str] | None = None
    """Log settings of masters and workers, by configuration key."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for all pods; those of a component win."""

    labels: dict[str, str] | None = None
    """Deprecated, use `podMetadata`; not together with labels there."""

    volumes: list[kubernetes.Volume] | None = None
    """Further volumes for the master pods, for use in `master.volumeMounts`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images. The list of a component replaces it."""

    clean_cache_policy: common.CleanCachePolicy | None = None
    """How the cache is emptied when the runtime is deleted."""


class JindoRuntime(KubeObject):
    """A JindoCache cluster that caches the Dataset with the same name."""

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "JindoRuntime", "jindoruntimes", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.replicas": "hot",
        "spec.master.disabled": "on-fuse-restart",
        "spec.master.ports": "hot",
        "spec.worker.disabled": "on-fuse-restart",
        "spec.worker.ports": "hot",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.imageTag": "on-restart",
        "spec.fuse.disabled": "hot",
        "spec.fuse.properties": "on-restart",
        "spec.fuse.logConfig": "on-restart",
        "spec.fuse.cleanPolicy": "hot",
        "spec.fuse.nodeSelector": "recreate",
        "spec.fuse.tolerations": "hot",
        "spec.secret": "rolling",
        "spec.runAs": "hot",
        "spec.properties": "hot",
        "spec.cleanCachePolicy": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["JindoRuntime"] = "JindoRuntime"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: JindoRuntimeSpec = Field(default_factory=JindoRuntimeSpec)
    """What is wanted."""

    status: common.RuntimeStatus | None = None
    """What is known."""
