"""Shapes that several Fluid kinds share (generated from schemas/common.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from typing import Annotated, Literal

from pydantic import Field

from fluid.types import KubeModel, Quantity, Time

from . import kubernetes


class SecretKeyReference(KubeModel):
    """One key of a Secret in the same namespace."""

    name: str
    """Name of the Secret."""

    key: str | None = None
    """Key within the Secret."""


class User(KubeModel):
    """A Unix user and group, by number and by name."""

    uid: int
    """Numeric user id."""

    gid: int
    """Numeric group id."""

    user: str
    """Name of the user."""

    group: str
    """Name of the group."""


class Runtime(KubeModel):
    """A runtime that accelerates a Dataset."""

    name: str | None = None
    """Name of the runtime object."""

    namespace: str | None = None
    """Namespace of the runtime object."""

    category: str | None = None
    """What the runtime does for the Dataset: always `Accelerate`."""

    type: str | None = None
    """Cache system: `alluxio`, `jindo`, `juicefs`, `thin`, `efc`, `vineyard` or `cache`."""

    master_replicas: int | None = None
    """Number of masters when the runtime was bound."""


class VersionSpec(KubeModel):
    """A container image."""

    image: str | None = None
    """Repository of the image without the tag. Default is the engine's own."""

    image_tag: str | None = None
    """Tag of the image. Default is the engine's own."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default is the engine's own."""


class PodMetadata(KubeModel):
    """Labels and annotations for pods."""

    labels: dict[str, str] | None = None
    """Labels for the pods."""

    annotations: dict[str, str] | None = None
    """Annotations for the pods."""


class CleanCachePolicy(KubeModel):
    """How the cache is emptied when the runtime is deleted."""

    grace_period_seconds: int = 60
    """Seconds that one attempt may take."""

    max_retry_attempts: int = 3
    """Attempts, after which the deletion goes on with the cache as it is."""


class MetadataSyncPolicy(KubeModel):
    """How size and number of the sources' files are kept up to date."""

    auto_sync: bool | None = None
    """Whether they are counted at all. Default is the engine's own."""


class ClientMetrics(KubeModel):
    """Prometheus metrics of the FUSE client."""

    enabled: bool | None = None
    """Whether the client serves metrics. Default false."""

    scrape_target: str | None = None
    """Which clients are to be scraped, separated by commas: `MountPod` (the FUSE pods), `Sidecar` (the ones
    injected into application pods), `All` or `None`. Default `None`.
    """


class AppliedSpec(KubeModel):
    """Digests of a spec, and of what came of it."""

    generation: int
    """The `metadata.generation` of the runtime."""

    dataset_generation: int
    """The `metadata.generation` of the Dataset."""

    fields: dict[str, str]
    """Digests of the fields that are set, by path."""

    workloads: dict[str, str]
    """Digests of pod templates and of files that pods read at their start, by name of the workload."""


class PendingUpdate(KubeModel):
    """A changed field that is not in force yet."""

    field: str
    """Path of the field, such as `spec.fuse.image`."""

    update: str
    """What the change needs: `rolling`, `on-fuse-restart`, `on-restart` or `recreate`."""

    before: str
    """Digest of the value that is in force, empty for none."""

    workloads: list[str]
    """Workloads whose pods have to be replaced for it."""

    pods_until: Time | None = None
    """When the newest pod was made that lacks the change; absent without pods."""

    pod_revisions: list[str] | None = None
    """Revisions of the templates of pods that lacked the change at first. Times have whole seconds: a pod of
    another revision has the change, although it was made in the second of `podsUntil`.
    """


class MountRecord(KubeModel):
    """Mounts that were made by commands in the first master of a cache."""

    pod: str
    """UID of the master's pod."""

    started: Time
    """When the master's container started."""

    dataset_generation: int
    """The `metadata.generation` of the Dataset."""

    mounts: str
    """Digest of their paths and addresses."""

    contents: dict[str, str] | None = None
    """Digests of what was said of mounts beyond their addresses, such as options, by path."""


class RefusedPods(KubeModel):
    """A workload whose pods the API server does not take."""

    kind: str
    """Kind of the workload, such as `DaemonSet`."""

    name: str
    """Name of the workload."""

    words: str
    """What the API server says of the newest pod."""


class APIGatewayStatus(KubeModel):
    """The REST gateway of a cache."""

    endpoint: str | None = None
    """Address, `host:port`."""


class RuntimeCondition(KubeModel):
    """One statement about a runtime."""

    type: str
    """What the condition speaks of, such as `MasterInitialized`, `MasterReady`, `WorkersReady`, `FusesReady`,
    `WorkersScaledIn` or `WorkersScaledOut`.
    """

    status: str
    """`True`, `False` or `Unknown`."""

    reason: str | None = None
    """Why, in one word or phrase for machines."""

    message: str | None = None
    """Why, and what to do, for people."""

    observed_generation: int | None = None
    """The `metadata.generation` that this condition speaks of."""

    last_probe_time: Time | None = None
    """When the condition was last looked at."""

    last_transition_time: Time | None = None
    """When the status last changed."""


class TargetDataset(KubeModel):
    """The Dataset that an operation works on."""

    name: str
    """Name of the Dataset."""

    namespace: str | None = None
    """Namespace of the Dataset: that of the operation, which is the default."""


class ObjectRef(KubeModel):
    """A data operation."""

    api_version: str | None = None
    """API version of the operation. Default `data.fluid.io/v1alpha1`."""

    kind: Literal["DataLoad", "DataBackup", "DataMigrate", "DataProcess"]
    """Kind of the operation."""

    name: str
    """Name of the operation."""

    namespace: str | None = None
    """Namespace of the operation. Default is the referring object's own."""


class Require(KubeModel):
    """A label in which nodes have to agree."""

    name: str
    """Key of the node label."""


class Prefer(KubeModel):
    """A label in which nodes should agree."""

    name: str
    """Key of the node label."""

    weight: int
    """How much it counts, from 1 to 100."""


class OperationCondition(KubeModel):
    """One statement about a data operation."""

    type: str
    """What the condition speaks of, such as `Complete` or `Failed`."""

    status: str
    """`True`, `False` or `Unknown`."""

    reason: str | None = None
    """Why, in one word for machines."""

    message: str | None = None
    """Why, and what to do, for people."""

    observed_generation: int | None = None
    """The `metadata.generation` that this condition speaks of."""

    last_probe_time: Time | None = None
    """When the condition was last looked at."""

    last_transition_time: Time | None = None
    """When the status last changed."""


class WaitingStatus(KubeModel):
    """What a data operation waits for."""

    operation_complete: bool | None = None
    """True while the preceding operation is not complete."""


class EncryptOptionSource(KubeModel):
    """The place of a value that is kept secret."""

    secret_key_ref: SecretKeyReference | None = None
    """Secret and key that hold the value."""


class InitUsersSpec(KubeModel):
    """Settings of init containers that prepare users and directories."""

    image: str | None = None
    """Repository of the image without the tag. Default is the operator's setting."""

    image_tag: str | None = None
    """Tag of the image. Default is the operator's setting."""

    image_pull_policy: str | None = None
    """When nodes pull the image, `Always`, `IfNotPresent` or `Never`. Default `IfNotPresent`."""

    env: dict[str, str] | None = None
    """Environment variables of the containers."""

    resources: kubernetes.ResourceRequirements | None = None
    """CPU and memory of the containers. Default is none requested and no limit."""


class RuntimeManagement(KubeModel):
    """How Fluid looks after a runtime."""

    clean_cache_policy: CleanCachePolicy | None = None
    """How the cache is emptied when the runtime is deleted."""

    metadata_sync_policy: MetadataSyncPolicy | None = None
    """How size and number of the sources' files are kept up to date."""


class AffinityStrategy(KubeModel):
    """How an operation's pods are drawn to the nodes where another operation ran."""

    policy: str | None = None
    """Empty for no affinity, `Require` for nodes that must match, `Prefer` for nodes that should. Known of a
    node are the labels for host name, region and zone, and those that the annotation
    `affinity.dataflow.fluid.io/labels` of the other operation lists. Operations that repeat record
    nothing.
    """

    depend_on: ObjectRef | None = None
    """The operation whose nodes count. Default is the preceding one."""

    requires: list[Require] | None = None
    """Labels in which nodes have to agree, with policy `Require`. Default is the host name."""

    prefers: list[Prefer] | None = None
    """Labels in which nodes should agree, with policy `Prefer`. Default is the host name."""


class EncryptOption(KubeModel):
    """An option whose value is kept in a Secret of the Dataset's namespace."""

    name: str
    """Key of the option, such as `fs.oss.accessKeyId`."""

    value_from: EncryptOptionSource | None = None
    """Where the value comes from."""


class OperationRef(KubeModel):
    """A data operation that has to be complete first."""

    api_version: str | None = None
    """API version of the operation. Default `data.fluid.io/v1alpha1`."""

    kind: Literal["DataLoad", "DataBackup", "DataMigrate", "DataProcess"]
    """Kind of the operation."""

    name: str
    """Name of the operation."""

    namespace: str | None = None
    """Namespace of the operation. Default is the referring object's own."""

    affinity_strategy: AffinityStrategy | None = None
    """Whether this operation should run where the other one ran."""


class Mount(KubeModel):
    """One source of data, and where it appears in the unified namespace of the Dataset."""

    mount_point: Annotated[str, Field(min_length=5)]
    """Address of the source, for example `oss://bucket/folder`, `s3://bucket`, `hdfs://host:8020/`,
    `pvc://claim/folder`, `local:///path/on/every/node`, or `dataset://namespace/name` for a reference to
    another Dataset, which then must be the only mount. At least 5 characters.
    """

    name: Annotated[str | None, Field(min_length=0)] = None
    """Name of the mount. It is its folder in the namespace, `/<name>`, unless `path` says otherwise."""

    path: str | None = None
    """Absolute path in the unified namespace. Default `/<name>`; `/` makes the source the root."""

    options: dict[str, str] | None = None
    """Options for the storage behind the source, such as an endpoint. They win over `spec.sharedOptions`. Do
    not write credentials here, everyone who can read the Dataset reads them: use `encryptOptions`.
    """

    encrypt_options: list[EncryptOption] | None = None
    """Options whose values are kept in Secrets, such as access keys. Added to the shared ones."""

    read_only: bool | None = None
    """Whether the source is never written to. Default false."""

    shared: bool | None = None
    """Whether all users of the Dataset may share the mount. Default false."""


class RuntimeStatus(KubeModel):
    """What is known about a runtime."""

    observed_generation: int | None = None
    """The `metadata.generation` that this status speaks of."""

    value_file: str
    """Name of the ConfigMap with the chart's values, `<name>-<engine>-values`. It tells the engine."""

    master_phase: str
    """Empty, `NotReady`, `PartialReady` or `Ready`."""

    master_reason: str | None = None
    """Why the masters are in their phase."""

    desired_master_number_scheduled: int
    """Masters that should run."""

    current_master_number_scheduled: int
    """Master pods that exist."""

    master_number_ready: int
    """Master pods that are ready."""

    worker_phase: str
    """Empty, `NotReady`, `PartialReady` or `Ready`."""

    worker_reason: str | None = None
    """Why the workers are in their phase."""

    desired_worker_number_scheduled: int
    """Workers that should run."""

    current_worker_number_scheduled: int
    """Worker pods that exist."""

    worker_number_ready: int
    """Worker pods that are ready."""

    worker_number_available: int | None = None
    """Worker pods that are available."""

    worker_number_unavailable: int | None = None
    """Worker pods that are not available."""

    fuse_phase: str
    """Empty, `NotReady`, `PartialReady` or `Ready`."""

    fuse_reason: str | None = None
    """Why the FUSE clients are in their phase."""

    desired_fuse_number_scheduled: int
    """Nodes that should run a FUSE pod."""

    current_fuse_number_scheduled: int
    """Nodes that do run a FUSE pod."""

    fuse_number_ready: int
    """FUSE pods that are ready."""

    fuse_number_available: int | None = None
    """FUSE pods that are available."""

    fuse_number_unavailable: int | None = None
    """FUSE pods that are not available."""

    setup_duration: str | None = None
    """Time from creation to the first ready state, such as `1m5s`."""

    mount_time: Time | None = None
    """When the mounts were last applied. Earlier than the master's start means they have to be again."""

    mounts: list[Mount] | None = None
    """Mounts that the cache has."""

    mount_record: MountRecord | None = None
    """Which mounts were made, and in which life of the first master; another life has none of them."""

    cache_states: dict[str, str] | None = None
    """Statistics of the cache as text, such as `cached`, `cacheCapacity` and `cachedPercentage`."""

    cache_affinity: kubernetes.NodeAffinity | None = None
    """Nodes on which workers run; pods that use the Dataset are drawn to them."""

    selector: str | None = None
    """Label selector of the worker pods, read by the scale subresource."""

    api_gateway: APIGatewayStatus | None = None
    """REST gateway of the cache, where it has one."""

    conditions: list[RuntimeCondition] | None = None
    """What is true about the runtime, one entry per type."""

    refused_pods: list[RefusedPods] | None = None
    """Workloads whose pods the API server does not take, as the condition `PodsRefused` tells."""

    applied_spec: AppliedSpec | None = None
    """What the runtime was last applied with, as digests, by which changes of fields are found."""

    pending_updates: list[PendingUpdate] | None = None
    """Changed fields that are not in force yet, as the condition `UpdatePending` tells."""


class OperationStatus(KubeModel):
    """What is known about a data operation."""

    observed_generation: int | None = None
    """The `metadata.generation` that this status speaks of."""

    phase: str
    """Empty, `Pending`, `Executing`, `Complete` or `Failed`."""

    duration: str
    """`Unfinished`, or the time from creation to the end, such as `1m3s`."""

    conditions: list[OperationCondition]
    """How the operation ended, one entry per type."""

    infos: dict[str, str] | None = None
    """What the Job says of itself. A load of a ThinRuntime: `FilesDone`, `BytesDone`; as soon as all files
    are known `FilesTotal`, `BytesTotal`, `Progress`; while it goes on `EstimatedEnd`.
    """

    last_schedule_time: Time | None = None
    """When policy `Cron` last started a run."""

    last_successful_time: Time | None = None
    """When a run of policy `Cron` last succeeded."""

    waiting_for: WaitingStatus | None = None
    """What the operation waits for."""

    refused_pods: RefusedPods | None = None
    """The Job whose pods the API server does not take; the reason is `PodsRefused`."""

    node_affinity: kubernetes.NodeAffinity | None = None
    """Nodes on which the operation ran; operations that follow can be drawn to them."""


class Level(KubeModel):
    """One tier of a cache worker's store."""

    mediumtype: Literal["MEM", "SSD", "HDD"]
    """Kind of storage."""

    volume_type: Literal["hostPath", "emptyDir"] = "hostPath"
    """Kind of volume that holds the tier. With `emptyDir`, `volumeSource` gives the details."""

    volume_source: kubernetes.VolumeSource | None = None
    """Details of the volume, used with volumeType `emptyDir`."""

    path: Annotated[str | None, Field(min_length=1)] = None
    """Directories of the tier on each node, separated by commas, such as `/mnt/disk1,/mnt/disk2`."""

    quota: Quantity | None = None
    """Capacity of the tier on each worker in bytes, such as `10Gi`, shared out evenly over its paths."""

    quota_list: Annotated[
        str | None,
        Field(
            pattern="^((\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+)))),)+((\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?)$"
        ),
    ] = None
    """Capacity of each path in bytes, separated by commas in the order of `path`, such as `10Gi,20Gi`. At
    least two entries. Where `quota` stands as well, this list counts.
    """

    high: str | None = None
    """Share of the capacity, such as `0.95`, above which data is evicted. Default is the engine's own."""

    low: str | None = None
    """Share of the capacity, such as `0.7`, down to which data is evicted. Default is the engine's own."""


class TieredStore(KubeModel):
    """Where a cache worker keeps data, fastest tier first."""

    levels: list[Level] | None = None
    """The tiers."""
