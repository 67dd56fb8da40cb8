"""Mounts of a Dataset that are added and removed while a pod reads: nothing is started again."""

import json
from collections.abc import Callable
from time import monotonic

from cluster.node import Node
from tests.node import pods
from tests.node.datapath import await_bound, create, field
from tests.node.pods import Use
from tests.node.support import Json, until

SOON = 10.0
"""Seconds from an edit of the Dataset until a pod sees it, at most."""
MODELS: Json = {"name": "models", "mountPoint": "s3://models"}
IMAGES: Json = {"name": "images", "mountPoint": "s3://images/train"}


def test_an_edit_of_the_mounts_reaches_a_pod_that_reads(
    stored: Node, home: str, record_property: Callable[[str, object], None]
) -> None:
    name = create(stored, home, "rclone/dataset.yaml", mounts=[MODELS])
    await_bound(stored, home, name)
    pods.start(stored, home, "reader", Use(name), script=pods.READ_ON)
    assert _folders(stored, home) == "models"
    before = [pods.life(stored, home, pod) for pod in _pods(stored, home, name)]

    added = _seconds_until(stored, home, name, [MODELS, IMAGES], "images\nmodels")
    assert pods.shell(stored, home, "reader", "cat /data/images/label").stdout == "cat\n"
    removed = _seconds_until(stored, home, name, [MODELS], "models")
    record_property("a mount is added", f"{added:.1f} s")
    record_property("a mount is removed", f"{removed:.1f} s")

    assert [pods.life(stored, home, pod) for pod in _pods(stored, home, name)] == before
    assert max(added, removed) < SOON
    mounts = field(stored, home, f"dataset/{name}", "{.status.mounts[*].mountPoint}")
    assert mounts == "s3://models"


def _seconds_until(node: Node, namespace: str, name: str, mounts: list[Json], folders: str) -> float:
    """Seconds from an edit until the reader finds these folders, and can read in all of them."""
    began = monotonic()
    patch = json.dumps({"spec": {"mounts": mounts}})
    node.kubectl("-n", namespace, "patch", "dataset", name, "--type=merge", "--patch", patch)
    until(
        lambda: _folders(node, namespace) == folders,
        f"the pod finds {folders.split()}",
        seconds=2 * SOON,
        seen=lambda: _folders(node, namespace),
    )
    return monotonic() - began


def _folders(node: Node, namespace: str) -> str:
    """What the reader finds, once it can look into all of it."""
    looked = pods.shell(node, namespace, "reader", "ls /data && ls /data/* >/dev/null")
    return looked.stdout.strip() if looked.returncode == 0 else looked.stderr


def _pods(node: Node, namespace: str, name: str) -> list[str]:
    """The reader and the FUSE pod."""
    listed = node.kubectl("-n", namespace, "get", "pods", "-o", "name").split()
    return [pod for pod in listed if pod == "pod/reader" or f"{name}-fuse" in pod]
