"""Workers beside the FUSE client, as many as `kubectl scale` says."""

import re

from cluster.node import Node, datapath, storage
from tests.node.datapath import apply, await_bound
from tests.node.support import Json, until

_IMAGE, _, _TAG = storage.S3.partition(":")
DATASET: Json = {
    "apiVersion": "data.fluid.io/v1alpha1",
    "kind": "Dataset",
    "metadata": {"name": "crowd"},
    "spec": {"placement": "Shared", "mounts": [{"name": "nas", "mountPoint": "local:///mnt"}]},
}
RUNTIME: Json = {
    "apiVersion": "data.fluid.io/v1alpha1",
    "kind": "ThinRuntime",
    "metadata": {"name": "crowd"},
    "spec": {
        "profileName": "rclone",
        "replicas": 1,
        "worker": {
            "enabled": True,
            "image": _IMAGE,
            "imageTag": _TAG,
            "networkMode": "ContainerNetwork",
            "env": [
                {"name": "ROOT_ACCESS_KEY", "value": datapath.KEYS["id"]},
                {"name": "ROOT_SECRET_KEY", "value": datapath.KEYS["secret"]},
            ],
            "readinessProbe": {"tcpSocket": {"port": storage.PORT}, "periodSeconds": 1},
        },
    },
}


def test_workers_follow_kubectl_scale(stored: Node, namespace: str) -> None:
    apply(stored, namespace, DATASET, RUNTIME)
    await_bound(stored, namespace, "crowd")
    assert _workers(stored, namespace) == ("1", "1", "Ready", 1)
    for replicas in (3, 2):
        stored.kubectl("-n", namespace, "scale", "thinruntime", "crowd", f"--replicas={replicas}")
        shown = (str(replicas), str(replicas), "Ready", replicas)
        until(
            lambda shown=shown: _workers(stored, namespace) == shown,
            f"{replicas} workers are ready, and the runtime says so",
            seen=lambda: stored.kubectl("-n", namespace, "get", "thinruntime,pods"),
        )


def _workers(node: Node, namespace: str) -> tuple[str, str, str, int]:
    """What `kubectl get thinruntime` shows of workers, and how many pods there are."""
    table = node.kubectl("-n", namespace, "get", "thinruntime", "crowd", "-o", "wide")
    head, row = (re.split(r"\s{2,}", line.strip()) for line in table.splitlines())
    shown = dict(zip(head, row, strict=True))
    pods = node.kubectl("-n", namespace, "get", "pods", "-l", "role=thin-worker", "-o", "name").split()
    return shown["READY WORKERS"], shown["DESIRED WORKERS"], shown["WORKER PHASE"], len(pods)
