"""The values of the chart `jindocache`: what its templates may read."""

from typing import ClassVar

from pydantic import Field

from fluid.engines import api
from fluid.models import SecurityContext, Volume

CHART = "jindocache"
"""Folder of the chart."""
CHART_NAME = "jindofs"
"""Name of the chart on the wire: part of object names, labels and selectors."""


class Ports(api.ChartValues):
    """Ports that the pods listen on; on the host network they belong to the node."""

    master_rpc: int = 8101
    worker_rpc: int = 6101
    raft: int | None = None
    """Only with three masters."""
    fuse_metrics: int | None = None
    """Only when FUSE metrics are enabled."""


class DataVolumes(api.ChartValues):
    """Directories by component; workers and FUSE share theirs."""

    master: list[api.volumes.DataVolume] = Field(default_factory=list[api.volumes.DataVolume])
    workers_and_clients: list[api.volumes.DataVolume] = Field(default_factory=list[api.volumes.DataVolume])


class CacheSet(api.ChartValues):
    """How one mount is cached: an entry of cacheset.xml."""

    name: str
    path: str
    cache_strategy: str = "DISTRIBUTED"
    meta_policy: str = "ONCE"
    read_policy: str = "CACHE_ASIDE"
    read_cache_replica: int = 1
    write_policy: str = "WRITE_AROUND"
    write_cache_replica: int = 1


class Config(api.ChartValues):
    """Keys of the configuration files by group; values.yaml says in which sections each group stands."""

    log: dict[str, str] = Field(default_factory=dict[str, str])
    token: dict[str, str] = Field(default_factory=dict[str, str])
    file_store: dict[str, str] = Field(default_factory=dict[str, str])
    master: dict[str, str] = Field(default_factory=dict[str, str])
    worker: dict[str, str] = Field(default_factory=dict[str, str])
    sdk_log: dict[str, str] = Field(default_factory=dict[str, str])
    client: dict[str, str] = Field(default_factory=dict[str, str])
    fuse: dict[str, str] = Field(default_factory=dict[str, str])


def default_config() -> Config:
    """What the chart's own values.yaml has."""
    return Config.model_validate(api.load_chart(CHART).defaults["config"])


_COMMON = "labels annotations env nodeSelector imagePullSecrets resources"


class Master(api.components.WithVariables):
    """The master StatefulSet and its Services."""

    written: ClassVar[str] = f"{_COMMON} replicaCount serviceCount tolerations volumes volumeMounts"
    replica_count: int = 1
    service_count: int = 1
    """One Service for each master that there would be; also when masters are disabled."""


class Worker(api.components.WithVariables):
    """The worker StatefulSet."""

    written: ClassVar[str] = f"{_COMMON} replicaCount dataPath tolerations affinity"
    data_path: str = ""
    """Comma separated data directories; only read on the container network."""


class Fuse(api.components.WithVariables):
    """The FUSE DaemonSet."""

    written: ClassVar[str] = f"{_COMMON} args mode hostPath mountPath metricsPort hostPid criticalPod"
    mode: str | None = None
    """`fuseOnly` when there is no cache, only the client."""
    host_path: str = "/jindo/default/jindo"
    """Directory of the node that the mount appears in."""
    mount_path: str = "/jfs/jindofs-fuse"
    metrics_port: int = 0
    """Container port for metrics; 0 for none."""


class JindoValues(api.CacheValues):
    """All values of the chart `jindocache`."""

    first: ClassVar[str] = (
        "image imageTag imagePullPolicy fuseImage fuseImageTag fuseImagePullPolicy imagePullSecrets"
    )
    unread: ClassVar[str] = api.components.OF_COMPONENTS

    image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/smartdata"
    image_tag: str = "6.2.0"
    image_pull_policy: str = "Always"
    fuse_image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/jindo-fuse"
    fuse_image_tag: str = "6.2.0"
    fuse_image_pull_policy: str = "Always"
    runtime_identity: api.components.RuntimeIdentity = api.components.RuntimeIdentity(name="jindo")
    owner_dataset_id: str = "default-jindo"
    use_host_network: bool = True
    dns_server: str = ""
    """Name server instead of the cluster's; empty for the cluster's."""
    user: str = ""
    """Value of RUN_AS_USER in all containers; empty for none."""
    security_context: SecurityContext | None = None
    """Security context of master and worker containers."""
    ports: Ports = Ports()
    init_port_check: api.ports.InitPortCheck = api.ports.InitPortCheck()
    hadoop_config: api.config_maps.HadoopConfig | None = None
    token_volume: Volume | None = None
    """Volume with credentials, mounted at /token; its name is the chart's."""
    mounts: DataVolumes = DataVolumes()
    ufs_volumes: list[api.source_volumes.ClaimValues] = Field(
        default_factory=list[api.source_volumes.ClaimValues]
    )
    cache_sets: list[CacheSet] = Field(default_factory=list[CacheSet])
    config: Config = Field(default_factory=default_config)
    master: Master = Master()
    worker: Worker = Worker()
    fuse: Fuse = Fuse()


def base_name(runtime: str) -> str:
    """What all names of a runtime's objects begin with."""
    return f"{runtime}-{CHART_NAME}"[:63]
