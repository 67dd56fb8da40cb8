"""The values of the chart `thin`: what its templates may read."""

from posixpath import dirname
from typing import Literal

from pydantic import Field, computed_field

from fluid.charts import ChartValues
from fluid.engines.kit.components import RuntimeIdentity
from fluid.models import (
    Affinity,
    ContainerPort,
    EnvVar,
    Lifecycle,
    LocalObjectReference,
    Probe,
    ResourceRequirements,
    SecurityContext,
    Toleration,
    Volume,
    VolumeMount,
)


def _nothing() -> dict[str, str]:
    return {}


class Component(ChartValues):
    """What workers and FUSE pods have in common."""

    image: str = ""
    """Image with its tag."""
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    """Instead of the chart's own list."""
    env: list[EnvVar] = Field(default_factory=list[EnvVar])
    ports: list[ContainerPort] = Field(default_factory=list[ContainerPort])
    resources: ResourceRequirements | None = None
    node_selector: dict[str, str] = Field(default_factory=_nothing)
    host_network: bool = True
    volumes: list[Volume] = Field(default_factory=list[Volume])
    volume_mounts: list[VolumeMount] = Field(default_factory=list[VolumeMount])
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None


class Worker(Component):
    """The worker StatefulSet."""

    enabled: bool = False
    replica_count: int = 0
    security_context: SecurityContext | None = None
    tolerations: list[Toleration] = Field(default_factory=list[Toleration])
    affinity: Affinity | None = None


class Fuse(Component):
    """The FUSE DaemonSet and its configuration."""

    command: list[str] = Field(default_factory=list[str])
    args: list[str] = Field(default_factory=list[str])
    host_pid: bool = False
    critical_pod: bool = False
    target_path: str = "/thin/default/thin/thin-fuse"
    """Where the client mounts."""
    lifecycle: Lifecycle | None = None
    labels: dict[str, str] = Field(default_factory=_nothing)
    annotations: dict[str, str] = Field(default_factory=_nothing)
    config: str = "{}"
    """Text of `config.json`."""

    @computed_field
    @property
    def host_path(self) -> str:
        """Directory of the node that the mount appears in."""
        return dirname(self.target_path)


class ThinValues(ChartValues):
    """All values of the chart `thin`."""

    runtime_identity: RuntimeIdentity = RuntimeIdentity(name="thin")
    owner_dataset_id: str = "default-thin"
    placement: Literal["Exclusive", "Shared"] = "Exclusive"
    mounts_revision: str = "none"
    """Changes when the Dataset's mounts change the volumes of pods."""
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    fuse: Fuse = Fuse()
    worker: Worker = Worker()
