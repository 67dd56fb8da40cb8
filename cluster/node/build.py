"""Build what a node needs besides a control plane, from pinned Go modules and Debian packages."""

from dataclasses import dataclass
from pathlib import Path

from cluster.build import CorePrograms, compiled, core, kubernetes_stamp, own_program
from cluster.node import packages

_HERE = Path(__file__).parent
_CONTAINERD = "github.com/containerd/containerd/v2/cmd"


@dataclass(frozen=True)
class NodePrograms(CorePrograms):
    """Folders of the programs of a real node."""

    node: Path
    """kubelet and kube-proxy."""
    containerd: Path
    """containerd, its shim and ctr."""
    coredns: Path
    pause: Path


def build() -> NodePrograms:
    """Build and install what is missing; takes milliseconds when nothing is.

    Raises:
        BuildError: a program cannot be built or installed here.
    """
    packages.ensure()
    shared = core()
    return NodePrograms(
        etcd=shared.etcd,
        kubernetes=shared.kubernetes,
        node=compiled(
            "kubernetes",
            {name: f"k8s.io/kubernetes/cmd/{name}" for name in ("kubelet", "kube-proxy")},
            label="kubernetes-node",
            flags=kubernetes_stamp(),
        ),
        containerd=compiled(
            "containerd",
            {name: f"{_CONTAINERD}/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")},
        ),
        coredns=own_program(_HERE / "coredns"),
        pause=own_program(_HERE / "pause"),
    )
