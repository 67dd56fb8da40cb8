"""DataLoads on the data path: a Job reads the bucket through the claim, and the status says how far it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.node import Node, datapath
from tests.node.datapath import bound, deleted, events
from tests.node.support import until

EXAMPLES = Path(__file__).parents[2] / "examples" / "thin"
SEED = """
mkdir -p /data/models/deep/er /data/images/train
for size in 0 1 20; do dd if=/dev/urandom of=/data/models/deep/er/$size bs=1M count=$size 2>/dev/null; done
for number in $(seq 40); do echo $number > "/data/models/deep/a b $number"; done
echo cat > /data/images/train/label
"""


@pytest.fixture
def cached(stored: Node, namespace: str) -> Iterator[Node]:
    """The node with the Dataset of the example `cached`, Bound."""
    datapath.serve(stored, namespace, SEED)
    assert bound(stored, namespace, "rclone", "cached.yaml") == "cached"
    yield stored
    deleted(stored, namespace, "cached")


def load(node: Node, namespace: str, name: str = "warm-cached", **spec: Any) -> None:
    """Apply the example's DataLoad, with other fields in its spec."""
    document = yaml.safe_load((EXAMPLES / "rclone" / "dataload.yaml").read_text())
    document["metadata"]["name"] = name
    document["spec"] |= spec
    node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=yaml.safe_dump(document))


def status(node: Node, namespace: str, name: str = "warm-cached") -> dict[str, Any]:
    """The status of a DataLoad."""
    text = node.kubectl("-n", namespace, "get", "dataload", name, "-o", "yaml")
    return yaml.safe_load(text).get("status", {})


def stored_in(node: Node, namespace: str, bucket: str) -> tuple[str, str]:
    """How many files and bytes the S3 server has in a bucket."""
    sizes = f"find /data/{bucket} -type f -exec stat -c %s {{}} +"
    lines = node.kubectl("-n", namespace, "exec", "s3", "-c", "shell", "--", "sh", "-c", sizes).split()
    return str(len(lines)), str(sum(map(int, lines)))


def test_a_load_reads_every_file_of_the_bucket_and_says_so(cached: Node, namespace: str) -> None:
    load(cached, namespace)
    until(lambda: status(cached, namespace).get("phase") in ("Complete", "Failed"), "it ends")
    ended = status(cached, namespace)
    assert ended["phase"] == "Complete", ended
    files, size = stored_in(cached, namespace, "models")
    infos = ended["infos"]
    assert (infos["FilesDone"], infos["BytesDone"]) == (files, size)
    assert (infos["FilesTotal"], infos["BytesTotal"]) == (files, size)
    assert infos["Progress"] == "100.0%"
    assert "EstimatedEnd" not in infos
    assert "100.0%" in cached.kubectl("-n", namespace, "get", "dataload", "-o", "wide")
    assert events(cached, namespace).count("DataOperationSucceed") == 1


def test_a_path_that_is_not_there_fails_the_load_at_once_by_its_name(cached: Node, namespace: str) -> None:
    load(cached, namespace, target=[{"path": "/models/nowhere"}])
    until(lambda: status(cached, namespace).get("phase") in ("Complete", "Failed"), "it ends")
    ended = status(cached, namespace)
    assert ended["phase"] == "Failed", ended
    [condition] = ended["conditions"]
    assert condition["message"].startswith("path '/models/nowhere' is not in the Dataset")
    told = cached.kubectl("-n", namespace, "get", "events", "-o", "jsonpath={.items[*].message}")
    assert "DataLoad" in told
    assert "'/models/nowhere' is not in the Dataset" in told
    assert len(cached.kubectl("-n", namespace, "get", "pods", "-l", "role=dataload-pod", "-o", "name").split()) == 1
