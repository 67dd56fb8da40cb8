"""Bytes through the claim: an S3 server, a FUSE client in a DaemonSet, our node plugin, a pod that reads."""

from pathlib import Path

import pytest

from cluster.node import Node, images, storage
from tests.node.support import inside, ready, until

_OBJECTS = Path(__file__).parent / "objects"
_EXAMPLES = Path(__file__).parents[2] / "examples" / "thin"
KEYS = ("--from-literal=id=reader", "--from-literal=secret=open-sesame")


@pytest.fixture(scope="session")
def stored(deployed: Node) -> Node:
    """The node with the images of the data path, and the profiles of the examples."""
    for image in storage.images():
        deployed.load(image)
    for profile in ("rclone", "s3fs"):
        deployed.kubectl("apply", "--filename", str(_EXAMPLES / profile / "profile.yaml"))
    wait = "rollout status --namespace fluid-system daemonset/csi-nodeplugin-fluid --timeout=60s"
    deployed.kubectl(*wait.split())
    return deployed


@pytest.fixture
def bucket(stored: Node, namespace: str) -> Node:
    """Two buckets behind an S3 server in the test's namespace, and what the examples need there."""
    _apply(stored, namespace, "s3.yaml")
    supervisor = f"--from-file={_EXAMPLES / 'supervise.py'}"
    stored.kubectl("-n", namespace, "create", "configmap", "thin-supervisor", supervisor)
    stored.kubectl("-n", namespace, "create", "secret", "generic", "s3-keys", *KEYS)
    ready(stored, namespace, "s3")
    return stored


@pytest.mark.parametrize("client", ["rclone", "s3fs"])
def test_a_pod_reads_and_writes_what_is_in_the_bucket(bucket: Node, namespace: str, client: str) -> None:
    document = (_EXAMPLES / client / "dataset.yaml").read_text().replace("s3.default:", f"s3.{namespace}:")
    bucket.kubectl("-n", namespace, "apply", "--filename", "-", stdin=document)
    name = next(line.split(": ")[1] for line in document.splitlines() if line.startswith("  name: "))
    asked = ("-n", namespace, "get", "dataset", name, "-o", "jsonpath={.status.phase}")
    until(lambda: bucket.kubectl(*asked) == "Bound", f"Dataset {name} is Bound")
    _apply(bucket, namespace, "reader.yaml", CLAIM=name)
    ready(bucket, namespace, "reader")
    files = inside(bucket, namespace, "reader", "find", "/data", "-name", "weights")
    assert files, inside(bucket, namespace, "reader", "ls", "-lR", "/data")
    read = inside(bucket, namespace, "reader", "sha256sum", files).split()[0]
    served = ("-n", namespace, "exec", "s3", "-c", "shell", "--", "sha256sum", "/data/models/weights")
    assert read == bucket.kubectl(*served).split()[0]
    bucket.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    bucket.kubectl("-n", namespace, "delete", "dataset", name, "--timeout=60s")


def _apply(node: Node, namespace: str, file: str, **values: str) -> None:
    text = (_OBJECTS / file).read_text().replace("TOOLS", images.TOOLS).replace("SERVER", storage.S3)
    for word, value in values.items():
        text = text.replace(word, value)
    node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=text)
