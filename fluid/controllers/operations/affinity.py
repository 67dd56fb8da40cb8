"""Affinity between operations: one records where it ran, and the next can be scheduled to the same place."""

from collections.abc import Mapping, Sequence

from fluid.controllers.operations.validation import REQUIRE
from fluid.models import (
    Affinity,
    AffinityStrategy,
    Job,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PreferredSchedulingTerm,
)
from fluid.naming import DATAFLOW_INJECT, DATAFLOW_LABELS

HOSTNAME = "kubernetes.io/hostname"
_RECORDED = (HOSTNAME, "topology.kubernetes.io/region", "topology.kubernetes.io/zone")
"""Labels of a node that are always recorded."""
_OWN_PREFIX = "fluid.io/"
"""Prefix of node labels that name Datasets, also those of other tenants; never recorded."""
_LABEL_PREFIX = "affinity.dataflow.fluid.io."
_LONGEST_LIST, _MOST_LABELS = 4096, 32
"""Limits of the annotation that requests labels: characters that are read, labels that are recorded."""


def promises_nodes(job: Job) -> bool:
    """Whether an annotation promises that the nodes of the Job will be recorded on it."""
    return (job.metadata.annotations or {}).get(DATAFLOW_INJECT) == "true"


def affinity_to(job: Job, labels: Mapping[str, str]) -> NodeAffinity | None:
    """The affinity to the node where a Job ran, by the labels that are recorded; None if the node has none.

    Host name, region and zone are recorded, and the labels that the annotation
    `affinity.dataflow.fluid.io/labels` of the pods lists, separated by commas.

    Args:
        job: a Job that is complete.
        labels: labels of the node where its pod ran; empty if unknown.
    """
    template = job.spec.template.metadata if job.spec else None
    listed = ((template.annotations if template else None) or {}).get(DATAFLOW_LABELS, "")[:_LONGEST_LIST]
    asked = [name.strip() for name in listed.split(",")][:_MOST_LABELS]
    names = [name for name in (*_RECORDED, *asked) if name in labels and not name.startswith(_OWN_PREFIX)]
    if not names:
        return None
    wanted = {name: labels[name] for name in sorted(set(names))}
    return NodeAffinity(required_during_scheduling_ignored_during_execution=_selector([_term(wanted)]))


def not_inherited(strategy: AffinityStrategy, ran: NodeAffinity | None) -> list[str]:
    """The labels that a strategy requires and the preceding operation did not record."""
    if strategy.policy != REQUIRE:
        return []
    known = _labels(ran)
    return [name for name in _required(strategy) if name not in known]


def nodes_of(job: Job) -> NodeAffinity | None:
    """The affinity to the nodes where a Job ran, from its annotations; None while they are not recorded.

    An admission webhook or the controller of an earlier installation may write them.
    """
    annotations = job.metadata.annotations or {}
    labels = {
        name.removeprefix(_LABEL_PREFIX): value
        for name, value in sorted(annotations.items())
        if name.startswith(_LABEL_PREFIX)
    }
    if not promises_nodes(job) or not labels:
        return None
    return NodeAffinity(required_during_scheduling_ignored_during_execution=_selector([_term(labels)]))


def inherited(own: Affinity | None, strategy: AffinityStrategy, ran: NodeAffinity | None) -> Affinity | None:
    """The affinity of a following operation's pods.

    Args:
        own: what the user wrote; it stays in force.
        strategy: Require restricts the pods to nodes with the same labels, Prefer favours such nodes.
        ran: where the preceding operation ran; None adds nothing.
    """
    labels = _labels(ran)
    if strategy.policy == REQUIRE:
        wanted = _required(strategy)
        return _require(own, {name: value for name, value in labels.items() if name in wanted})
    weights = {one.name: one.weight for one in strategy.prefers or ()} or {HOSTNAME: 100}
    return _prefer(
        own, [_preference(labels[name], weight) for name, weight in weights.items() if name in labels]
    )


def _required(strategy: AffinityStrategy) -> list[str]:
    return sorted({one.name for one in strategy.requires or ()}) or [HOSTNAME]


def _require(own: Affinity | None, labels: Mapping[str, NodeSelectorRequirement]) -> Affinity | None:
    """Adds a requirement to every term: the terms of a user are alternatives, so each needs it."""
    if not labels:
        return own
    node = (own.node_affinity if own else None) or NodeAffinity()
    selector = node.required_during_scheduling_ignored_during_execution
    terms = (selector.node_selector_terms if selector else None) or [NodeSelectorTerm()]
    narrowed = [
        term.model_copy(update={"match_expressions": [*(term.match_expressions or ()), *labels.values()]})
        for term in terms
    ]
    return _with_node(own, node, "required_during_scheduling_ignored_during_execution", _selector(narrowed))


def _prefer(own: Affinity | None, terms: Sequence[PreferredSchedulingTerm]) -> Affinity | None:
    if not terms:
        return own
    node = (own.node_affinity if own else None) or NodeAffinity()
    former = node.preferred_during_scheduling_ignored_during_execution or ()
    return _with_node(own, node, "preferred_during_scheduling_ignored_during_execution", [*former, *terms])


def _with_node(
    own: Affinity | None, node: NodeAffinity, field: str, value: NodeSelector | list[PreferredSchedulingTerm]
) -> Affinity:
    return (own or Affinity()).model_copy(update={"node_affinity": node.model_copy(update={field: value})})


def _preference(label: NodeSelectorRequirement, weight: int) -> PreferredSchedulingTerm:
    return PreferredSchedulingTerm(weight=weight, preference=NodeSelectorTerm(match_expressions=[label]))


def _labels(ran: NodeAffinity | None) -> dict[str, NodeSelectorRequirement]:
    selector = ran.required_during_scheduling_ignored_during_execution if ran else None
    terms = selector.node_selector_terms if selector else []
    return {one.key: one for term in terms for one in term.match_expressions or ()}


def _term(labels: Mapping[str, str]) -> NodeSelectorTerm:
    return NodeSelectorTerm(
        match_expressions=[
            NodeSelectorRequirement(key=name, operator="In", values=[value]) for name, value in labels.items()
        ]
    )


def _selector(terms: list[NodeSelectorTerm]) -> NodeSelector:
    return NodeSelector(node_selector_terms=terms)
