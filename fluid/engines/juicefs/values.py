"""The values of the chart `juicefs`: what its templates may read, and what tools read in their ConfigMap."""

from typing import ClassVar, Literal

from pydantic import Field

from fluid.engines import api
from fluid.models import EnvVar, PersistentVolumeClaim

Edition = Literal["community", "enterprise"]


class Configs(api.ChartValues):
    """How the file system is named, and where its credentials are."""

    name: str = ""
    metaurl_secret: str = ""
    metaurl_secret_key: str = ""
    accesskey_secret: str = ""
    accesskey_secret_key: str = ""
    secretkey_secret: str = ""
    secretkey_secret_key: str = ""
    token_secret: str = ""
    token_secret_key: str = ""
    format_cmd: str = ""
    """Formats a file system of the community edition, or signs in to one of the enterprise edition."""
    quota_cmd: str = ""


_COMMON = (
    "labels annotations imagePullSecrets nodeSelector resources env volumes volumeMounts hostNetwork"
    " metricsPort mountPath"
)


class JuiceComponent(api.components.Component):
    """What workers and FUSE pods have in common."""

    env: list[EnvVar] = Field(default_factory=list[EnvVar])
    metrics_port: int = 0
    """Where metrics are served; 0 where they are not."""
    mount_path: str = "/juicefs/default/juicefs/juicefs-fuse"
    script: str = ""
    """What the container runs."""


class Worker(JuiceComponent):
    """The worker StatefulSet."""

    written: ClassVar[str] = f"{_COMMON} script replicaCount tolerations affinity volumeClaimTemplates"
    volume_claim_templates: list[PersistentVolumeClaim] = Field(default_factory=list[PersistentVolumeClaim])


class Fuse(JuiceComponent):
    """The FUSE DaemonSet."""

    written: ClassVar[str] = (
        f"image imageTag imagePullPolicy {_COMMON} script hostPid criticalPod hostMountPath generation"
        " labelsFile"
    )
    image_tag: str = ""
    host_mount_path: str = "/juicefs/default/juicefs"
    """Directory of the node that the mount appears in."""
    generation: str = "1"
    """Digest of all that new FUSE pods are made from."""
    labels_file: bool = False
    """Whether pods show their labels to the node plugin, which compares the digest."""


class JuiceFSValues(api.CacheValues):
    """All values of the chart `juicefs`."""

    first: ClassVar[str] = "image imagePullPolicy imageTag"
    unread: ClassVar[str] = api.components.OF_COMPONENTS

    image: str = "juicedata/juicefs-fuse"
    image_tag: str = "ce-v1.1.0-beta2"
    image_pull_policy: str = "IfNotPresent"
    edition: Edition = "community"
    source: str = "${METAURL}"
    """What the clients mount."""
    configs: Configs = Configs()
    runtime_identity: api.components.RuntimeIdentity = api.components.RuntimeIdentity(name="juicefs")
    owner_dataset_id: str = "default-juicefs"
    worker: Worker = Worker()
    fuse: Fuse = Fuse()
