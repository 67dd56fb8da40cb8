"""What an installation needs: CRDs, rights and Deployment of the operator, for all installed engines."""

import hashlib
from dataclasses import dataclass, field

from pydantic import JsonValue

from fluid.engines.core.distributions import texts
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import RuntimePolicies
from fluid.engines.core.settings import KUBELET, OPERATOR_IMAGE, Settings
from fluid.engines.core.variables import variables
from fluid.kube.probes import ports_and_probes
from fluid.models import (
    ClusterRole,
    ClusterRoleBinding,
    ConfigMap,
    Deployment,
    Namespace,
    ObjectMeta,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    ServiceAccount,
    Subject,
)
from fluid.operator.access import user_roles
from fluid.operator.admission import LABELS, PREFIX, admission_objects
from fluid.operator.rbac import operator_rules, own_namespace_rules
from fluid.types import KubeObject

NAME = "fluid-operator"
"""Name of everything here but the CRDs, the namespace, and the roles of users."""
_POLICY_FOLDER, _POLICY_FILE = "/etc/fluid/runtime-policy", "policy.yaml"
_GRACE = 40
"""Seconds until the kubelet kills: the operator's own grace of 30, and some to give the Lease back."""


@dataclass(frozen=True)
class Installation:
    """One operator of a cluster.

    Attributes:
        namespace: where it runs.
        image: what it runs.
        restricted_fuse_labels: whether FUSE pods of new runtimes come by labels that no node gives itself.
        policies: what runtimes may demand of nodes; None for anything.
        kubelet: root directory of the kubelets, which no policy can allow.
        registry: the engines and operations that are installed.
    """

    namespace: str = "fluid-system"
    image: str = OPERATOR_IMAGE
    restricted_fuse_labels: bool = False
    policies: RuntimePolicies | None = None
    kubelet: str = KUBELET
    registry: Registry = field(default_factory=Registry.discover)

    def rights(self) -> list[KubeObject]:
        """Namespace, ServiceAccount, its roles, and what users get."""
        subject = Subject(kind="ServiceAccount", name=NAME, namespace=self.namespace)
        return [
            Namespace(metadata=ObjectMeta(name=self.namespace)),
            ServiceAccount(metadata=self._metadata()),
            ClusterRole(metadata=_cluster_wide(), rules=self._rules()),
            ClusterRoleBinding(metadata=_cluster_wide(), role_ref=_role("ClusterRole"), subjects=[subject]),
            Role(metadata=self._metadata(), rules=own_namespace_rules()),
            RoleBinding(metadata=self._metadata(), role_ref=_role("Role"), subjects=[subject]),
            *user_roles(self.registry),
        ]

    def admission(self) -> list[KubeObject]:
        """The runtime policies as the API server and the operator read them; nothing without any."""
        if self.policies is None:
            return []
        environment = {**installed_variables(self.registry), "FLUID_IMAGE": self.image}
        settings = self.registry.settings({**environment, "KUBELET_ROOTDIR": self.kubelet})
        file = ConfigMap(
            metadata=ObjectMeta(name=PREFIX, namespace=self.namespace, labels=dict(LABELS)),
            data={_POLICY_FILE: self.policies.text},
        )
        return [file, *admission_objects(self.policies, settings, self.registry)]

    def deployment(self) -> Deployment:
        """One replica: a second would wait for the Lease. The container may use the network, nothing else."""
        labels: JsonValue = {"app.kubernetes.io/name": NAME, "control-plane": NAME}
        pod: dict[str, JsonValue] = {
            "serviceAccountName": NAME,
            "terminationGracePeriodSeconds": _GRACE,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "runAsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [self._container()],
        }
        annotations: dict[str, JsonValue] = {}
        if self.policies is not None:
            pod["volumes"] = [{"name": PREFIX, "configMap": {"name": PREFIX}}]
            annotations = {"annotations": self._policy_hash()}
        spec: JsonValue = {
            "replicas": 1,
            "selector": {"matchLabels": {"control-plane": NAME}},
            "template": {"metadata": {"labels": labels, **annotations}, "spec": pod},
        }
        return Deployment.author({"metadata": self._metadata().to_wire(), "spec": spec})

    def _rules(self) -> list[PolicyRule]:
        reads = self.policies is not None and self.policies.reads_namespaces
        return operator_rules(self.registry, namespaces=reads)

    def _policy_hash(self) -> JsonValue:
        """What restarts the operator when the policies are others: it reads them at its start."""
        text = self.policies.text if self.policies else ""
        return {"data.fluid.io/runtime-policy": hashlib.sha256(text.encode()).hexdigest()[:16]}

    def _container(self) -> JsonValue:
        switched = {"RESTRICTED_FUSE_LABELS": "true"} if self.restricted_fuse_labels else {}
        if self.policies is not None and self.kubelet != KUBELET:
            switched["KUBELET_ROOTDIR"] = self.kubelet
        policy: list[JsonValue] = []
        mounts: dict[str, JsonValue] = {}
        if self.policies is not None:
            policy = [f"--runtime-policy={_POLICY_FOLDER}/{_POLICY_FILE}"]
            mounts = {"volumeMounts": [{"name": PREFIX, "mountPath": _POLICY_FOLDER, "readOnly": True}]}
        return {
            "name": "operator",
            "image": self.image,
            "args": ["run", "--leader-elect", f"--lease-namespace={self.namespace}", *policy],
            "env": [
                _from_pod("MY_POD_NAMESPACE", "metadata.namespace"),
                *(
                    {"name": name, "value": value}
                    for name, value in (installed_variables(self.registry) | switched).items()
                ),
                {"name": "FLUID_IMAGE", "value": self.image},
            ],
            **ports_and_probes(),
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            **mounts,
        }

    def _metadata(self) -> ObjectMeta:
        return ObjectMeta(name=NAME, namespace=self.namespace)


def installed_variables(registry: Registry) -> dict[str, str]:
    """What the Deployment sets, as existing installations do.

    One that is taken over keeps its mounts where volumes say they are, and its images. Their other variables
    have the value that the operator has by itself, or no meaning here.
    """
    found = (one for settings in (Settings, *registry.settings_classes) for _, one in variables(settings))
    return {one.name: one.installed for one in found if one.installed}


def crds(registry: Registry | None = None) -> str:
    """The CRDs of everything that is installed, in the order of their kinds.

    Args:
        registry: The engines and operations; those that are installed if None.
    """
    return "---\n".join(texts((registry or Registry.discover()).crds))


def _cluster_wide() -> ObjectMeta:
    return ObjectMeta(name=NAME)


def _role(kind: str) -> RoleRef:
    return RoleRef(api_group="rbac.authorization.k8s.io", kind=kind, name=NAME)


def _from_pod(name: str, field: str) -> JsonValue:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": field}}}
