"""Application pods end although nobody answers for their volume any more."""

import time
from collections.abc import Iterator

import pytest

from cluster.node import Node, datapath
from tests.node.datapath import bound, client_signal, deleted
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
