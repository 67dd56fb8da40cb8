"""A real node on this machine: kubelet, containerd, runc, DNS and services in namespaces of their own.

The node does not change the machine: its network is isolated, its file system is a layer over the machine's,
and its processes end with the first one. Only the API server is reachable from outside, through a relay on
127.0.0.1.
"""

from cluster.node.launch import attach, start
from cluster.node.machine import needs
from cluster.node.node import Node

__all__ = ["Node", "attach", "needs", "start"]
