"""Which nodes workers go to."""

from typing import Literal

from fluid.models import (
    Affinity,
    Dataset,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodAffinityTerm,
    PodAntiAffinity,
    PreferredSchedulingTerm,
    Toleration,
    WeightedPodAffinityTerm,
)
from fluid.naming import WORKER_DATASET, WORKER_PLACEMENT, Identity

_HOSTNAME = "kubernetes.io/hostname"


def placement(dataset: Dataset) -> Literal["Exclusive", "Shared"]:
    """Whether workers of other Datasets may be on the same node."""
    return "Shared" if dataset.spec.placement == "Shared" else "Exclusive"


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
