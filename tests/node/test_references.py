"""Pods that read the Dataset of another namespace: with consent, two claims at once, after a new client."""

import secrets
from collections.abc import Iterator

import pytest

from cluster.node import Node
from fluid.naming import ALLOWED_NAMESPACES
from tests.node import pods
from tests.node.datapath import (
    apply,
    await_bound,
    bound,
    checksum,
    client,
    deleted,
    events,
    field,
    kill_client,
    left,
    phase,
)
from tests.node.support import Json, until

_READ = ("sha256sum", "/data/models/weights", "/part/weights")


@pytest.fixture
def lent(bucket: Node, namespace: str) -> Iterator[str]:
    """The Dataset of an example, Bound; nothing is left of it."""
    name = bound(bucket, namespace, "rclone")
    yield name
    deleted(bucket, namespace, name)


@pytest.fixture
def tenant(bucket: Node) -> Iterator[str]:
    """Another namespace."""
    name = f"tenant-{secrets.token_hex(4)}"
    bucket.kubectl("create", "namespace", name)
    yield name
    bucket.kubectl("delete", "namespace", name, "--timeout=60s")


def reference(name: str, address: str) -> Json:
    spec = {"mounts": [{"mountPoint": address, "name": "lent"}]}
    return {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Dataset",
        "metadata": {"name": name},
        "spec": spec,
    }


def allow(node: Node, namespace: str, dataset: str, whom: str) -> None:
    word = f"{ALLOWED_NAMESPACES}={whom}"
    node.kubectl("-n", namespace, "annotate", "dataset", dataset, word, "--overwrite")


def ready(node: Node, namespace: str, name: str) -> str:
    """Reason and message of a Dataset's condition Ready."""
    where = '{.status.conditions[?(@.type=="Ready")]'
    return " ".join(
        field(node, namespace, f"dataset/{name}", f"{where}.{part}}}") for part in ("reason", "message")
    )


def test_a_pod_reads_two_references_of_another_namespace_until_consent_is_withdrawn(
    bucket: Node, namespace: str, lent: str, tenant: str
) -> None:
    addresses = {"whole": f"dataset://{namespace}/{lent}", "part": f"dataset://{namespace}/{lent}/models"}
    apply(bucket, tenant, *(reference(name, address) for name, address in addresses.items()))
    until(lambda: ready(bucket, tenant, "part").startswith("ReferenceNotAllowed"), "refused")
    assert left(bucket, tenant, "part") == []

    allow(bucket, namespace, lent, tenant)
    await_bound(bucket, tenant, *addresses)
    pods.start(bucket, tenant, "reader", pods.Use("whole"), pods.Use("part", "/part"))
    served = checksum(bucket, namespace, "s3", "/data/models/weights")
    read = ("-n", tenant, "exec", "reader", "--", *_READ)
    assert [line.split()[0] for line in bucket.kubectl(*read).splitlines()] == [served, served]
    assert "weights" not in bucket.try_kubectl("-n", tenant, "exec", "reader", "--", "ls", "/part/..").stdout
    clients = bucket.kubectl("get", "pods", "-A", "-l", "app=thin", "-o", "name").split()
    assert len([one for one in clients if lent in one]) == 1, "one FUSE pod serves all"

    for _ in range(2):
        before = client(bucket, namespace, lent)
        kill_client(bucket, namespace, lent)
        until(lambda before=before: client(bucket, namespace, lent) not in ("", before), "a new client")
        until(lambda: bucket.try_kubectl(*read).returncode == 0, "the same pod reads both again", seconds=15)
    until(lambda: "FuseRecoverSucceed" in events(bucket, tenant), "the recovery is told to the reader")
    assert "FuseRecoverSucceed" not in events(bucket, namespace), "and not to the owner"

    allow(bucket, namespace, lent, "nobody-else")
    until(lambda: "used by reader" in ready(bucket, tenant, "whole"), "the reader is named")
    assert bucket.try_kubectl(*read).returncode == 0, "a pod that runs reads on"
    apply(bucket, tenant, pods.made("late", pods.Use("whole")))
    told = ("-n", tenant, "get", "events", "--field-selector", "involvedObject.name=late", "-o", "name")
    until(lambda: bucket.kubectl(*told).strip(), "a new pod is told why it waits")
    assert field(bucket, tenant, "pod/late", "{.status.phase}") == "Pending"
    for pod in ("late", "reader"):
        bucket.kubectl("-n", tenant, "delete", "pod", pod, "--timeout=30s")
    until(
        lambda: not _claims(bucket, tenant),
        "claims and volumes are gone",
        seen=lambda: _claims(bucket, tenant),
    )
    assert phase(bucket, tenant, "whole") == "NotBound"
    bucket.kubectl("-n", tenant, "delete", "dataset", *addresses, "--timeout=60s")


def _claims(node: Node, namespace: str) -> str:
    claims = node.kubectl("-n", namespace, "get", "pvc", "-o", "name")
    return claims + "".join(
        one for one in node.kubectl("get", "pv", "-o", "name").split() if namespace in one
    )
