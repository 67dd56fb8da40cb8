"""Two Datasets that are only read, by rclone and by s3fs, and the ways in which pods use them."""

import re
from collections.abc import Iterator

import pytest

from cluster.node import Node
from tests.node import pods
from tests.node.datapath import await_bound, checksum, client, create, field, kill_client
from tests.node.pods import Use
from tests.node.support import apply, inside, until

READ_ONLY = "Read-only file system"


@pytest.fixture(scope="module")
def shared(stored: Node, home: str) -> Node:
    """The node with the Datasets `store` (both buckets) and `bucket` (one of them), Bound."""
    for example in ("rclone", "s3fs"):
        create(stored, home, f"{example}/dataset.yaml", accessModes=["ReadOnlyMany"])
    await_bound(stored, home, "store", "bucket")
    return stored


@pytest.fixture
def name(shared: Node, home: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name for the test's own pod, which goes with it."""
    chosen = re.sub("[^a-z]+", "-", request.node.name)[:60].strip("-")
    yield chosen
    shared.kubectl("-n", home, "delete", "pod", chosen, "--ignore-not-found", "--wait=false")


@pytest.fixture
def by_hand(shared: Node, home: str) -> Iterator[None]:
    """Volumes and claims `whole` and `part` of the Dataset `store`."""
    apply(shared, home, "by_hand.yaml")
    yield
    for volume in ("whole", "part"):
        shared.kubectl("delete", "persistentvolume", f"{home}-{volume}", "--wait=false")


@pytest.mark.parametrize(("claim", "folder"), [("store", "/data/models"), ("bucket", "/data")])
def test_what_is_only_read_refuses_to_be_written(
    shared: Node, home: str, name: str, claim: str, folder: str
) -> None:
    pods.start(shared, home, name, Use(claim))
    assert READ_ONLY in pods.written(shared, home, name, f"{folder}/written")
    assert READ_ONLY in pods.shell(shared, home, name, f"rm {folder}/weights").stderr
    served = checksum(shared, home, "s3", "/data/models/weights")
    assert checksum(shared, home, name, f"{folder}/weights") == served


def test_one_pod_reads_two_datasets(shared: Node, home: str, name: str) -> None:
    pods.start(shared, home, name, Use("store", "/one"), Use("bucket", "/two"))
    served = checksum(shared, home, "s3", "/data/models/weights")
    assert checksum(shared, home, name, "/one/models/weights") == served
    assert checksum(shared, home, name, "/two/weights") == served


def test_a_pod_goes_on_reading_when_another_of_the_same_dataset_ends(
    shared: Node, home: str, name: str
) -> None:
    pods.start(shared, home, "first", Use("store"))
    pods.start(shared, home, name, Use("store"))
    assert inside(shared, home, "first", "cat", "/data/images/label") == "cat"
    before = pods.life(shared, home, f"pod/{name}")
    pods.stop(shared, home, "first")
    served = checksum(shared, home, "s3", "/data/models/weights")
    assert checksum(shared, home, name, "/data/models/weights") == served
    assert pods.life(shared, home, f"pod/{name}") == before


def test_a_part_that_a_pod_mounts_is_renewed_with_the_whole(shared: Node, home: str, name: str) -> None:
    part = Use("store", "/part", sub_path="images")
    pods.start(shared, home, name, part, Use("store", "/data"))
    assert inside(shared, home, name, "ls", "/part") == "label"
    old = client(shared, home, "store")
    kill_client(shared, home, "store")
    until(lambda: client(shared, home, "store") not in ("", old), "a new client")
    reads = "cat /part/label /data/images/label"
    until(
        lambda: pods.shell(shared, home, name, reads).stdout == "cat\ncat\n",
        "the same pod reads both again",
        seen=lambda: pods.shell(shared, home, name, f"{reads}; cat /proc/self/mountinfo"),
    )
    assert inside(shared, home, name, "ls", "/part") == "label"
    assert READ_ONLY in pods.written(shared, home, name, "/part/written")


@pytest.mark.usefixtures("by_hand")
def test_volumes_that_an_existing_installation_wrote_are_mounted(shared: Node, home: str, name: str) -> None:
    pods.start(shared, home, name, Use("whole", "/whole"), Use("part", "/part"))
    served = checksum(shared, home, "s3", "/data/models/weights")
    assert checksum(shared, home, name, "/whole/models/weights") == served
    assert inside(shared, home, name, "ls", "/part") == "label"
    assert READ_ONLY in pods.written(shared, home, name, "/part/written")
    assert field(shared, home, "dataset/store", "{.status.phase}") == "Bound"
