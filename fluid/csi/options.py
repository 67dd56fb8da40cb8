"""The options of the node plugin."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fluid.naming import CSI_DRIVER

KUBELET, MOUNT_ROOT = Path("/var/lib/kubelet"), "/runtime-mnt"

PublishMethod = Literal["bindMount", "symlink"]
_PLAIN_PATH = re.compile(r"(/[a-zA-Z0-9_][-a-zA-Z0-9_.]*)+")
_LONGEST = 63
"""Characters of the kubelet's directory. The paths of sockets below it then have at most the 107 that fit."""


def kubelet_directory(text: str) -> str:
    """Check the root directory of a kubelet, for manifests.

    Raises:
        ValueError: the text cannot be such a directory; the message says why.
    """
    path = text.rstrip("/")
    if not _PLAIN_PATH.fullmatch(path):
        raise ValueError(f"{text[:100]!r} is no absolute path of letters, digits, '-', '_' and '.'")
    if len(path) > _LONGEST:
        raise ValueError(f"{path[:100]!r} has more than {_LONGEST} characters, too many for sockets below it")
    return path


@dataclass(frozen=True)
class Options:
    """Options of one node plugin.

    Attributes:
        node: Name of the node at the API server.
        endpoint: ``unix:///path`` to serve CSI at; empty for the path where the kubelet expects it.
        kubelet: Root directory of the kubelet.
        mount_root: Directory below which FUSE pods mount.
        publish_method: How volumes are published whose attributes do not say how.
        recover: Whether to recover volumes of pods after a FUSE process was replaced.
        enter_containers: Whether recovery may enter the mount namespaces of containers. Otherwise only
            containers with ``mountPropagation: HostToContainer`` recover.
        metrics_address: ``HOST:PORT`` of /metrics; port 0 for a free one, ``none`` for off.
        health_address: The same for /healthz and /readyz.
        kubeconfig: Path of a kubeconfig; None to use the environment's, or the pod's service account.
    """

    node: str
    endpoint: str = ""
    kubelet: Path = KUBELET
    mount_root: str = MOUNT_ROOT
    publish_method: PublishMethod = "bindMount"
    recover: bool = True
    enter_containers: bool = True
    metrics_address: str = "none"
    health_address: str = "none"
    kubeconfig: Path | None = None

    @property
    def folder(self) -> Path:
        """The plugin's own directory."""
        return self.kubelet / "plugins" / CSI_DRIVER

    @property
    def csi_endpoint(self) -> str:
        """The endpoint at which CSI is served."""
        return self.endpoint or f"unix://{self.folder}/csi.sock"

    @property
    def registration_socket(self) -> Path:
        """The socket by which the kubelet finds the plugin; earlier installations used the same name."""
        return self.kubelet / "plugins_registry" / f"{CSI_DRIVER}-reg.sock"
