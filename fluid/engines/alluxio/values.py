"""The values of the chart `alluxio`: what its templates may read."""

from typing import ClassVar

from pydantic import Field

from fluid.engines import api
from fluid.models import EnvVar, ResourceRequirements, SecurityContext, VolumeMount

CHART = "alluxio"
"""Folder and name of the chart; the name is a part of labels and selectors."""


class Ports(api.ChartValues):
    """Ports that the pods listen on; on the host network they belong to the node."""

    master_rpc: int = 19998
    master_web: int = 19999
    worker_rpc: int = 29999
    worker_web: int = 30000
    job_master_rpc: int = 20001
    job_master_web: int = 20002
    job_worker_rpc: int = 30001
    job_worker_web: int = 30003
    job_worker_data: int = 30002
    rest: int | None = None
    """Only with an API gateway."""
    embedded: int | None = None
    """Only with several masters, and so is the next one."""
    job_embedded: int | None = None


class Container(api.ChartValues):
    """What a container has beyond what all containers of its pods have."""

    env: dict[str, str] = Field(default_factory=dict[str, str])
    resources: ResourceRequirements | None = None
    volume_mounts: list[VolumeMount] = Field(default_factory=list[VolumeMount])


class InitContainers(api.ChartValues):
    """Init containers that make the user of `runAs`."""

    image: str = "init-users:v0.9.0"
    """Image with its tag."""
    image_pull_policy: str = "IfNotPresent"
    users: str = ""
    """`<uid>:<user>:<gid>,<gid>:<group>`."""
    tier_paths: str = ""
    """Directories of the nodes that the user may write, separated by colons."""
    env: dict[str, str] = Field(default_factory=dict[str, str])
    resources: ResourceRequirements | None = None


_COMMON = "labels annotations replicaCount nodeSelector affinity imagePullSecrets hostNetwork volumes"


class Master(api.components.Component):
    """The StatefulSet of the masters and their Services."""

    written: ClassVar[str] = (
        f"{_COMMON} tolerations container jobMaster apiGateway rootOptions journalBackup mountsRevision"
    )
    container: Container = Container()
    job_master: Container = Container()
    api_gateway: Container | None = None
    root_options: list[EnvVar] = Field(default_factory=list[EnvVar])
    """Credentials of the source at the root, as variables."""
    mounts_revision: str = "none"
    """The same for masters, for which Secrets and the root count too."""
    journal_backup: str = ""
    """File of a backup that a new journal begins with; empty for none."""


class Worker(api.components.Component):
    """The StatefulSet of the workers."""

    written: ClassVar[str] = f"{_COMMON} tolerations container jobWorker"
    container: Container = Container()
    job_worker: Container = Container()


class Fuse(api.components.Component):
    """The FUSE DaemonSet."""

    written: ClassVar[str] = f"{_COMMON} args hostPid criticalPod hostPath legacyMount container"
    host_path: str = "/alluxio/default/alluxio"
    """Directory of the node that the mount appears in."""
    legacy_mount: bool = False
    """Whether a variable tells the client its mount, as those before 2.8.0 want it."""
    container: Container = Container()


class AlluxioValues(api.CacheValues):
    """All values of the chart `alluxio`."""

    first: ClassVar[str] = "image imagePullPolicy imageTag"
    unread: ClassVar[str] = api.components.OF_COMPONENTS

    image: str = "alluxio/alluxio-dev"
    image_tag: str = "2.9.0"
    image_pull_policy: str = "IfNotPresent"
    fuse_image: str = "alluxio/alluxio-dev"
    fuse_image_tag: str = "2.9.0"
    fuse_image_pull_policy: str = "IfNotPresent"
    runtime_identity: api.components.RuntimeIdentity = api.components.RuntimeIdentity(name="alluxio")
    owner_dataset_id: str = "default-alluxio"
    security_context: SecurityContext = SecurityContext(run_as_user=0, run_as_group=0)
    """User and group of the containers."""
    init_users: InitContainers | None = None
    monitored: bool = True
    """Whether Services have the label by which Prometheus finds masters."""
    hadoop_config: api.config_maps.HadoopConfig | None = None
    ports: Ports = Ports()
    level0: str = "/dev/shm/default/alluxio"
    """Directories of the first tier, comma separated."""
    java_options: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])
    """Options of Java machines by the variable that has them."""
    mount_info: list[str] = Field(default_factory=list[str])
    """A line for each source that commands mount, for people and tools."""
    properties: dict[str, str] = Field(default_factory=dict[str, str])
    """What properties are where nobody says otherwise; an operator fills in what all components have."""
    master: Master = Master()
    worker: Worker = Worker()
    fuse: Fuse = Fuse()
