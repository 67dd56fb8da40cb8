"""Values that the charts of all caches need, made of what every pass knows."""

from typing import Literal, TypeVar

from pydantic import Field

from fluid.charts import ChartValues
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.kit.placement import placement, worker_affinity
from fluid.models import Affinity, LocalObjectReference


class CommonValues(ChartValues):
    """The base of a values model; an engine adds what is its own, with a default for each."""

    owner_dataset_id: str = "default-cache"
    """Value of the label fluid.io/dataset-id, which the library's labels have."""
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    """Secrets for pulling images, as the administrator set them."""
    placement: Literal["Exclusive", "Shared"] = "Exclusive"
    """Whether workers of other Datasets may be on the same node."""
    affinity: Affinity | None = None
    """Of workers: apart from other Datasets, near this one's FUSE pods, where the Dataset allows."""
    fuse_label: str = "fluid.io/f-default-cache"
    """Label of the nodes that get a FUSE pod, with the value "true"."""
    host_path: str = "/cache/default/cache"
    """Directory of the node that the FUSE mount appears in."""
    critical_fuse_pod: bool = False
    """Whether FUSE pods have the priority system-node-critical."""


C = TypeVar("C", bound=CommonValues)


def with_common(values: C, snapshot: Snapshot[R], settings: Settings, runtime_type: str) -> C:
    """An engine's own values, and with them what every cache is given.

    Args:
        values: What the engine has to say.
        snapshot: The runtime, its identity, and its Dataset, which is there.
        settings: What the administrator set.
        runtime_type: Name of the engine's directory on the nodes.
    """
    runtime, dataset, identity = snapshot.runtime, snapshot.dataset, snapshot.identity
    assert dataset is not None, "a runtime is rendered for its Dataset"
    return values.model_copy(
        update={
            "owner_dataset_id": identity.dataset_id,
            "image_pull_secrets": settings.pull_secrets,
            "placement": placement(dataset),
            "affinity": worker_affinity(dataset, identity),
            "fuse_label": identity.fuse_label,
            "host_path": settings.host_path(runtime_type, runtime.namespace, runtime.name),
            "critical_fuse_pod": settings.critical_fuse_pod,
        }
    )
