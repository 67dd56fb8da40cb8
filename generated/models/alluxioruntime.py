"""AlluxioRuntime (generated from schemas/alluxioruntime.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource, Update

from . import common, kubernetes


class AlluxioData(KubeModel):
    """How files are cached."""

    replicas: int | None = None
    """Most copies that the cache keeps of a block. Default 1."""

    pin: bool | None = None
    """Accepted for compatibility; Fluid does not pin files."""


class AlluxioCompTemplateSpec(KubeModel):
    """Settings of one component."""

    replicas: Annotated[int | None, Field(ge=1)] = None
    """For masters: 1, or an odd number from 3 on, which keep a common journal. Not used for other components,
    see `spec.replicas`.
    """

    enabled: bool | None = None
    """For the API gateway, whether there is one. Default false. Not used for other components."""

    properties: dict[str, str] | None = None
    """Alluxio properties of the component; they win over those of all components."""

    jvm_options: list[str] | None = None
    """Options of the Java machine, in place of those that Fluid sets."""

    ports: dict[str, int] | None = None
    """Ports by purpose: `rpc`, `web`, `embeddedJournal` (masters), `data` (job workers). A port property of
    `spec.properties` wins. On the network of the node a port that is not named is chosen by Fluid.
    """

    env: dict[str, str] | None = None
    """Environment variables of the container."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. A memory limit bounds the heap that Fluid asks for; that of workers
    has to leave room for tiers in memory. Default is none requested, but for tiers in memory, and no
    limit.
    """

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`) or their own. Empty means `HostNetwork`. For
    masters and workers; the other components share their pods.
    """

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that the pods may run on. For masters and workers."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods. For masters and workers."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted. What masters and workers mount, their job containers mount
    too.
    """

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`. For masters and workers."""


class AlluxioFuseSpec(KubeModel):
    """Settings of the FUSE clients."""

    image: str | None = None
    """Repository of the image without the tag. Default is the engine's own."""

    image_tag: str | None = None
    """Tag of the image. Default is the engine's own. Tags before 2.8.0 are given their mount by a variable."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images, in place of `spec.imagePullSecrets`."""

    args: list[str] | None = None
    """Arguments of the client in place of those that Fluid sets, such as `fuse` and
    `--fuse-opts=kernel_cache`. Mount point, owner and `allow_other` are added.
    """

    properties: dict[str, str] | None = None
    """Alluxio properties of the client; they win over those of all components."""

    jvm_options: list[str] | None = None
    """Options of the Java machine, in place of those that Fluid sets."""

    env: dict[str, str] | None = None
    """Environment variables of the container."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the container. A memory limit bounds the heap that Fluid asks for; the tiers in
    memory that the client reads itself come on top of it. Default is none requested and no limit.
    """

    network_mode: Literal["HostNetwork", "", "ContainerNetwork"] | None = None
    """Whether pods use the network of their node (`HostNetwork`, the default) or their own."""

    node_selector: dict[str, str] | None = None
    """Labels of the nodes that can mount the Dataset. Pods that use it run there only."""

    clean_policy: str | None = None
    """When an idle FUSE pod is removed: `OnRuntimeDeleted`, `OnDemand` (as soon as no pod of the node uses
    it) or `OnFuseChanged`. Default `OnRuntimeDeleted`.
    """

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for the pods."""

    volume_mounts: list[kubernetes.VolumeMount] | None = None
    """Where volumes of `spec.volumes` are mounted."""


class AlluxioRuntimeSpec(KubeModel):
    """The parts of an Alluxio cluster."""

    replicas: int | None = None
    """Number of workers. Default 0, a cache without storage."""

    alluxio_version: common.VersionSpec | None = None
    """Image of masters, job masters, workers, job workers and API gateway."""

    master: AlluxioCompTemplateSpec | None = None
    """The masters, which keep the metadata."""

    job_master: AlluxioCompTemplateSpec | None = None
    """The job masters, which hand loads out to job workers. They are containers of the master pods: what is
    said of pods counts at `master`.
    """

    worker: AlluxioCompTemplateSpec | None = None
    """The workers, which keep the data."""

    job_worker: AlluxioCompTemplateSpec | None = None
    """The job workers, which carry out loads. They are containers of the worker pods: what is said of pods
    counts at `worker`.
    """

    api_gateway: AlluxioCompTemplateSpec | None = None
    """A REST gateway to the cache, in the master pods. Default is none. What is said of pods counts at
    `master`.
    """

    fuse: AlluxioFuseSpec | None = None
    """The FUSE clients, which mount the cache on the nodes that use it."""

    init_users: common.InitUsersSpec | None = None
    """Init containers that make the user of `runAs`."""

    tieredstore: common.TieredStore | None = None
    """Where workers keep data; all tiers count, the fastest first. Default is 1Gi of memory that only the
    worker sees.
    """

    data: AlluxioData | None = None
    """How files are cached."""

    properties: dict[str, str] | None = None
    """Alluxio properties of all components; they win over what Fluid sets."""

    jvm_options: list[str] | None = None
    """Options of the Java machines of all components."""

    hadoop_config: str | None = None
    """ConfigMap of the same namespace with `core-site.xml`, `hdfs-site.xml` or both, for HDFS sources."""

    run_as: common.User | None = None
    """User that all containers of Alluxio run as; init containers make it. Default is root."""

    disable_prometheus: bool | None = None
    """Whether the Services of the masters lack the label by which Prometheus finds them. Default false."""

    pod_metadata: common.PodMetadata | None = None
    """Labels and annotations for all pods; those of a component win."""

    volumes: list[kubernetes.Volume] | None = None
    """Further volumes for the pods, for use in `volumeMounts` of the components."""

    image_pull_secrets: list[kubernetes.LocalObjectReference] | None = None
    """Secrets for pulling images. The list of a component replaces it."""

    management: common.RuntimeManagement | None = None
    """How Fluid looks after the cache."""


class AlluxioRuntime(KubeObject):
    """An Alluxio cluster that caches the Dataset with the same name."""

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "AlluxioRuntime", "alluxioruntimes", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.replicas": "hot",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.args": "on-restart",
        "spec.fuse.properties": "on-restart",
        "spec.fuse.jvmOptions": "on-restart",
        "spec.fuse.resources": "on-restart",
        "spec.fuse.nodeSelector": "recreate",
        "spec.fuse.cleanPolicy": "hot",
        "spec.data.pin": "hot",
        "spec.disablePrometheus": "hot",
        "spec.management": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["AlluxioRuntime"] = "AlluxioRuntime"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: AlluxioRuntimeSpec = Field(default_factory=AlluxioRuntimeSpec)
    """What is wanted."""

    status: common.RuntimeStatus | None = None
    """What is known."""
