"""The admission policies of the node plugin: what it may change about nodes, and how pods mount claims.

`own_node_policy` limits the plugin's rights. RBAC cannot say which node and which labels, an admission policy
can: the token of a DaemonSet's pod names its node (Kubernetes 1.30). The policy allows changes of that node
only, and there only of labels of FUSE pods. It denies everything else, whatever RBAC allows.

`propagation_policy` lets later mounts propagate into containers: a MutatingAdmissionPolicy (Kubernetes 1.36)
sets `mountPropagation: HostToContainer` on the volumeMounts of Fluid's claims, in every container whose
author did not set it. Each labelled claim of the pod's namespace is a parameter of the policy, so the policy
needs no other lookup and no webhook that can be down. Without it, the plugin still renews inside the
containers.
"""

from pydantic import JsonValue

from fluid.models import (
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
)
from fluid.naming import DATASET_ID
from fluid.naming import FUSE_PREFIX as LABEL_PREFIX
from fluid.types import KubeObject

OWN_NODE, MOUNT_PROPAGATION = "fluid-csi-own-node", "fluid-mount-propagation"
_NODE_OF_TOKEN = "authentication.kubernetes.io/node-name"
_UPDATE = "request.operation == 'UPDATE' && (!has(request.subResource) || request.subResource == '')"
_CHANGED = (
    "(variables.labels.map(key, key) + variables.before.map(key, key)).filter(key,"
    " !(key in variables.labels) || !(key in variables.before)"
    " || variables.labels[key] != variables.before[key])"
)
_CLAIMED = (
    "object.spec.?volumes.orValue([]).exists(volume, has(volume.persistentVolumeClaim)"
    " && volume.persistentVolumeClaim.claimName == params.metadata.name)"
)
_VOLUMES = (
    "object.spec.?volumes.orValue([]).filter(volume, has(volume.persistentVolumeClaim)"
    " && volume.persistentVolumeClaim.claimName == params.metadata.name).map(volume, volume.name)"
)


def own_node_policy(account: str) -> list[KubeObject]:
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
    binding: JsonValue = {"policyName": OWN_NODE, "validationActions": ["Deny"]}
    return [
        ValidatingAdmissionPolicy.author({"metadata": {"name": OWN_NODE}, "spec": spec}),
        ValidatingAdmissionPolicyBinding.author({"metadata": {"name": OWN_NODE}, "spec": binding}),
    ]


def _unchanged(field: str) -> JsonValue:
    empty = "{}" if field == "annotations" else "[]"
    now, before = (f"{one}.metadata.?{field}.orValue({empty})" for one in ("object", "oldObject"))
    return _validation(f"{now} == {before}", f"the node plugin may not change a node's {field}")


def _validation(expression: str, message: str) -> JsonValue:
    return {"expression": expression, "message": message, "reason": "Forbidden"}


def propagation_policy() -> list[KubeObject]:
    """Policy and binding for all pods that mount a claim of a Dataset."""
    pods: JsonValue = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    spec: JsonValue = {
        "failurePolicy": "Ignore",  # without it, the plugin renews the volume inside the containers
        "reinvocationPolicy": "IfNeeded",
        "paramKind": {"apiVersion": "v1", "kind": "PersistentVolumeClaim"},
        "matchConstraints": {"resourceRules": [{**pods, "operations": ["CREATE"]}]},
        "matchConditions": [{"name": "uses-the-claim", "expression": _CLAIMED}],
        "variables": [{"name": "volumes", "expression": _VOLUMES}],
        "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": _mutation(containers)}}
            for containers in ("containers", "initContainers")
        ],
    }
    selector: JsonValue = {"matchExpressions": [{"key": DATASET_ID, "operator": "Exists"}]}
    binding: JsonValue = {
        "policyName": MOUNT_PROPAGATION,
        "paramRef": {"selector": selector, "parameterNotFoundAction": "Allow"},
    }
    return [
        MutatingAdmissionPolicy.author({"metadata": {"name": MOUNT_PROPAGATION}, "spec": spec}),
        MutatingAdmissionPolicyBinding.author({"metadata": {"name": MOUNT_PROPAGATION}, "spec": binding}),
    ]


def _mutation(containers: str) -> str:
    """Set it on all mounts of the claim in all containers; an empty list of mounts changes nothing."""
    kind = f"Object.spec.{containers}"
    return (
        f"Object{{spec: Object.spec{{{containers}: object.spec.?{containers}.orValue([]).map(one, {kind}{{"
        "name: one.name, volumeMounts: one.?volumeMounts.orValue([])"
        ".filter(mount, mount.name in variables.volumes && !has(mount.mountPropagation))"
        f".map(mount, {kind}.volumeMounts{{"
        'name: mount.name, mountPath: mount.mountPath, mountPropagation: "HostToContainer"})})}}'
    )
