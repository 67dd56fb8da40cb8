"""The Kubernetes objects of the node plugin."""

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue

from fluid.csi.admission import own_node_policy, propagation_policy
from fluid.csi.cluster import rules
from fluid.csi.options import KUBELET, MOUNT_ROOT, PublishMethod
from fluid.kube.probes import ports_and_probes
from fluid.models import (
    ClusterRole,
    ClusterRoleBinding,
    CSIDriver,
    DaemonSet,
    ObjectMeta,
    RoleRef,
    ServiceAccount,
    Subject,
)
from fluid.naming import CSI_DRIVER
from fluid.types import KubeObject

NAME = "csi-nodeplugin-fluid"
"""Name of all objects except the driver and the policies."""


@dataclass(frozen=True)
class NodePlugin:
    """The node plugin of one cluster.

    Attributes:
        namespace: Namespace of the plugin.
        image: Image of the plugin.
        mutating_policy: Whether the cluster serves MutatingAdmissionPolicies (Kubernetes 1.36).
        kubelet: Root directory of the kubelets.
        mount_root: Directory on the nodes below which FUSE pods mount.
        others: Types of runtimes that other operators in the cluster serve.
        publish_method: How volumes are published whose attributes do not say how.
    """

    namespace: str
    image: str
    mutating_policy: bool = True
    kubelet: str = str(KUBELET)
    mount_root: str = MOUNT_ROOT
    others: Collection[str] = ()
    publish_method: PublishMethod = "bindMount"

    def objects(self) -> list[KubeObject]:
        """CSIDriver, ServiceAccount, RBAC, admission policies and DaemonSet."""
        subject = Subject(kind="ServiceAccount", name=NAME, namespace=self.namespace)
        role = RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=NAME)
        return [
            self.driver(),
            ServiceAccount(metadata=self._metadata()),
            ClusterRole(metadata=ObjectMeta(name=NAME), rules=rules(self.others)),
            ClusterRoleBinding(metadata=ObjectMeta(name=NAME), role_ref=role, subjects=[subject]),
            *own_node_policy(f"system:serviceaccount:{self.namespace}:{NAME}"),
            *(propagation_policy() if self.mutating_policy else []),
            self.daemon_set(),
        ]

    def driver(self) -> CSIDriver:
        """How the kubelet calls the plugin. fsGroupPolicy is left to the API server, as it always was."""
        spec: JsonValue = {"attachRequired": False, "podInfoOnMount": True}
        return CSIDriver.author({"metadata": {"name": CSI_DRIVER}, "spec": spec})

    def daemon_set(self) -> DaemonSet:
        """One pod on every node; a restart of the pod does not harm mounts."""
        pod: JsonValue = {
            "serviceAccountName": NAME,
            "priorityClassName": "system-node-critical",
            "terminationGracePeriodSeconds": 10,
            "hostPID": True,  # to renew mounts inside containers, by the mount namespaces of their processes
            "tolerations": [{"operator": "Exists"}],
            "containers": [self._container()],
            "volumes": [
                {"name": "kubelet", "hostPath": {"path": self.kubelet, "type": "Directory"}},
                {"name": "mounts", "hostPath": {"path": self.mount_root, "type": "DirectoryOrCreate"}},
            ],
        }
        labels: JsonValue = {"app": NAME, "app.kubernetes.io/name": NAME}
        spec: JsonValue = {
            "selector": {"matchLabels": {"app": NAME}},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        return DaemonSet.author({"metadata": self._metadata().to_wire(), "spec": spec})

    def _container(self) -> JsonValue:
        propagated: JsonValue = {"mountPropagation": "Bidirectional"}
        more = [] if self.publish_method == "bindMount" else [f"--publish-method={self.publish_method}"]
        return {
            "name": "plugin",
            "image": self.image,
            "args": [
                "csi",
                "--keep",
                f"--kubelet-dir={self.kubelet}",
                f"--mount-root={self.mount_root}",
                *more,
            ],
            "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            **ports_and_probes(),
            # The limit holds the plugin and as many helpers as can hang: see
            # `fluid.csi.helper_limits.MOST_HELPERS`
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}},
            "securityContext": {"privileged": True, "runAsUser": 0, "readOnlyRootFilesystem": True},
            "volumeMounts": [
                {"name": "kubelet", "mountPath": self.kubelet, **propagated},
                {"name": "mounts", "mountPath": self.mount_root, **propagated},
            ],
        }

    def _metadata(self) -> ObjectMeta:
        return ObjectMeta(name=NAME, namespace=self.namespace)
