"""DataLoads on the data path: a Job reads the bucket through the claim, and the status says how far it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.node import Node, datapath
from tests.node.datapath import bound, checksum, deleted, events, kill_client
from tests.node.support import inside, until

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
    stored.kubectl("-n", namespace, "delete", "pod", "reader", "--ignore-not-found", "--timeout=30s")
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


def over(node: Node, namespace: str) -> dict[str, Any]:
    """The status of the DataLoad once it has ended."""
    ends = ("Complete", "Failed")
    until(lambda: status(node, namespace).get("phase") in ends, "the DataLoad ends", seconds=60)
    return status(node, namespace)


def test_a_load_reads_every_file_says_so_and_spares_readers_the_network(cached: Node, namespace: str) -> None:
    load(cached, namespace)
    ended = over(cached, namespace)
    assert ended["phase"] == "Complete", ended
    infos, (files, size) = ended["infos"], stored_in(cached, namespace, "models")
    assert (infos["FilesDone"], infos["FilesTotal"]) == (files, files)
    assert (infos["BytesDone"], infos["BytesTotal"]) == (size, size)
    assert infos["Progress"] == "100.0%"
    assert "EstimatedEnd" not in infos
    assert "100.0%" in cached.kubectl("-n", namespace, "get", "dataload", "-o", "wide")
    assert events(cached, namespace).count("DataOperationSucceed") == 1
    before = checksum(cached, namespace, "s3", "/data/models/deep/er/20")
    cached.kubectl("-n", namespace, "delete", "pod", "s3", "--timeout=30s")
    datapath.read_by(cached, namespace, "cached")
    assert checksum(cached, namespace, "reader", "/data/models/deep/er/20") == before
    assert inside(cached, namespace, "reader", "cat", "/data/models/deep/a b 7") == "7"


def test_a_load_says_how_far_it_is_and_survives_its_client(cached: Node, namespace: str) -> None:
    slowly = {"spec": {"fuse": {"options": {"bwlimit": "1M"}}}}
    cached.kubectl(
        "-n", namespace, "patch", "thinruntime", "cached", "--type=merge", "-p", json.dumps(slowly)
    )
    load(cached, namespace)

    def infos() -> dict[str, str]:
        return status(cached, namespace).get("infos", {})

    until(lambda: "EstimatedEnd" in infos(), "an end is estimated", seconds=30)
    early = infos()
    assert 0 < int(early["BytesDone"]) < int(early["BytesTotal"])
    assert 0 < float(early["Progress"].rstrip("%")) < 100
    until(lambda: int(infos()["BytesDone"]) > int(early["BytesDone"]), "it goes on", seconds=30)
    kill_client(cached, namespace, "cached")
    ended = over(cached, namespace)
    assert (ended["phase"], ended["infos"]["Progress"]) == ("Complete", "100.0%"), ended
    pods = cached.kubectl("-n", namespace, "get", "pods", "-l", "role=dataload-pod", "-o", "name")
    assert len(pods.split()) == 1, "the same pod went on"


def test_a_path_that_is_not_there_fails_the_load_at_once_by_its_name(cached: Node, namespace: str) -> None:
    load(cached, namespace, target=[{"path": "/models/nowhere"}])
    ended = over(cached, namespace)
    assert ended["phase"] == "Failed", ended
    [condition] = ended["conditions"]
    assert condition["message"].startswith("path '/models/nowhere' is not in the Dataset")
    told = cached.kubectl("-n", namespace, "get", "events", "-o", "jsonpath={.items[*].message}")
    assert f"DataLoad {namespace}/warm-cached failed" in told
    assert "'/models/nowhere' is not in the Dataset" in told
    pods = cached.kubectl("-n", namespace, "get", "pods", "-l", "role=dataload-pod", "-o", "name")
    assert len(pods.split()) == 1, "it was not tried again"
