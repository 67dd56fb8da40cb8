"""What users may do with Fluid's kinds: part of the roles view, edit and admin that every cluster has.

Whoever may edit a namespace may make pods in it, and Fluid's kinds are worth no more (docs/rights.md). Kinds
that are cluster-wide, such as profiles, say what everybody's pods run: they are read only.
"""

from collections.abc import Iterable

from fluid.engines.core.registry import Registry
from fluid.models import ClusterRole, Dataset, ObjectMeta, PolicyRule
from fluid.naming import GROUP
from fluid.types import KubeObject

VIEW, EDIT = "fluid-view", "fluid-edit"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]


def user_roles(registry: Registry) -> list[KubeObject]:
    """Two ClusterRoles that Kubernetes adds to its own, for the kinds of all engines that are installed."""
    runtimes = [one.kind for one in registry.engines.values()]
    named = [reference.kind for one in registry.engines.values() for reference in one.references]
    kinds = [Dataset, *(one.kind for one in registry.operations.values()), *runtimes]
    scales = [f"{plural}/scale" for plural in _plurals(runtimes)]
    return [
        ClusterRole(
            metadata=_aggregated(VIEW, "view", "edit", "admin"),
            rules=[_rule(_plurals([*kinds, *named]), _READ), _rule(scales, ["get"])],
        ),
        ClusterRole(
            metadata=_aggregated(EDIT, "edit", "admin"),
            rules=[_rule(_plurals(kinds), _WRITE), _rule(scales, ["patch", "update"])],
        ),
    ]


def _aggregated(name: str, *roles: str) -> ObjectMeta:
    labels = {f"rbac.authorization.k8s.io/aggregate-to-{role}": "true" for role in roles}
    return ObjectMeta(name=name, labels=labels)


def _rule(resources: list[str], verbs: list[str]) -> PolicyRule:
    return PolicyRule(api_groups=[GROUP], resources=resources, verbs=verbs)


def _plurals(kinds: Iterable[type[KubeObject]]) -> list[str]:
    return sorted({kind.resource.plural for kind in kinds if kind.resource.group == GROUP})
