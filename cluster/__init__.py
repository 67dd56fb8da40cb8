"""A real Kubernetes control plane on this machine: built once, started in seconds, gone without a trace.

etcd, kube-apiserver, kube-controller-manager and kube-scheduler are the real ones. KWOK simulates the nodes,
and the project's answerer (`cluster/answerer`) simulates the programs that clients execute in the pods.
"""

from cluster.answers import Answers, ExecCall, Fault, Sizes, command_line
from cluster.audit import AuditEvent
from cluster.build import BuildError, build
from cluster.control_plane import ControlPlane, KubectlError, attach
from cluster.launch import StartError, start
from cluster.operator import Operator, OperatorError

__all__ = [
    "Answers",
    "AuditEvent",
    "BuildError",
    "ControlPlane",
    "ExecCall",
    "Fault",
    "KubectlError",
    "Operator",
    "OperatorError",
    "Sizes",
    "StartError",
    "attach",
    "build",
    "command_line",
    "start",
]
