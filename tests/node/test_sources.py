"""Sources that are there already: a directory of the node, and a claim."""

from collections.abc import Iterator

import pytest

from cluster.node import Node, datapath
from tests.node import pods
from tests.node.datapath import apply, await_bound, create
from tests.node.pods import Use
from tests.node.support import Json, inside

_CLASS = {"storageClassName": "none", "accessModes": ["ReadWriteMany"]}


@pytest.fixture
def filled(stored: Node, namespace: str) -> Iterator[Node]:
    """The node with a mounted NAS and a team's claim, a file of 4 MiB in each."""
    team = f"/mnt/{namespace}"
    script = f"""
    mkdir -p /mnt/nas {team}/projects {team}/private
    mountpoint -q /mnt/nas || mount -t tmpfs nas /mnt/nas
    head -c 4M /dev/urandom | tee /mnt/nas/file > {team}/projects/file
    """
    assert stored.exec("sh", "-ec", script).returncode == 0
    datapath.supervise(stored, namespace)
    apply(stored, namespace, *_team_data(namespace, team))
    yield stored
    stored.exec("umount", "--lazy", "/mnt/nas")
    stored.kubectl("delete", "persistentvolume", namespace, "--wait=false")


def test_a_directory_of_the_node_and_a_claim_are_read(filled: Node, namespace: str) -> None:
    for example in ("local", "pvc"):
        create(filled, namespace, f"rclone/{example}.yaml")
    await_bound(filled, namespace, "nas", "shared")
    pods.start(filled, namespace, "reader", Use("nas", "/nas"), Use("shared", "/shared"))
    stored_there = filled.exec("sha256sum", "/mnt/nas/file").stdout.split()[0]
    found = inside(filled, namespace, "reader", "sh", "-c", "cd /; find nas shared -type f | xargs sha256sum")
    assert sorted(line.split() for line in found.splitlines()) == [
        [stored_there, "nas/nas/file"],
        [stored_there, "shared/team/file"],
    ]


def _team_data(namespace: str, folder: str) -> list[Json]:
    volume: Json = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": namespace},
        "spec": {**_CLASS, "capacity": {"storage": "1Gi"}, "hostPath": {"path": folder}},
    }
    claim: Json = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "team-data"},
        "spec": {**_CLASS, "volumeName": namespace, "resources": {"requests": {"storage": "1Gi"}}},
    }
    return [volume, claim]
