"""Real Alluxio: a bucket and an HDFS through a claim, loads that make them dispensable, masters that die."""

from collections.abc import Callable, Iterator

import pytest

from cluster.node import Node, alluxio, datapath
from tests.node import pods
from tests.node.alluxio import Watch, await_mounts, await_status, change, load, send
from tests.node.datapath import checksum, field
from tests.node.pods import Use
from tests.node.support import inside, until

BUCKET = """
mkdir -p /data/models/deep/er
for number in 1 2 3; do dd if=/dev/urandom of=/data/models/deep/$number bs=1M count=32 2>/dev/null; done
for number in $(seq 20); do echo $number > "/data/models/deep/er/a b $number"; done
"""
FOLDER = """
set -e
mkdir -p /tmp/seed/deep
for number in 1 2 3; do dd if=/dev/urandom of=/tmp/seed/$number bs=1M count=16 2>/dev/null; done
echo one > '/tmp/seed/deep/a b'
hdfs dfs -put /tmp/seed /seed
hdfs dfs -put /tmp/seed/deep /more
"""
LOADED = {"cacheStates.cachedPercentage": "100.0%"}
MASTER = "alluxio.master.AlluxioMaster"
HDFS = (
    "org.apache.hadoop.hdfs.server.namenode.NameNode",
    "org.apache.hadoop.hdfs.server.datanode.DataNode",
)


@pytest.fixture(scope="module")
def provided(deployed: Node) -> Node:
    """The node with the operator, and the images of Alluxio and of its sources."""
    alluxio.provide(deployed)
    return deployed


@pytest.fixture
def lake(provided: Node, namespace: str) -> Iterator[Node]:
    """The node; nothing is left of the Dataset `lake` afterwards."""
    yield provided
    for kind in ("pod/reader", "dataload/warm", "dataset/lake"):
        provided.kubectl("-n", namespace, "delete", kind, "--ignore-not-found", "--timeout=180s")


@pytest.fixture
def watch(record_property: Callable[[str, object], None]) -> Callable[[str], Watch]:
    """A clock for a story, whose steps are printed after the run."""
    return lambda story: Watch(record_property, story)


def shown(node: Node, namespace: str) -> str:
    """What `kubectl get` shows of the Dataset."""
    return node.kubectl("-n", namespace, "get", "dataset", "lake")


def test_a_bucket_is_read_when_its_server_is_gone_and_the_master_was_killed(
    lake: Node, namespace: str, watch: Callable[[str], Watch]
) -> None:
    datapath.serve(lake, namespace, BUCKET)
    clock = watch("S3")
    alluxio.bring(lake, namespace, "lake", alluxio.s3(namespace, "models"))
    await_status(lake, namespace, "lake", {"phase": "Bound"})
    clock.lap("Dataset to Bound")
    await_status(lake, namespace, "lake", {"fileNum": "23", "ufsTotal": "96.00MiB"})
    clock.lap("Bound to files and bytes of the source")
    clock.show("before the DataLoad", shown(lake, namespace))
    pods.start(lake, namespace, "reader", Use("lake"))
    clock.lap("pod with the claim ready")
    served = {number: checksum(lake, namespace, "s3", f"/data/models/deep/{number}") for number in "123"}

    load(lake, namespace, "lake")
    clock.lap("DataLoad of 96 MiB")
    await_status(lake, namespace, "lake", LOADED)
    clock.lap("DataLoad to 100 % in the status")
    clock.show("after the DataLoad", shown(lake, namespace))
    cached = field(lake, namespace, "dataset/lake", "{.status.cacheStates.cached}")
    assert cached == field(lake, namespace, "dataset/lake", "{.status.ufsTotal}")

    assert checksum(lake, namespace, "reader", "/data/models/deep/1") == served["1"]
    clock.lap("pod reads 32 MiB")
    lake.kubectl("-n", namespace, "delete", "pod", "s3", "--timeout=30s")
    assert checksum(lake, namespace, "reader", "/data/models/deep/2") == served["2"]
    clock.lap("pod reads 32 MiB, and the S3 server is gone")

    assert send(lake, MASTER, "KILL")
    assert checksum(lake, namespace, "reader", "/data/models/deep/3") == served["3"]
    clock.lap("pod reads 32 MiB, from the kill of the master on")
    await_mounts(lake, namespace, "lake", "/models")
    clock.lap("the mount is in the table")


def test_an_hdfs_is_read_a_mount_comes_and_goes_and_mounts_outlive_the_master(
    lake: Node, namespace: str, watch: Callable[[str], Watch]
) -> None:
    alluxio.serve_hdfs(lake, namespace, FOLDER)
    served = lake.kubectl("-n", namespace, "exec", "hdfs", "-c", "namenode", "--", "sha256sum", "/tmp/seed/1")
    clock = watch("HDFS")
    folder = alluxio.hdfs(namespace, "/seed")
    alluxio.bring(lake, namespace, "lake", folder)
    await_status(lake, namespace, "lake", {"phase": "Bound", "fileNum": "4"})
    clock.lap("Dataset to Bound, and its files")
    clock.show("before the DataLoad", shown(lake, namespace))
    pods.start(lake, namespace, "reader", Use("lake"))
    load(lake, namespace, "lake")
    clock.lap("pod with the claim, DataLoad of 48 MiB")
    await_status(lake, namespace, "lake", LOADED)
    clock.lap("DataLoad to 100 % in the status")
    clock.show("after the DataLoad", shown(lake, namespace))

    assert all(send(lake, name, "STOP") for name in HDFS)
    assert checksum(lake, namespace, "reader", "/data/seed/1") == served.split()[0]
    assert inside(lake, namespace, "reader", "cat", "/data/seed/deep/a b") == "one"
    clock.lap("pod reads 16 MiB, and HDFS does not answer")
    assert all(send(lake, name, "CONT") for name in HDFS)

    change(lake, namespace, "lake", [folder, alluxio.hdfs(namespace, "/more")])
    await_mounts(lake, namespace, "lake", "/more", "/seed")
    read = "cat '/data/more/a b'"
    until(
        lambda: pods.shell(lake, namespace, "reader", read).stdout == "one\n", "the pod reads it", seconds=60
    )
    # An edit that is taken back before its mounts are recorded is not looked at again.
    await_status(lake, namespace, "lake", {"mounts[*].path": "/seed /more"})
    clock.lap("a mount added, which the same pod reads")
    change(lake, namespace, "lake", [folder])
    await_mounts(lake, namespace, "lake", "/seed")
    clock.lap("a mount removed")

    lake.kubectl("-n", namespace, "delete", "pod", "lake-master-0", "--timeout=60s")
    await_mounts(lake, namespace, "lake", "/seed")
    clock.lap("the mount is back, from the deletion of the master's pod with its journal on")
    read = "sha256sum /data/seed/1"
    until(
        lambda: pods.shell(lake, namespace, "reader", read).stdout.split()[:1] == served.split()[:1],
        "the pod reads it",
        seconds=120,
    )
    clock.lap("the pod reads it")
