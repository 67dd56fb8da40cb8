"""What users may do with Fluid's kinds: part of the roles view, edit and admin that every cluster has.

Whoever may edit a namespace may make pods in it, and Fluid's kinds are worth no more (docs/rights.md). Kinds
that are cluster-wide, such as profiles, say what everybody's pods run: they are read only.
"""

from collections.abc import Collection, Mapping

from fluid.engines.core.registry import Registry
from fluid.models import ClusterRole, Dataset, ObjectMeta, PolicyRule
from fluid.naming import GROUP
from fluid.types import KubeObject, Resource

VIEW, EDIT = "fluid-view", "fluid-edit"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]


def user_roles(registry: Registry) -> list[KubeObject]:
    """Two ClusterRoles that Kubernetes adds to its own, for the kinds of all engines that are installed.

    Of what runtimes name, only kinds of Fluid's group or of a group of runtimes and operations are read with
    them: others, such as ConfigMaps, have rights of their own.
    """
    runtimes = [one.kind.resource for one in registry.engines.values()]
    work = [one.kind.resource for one in registry.operations.values()]
    references = [one for engine in registry.engines.values() for one in engine.references]
    named = [one.kind.resource for one in references if one.kind.resource.group in {GROUP, *registry.groups}]
    kinds = _plurals([Dataset.resource, *work, *runtimes])
    scales = _plurals(runtimes, "/scale")
    return [
        ClusterRole(
            metadata=_aggregated(VIEW, "view", "edit", "admin"),
            rules=[
                *_rules(_plurals([Dataset.resource, *work, *runtimes, *named]), _READ),
                *_rules(scales, ["get"]),
            ],
        ),
        ClusterRole(
            metadata=_aggregated(EDIT, "edit", "admin"),
            rules=[*_rules(kinds, _WRITE), *_rules(scales, ["patch", "update"])],
        ),
    ]


def _aggregated(name: str, *roles: str) -> ObjectMeta:
    labels = {f"rbac.authorization.k8s.io/aggregate-to-{role}": "true" for role in roles}
    return ObjectMeta(name=name, labels=labels)


def _rules(resources: Mapping[str, list[str]], verbs: list[str]) -> list[PolicyRule]:
    return [
        PolicyRule(api_groups=[group], resources=plurals, verbs=verbs) for group, plurals in resources.items()
    ]


def _plurals(kinds: Collection[Resource], part: str = "") -> dict[str, list[str]]:
    """Names of resources by their group."""
    groups = sorted({one.group for one in kinds})
    return {group: sorted({f"{one.plural}{part}" for one in kinds if one.group == group}) for group in groups}
