"""What keeps `kubectl delete -f -` from taking all Datasets: whoever deletes a kind deletes its objects.

Nothing brings them back, and with the operator gone in the same command nobody takes their finalizers away.
So a kind of Fluid is deleted only after somebody has said so on the kind itself.
"""

import json
from collections.abc import Iterable

from pydantic import JsonValue

from fluid.models import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from fluid.naming import GROUP
from fluid.types import KubeObject

NAME = "fluid-keep-kinds"
ALLOW_DELETION = "data.fluid.io/allow-deletion"
"""Annotation of a CRD: "true" lets it be deleted, with all of its objects."""
_REFUSAL = (
    "it would delete all objects of that kind in the cluster, which only a running operator can clean up "
    "after: run `make undeploy`, which looks for them first, or delete them yourself and then allow it with "
    f"`kubectl annotate crd NAME {ALLOW_DELETION}=true`. If the same command deleted the operator or this "
    "policy, apply `fluid manifests` again before anything else"
)


def kinds_guard(groups: Iterable[str] = ()) -> list[KubeObject]:
    """Policy and binding; policies are not looked at by policies, so these two can always be deleted.

    Args:
        groups: API groups of runtimes and operations; Fluid's own is always kept.
    """
    kept = sorted({GROUP, *groups})
    of_fluid = f"in {json.dumps(kept)}" if len(kept) > 1 else f"== '{GROUP}'"
    rule: JsonValue = {
        "apiGroups": ["apiextensions.k8s.io"],
        "apiVersions": ["*"],
        "operations": ["DELETE"],
        "resources": ["customresourcedefinitions"],
    }
    allowed = f"oldObject.metadata.?annotations[?'{ALLOW_DELETION}'].orValue('') == 'true'"
    spec: JsonValue = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "matchConditions": [
            {"name": "kind-of-fluid", "expression": f"oldObject.spec.group {of_fluid}"},
        ],
        "validations": [{"expression": allowed, "message": _REFUSAL, "reason": "Forbidden"}],
    }
    binding: JsonValue = {"policyName": NAME, "validationActions": ["Deny"]}
    return [
        ValidatingAdmissionPolicy.author({"metadata": {"name": NAME}, "spec": spec}),
        ValidatingAdmissionPolicyBinding.author({"metadata": {"name": NAME}, "spec": binding}),
    ]
