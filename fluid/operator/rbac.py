"""The rights of an operator: what its controllers declare, merged to as few rules as possible."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fluid.controllers import dataset, lazy_start, nodes, operation, policies, query_runner, runtime, scale
from fluid.engines.core.registry import Registry
from fluid.models import PolicyRule

EVENTS = PolicyRule(api_groups=[""], resources=["events"], verbs=["create", "patch"])
"""What the recorder of events needs."""
LEASES = PolicyRule(
    api_groups=["coordination.k8s.io"], resources=["leases"], verbs=["get", "create", "patch"]
)
"""What leader election needs, in the namespace of its Lease."""
_UNUSUAL = frozenset({"*", "secrets", "escalate", "bind", "impersonate", "token", "proxy"})
"""Groups, resources, subresources and verbs: `token` acts as a service account, `proxy` as the API server."""
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")


def operator_rules(registry: Registry, *, namespaces: bool = False) -> list[PolicyRule]:
    """The cluster-wide rules of a process that hosts all controllers.

    Args:
        registry: The engines that are installed.
        namespaces: Whether runtime policies select namespaces by their labels.
    """
    engines = [*registry.engines.values()]
    return merged(
        [
            *dataset.RULES,
            *lazy_start.rules(engines),
            *runtime.rules(engines),
            *query_runner.rules(registry.queries),
            *nodes.RULES,
            *operation.rules(registry.operations.values()),
            *(policies.RULES if namespaces else ()),
            EVENTS,
        ]
    )


def unusual_rights(registry: Registry) -> Iterator[str]:
    """Rights that registrations bring and no controller has: on Secrets, on everything, or to give rights.

    All that a registration adds to the operator's rights is judged: its rules, those of its queries, and what
    follows from the kinds that it names.
    """
    for engine in registry.engines.values():
        of_queries = [rule for query in engine.queries for rule in query.rules]
        asked = [*runtime.rules([engine]), *lazy_start.rules([engine]), *of_queries]
        yield from _unusual(f"the engine of {engine.kind.resource.kind}", asked)
    for one in registry.operations.values():
        yield from _unusual(f"the data operation {one.name}", operation.rules([one]))


def _unusual(who: str, rules: Iterable[PolicyRule]) -> Iterator[str]:
    """A sentence about the rights in some rules that nothing of Fluid has; none if there are none."""
    named: set[str] = set()
    for rule in rules:
        named.update(rule.api_groups or (), rule.resources or (), rule.verbs)
        named.update({"*", "/*"}.intersection(rule.non_resource_ur_ls or ()))
    found = sorted(name for name in named if not _UNUSUAL.isdisjoint(name.split("/")))
    if found:
        yield f"{who} asks for rights that Fluid does without: {', '.join(found)}"


def own_namespace_rules() -> list[PolicyRule]:
    """The rules for the operator's own namespace: its Lease, and the Deployments that it may scale."""
    return merged([LEASES, *scale.RULES])


def merged(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The same rights in few rules, sorted.

    There is one rule for all resources of a group that share their verbs. Rules about names or URLs come
    after these, each as it is.
    """
    verbs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    special: dict[str, PolicyRule] = {}
    for rule in rules:
        if rule.resource_names or rule.non_resource_ur_ls:
            special[str(rule.to_wire())] = rule
            continue
        for group in rule.api_groups or ():
            for resource in rule.resources or ():
                verbs[group, resource].update(rule.verbs)
    alike: defaultdict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), allowed in sorted(verbs.items()):
        alike[group, tuple(sorted(allowed, key=_place))].append(resource)
    return [
        *(
            PolicyRule(api_groups=[group], resources=resources, verbs=[*allowed])
            for (group, allowed), resources in sorted(alike.items(), key=lambda item: (item[0][0], item[1]))
        ),
        *(special[one] for one in sorted(special)),
    ]


def _place(verb: str) -> tuple[int, str]:
    """The usual order of verbs; those that only engines ask for come last."""
    return (_VERBS.index(verb) if verb in _VERBS else len(_VERBS), verb)
