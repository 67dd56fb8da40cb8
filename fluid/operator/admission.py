"""Admission policies of the API server that say the runtime policies at the moment of writing.

They judge what a user writes: nobody else knows who asks, so only here the right to `use` a profile is
looked at. What a profile adds, and what was stored before, the operator judges (`fluid.engines.judging`),
with the same words. An object that is not changed in what is judged passes: nothing stored is locked up.

There is one ValidatingAdmissionPolicy for each kind. For each runtime policy there is a ConfigMap with its
rules, and a binding of each kind to it that selects the namespaces.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from fluid.engines.judging import own_images, reserved_paths
from fluid.engines.runtime_policy import RuntimePolicies, RuntimePolicy
from fluid.engines.settings import Settings
from fluid.models import (
    ConfigMap,
    ObjectMeta,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
)
from fluid.naming import GROUP, VERSION
from fluid.operator.expressions import KINDS, RULES, Judged
from fluid.types import KubeObject

PREFIX = "fluid-runtime-policy"
"""Beginning of the names of all these objects."""
LABELS: Mapping[str, str] = {"app.kubernetes.io/component": PREFIX}
"""Labels of all these objects, to find and delete them by."""


def admission_objects(policies: RuntimePolicies, settings: Settings, namespace: str) -> list[KubeObject]:
    """Rules, policies and bindings for `kubectl apply`.

    Args:
        policies: What is allowed where.
        settings: What the operator runs with: its own images and directories.
        namespace: Where the operator is, and the ConfigMaps are.
    """
    if not policies.policies:
        return []
    return [
        *(_parameters(one, settings, namespace) for one in policies.policies),
        *(_policy(kind) for kind in KINDS),
        *(_binding(kind, one, namespace) for one in policies.policies for kind in KINDS),
    ]


def _parameters(policy: RuntimePolicy, settings: Settings, namespace: str) -> ConfigMap:
    """The rules as expressions read them: lists have one entry a line; an absent list allows anything."""
    data = {
        "name": policy.name,
        "requiredProfile": _flag(policy.required_profile),
        "profileOverrides": "\n".join(policy.profile_overrides),
        "ownImages": "\n".join(sorted(own_images(settings))),
        "reservedPaths": "\n".join(reserved_paths(settings)),
        "hostPID": _flag(policy.host_pid),
        "hostNetwork": _flag(policy.host_network),
        "privileged": _flag(policy.privileged),
        "criticalPods": _flag(policy.critical_pods),
    }
    if policy.allowed_images is not None:
        data["allowedImages"] = "\n".join(policy.allowed_images)
    if policy.allowed_host_paths is not None:
        data["allowedHostPaths"] = "\n".join(policy.allowed_host_paths)
    metadata = ObjectMeta(name=_name(policy), namespace=namespace, labels=dict(LABELS))
    return ConfigMap(metadata=metadata, data=data)


def _policy(kind: Judged) -> ValidatingAdmissionPolicy:
    resource: JsonValue = {
        "apiGroups": [GROUP],
        "apiVersions": [VERSION],
        "resources": [kind.plural],
        "operations": ["CREATE", "UPDATE"],
    }
    rules = [one for one in RULES if one.needs in kind.variables]
    variables = {
        **kind.variables,
        **{name: expression for one in rules for name, expression in one.variables.items()},
    }
    spec: JsonValue = {
        "failurePolicy": "Fail",
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "matchConstraints": {"resourceRules": [resource]},
        "matchConditions": [{"name": "changed", "expression": kind.changed}],
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
    metadata: JsonValue = {"name": f"{PREFIX}-{kind.plural}", "labels": dict(LABELS)}
    return ValidatingAdmissionPolicy.author({"metadata": metadata, "spec": spec})


def _binding(kind: Judged, policy: RuntimePolicy, namespace: str) -> ValidatingAdmissionPolicyBinding:
    spec: dict[str, JsonValue] = {
        "policyName": f"{PREFIX}-{kind.plural}",
        "paramRef": {"name": _name(policy), "namespace": namespace, "parameterNotFoundAction": "Deny"},
        "validationActions": ["Deny"],
    }
    if policy.namespace_selector is not None:
        spec["matchResources"] = {"namespaceSelector": policy.namespace_selector.to_wire()}
    metadata: JsonValue = {"name": f"{_name(policy)}-{kind.plural}", "labels": dict(LABELS)}
    return ValidatingAdmissionPolicyBinding.author({"metadata": metadata, "spec": spec})


def _name(policy: RuntimePolicy) -> str:
    return f"{PREFIX}-{policy.name}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
