# pyright: basic
"""Ready is true of FUSE clients: untried, serving, failing; who waits for a Dataset is told the cause."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane
from fluid import Client, DataLoadNotComplete, DataProcessNotComplete, DatasetNotBound
from tests.plane.test_thin import NAME, ThinUser, mount
from tests.plane.user import Json, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
PENDING = {"fluid.test/pod": "pending"}
BROKEN = {"podMetadata": {"annotations": {**PENDING, "fluid.test/reason": "ErrImagePull"}}}
WITHIN = 30.0
"""Seconds within which Ready is False: ten of patience, and what a busy machine takes."""


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[ThinUser]:
    user = ThinUser(plane, namespace)
    yield user
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-{NAME}-")
    plane.kubectl("delete", "thinruntimeprofile", user.client, "--ignore-not-found", "--wait=false")


@pytest.fixture
def client(plane: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[Client]:
    config = yaml.safe_load(plane.kubeconfig.read_text())
    for one in config["contexts"]:
        one["context"]["namespace"] = namespace
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    with Client(kubeconfig=path) as opened:
        yield opened


def nodes(user: ThinUser) -> list[str]:
    found = json.loads(user.plane.kubectl("get", "nodes", "-o", "json"))["items"]
    return [one["metadata"]["name"] for one in found]


def bring_clients(user: ThinUser, *where: str) -> None:
    """Readers come to nodes, as the node plugin tells of it."""
    user.plane.kubectl("label", "nodes", *where, f"fluid.io/f-{user.namespace}-{NAME}=true")


def process(user: ThinUser, name: str = "count") -> Json:
    """A DataProcess whose pod never gets its volumes: no kubelet is here that would wait for them."""
    container = {"name": "main", "image": "busybox"}
    processor = {
        "podMetadata": {"annotations": {**PENDING, "fluid.test/reason": "ContainerCreating"}},
        "job": {"podSpec": {"containers": [container]}},
    }
    spec = {"dataset": {"name": NAME, "mountPath": "/data"}, "processor": processor}
    api = user.dataset(NAME)["apiVersion"]
    return {"apiVersion": api, "kind": "DataProcess", "metadata": {"name": name}, "spec": spec}


def ready(user: ThinUser) -> Json:
    return user.condition("datasets", NAME, "Ready")


def until_ready(user: ThinUser, truth: str, reason: str) -> Json:
    def found() -> Json:
        one = ready(user)
        return one if (one.get("status"), one.get("reason")) == (truth, reason) else {}

    return until(found, f"Ready is {truth}, {reason}", WITHIN, lambda: user.status("datasets", NAME))


def test_ready_says_that_nothing_was_tried_until_a_client_serves(user: ThinUser, client: Client) -> None:
    user.bound(mount("one"))
    told = until_ready(user, "True", "WaitForFirstConsumer")
    assert "untried" in told["message"]
    assert client.wait_bound(NAME, timeout=10).name == NAME, "nobody can wait for what only a reader brings"
    node = nodes(user)[0]
    bring_clients(user, node)
    until_ready(user, "True", "DatasetReady")
    user.plane.kubectl("label", "node", node, f"fluid.io/f-{user.namespace}-{NAME}-")
    until(lambda: user.clients() == [], "the client has left")
    user.until_quiet()
    assert ready(user)["reason"] == "DatasetReady", "which was tried"


def test_a_client_that_fails_makes_the_dataset_not_ready_and_ends_waits_with_its_cause(
    user: ThinUser, client: Client
) -> None:
    user.bound(mount("one"), fuse=BROKEN)
    bring_clients(user, *nodes(user))
    user.apply(process(user))
    told = until_ready(user, "False", "FuseNotReady")
    count = len(nodes(user))
    assert told["message"].startswith(f"{count} of {count} FUSE pods do not serve: FUSE pod ")
    assert "ErrImagePull" in told["message"]
    assert user.status("datasets", NAME)["phase"] == "Bound", "volumes and readers elsewhere are untouched"
    began = time.monotonic()
    with pytest.raises(DatasetNotBound, match="ErrImagePull") as unbound:
        client.wait_bound(NAME, timeout=60)
    assert not unbound.value.timed_out
    with pytest.raises(DataProcessNotComplete, match="ErrImagePull") as unprocessed:
        client.wait_processed("count", timeout=60)
    assert not unprocessed.value.timed_out
    assert time.monotonic() - began < 30
    found = user.condition("dataprocesses", "count", "Progressing")
    assert (found["status"], found["reason"]) == ("False", "FuseNotReady")
    user.patch(f"thinruntime/{NAME}", {"spec": {"fuse": None}})
    until_ready(user, "True", "DatasetReady")
    until(
        lambda: user.condition("dataprocesses", "count", "Progressing")["reason"] == "WorkloadRunning",
        "the operation has what it waited for",
    )
    assert client.wait_bound(NAME, timeout=10).name == NAME


def test_one_node_of_many_is_counted_and_an_operation_on_another_says_nothing(user: ThinUser) -> None:
    first, second = nodes(user)[:2]
    user.bound(mount("one"), fuse=BROKEN)
    bring_clients(user, first)
    until_ready(user, "False", "FuseNotReady")
    operation = process(user)
    operation["spec"]["processor"]["job"]["podSpec"]["nodeName"] = second
    user.apply(operation)
    user.patch(f"thinruntime/{NAME}", {"spec": {"fuse": None}})
    # the pod on the first node is replaced by one that serves, as it is idle: it is broken again by hand
    until_ready(user, "True", "DatasetReady")
    bring_clients(user, second)
    until(lambda: user.status("thinruntimes", NAME).get("fuseNumberReady") == 2, "both serve")
    [pod] = [one for one in user.clients() if one["spec"]["nodeName"] == first]
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "again"}}
    broken = {
        "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        "containerStatuses": [{**pod["status"]["containerStatuses"][0], "ready": False, "state": waiting}],
    }
    user.kubectl("annotate", "pod", pod["metadata"]["name"], "--overwrite", "fluid.test/pod=pending")
    user.patch(f"pod/{pod['metadata']['name']}", {"status": broken}, status=True)
    told = until_ready(user, "False", "FuseNotReady")
    assert told["message"].startswith("1 of 2 FUSE pods does not serve: ")
    assert f" on node {first} waits with CrashLoopBackOff" in told["message"]
    user.until_quiet()
    assert user.condition("dataprocesses", "count", "Progressing")["reason"] == "WorkloadRunning"


def test_an_operation_on_a_dataset_that_cannot_be_set_up_carries_the_cause(
    user: ThinUser, client: Client
) -> None:
    load = {"apiVersion": user.dataset(NAME)["apiVersion"], "kind": "DataLoad", "metadata": {"name": "warm"}}
    user.apply(user.dataset(NAME, mount("one")), user.thin(), {**load, "spec": {"dataset": {"name": NAME}}})
    with pytest.raises(DataLoadNotComplete, match=f"there is no ThinRuntimeProfile '{user.client}'") as told:
        client.wait_complete("warm", timeout=60)
    assert not told.value.timed_out
    found = user.condition("dataloads", "warm", "Progressing")
    assert (found["status"], found["reason"]) == ("False", "DatasetFailedToSetup")


def test_an_operation_whose_dataset_is_gone_says_so(user: ThinUser) -> None:
    load = {"apiVersion": user.dataset(NAME)["apiVersion"], "kind": "DataLoad", "metadata": {"name": "warm"}}
    user.apply(user.dataset(NAME, mount("one")), {**load, "spec": {"dataset": {"name": NAME}}})
    until(lambda: user.status("dataloads", "warm").get("phase") == "Pending", "it waits")
    user.kubectl("delete", "dataset", NAME)

    def gone_or_told() -> bool:
        found = user.get("dataloads", "warm")
        said = user.condition("dataloads", "warm", "Progressing").get("reason")
        return found is None or said == "TargetDatasetNotFound"

    until(gone_or_told, "it says so, or goes with it", but=lambda: user.get("dataloads", "warm"))
