"""Labels and annotations of pods: a user's own, those that Fluid keeps to itself, and some with a meaning."""

from collections.abc import Mapping
from typing import NamedTuple

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose
from fluid.models import ClientMetrics, PodMetadata
from fluid.naming import DATAFLOW_LABELS, FUSE_SCRAPE
from fluid.types import KubeObject

_OWN_LABELS = frozenset(
    {
        "name",
        "app",
        "chart",
        "release",
        "heritage",
        "role",
        "app.kubernetes.io/name",
        "app.kubernetes.io/instance",
        "app.kubernetes.io/managed-by",
        "fluid.io/managed-by",
        "fluid.io/dataset-id",
        "fluid.io/dataset",
        "fluid.io/dataset-placement",
    }
)
_SCRAPE_TARGETS = frozenset({"MountPod", "Sidecar", "All", "None"})


class Metadata(NamedTuple):
    """Labels and annotations that a user adds to pods."""

    labels: dict[str, str]
    annotations: dict[str, str]


def pod_metadata(*parts: PodMetadata | None) -> Metadata:
    """What all parts say together, such as those of the runtime and of its component: the last one counts."""
    said = [part for part in parts if part is not None]
    return Metadata(merged(*(one.labels for one in said)), merged(*(one.annotations for one in said)))


def merged(*mappings: Mapping[str, str] | None) -> dict[str, str]:
    """One mapping; where a key stands in several, the last one counts."""
    return {key: value for mapping in mappings if mapping for key, value in mapping.items()}


def reserved_labels(labels: Mapping[str, str], path: str) -> list[SpecWarning]:
    """A warning about labels that the user sets but that selectors need."""
    reserved = sorted(labels.keys() & _OWN_LABELS)
    return (
        [SpecWarning("LabelsIgnored", f"{path}: Fluid sets {', '.join(reserved)} itself")] if reserved else []
    )


def scrape_annotation(metrics: ClientMetrics | None) -> dict[str, str]:
    """The annotation that asks Prometheus to scrape FUSE pods, when `spec.fuse.metrics` wants that.

    Raises:
        InvalidSpec: An unknown target is named.
    """
    named = (metrics.scrape_target or "").split(",") if metrics else []
    targets = {target.strip() for target in named} - {""}
    if unknown := targets - _SCRAPE_TARGETS:
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.fuse.metrics.scrapeTarget",
            f"{min(unknown)[:40]!r} is unknown",
            "Use MountPod, Sidecar, All or None, separated by commas",
        )
    return {FUSE_SCRAPE: "true"} if targets & {"MountPod", "All"} else {}


def dataflow_annotations(operation: KubeObject) -> dict[str, str]:
    """The annotation that says which node labels of the finished pod its followers may ask for."""
    wanted = (operation.metadata.annotations or {}).get(DATAFLOW_LABELS)
    return {} if wanted is None else {DATAFLOW_LABELS: wanted}
