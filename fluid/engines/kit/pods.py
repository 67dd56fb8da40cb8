"""What pods of all components have: labels and annotations, powers, an image, and where they may go."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning, Whose
from fluid.engines.core.pod_diagnostics import pod_is_ready
from fluid.engines.core.runtime_status import pods_of
from fluid.engines.core.variables import Image
from fluid.models import (
    Affinity,
    ClientMetrics,
    Dataset,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodAffinityTerm,
    PodAntiAffinity,
    PodMetadata,
    PreferredSchedulingTerm,
    SecurityContext,
    Toleration,
    WeightedPodAffinityTerm,
)
from fluid.naming import (
    DATAFLOW_LABELS,
    FUSE_HOST_PID,
    FUSE_SCRAPE,
    RPC_PROTOCOL,
    WORKER_DATASET,
    WORKER_PLACEMENT,
    WORKER_PRIVILEGED,
    Identity,
)
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
_VERSION = re.compile(r"v?(\d{1,18}(?:\.\d{1,18})+).*", re.DOTALL)
_HOSTNAME = "kubernetes.io/hostname"
_TRUE, _FALSE = frozenset({"true", "1", "t"}), frozenset({"false", "0", "f"})


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


def fuse_host_pid(runtime: KubeObject) -> bool:
    """Whether FUSE pods see their node's processes."""
    return (runtime.metadata.annotations or {}).get(FUSE_HOST_PID, "").lower() in _TRUE


def uses_rdma(runtime: KubeObject) -> bool:
    """Whether the pods of a cache talk by RDMA, as an annotation says.

    Raises:
        InvalidSpec: It names an unknown protocol.
    """
    protocol = (runtime.metadata.annotations or {}).get(RPC_PROTOCOL) or "tcp"
    if protocol not in {"tcp", "rdma"}:
        field, problem = f"metadata.annotations[{RPC_PROTOCOL}]", f"{protocol[:40]!r} is unknown"
        raise InvalidSpec(NamedObject(runtime.resource.kind), field, problem, "Use tcp or rdma")
    return protocol == "rdma"


def worker_security(runtime: KubeObject) -> SecurityContext | None:
    """What an annotation asks for workers: privileges, or none; None where it says nothing."""
    wish = (runtime.metadata.annotations or {}).get(WORKER_PRIVILEGED, "").lower()
    return SecurityContext(privileged=wish in _TRUE) if wish in {*_TRUE, *_FALSE} else None


def ready_pods(workload: str, pods: Sequence[Pod]) -> list[Pod]:
    """The pods of a workload that serve, of all pods of a snapshot, by name."""
    return sorted(filter(pod_is_ready, pods_of(workload, pods)), key=lambda pod: pod.name)


class ImageSpec(Protocol):
    """The part of a spec that names an image."""

    @property
    def image(self) -> str | None: ...  # noqa: D102 - as in the spec
    @property
    def image_tag(self) -> str | None: ...  # noqa: D102


def chosen_image(wanted: ImageSpec | None, default: Image) -> Image:
    """The image of a component: repository and tag, each the user's or the default.

    Args:
        wanted: What the user says; None for nothing.
        default: What the administrator or the engine says.
    """
    if wanted is None:
        return default
    return Image(wanted.image or default.repository, wanted.image_tag or default.tag)


def version_of(tag: str) -> tuple[int, ...] | None:
    """The numbers that a tag such as `v6.2.0`, `release-2.8.1-SNAPSHOT` or `6.2` begins with, at least three.

    None for a tag that is no version, such as `latest`.
    """
    match = _VERSION.fullmatch(tag.strip().removeprefix("release-"))
    if match is None:
        return None
    numbers = tuple(int(number) for number in match[1].split("."))
    return numbers + (0,) * (3 - len(numbers))


def named_image(spec: ImageSpec, field: str, missing: str) -> str:
    """The image that the user has to name, with its tag where there is one.

    Args:
        spec: What the user says.
        field: Field of the image.
        missing: What to say where there is none, as the rest of a sentence after the field.

    Raises:
        InvalidSpec: There is none.
    """
    if not spec.image:
        raise InvalidSpec(Whose.RUNTIME, field, missing, "Name an image")
    return f"{spec.image}:{spec.image_tag}" if spec.image_tag else spec.image


def placement(dataset: Dataset) -> Literal["Exclusive", "Shared"]:
    """Whether workers of other Datasets may be on the same node."""
    return "Shared" if dataset.spec.placement == "Shared" else "Exclusive"


def tolerations(dataset: Dataset, own: Sequence[Toleration] | None) -> list[Toleration]:
    """Those of the Dataset, then those of a component."""
    return [*(dataset.spec.tolerations or ()), *(own or ())]


def staying_tolerations(dataset: Dataset) -> list[Toleration]:
    """The Dataset's tolerations without an end: a worker is not to leave a node that it may be on."""
    found = [one.model_copy() for one in dataset.spec.tolerations or []]
    for one in found:
        one.toleration_seconds = None
    return found


def worker_affinity(dataset: Dataset, identity: Identity) -> Affinity:
    """Affinity of workers: apart from other Datasets, near this one's FUSE pods, where the Dataset allows."""
    required = dataset.spec.node_affinity.required if dataset.spec.node_affinity else None
    near_fuse = PreferredSchedulingTerm(
        weight=100,
        preference=NodeSelectorTerm(
            match_expressions=[
                NodeSelectorRequirement(key=identity.fuse_label, operator="In", values=["true"])
            ]
        ),
    )
    return Affinity(
        node_affinity=NodeAffinity(
            required_during_scheduling_ignored_during_execution=required,
            preferred_during_scheduling_ignored_during_execution=[near_fuse],
        ),
        pod_anti_affinity=_apart(placement(dataset)),
    )


def _apart(mode: Literal["Exclusive", "Shared"]) -> PodAntiAffinity:
    any_worker = _pods(LabelSelectorRequirement(key=WORKER_DATASET, operator="Exists"))
    if mode == "Exclusive":
        return PodAntiAffinity(required_during_scheduling_ignored_during_execution=[any_worker])
    exclusive = _pods(LabelSelectorRequirement(key=WORKER_PLACEMENT, operator="In", values=["Exclusive"]))
    return PodAntiAffinity(
        required_during_scheduling_ignored_during_execution=[exclusive],
        preferred_during_scheduling_ignored_during_execution=[
            WeightedPodAffinityTerm(weight=50, pod_affinity_term=any_worker)
        ],
    )


def _pods(requirement: LabelSelectorRequirement) -> PodAffinityTerm:
    return PodAffinityTerm(
        label_selector=LabelSelector(match_expressions=[requirement]), topology_key=_HOSTNAME
    )
