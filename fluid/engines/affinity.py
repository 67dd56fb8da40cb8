"""Where the workers of a cache may run, for those who place pods near them."""

from fluid.models import NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, StatefulSet


def cache_affinity(workers: StatefulSet) -> NodeAffinity:
    """The workers' node affinity, with the pairs of their node selector joined into every required term."""
    pod = workers.spec.template.spec if workers.spec else None
    affinity = pod.affinity.node_affinity if pod and pod.affinity else None
    pairs = [
        NodeSelectorRequirement(key=key, operator="In", values=[value])
        for key, value in sorted(((pod.node_selector if pod else None) or {}).items())
    ]
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    terms = [
        NodeSelectorTerm(
            match_expressions=[*(term.match_expressions or ()), *pairs], match_fields=term.match_fields
        )
        for term in (required.node_selector_terms if required else ())
    ]
    if not terms and pairs:
        terms = [NodeSelectorTerm(match_expressions=pairs)]
    return NodeAffinity(
        required_during_scheduling_ignored_during_execution=NodeSelector(node_selector_terms=terms),
        preferred_during_scheduling_ignored_during_execution=(
            affinity.preferred_during_scheduling_ignored_during_execution if affinity else None
        ),
    )
