"""The command lines of a node's servers."""

from dataclasses import dataclass
from pathlib import Path

from cluster.credentials import User, write_kubeconfig
from cluster.node import configs
from cluster.node.build import NodePrograms
from cluster.node.settings import ADDRESS, NAME, PODS, Settings
from cluster.servers import Servers

USERS = (
    User("admin", "admin"),
    User("kubelet", f"system:node:{NAME}", "system:nodes"),
    User("kube-proxy", "system:kube-proxy", "system:authenticated"),
)
NAMES = (
    ADDRESS,
    "10.0.0.1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc.cluster.local",
)
"""What the API server is called in the node's network, besides the names that it always has."""
_RUN = Path("/run/fluid")


@dataclass(frozen=True)
class NodeServers(Servers):
    """What runs in the node's namespaces."""

    programs: NodePrograms
    restart_period: str

    @staticmethod
    def of(settings: Settings) -> "NodeServers":
        """The servers of a node."""
        return NodeServers(
            settings.programs,
            settings.directory,
            settings.credentials,
            settings.ports,
            settings.restart_period,
        )

    def api_server(self) -> list[str]:
        """Like that of any cluster, and pods reach it; nodes have the rights of nodes and no more."""
        client = self.credentials.kubelet_client
        ours = {
            "--bind-address": "0.0.0.0",
            "--advertise-address": ADDRESS,
            "--authorization-mode": "Node,RBAC",
            "--enable-admission-plugins": "NodeRestriction",
            "--kubelet-client-certificate": str(client.with_suffix(".crt")),
            "--kubelet-client-key": str(client.with_suffix(".key")),
        }
        kept = [option for option in super().api_server() if option.partition("=")[0] not in ours]
        return [*kept, *(f"{name}={value}" for name, value in ours.items())]

    def containerd(self) -> list[str]:
        """The container runtime."""
        file = _written("containerd.toml", configs.containerd())
        _written("net.d/10-fluid.conflist", configs.network())
        return [f"{self.programs.containerd}/containerd", f"--config={file}"]

    def load_image(self, archive: Path) -> list[str]:
        """Give an image to the container runtime; no server."""
        ctr = [f"{self.programs.containerd}/ctr", f"--address={configs.SOCKET}", "--namespace=k8s.io"]
        return [*ctr, "images", "import", str(archive)]

    def kubelet(self, cgroup: str) -> list[str]:
        """The kubelet."""
        config = configs.kubelet(
            authority=str(self.credentials.authority), cgroup=cgroup, restart_period=self.restart_period
        )
        return [
            f"{self.programs.node}/kubelet",
            f"--config={_written('kubelet.yaml', config)}",
            f"--kubeconfig={self._kubeconfig('kubelet')}",
            f"--hostname-override={NAME}",
            f"--node-ip={ADDRESS}",
            "--root-dir=/var/lib/kubelet",
        ]

    def coredns(self) -> list[str]:
        """DNS for the pods, as a process of the node: it needs neither an image nor kube-proxy."""
        return [
            f"{self.programs.coredns}/coredns",
            "-conf",
            _written("Corefile", configs.coredns(str(self.kubeconfig))),
        ]

    def kube_proxy(self) -> list[str]:
        """Services, by nftables."""
        return [
            f"{self.programs.node}/kube-proxy",
            f"--kubeconfig={self._kubeconfig('kube-proxy')}",
            f"--hostname-override={NAME}",
            "--proxy-mode=nftables",
            f"--cluster-cidr={PODS}",
            "--conntrack-max-per-core=0",  # a namespace may not set the machine's limits
            "--metrics-bind-address=127.0.0.1",
            "--healthz-bind-address=127.0.0.1:10256",
        ]

    def _kubeconfig(self, user: str) -> Path:
        path = _RUN / f"{user}.kubeconfig"
        write_kubeconfig(
            path,
            server=self.url,
            authority=self.credentials.authority,
            user=user,
            token=self.credentials.token_file(user).read_text(),
            namespace="default",
        )
        return path


def _written(name: str, text: str) -> str:
    path = _RUN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)
