"""`make undeploy` takes back what `make deploy` brought, on a node of its own."""

from pathlib import Path

from cluster.node import Node, datapath, start
from tests.node.support import until

_PASSING = ("events", "events.events.k8s.io", "leases.coordination.k8s.io")
"""Kinds whose objects come and go without anybody's doing."""


def test_nothing_is_left_of_an_installation(able: None, tmp_path: Path) -> None:
    node = start(tmp_path / "node", tethered=True)
    try:
        objects, traces = everything(node), on_the_node(node)
        datapath.deploy(node)
        registered = ("get", "csinodes", "--output=jsonpath={.items[*].spec.drivers[*].name}")
        until(lambda: "fuse.csi.fluid.io" in node.kubectl(*registered), "the kubelet has the plugin")
        done = node.run("make", "--no-print-directory", "--directory", str(datapath.CHECKOUT), "undeploy")
        assert done.returncode == 0, done.stderr
        assert everything(node) == objects
        until(lambda: not node.kubectl(*registered), "the kubelet has no plugin any more")
        assert on_the_node(node) == traces
    finally:
        node.stop()


def everything(node: Node) -> set[str]:
    """The names of all objects."""
    kinds = set(node.kubectl("api-resources", "--verbs=list", "--output=name").split()).difference(_PASSING)
    return set(node.kubectl("get", ",".join(sorted(kinds)), "--all-namespaces", "--output=name").split())


def on_the_node(node: Node) -> list[str]:
    """Mounts, sockets of plugins, and labels. The folder in which a plugin keeps its records may stay."""
    labels = node.kubectl("get", "nodes", "--output=jsonpath={.items[*].metadata.labels}")
    looking = "cut -d' ' -f5 /proc/self/mountinfo; ls -A /var/lib/kubelet/plugins_registry /runtime-mnt"
    return [labels, *sorted(node.exec("sh", "-c", looking).stdout.splitlines())]
