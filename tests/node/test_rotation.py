"""A rotated secret reaches a client that runs; the pod that reads stays, and so does the FUSE pod."""

import json
import logging
import time
from collections.abc import Iterator

import pytest

from cluster.node import Node, datapath
from tests.node.datapath import bound, deleted, secret_keys
from tests.node.support import until

_log = logging.getLogger(__name__)
AT_ONCE = 20.0
"""Seconds in which the pod reads, after server and Secret have the new one; 10 where little else runs."""
OLD, NEW = datapath.KEYS["secret"], "another-sesame"


@pytest.fixture(params=["rclone", "s3fs"])
def mounted(bucket: Node, namespace: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the example's Dataset, Bound, with a pod that has it at /data; nothing is left of it."""
    name = bound(bucket, namespace, request.param)
    datapath.read_by(bucket, namespace, name)
    yield name
    bucket.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    deleted(bucket, namespace, name)


@pytest.mark.parametrize("order", ["the server first", "the Secret first"])
def test_a_secret_that_is_rotated_is_used_at_once(
    bucket: Node, namespace: str, mounted: str, order: str
) -> None:
    assert reads(bucket, namespace)
    [before] = clients(bucket, namespace)
    if order == "the Secret first":
        secret_keys(bucket, namespace, NEW)
    change_server(bucket, namespace)
    if order == "the server first":
        until(lambda: not reads(bucket, namespace), "the old secret is refused")
        until_refused(bucket, namespace, mounted)
        secret_keys(bucket, namespace, NEW)
    since = time.monotonic()
    until(lambda: reads(bucket, namespace), "the same pod reads again", seconds=AT_ONCE)
    _log.info("the same pod reads after %.1f s", time.monotonic() - since)
    [after] = clients(bucket, namespace)
    assert after == before
    until(lambda: not failing(bucket, namespace, mounted), "nothing is said any more")


@pytest.mark.parametrize("mounted", ["rclone"], indirect=True)
def test_a_wish_to_refresh_brings_a_secret_that_nobody_needs_yet(
    bucket: Node, namespace: str, mounted: str
) -> None:
    secret_keys(bucket, namespace, NEW)
    bucket.kubectl("-n", namespace, "annotate", "dataset", mounted, "data.fluid.io/refresh=today")
    file = "/etc/fluid/secrets/s3-keys/secret"
    look = ("-n", namespace, "exec", f"ds/{mounted}-fuse", "--", "grep", "-c", NEW, file)
    until(lambda: bucket.try_kubectl(*look).returncode == 0, "the secret arrives", seconds=AT_ONCE)
    assert reads(bucket, namespace), "what the server refuses leaves the old mount"


def change_server(node: Node, namespace: str) -> None:
    """Another S3 server that takes the new secret only."""
    node.kubectl("-n", namespace, "delete", "pod", "s3", "--timeout=30s")
    seed = datapath.SMALL.strip().replace("\n", "; ")
    datapath.apply(node, namespace, "s3.yaml", SEED=seed, **{OLD: NEW})
    datapath.ready(node, namespace, "s3")


def until_refused(node: Node, namespace: str, name: str) -> None:
    """Until the Dataset tells that its client is refused."""
    until(lambda: failing(node, namespace, name), "the Dataset tells it")


def failing(node: Node, namespace: str, name: str) -> str:
    """What the Dataset says is wrong with its FUSE pods."""
    path = "jsonpath={.status.conditions[?(@.type=='FusesFailing')].message}"
    return node.kubectl("-n", namespace, "get", "dataset", name, "-o", path)


def reads(node: Node, namespace: str) -> bool:
    """Whether the pod `reader` reads a file to its end."""
    command = 'f=$(find /data -name weights) && [ -n "$f" ] && sha1sum $f'
    return node.try_kubectl("-n", namespace, "exec", "reader", "--", "sh", "-c", command).returncode == 0


def clients(node: Node, namespace: str) -> list[tuple[str, int]]:
    """The FUSE pods, and how often their containers were restarted."""
    found = json.loads(node.kubectl("-n", namespace, "get", "pods", "-l", "role=thin-fuse", "-o", "json"))
    return [
        (one["metadata"]["uid"], one["status"]["containerStatuses"][0]["restartCount"])
        for one in found["items"]
    ]
