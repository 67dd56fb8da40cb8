"""Build what a node needs besides a control plane, from pinned Go modules and Debian packages."""

from dataclasses import dataclass
from pathlib import Path

from cluster import packages
from cluster.build import BuildError, CorePrograms, core, kubernetes_stamp, module, own
from cluster.compiling import Recipe, compile_all

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


def build(*more: Recipe) -> NodePrograms:
    """Build and install what is missing; takes milliseconds when nothing is.

    Args:
        more: is built too, and last.

    Raises:
        BuildError: a program cannot be built or installed here.
    """
    try:
        packages.ensure()
    except packages.PackageError as error:
        raise BuildError(str(error)) from error
    recipes = [*core(), *own_recipes()]
    return NodePrograms(*compile_all([*recipes, *more])[: len(recipes)])


def own_recipes() -> list[Recipe]:
    """What the node adds to the control plane, as `NodePrograms` names it."""
    return [
        module(
            "kubernetes",
            {name: f"k8s.io/kubernetes/cmd/{name}" for name in ("kubelet", "kube-proxy")},
            label="kubernetes-node",
            flags=kubernetes_stamp(),
        ),
        module(
            "containerd",
            {name: f"{_CONTAINERD}/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")},
        ),
        own(_HERE / "coredns"),
        own(_HERE / "pause"),
    ]
