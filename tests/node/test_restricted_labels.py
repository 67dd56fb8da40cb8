"""FUSE pods that come by a label which no node gives itself: a node that was taken over draws no Secret."""

import secrets
from collections.abc import Iterator

import pytest

from cluster.node import Node, datapath
from cluster.node.settings import NAME
from cluster.operator import NAMESPACE
from fluid.naming import restricted_fuse_label
from tests.node.datapath import bound, deleted, field
from tests.node.support import until

AS_KUBELET = (f"--as=system:node:{NAME}", "--as-group=system:nodes")


def switch(node: Node, setting: str) -> None:
    node.kubectl("-n", NAMESPACE, "set", "env", "deployment/fluid-operator", setting)
    node.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/fluid-operator", "--timeout=90s")


@pytest.fixture
def switched(stored: Node) -> Iterator[Node]:
    switch(stored, "RESTRICTED_FUSE_LABELS=true")
    yield stored
    switch(stored, "RESTRICTED_FUSE_LABELS-")


def labels(node: Node) -> str:
    return node.kubectl("get", "node", NAME, "--output=jsonpath={.metadata.labels}")


def test_a_node_draws_a_fuse_pod_only_if_a_pod_there_uses_the_claim(switched: Node) -> None:
    namespace = f"test-{secrets.token_hex(4)}"
    switched.kubectl("create", "namespace", namespace)
    datapath.serve(switched, namespace)
    name = bound(switched, namespace, "rclone")
    asked = f"fluid.io/f-{namespace}-{name}"
    granted = restricted_fuse_label(asked)
    selector = field(switched, namespace, f"daemonset/{name}-fuse", "{.spec.template.spec.nodeSelector}")
    assert granted in selector
    assert f'"{asked}"' not in selector

    refused = switched.try_kubectl("label", "node", NAME, f"{granted}=true", *AS_KUBELET)
    assert "is not allowed to modify labels" in refused.stderr
    switched.kubectl("label", "node", NAME, f"{asked}=true", *AS_KUBELET)
    until(lambda: asked not in labels(switched), "the request of a node without a reader is taken away")
    pods = ("-n", namespace, "get", "pods", "-l", "app=thin", "-o", "name")
    assert f"{name}-fuse" not in switched.kubectl(*pods)

    datapath.read_by(switched, namespace, name)
    assert asked in labels(switched)
    assert granted in labels(switched)
    switched.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    deleted(switched, namespace, name)
    until(lambda: name not in labels(switched), "request and grant go with the Dataset")
    switched.kubectl("delete", "namespace", namespace, "--wait=false")
