"""What users may say of pods of any cache or operation: labels and annotations of their own."""

from collections.abc import Mapping
from typing import NamedTuple

from fluid.charts import ChartValues
from fluid.engines.core.errors import SpecWarning
from fluid.models import SecurityContext
from fluid.naming import DATAFLOW_LABELS, FUSE_HOST_PID, WORKER_PRIVILEGED
from fluid.types import KubeObject

_TRUE, _FALSE = frozenset({"true", "1", "t"}), frozenset({"false", "0", "f"})
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


class Metadata(NamedTuple):
    """Labels and annotations that a user adds to pods."""

    labels: dict[str, str]
    annotations: dict[str, str]


def reserved_labels(metadata: Metadata, path: str) -> list[SpecWarning]:
    """A warning about labels that the user sets but that selectors need."""
    reserved = sorted(metadata.labels.keys() & _OWN_LABELS)
    return (
        [SpecWarning("LabelsIgnored", f"{path}: Fluid sets {', '.join(reserved)} itself")] if reserved else []
    )


def merged(*mappings: Mapping[str, str] | None) -> dict[str, str]:
    """One mapping; where a key stands in several, the last one counts."""
    return {key: value for mapping in mappings if mapping for key, value in mapping.items()}


def dataflow_annotations(operation: KubeObject) -> dict[str, str]:
    """The annotation that says which node labels of the finished pod its followers may ask for."""
    wanted = (operation.metadata.annotations or {}).get(DATAFLOW_LABELS)
    return {} if wanted is None else {DATAFLOW_LABELS: wanted}


def fuse_host_pid(runtime: KubeObject) -> bool:
    """Whether FUSE pods see their node's processes."""
    return (runtime.metadata.annotations or {}).get(FUSE_HOST_PID, "").lower() in _TRUE


def worker_security(runtime: KubeObject) -> SecurityContext | None:
    """What an annotation asks for workers: privileges, or none; None where it says nothing."""
    wish = (runtime.metadata.annotations or {}).get(WORKER_PRIVILEGED, "").lower()
    return SecurityContext(privileged=wish in _TRUE) if wish in {*_TRUE, *_FALSE} else None


class RuntimeIdentity(ChartValues):
    """Namespace and name of the runtime."""

    namespace: str = "default"
    name: str
