"""Admission policies of the API server that say the runtime policies at the moment of writing.

They judge what a user writes: nobody else knows who asks, so only here the right to `use` a profile is
looked at. What a profile adds, and what was stored before, the operator judges, with the same words
(`fluid.engines.core.policy_check`). An object that is not changed in what is judged passes: nothing stored
is locked up.

Each runtime policy becomes a ValidatingAdmissionPolicy for each kind, with a binding that selects the
namespaces. Why its rules stand in it and are no parameters: `docs/decisions/runtime-policies.md`.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from fluid.engines.core.policy_check import reserved_paths
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import RuntimePolicies, RuntimePolicy
from fluid.engines.core.settings import Settings
from fluid.models import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from fluid.naming import GROUP
from fluid.operator.demands import Judged, judged_kinds
from fluid.operator.expressions import rules_for, settings_of
from fluid.types import KubeObject

PREFIX = "fluid-runtime-policy"
"""Beginning of the names of all these objects."""
LABELS: Mapping[str, str] = {"app.kubernetes.io/component": PREFIX}
"""Labels of all these objects, to find and delete them by."""


def admission_objects(policies: RuntimePolicies, settings: Settings, registry: Registry) -> list[KubeObject]:
    """Policies and bindings for `kubectl apply`.

    Args:
        policies: What is allowed where.
        settings: What the operator runs with: its own images and directories.
        registry: What is installed: its kinds are judged, beside Datasets.
    """
    kinds = [*judged_kinds(registry)]
    return [
        item
        for policy in policies.policies
        for kind in kinds
        for item in (_policy(kind, policy, settings), _binding(kind, policy))
    ]


def _policy(kind: Judged, policy: RuntimePolicy, settings: Settings) -> ValidatingAdmissionPolicy:
    resource: JsonValue = {
        "apiGroups": [kind.resource.group],
        "apiVersions": [kind.resource.version],
        "resources": [kind.resource.plural],
        "operations": ["CREATE", "UPDATE"],
    }
    rules = rules_for(kind)
    variables = {
        **settings_of(policy, settings.images, reserved_paths(settings)),
        **kind.demands.variables,
        **{name: expression for one in rules for name, expression in one.variables.items()},
    }
    spec: JsonValue = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [resource]},
        "matchConditions": [{"name": name, "expression": one} for name, one in kind.conditions.items()],
        "variables": [{"name": name, "expression": one} for name, one in variables.items()],
        "validations": [
            {
                "expression": one.holds,
                "message": one.message,
                "messageExpression": one.told,
                "reason": "Forbidden",
            }
            for one in rules
        ],
    }
    metadata: JsonValue = {"name": _name(kind, policy), "labels": dict(LABELS)}
    return ValidatingAdmissionPolicy.author({"metadata": metadata, "spec": spec})


def _binding(kind: Judged, policy: RuntimePolicy) -> ValidatingAdmissionPolicyBinding:
    spec: dict[str, JsonValue] = {
        "policyName": _name(kind, policy),
        "validationActions": ["Deny"],
    }
    if policy.namespace_selector is not None:
        spec["matchResources"] = {"namespaceSelector": policy.namespace_selector.to_wire()}
    metadata: JsonValue = {"name": _name(kind, policy), "labels": dict(LABELS)}
    return ValidatingAdmissionPolicyBinding.author({"metadata": metadata, "spec": spec})


def _name(kind: Judged, policy: RuntimePolicy) -> str:
    of = kind.resource.plural if kind.resource.group == GROUP else str(kind.resource)
    return f"{PREFIX}-{policy.name}-{of}"
