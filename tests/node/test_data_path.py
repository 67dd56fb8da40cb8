"""Bytes through the claim: an S3 server, a FUSE client in a DaemonSet, our node plugin, a pod that reads."""

from collections.abc import Iterator

import pytest

from cluster.node import Node
from cluster.node.datapath import read_by
from tests.node import pods
from tests.node.datapath import bound, checksum, client, deleted, events, kill_client
from tests.node.support import inside, until


@pytest.fixture
def mounted(bucket: Node, namespace: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the example's Dataset, Bound, with a pod that has it at /data; nothing is left of it."""
    name = bound(bucket, namespace, request.param)
    read_by(bucket, namespace, name)
    yield name
    bucket.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    deleted(bucket, namespace, name)


@pytest.mark.parametrize("mounted", ["rclone", "s3fs"], indirect=True)
def test_a_pod_reads_and_writes_what_is_in_the_bucket(bucket: Node, namespace: str, mounted: str) -> None:
    file = inside(bucket, namespace, "reader", "find", "/data", "-name", "weights")
    served = checksum(bucket, namespace, "s3", "/data/models/weights")
    assert checksum(bucket, namespace, "reader", file) == served
    written = file.replace("weights", "written")
    inside(bucket, namespace, "reader", "sh", "-c", f"echo {mounted} > {written}")
    read = ("-n", namespace, "exec", "s3", "-c", "shell", "--", "cat", "/data/models/written")
    until(lambda: bucket.try_kubectl(*read).stdout.strip() == mounted, "the file is in the bucket")


@pytest.mark.parametrize("mounted", ["rclone", "s3fs"], indirect=True)
def test_a_pod_of_another_user_reads_writes_and_appends(bucket: Node, namespace: str, mounted: str) -> None:
    pods.start(bucket, namespace, "other", pods.Use(mounted), user=1000)
    file = inside(bucket, namespace, "other", "find", "/data", "-name", "weights")
    script = f"cat {file} > /dev/null && echo one > {file}.log && echo two >> {file}.log && cat {file}.log"
    assert pods.shell(bucket, namespace, "other", script).stdout.split() == ["one", "two"]
    pods.stop(bucket, namespace, "other")


@pytest.mark.parametrize("mounted", ["rclone"], indirect=True)
def test_a_client_that_is_killed_is_healed_under_its_reader(
    bucket: Node, namespace: str, mounted: str
) -> None:
    read = ("-n", namespace, "exec", "reader", "--", "sha1sum", "/data/models/weights")
    assert bucket.try_kubectl(*read).returncode == 0
    for _ in range(3):
        before = client(bucket, namespace, mounted)
        kill_client(bucket, namespace, mounted)
        until(lambda before=before: client(bucket, namespace, mounted) not in ("", before), "a new client")
        until(lambda: bucket.try_kubectl(*read).returncode == 0, "the same pod reads again", seconds=15)
    until(lambda: "FuseRecoverSucceed" in events(bucket, namespace), "the recovery is told")
    assert "FuseRecoverFailed" not in events(bucket, namespace)
