"""The values of the chart `thin`: what its templates may read."""

from posixpath import dirname
from typing import ClassVar

from pydantic import Field, computed_field

from fluid.engines import api
from fluid.models import EnvVar

_COMMON = (
    "image imagePullPolicy imagePullSecrets env ports resources nodeSelector hostNetwork volumes "
    "volumeMounts livenessProbe readinessProbe"
)


class ThinComponent(api.components.Component):
    """What workers and FUSE pods have in common."""

    env: list[EnvVar] = Field(default_factory=list[EnvVar])


class Worker(ThinComponent):
    """The worker StatefulSet."""

    written: ClassVar[str] = f"{_COMMON} enabled replicaCount securityContext tolerations affinity"
    enabled: bool = False


class Fuse(ThinComponent):
    """The FUSE DaemonSet and its configuration."""

    written: ClassVar[str] = (
        f"{_COMMON} command args hostPid criticalPod targetPath lifecycle labels annotations config hostPath"
    )
    target_path: str = "/thin/default/thin/thin-fuse"
    """Where the client mounts."""
    config: str = "{}"
    """Text of `config.json`."""

    @computed_field
    @property
    def host_path(self) -> str:
        """Directory of the node that the mount appears in."""
        return dirname(self.target_path)


class ThinValues(api.CacheValues):
    """All values of the chart `thin`."""

    unread: ClassVar[str] = api.components.OF_COMPONENTS

    runtime_identity: api.components.RuntimeIdentity = api.components.RuntimeIdentity(name="thin")
    owner_dataset_id: str = "default-thin"
    fuse: Fuse = Fuse()
    worker: Worker = Worker()
