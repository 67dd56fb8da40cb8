"""The operator as users have it: our image, a Deployment, its own ServiceAccount and the generated rights."""

import json

from cluster.node import Node
from cluster.operator import ACCOUNT, NAMESPACE, USER
from fluid import Client, Dataset, s3
from tests.node.support import Json, until


def test_it_runs_in_the_cluster_with_its_own_rights(deployed: Node, namespace: str) -> None:
    source = s3("bucket", secret="keys", endpoint="s3.example.com")
    with Client(kubeconfig=deployed.kubeconfig, namespace=namespace) as client:
        Dataset.of("hbase", source).apply(client)
        asked = ("get", "dataset", "hbase", "-n", namespace, "-o", "jsonpath={.status.phase}")
        until(lambda: deployed.kubectl(*asked) == "NotBound", "the Dataset's phase is NotBound")
        client.datasets.delete("hbase", wait=20)
    pod = _pod(deployed)
    assert pod["spec"]["serviceAccountName"] == ACCOUNT
    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0


def test_it_is_denied_nothing(deployed: Node) -> None:
    mine = [event for event in deployed.audit() if event.user == USER]
    assert any(event.verb == "watch" for event in mine), "or the log would say nothing"
    assert [event.uri for event in mine if event.denied] == []


def test_it_starts_without_compiling_anything(deployed: Node) -> None:
    loading = ("python3", "-v", "-c", "import fluid.operator.process, fluid.csi.process")
    for workload in ("deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid"):
        said = deployed.try_kubectl("-n", NAMESPACE, "exec", workload, "--", *loading).stderr.splitlines()
        ours = [line for line in said if line.startswith("# code object from") and "dist-packages" in line]
        assert ours, "or Python does not say what it loads any more"
        assert [line for line in ours if not line.endswith(".pyc'")] == []


def test_it_may_not_read_secrets(deployed: Node) -> None:
    asked = deployed.try_kubectl("auth", "can-i", "get", "secrets", "--all-namespaces", f"--as={USER}")
    assert asked.stdout.strip() == "no"


def _pod(node: Node) -> Json:
    listed = node.kubectl("-n", NAMESPACE, "get", "pods", "-l", "control-plane=fluid-operator", "-o", "json")
    (pod,) = json.loads(listed)["items"]
    return pod
