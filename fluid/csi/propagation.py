"""Lets later mounts arrive in containers by themselves: `mountPropagation: HostToContainer` at admission.

A MutatingAdmissionPolicy (Kubernetes 1.36) sets it on the volumeMounts of Fluid's claims, in every container
whose author said nothing about it. Each labelled claim of the pod's namespace is a parameter of the policy:
it has to ask nobody, and no webhook can be down. Without it, the plugin still renews inside the containers.
"""

from pydantic import JsonValue

from fluid.models import MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding
from fluid.naming import DATASET_ID
from fluid.types import KubeObject

NAME = "fluid-mount-propagation"
_CLAIMED = (
    "object.spec.?volumes.orValue([]).exists(volume, has(volume.persistentVolumeClaim)"
    " && volume.persistentVolumeClaim.claimName == params.metadata.name)"
)
_VOLUMES = (
    "object.spec.?volumes.orValue([]).filter(volume, has(volume.persistentVolumeClaim)"
    " && volume.persistentVolumeClaim.claimName == params.metadata.name).map(volume, volume.name)"
)


def propagation_policy() -> list[KubeObject]:
    """Policy and binding."""
    pods: JsonValue = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    spec: JsonValue = {
        "failurePolicy": "Ignore",  # a pod without it is a pod that the plugin has to renew from inside
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
        "policyName": NAME,
        "paramRef": {"selector": selector, "parameterNotFoundAction": "Allow"},
    }
    return [
        MutatingAdmissionPolicy.author({"metadata": {"name": NAME}, "spec": spec}),
        MutatingAdmissionPolicyBinding.author({"metadata": {"name": NAME}, "spec": binding}),
    ]


def _mutation(containers: str) -> str:
    """All mounts of the claim, in all containers; one without any gets an empty list, which adds nothing."""
    kind = f"Object.spec.{containers}"
    return (
        f"Object{{spec: Object.spec{{{containers}: object.spec.?{containers}.orValue([]).map(one, {kind}{{"
        "name: one.name, volumeMounts: one.?volumeMounts.orValue([])"
        ".filter(mount, mount.name in variables.volumes && !has(mount.mountPropagation))"
        f".map(mount, {kind}.volumeMounts{{"
        'name: mount.name, mountPath: mount.mountPath, mountPropagation: "HostToContainer"})})}}'
    )
