"""Pods and Datasets end although nobody answers for a volume any more; a client that hangs is replaced."""

import time
from collections.abc import Iterator

import pytest
import yaml

from cluster.node import Node, datapath
from tests.node import pods
from tests.node.datapath import (
    apply,
    await_bound,
    bound,
    client,
    client_signal,
    deleted,
    field,
    gone,
)
from tests.node.support import until

_GRACE = 1
"""Seconds that the reader asks for."""
_SPARE = 15
"""Seconds for kubelet and runtime, on a busy machine."""


@pytest.fixture
def reader(bucket: Node, namespace: str) -> Iterator[str]:
    """The name of a Bound Dataset that a pod `reader` has mounted; nothing is left of it."""
    name = bound(bucket, namespace, "rclone")
    datapath.read_by(bucket, namespace, name)
    yield name
    deleted(bucket, namespace, name)


def delete_reader(node: Node, namespace: str) -> float:
    """Seconds until the pod is gone."""
    began = time.monotonic()
    node.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=90s")
    return time.monotonic() - began


def is_mounted(node: Node, namespace: str, name: str) -> bool:
    """Whether the FUSE mount is at its place on the node."""
    path = f" /runtime-mnt/thin/{namespace}/{name}/thin-fuse "
    return path in node.exec("cat", "/proc/self/mountinfo").stdout


def test_a_pod_ends_when_the_fuse_pod_of_its_volume_is_gone(
    bucket: Node, namespace: str, reader: str
) -> None:
    bucket.kubectl("label", "node", "node-0", f"fluid.io/f-{namespace}-{reader}-")
    until(lambda: not is_mounted(bucket, namespace, reader), "the FUSE pod has gone", seconds=60)
    read = ("-n", namespace, "exec", "reader", "--", "ls", "/data")
    assert "not connected" in bucket.try_kubectl(*read).stderr
    assert delete_reader(bucket, namespace) < _GRACE + _SPARE


def test_a_pod_that_hangs_in_a_read_ends_while_its_client_is_stopped(
    bucket: Node, namespace: str, reader: str
) -> None:
    client_signal(bucket, namespace, reader, "STOP")
    try:
        hanging = "find /data > /dev/null 2>&1 & sleep 1; kill -0 $!"
        shell = ("-n", namespace, "exec", "reader", "--", "sh", "-c", hanging)
        until(lambda: bucket.try_kubectl(*shell).returncode == 0, "a process of the pod hangs", seconds=30)
        assert delete_reader(bucket, namespace) < _GRACE + _SPARE
    finally:
        client_signal(bucket, namespace, reader, "CONT")


def test_a_dataset_goes_although_a_sub_path_of_it_cannot_be_taken_away(bucket: Node, namespace: str) -> None:
    name = bound(bucket, namespace, "rclone")
    pods.start(bucket, namespace, "part", pods.Use(name, sub_path="models"))
    client_signal(bucket, namespace, name, "STOP")  # from now on the kubelet hangs where it looks at the path
    bucket.kubectl("-n", namespace, "delete", "pod/part", f"dataset/{name}", "--wait=false")
    gone(bucket, namespace, name)
    bucket.kubectl("-n", namespace, "wait", "pod/part", "--for=delete", "--timeout=30s")


def test_a_client_that_hangs_is_told_and_replaced_under_its_reader(bucket: Node, namespace: str) -> None:
    dataset, runtime = yaml.safe_load_all(datapath.example(namespace, "rclone/dataset.yaml"))
    runtime["spec"]["fuse"] = {"env": [{"name": "FLUID_CLIENT_PATIENCE", "value": "12"}]}
    apply(bucket, namespace, dataset, runtime)
    name = dataset["metadata"]["name"]
    await_bound(bucket, namespace, name)
    datapath.read_by(bucket, namespace, name)
    hung = client(bucket, namespace, name)
    client_signal(bucket, namespace, name, "STOP")
    failing = '{.status.conditions[?(@.type=="FusesFailing")].message}'
    until(lambda: "no longer ready" in field(bucket, namespace, f"dataset/{name}", failing), "it is told")
    assert "the client does not answer" in bucket.kubectl("-n", namespace, "get", "events")
    until(lambda: client(bucket, namespace, name) not in ("", hung), "a new client")
    read = ("-n", namespace, "exec", "reader", "--", "sh", "-c", "cat /data/models/* > /dev/null")
    until(lambda: bucket.try_kubectl(*read).returncode == 0, "the same pod reads again", seconds=15)
    until(lambda: not field(bucket, namespace, f"dataset/{name}", failing), "all is well")
    delete_reader(bucket, namespace)
    deleted(bucket, namespace, name)
