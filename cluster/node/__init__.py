"""A real node on this machine: kubelet, containerd, runc, DNS and services in namespaces of their own.

Nothing of it reaches the machine: its network ends in itself, its file system is a layer over the machine's,
its processes die with one. The API server alone is reached from outside, through a relay on 127.0.0.1.
"""

from cluster.node.launch import attach, start
from cluster.node.machine import needs
from cluster.node.node import Node

__all__ = ["Node", "attach", "needs", "start"]
