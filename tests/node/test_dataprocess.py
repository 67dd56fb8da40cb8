"""A DataProcess on real files: what its script writes through the claim is in the bucket."""

from pathlib import Path

from cluster.node import Node, images
from tests.node.datapath import bound, checksum, deleted
from tests.node.support import until

_EXAMPLES = Path(__file__).parents[2] / "examples" / "dataprocess"


def _process(node: Node, namespace: str, file: str) -> None:
    """Apply an example, with an image that the node has."""
    text = (_EXAMPLES / file).read_text().replace('imageTag: "1.36"', "imagePullPolicy: Never")
    text = text.replace("busybox:1.36", "busybox").replace("busybox", images.TOOLS)
    node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=text)


def _complete(node: Node, namespace: str, name: str) -> None:
    phase = ("-n", namespace, "get", "dataprocess", name, "-o", "jsonpath={.status.phase}")
    until(lambda: node.kubectl(*phase) in ("Complete", "Failed"), f"DataProcess {name} ends", seconds=60)
    told = ("-n", namespace, "get", "dataprocess", name, "-o", "jsonpath={.status.conditions}")
    assert node.kubectl(*phase) == "Complete", node.kubectl(*told)


def test_a_script_reads_and_writes_the_bucket_and_a_pod_follows_it(bucket: Node, namespace: str) -> None:
    name = bound(bucket, namespace, "rclone")
    _process(bucket, namespace, "job.yaml")
    _process(bucket, namespace, "script.yaml")
    _complete(bucket, namespace, "checksums")
    written = ("-n", namespace, "exec", "s3", "-c", "shell", "--", "cat", "/data/models/SHA256SUMS")
    until(lambda: bucket.try_kubectl(*written).returncode == 0, "what the script wrote is in the bucket")
    sums = dict(line.split()[::-1] for line in bucket.kubectl(*written).splitlines())
    assert sums == {"./weights": checksum(bucket, namespace, "s3", "/data/models/weights")}
    _complete(bucket, namespace, "verify")
    logs = bucket.kubectl("-n", namespace, "logs", "job/verify-processor-job")
    assert logs.strip() == "./weights: OK"
    bucket.kubectl("-n", namespace, "delete", "dataprocess", "--all", "--timeout=30s")
    deleted(bucket, namespace, name)
    kept = ("-n", namespace, "get", "jobs,configmaps,pods", "-l", "targetDataset", "-o", "name")
    until(lambda: not bucket.kubectl(*kept).strip(), "nothing is left of the processes")
