"""Bytes through the claim: an S3 server, a FUSE client in a DaemonSet, our node plugin, a pod that reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.node import Node, images, storage
from tests.node.support import inside, ready, until

_OBJECTS = Path(__file__).parent / "objects"
_EXAMPLES = Path(__file__).parents[2] / "examples" / "thin"
_FIND = """
import pathlib
for one in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if one.read_bytes().startswith(b"rclone\\0mount"):
        print(one.parent.name)
"""
_KILL = _FIND.replace("print(one.parent.name)", "__import__('os').kill(int(one.parent.name), 9)")
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


@pytest.fixture
def mounted(bucket: Node, namespace: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the example's Dataset, Bound, with a pod that has it at /data; nothing is left of it."""
    document = (_EXAMPLES / request.param / "dataset.yaml").read_text()
    document = document.replace("s3.default:", f"s3.{namespace}:")
    bucket.kubectl("-n", namespace, "apply", "--filename", "-", stdin=document)
    name = next(line.split(": ")[1] for line in document.splitlines() if line.startswith("  name: "))
    asked = ("-n", namespace, "get", "dataset", name, "-o", "jsonpath={.status.phase}")
    until(lambda: bucket.kubectl(*asked) == "Bound", f"Dataset {name} is Bound")
    _apply(bucket, namespace, "reader.yaml", CLAIM=name)
    ready(bucket, namespace, "reader")
    yield name
    bucket.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    bucket.kubectl("-n", namespace, "delete", "dataset", name, "--timeout=60s")
    until(lambda: not _left(bucket, namespace, name), "nothing is left", seconds=20)


def _left(node: Node, namespace: str, name: str) -> list[str]:
    """What is still there of a Dataset: objects, and mounts of the node."""
    objects = node.kubectl("get", "pv", "-o", "name")
    objects += node.kubectl("-n", namespace, "get", "pvc,daemonsets,thinruntimes", "-o", "name")
    mounts = node.exec("cat", "/proc/self/mountinfo").stdout.splitlines()
    return [one for one in objects.split() if name in one] + [
        one for one in mounts if f"/{namespace}/{name}/" in one
    ]


@pytest.mark.parametrize("mounted", ["rclone", "s3fs"], indirect=True)
def test_a_pod_reads_and_writes_what_is_in_the_bucket(bucket: Node, namespace: str, mounted: str) -> None:
    file = inside(bucket, namespace, "reader", "find", "/data", "-name", "weights")
    assert _sum(bucket, namespace, "reader", file) == _sum(bucket, namespace, "s3", "/data/models/weights")
    written = file.replace("weights", "written")
    inside(bucket, namespace, "reader", "sh", "-c", f"echo {mounted} > {written}")
    served = ("-n", namespace, "exec", "s3", "-c", "shell", "--", "cat", "/data/models/written")
    until(lambda: bucket.try_kubectl(*served).stdout.strip() == mounted, "the file is in the bucket")


@pytest.mark.parametrize("mounted", ["rclone"], indirect=True)
def test_a_client_that_is_killed_is_healed_under_its_reader(
    bucket: Node, namespace: str, mounted: str
) -> None:
    read = ("-n", namespace, "exec", "reader", "--", "sha1sum", "/data/models/weights")
    assert bucket.try_kubectl(*read).returncode == 0
    for _ in range(3):
        before = _client(bucket, namespace, mounted)
        _in_client(bucket, namespace, mounted, _KILL)
        until(lambda before=before: _client(bucket, namespace, mounted) not in ("", before), "a new client")
        until(lambda: bucket.try_kubectl(*read).returncode == 0, "the same pod reads again", seconds=15)
    reasons = ("-n", namespace, "get", "events", "-o", "jsonpath={.items[*].reason}")
    until(lambda: "FuseRecoverSucceed" in bucket.kubectl(*reasons), "the recovery is told")
    assert "FuseRecoverFailed" not in bucket.kubectl(*reasons)


def _client(node: Node, namespace: str, name: str) -> str:
    """The process id of the FUSE client; empty while there is none."""
    return _in_client(node, namespace, name, _FIND)


def _in_client(node: Node, namespace: str, name: str, program: str) -> str:
    where = ("-n", namespace, "exec", f"ds/{name}-fuse", "--", "python3", "-c", program)
    return node.try_kubectl(*where).stdout.strip()


def _sum(node: Node, namespace: str, pod: str, file: str) -> str:
    container = "shell" if pod == "s3" else "main"
    return node.kubectl("-n", namespace, "exec", pod, "-c", container, "--", "sha256sum", file).split()[0]


def _apply(node: Node, namespace: str, file: str, **values: str) -> None:
    text = (_OBJECTS / file).read_text().replace("TOOLS", images.TOOLS).replace("SERVER", storage.S3)
    for word, value in values.items():
        text = text.replace(word, value)
    node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=text)
