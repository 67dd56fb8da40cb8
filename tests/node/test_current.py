"""`make demo CLUSTER=current` leaves a cluster as it found it, and says what is in its way."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster.node import Node, datapath, images, start, storage
from cluster.node.installation import LABEL
from tests.node.support import Json, until
from tests.node.test_undeploy import everything

_OWN: Json = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "own", "namespace": "default"},
    "data": {"kept": "yes"},
}


@pytest.fixture(scope="module")
def guest(able: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Somebody's cluster, of which a kubeconfig is known and nothing else."""
    node = start(tmp_path_factory.mktemp("current") / "node", tethered=True)
    try:
        node.kubectl("create", "-f", "-", stdin=yaml.safe_dump(_OWN))
        yield node
    finally:
        node.stop()


def demo(node: Node, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it as somebody does whose current context is this cluster."""
    command = [
        "make",
        "--no-print-directory",
        "--directory",
        str(datapath.CHECKOUT),
        "demo",
        "CLUSTER=current",
    ]
    path = f"{node.bin}:{os.environ['PATH']}"
    variables = {**os.environ, "KUBECONFIG": str(node.kubeconfig), "PATH": path, **environment}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def versions(node: Node) -> dict[str, str]:
    """What somebody's own objects are at: an object that is written to has another one.

    Kubernetes itself writes to the roles for users: it adds up what the roles of the cluster give them.
    """
    kinds = ["configmaps", "clusterroles", "clusterrolebindings", "namespaces", "customresourcedefinitions"]
    served = node.kubectl("api-resources", "--api-group=data.fluid.io", "-o", "name").split()
    asked = ",".join([*kinds, *served])
    items: list[Json] = json.loads(node.kubectl("get", asked, "-A", "-o", "json"))["items"]
    return {
        f"{one['kind']} {one['metadata'].get('namespace', '')} {one['metadata']['name']}": one["metadata"][
            "resourceVersion"
        ]
        for one in items
        if "aggregationRule" not in one
    }


def on_nodes(node: Node) -> list[str]:
    """Labels, mounts, registered plugins, and files of runtimes: empty folders of those may stay."""
    labels = node.kubectl("get", "nodes", "--output=jsonpath={.items[*].metadata.labels}")
    looking = "cut -d' ' -f5 /proc/self/mountinfo; ls -A /var/lib/kubelet/plugins_registry"
    looking += "; find /runtime-mnt ! -type d"
    return [labels, *sorted(node.exec("sh", "-c", looking).stdout.splitlines())]


def test_what_is_in_the_way_is_named_before_anything_is_made(guest: Node) -> None:
    guest.kubectl("create", "namespace", "fluid-demo")
    objects = everything(guest)
    done = demo(guest)
    assert done.returncode != 0
    assert "error: the namespace fluid-demo is there, and no demo made it" in done.stderr
    assert everything(guest) == objects
    guest.kubectl("delete", "namespace", "fluid-demo")

    kind = datapath.CHECKOUT / "generated" / "crds" / "data.fluid.io_datasets.yaml"
    guest.kubectl("create", "-f", str(kind))
    objects, kinds = everything(guest), versions(guest)
    done = demo(guest)
    assert done.returncode != 0
    assert "error: the cluster has customresourcedefinition/datasets.data.fluid.io, but not" in done.stderr
    assert (everything(guest), versions(guest)) == (objects, kinds)
    guest.kubectl("delete", "-f", str(kind))


def test_a_node_without_its_images_is_named_with_the_next_step_and_nothing_stays(guest: Node) -> None:
    objects, traces, kinds = everything(guest), on_nodes(guest), versions(guest)
    done = demo(guest, IMAGES="registry.invalid/somewhere")
    assert done.returncode != 0
    assert "cannot get the image registry.invalid/somewhere/fluid-operator:" in done.stderr
    assert "Next: `make demo-images`" in done.stderr
    assert everything(guest) == objects
    assert versions(guest) == kinds
    until(lambda: on_nodes(guest) == traces, "the node is as it was", seen=lambda: on_nodes(guest))


def test_it_deploys_shows_everything_and_takes_it_away(guest: Node) -> None:
    for archive in (images.operator(), *storage.images("rclone")):
        guest.load(archive)
    objects, traces, kinds = everything(guest), on_nodes(guest), versions(guest)
    done = demo(guest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "are deployed for this demo" in done.stdout
    assert "checksums equal" in done.stdout
    assert everything(guest) == objects
    assert versions(guest) == kinds
    until(lambda: on_nodes(guest) == traces, "the node is as it was", seen=lambda: on_nodes(guest))


def test_somebody_s_own_operator_and_objects_are_used_and_not_written_to(guest: Node) -> None:
    datapath.deploy(guest)
    datapath.provide(guest, "rclone")
    dataset = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "metadata": {"name": "own", "namespace": "default"},
        "spec": {},
    }
    guest.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(dataset))
    asked = ("get", "dataset", "own", "-o", "jsonpath={.status.phase}")
    until(lambda: guest.kubectl(*asked) == "NotBound", "the Dataset's phase is NotBound")
    objects, kinds = everything(guest), versions(guest)
    done = demo(guest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the operator and node plugin that are there" in done.stdout
    assert "checksums equal" in done.stdout
    assert everything(guest) == objects
    assert versions(guest) == kinds
    assert LABEL not in guest.kubectl("get", "deployment", "-n", "fluid-system", "-o", "yaml")
    guest.kubectl("delete", "dataset", "own")


def test_a_cluster_that_does_not_answer_is_named(guest: Node, tmp_path: Path) -> None:
    config = guest.kubeconfig.read_text().replace(guest.api().url, "https://127.0.0.1:1")
    (tmp_path / "away").write_text(config)
    done = demo(guest, KUBECONFIG=str(tmp_path / "away"))
    assert done.returncode != 0
    assert "error: the cluster of context" in done.stderr
    assert "does not answer" in done.stderr
    (tmp_path / "none").touch()
    done = demo(guest, KUBECONFIG=str(tmp_path / "none"))
    assert "error: kubectl has no current context" in done.stderr
