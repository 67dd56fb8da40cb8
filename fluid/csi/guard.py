"""What keeps the plugin's rights small: RBAC cannot say which node and which labels, an admission policy can.

The token of a DaemonSet's pod names its node (Kubernetes 1.30). With it, only that node may be changed, and
there only labels of FUSE pods; everything else is denied, whatever RBAC allows.
"""

from pydantic import JsonValue

from fluid.models import ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding
from fluid.naming import FUSE_PREFIX as LABEL_PREFIX
from fluid.types import KubeObject

NAME = "fluid-csi-own-node"
_NODE_OF_TOKEN = "authentication.kubernetes.io/node-name"
_UPDATE = "request.operation == 'UPDATE' && (!has(request.subResource) || request.subResource == '')"


def node_guard(account: str) -> list[KubeObject]:
    """Policy and binding for a user such as ``system:serviceaccount:fluid-system:csi-nodeplugin-fluid``."""
    everything: JsonValue = {"apiGroups": [""], "apiVersions": ["*"], "operations": ["*"]}
    spec: JsonValue = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [{**everything, "resources": ["nodes", "nodes/*"]}]},
        "matchConditions": [
            {"name": "node-plugin", "expression": f"request.userInfo.username == '{account}'"}
        ],
        "variables": [
            {"name": "labels", "expression": "object.metadata.?labels.orValue({})"},
            {"name": "before", "expression": "oldObject.metadata.?labels.orValue({})"},
            {"name": "changed", "expression": _CHANGED},
        ],
        "validations": [
            _validation(_UPDATE, "the node plugin may change nodes, nothing else about them"),
            _validation(
                f"request.userInfo.?extra['{_NODE_OF_TOKEN}'].orValue([]) == [object.metadata.name]",
                "the node plugin may change its own node only, and its token has to name it",
            ),
            _validation(
                f"variables.changed.all(key, key.startsWith('{LABEL_PREFIX}'))",
                f"the node plugin may change labels that begin with {LABEL_PREFIX} only",
            ),
            *(_unchanged(field) for field in ("annotations", "finalizers", "ownerReferences")),
            _validation("object.spec == oldObject.spec", "the node plugin may not change a node's spec"),
        ],
    }
    binding: JsonValue = {"policyName": NAME, "validationActions": ["Deny"]}
    return [
        ValidatingAdmissionPolicy.author({"metadata": {"name": NAME}, "spec": spec}),
        ValidatingAdmissionPolicyBinding.author({"metadata": {"name": NAME}, "spec": binding}),
    ]


_CHANGED = (
    "(variables.labels.map(key, key) + variables.before.map(key, key)).filter(key,"
    " !(key in variables.labels) || !(key in variables.before)"
    " || variables.labels[key] != variables.before[key])"
)


def _unchanged(field: str) -> JsonValue:
    empty = "{}" if field == "annotations" else "[]"
    now, before = (f"{one}.metadata.?{field}.orValue({empty})" for one in ("object", "oldObject"))
    return _validation(f"{now} == {before}", f"the node plugin may not change a node's {field}")


def _validation(expression: str, message: str) -> JsonValue:
    return {"expression": expression, "message": message, "reason": "Forbidden"}
