"""FUSE pods that come by a label which no node can give itself.

The label that the node plugin sets (``fluid.io/f-…``) is then a request; the operator grants it with one
under ``node-restriction.kubernetes.io/``, once a pod on that node uses the claim.
"""

from fluid.models import DaemonSet
from fluid.naming import restricted_fuse_label


def fuse_selector(workload: DaemonSet | None) -> dict[str, str]:
    """The labels of nodes to which a DaemonSet's pods go."""
    spec = workload.spec.template.spec if workload and workload.spec else None
    return (spec.node_selector if spec else None) or {}


def is_granted(workload: DaemonSet | None, label: str) -> bool:
    """Whether FUSE pods wait until the request `label` is granted."""
    return restricted_fuse_label(label) in fuse_selector(workload)


def with_granted_label(child: DaemonSet, live: DaemonSet | None, label: str, *, wanted: bool) -> DaemonSet:
    """The DaemonSet with the selector that it has in the cluster; a new one has the one that is wanted.

    With another selector, all its pods would be ended at once, under those who read.
    """
    if label not in fuse_selector(child) or not (is_granted(live, label) if live else wanted):
        return child
    copy = child.model_copy(deep=True)
    if copy.spec and copy.spec.template.spec:
        selector = fuse_selector(child)
        copy.spec.template.spec.node_selector = {
            restricted_fuse_label(key) if key == label else key: value for key, value in selector.items()
        }
    return copy
