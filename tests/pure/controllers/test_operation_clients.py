# pyright: basic
"""An operation whose pod waits for the FUSE client of its node carries the client's cause, and no other's."""

from datetime import UTC, datetime
from functools import partial

import pytest
from pydantic import JsonValue

from fluid.controllers.context import Informers
from fluid.controllers.operations.clients import with_clients
from fluid.controllers.operations.progress import Progress
from fluid.engines.core.registry import Registry
from fluid.kube import Connection, InformerFactory
from fluid.kube.store import Entry
from fluid.models import DaemonSet, Dataset, Job, Pod
from tests.harness.server import FakeServer

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BROKEN: JsonValue = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}
STARTS: JsonValue = {"waiting": {"reason": "ContainerCreating"}}


def pod(
    name: str, owner: JsonValue, node: str, state: JsonValue, *, ready: bool = False, phase: str = "Pending"
) -> Pod:
    container: JsonValue = {"name": "c", "image": "", "imageID": "", "ready": ready, "restartCount": 0}
    return Pod.model_validate(
        {
            "metadata": {
                "name": name,
                "namespace": "ns",
                "uid": name,
                "labels": {"fluid.io/managed-by": "fluid"},
                "ownerReferences": [owner],
            },
            "spec": {"nodeName": node, "containers": [{"name": "c"}]},
            "status": {
                "phase": phase,
                "conditions": [{"type": "Ready", "status": str(ready)}],
                "containerStatuses": [{**container, "state": state}],
            },
        }
    )


def owner(kind: str, name: str, uid: str) -> JsonValue:
    return {"apiVersion": "v1", "kind": kind, "name": name, "uid": uid, "controller": True}


async def told(
    *clients: Pod,
    wanted: int = 1,
    ready: str = "False",
    phase: str = "Pending",
    claim: str = "images",
) -> Progress:
    """What an operation says whose pod is on node a, beside these FUSE pods."""
    async with FakeServer().connect() as connection:
        return look(connection, clients, wanted, ready, phase, claim)


def look(
    connection: Connection, clients: tuple[Pod, ...], wanted: int, ready: str, phase: str, claim: str
) -> Progress:
    informers = Informers.by(InformerFactory(connection), None)
    counts = {"currentNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}
    workload: JsonValue = {
        "metadata": {
            "name": "images-fuse",
            "namespace": "ns",
            "uid": "ds",
            "generation": 1,
            "labels": {"fluid.io/managed-by": "fluid"},
            "ownerReferences": [owner("ThinRuntime", "images", "r")],
        },
        "spec": {"selector": {}, "template": {"spec": {"containers": []}}},
        "status": {**counts, "desiredNumberScheduled": wanted, "observedGeneration": 1},
    }
    informers.daemonsets.store.replace([Entry(DaemonSet, workload)], 1)
    informers.pods.store.replace([Entry(Pod, one.to_wire()) for one in clients], 1)
    condition: JsonValue = {"type": "Ready", "status": ready, "reason": "FuseNotReady", "message": "refused"}
    dataset = Dataset.model_validate(
        {"metadata": {"name": "images", "namespace": "ns"}, "spec": {}, "status": {"conditions": [condition]}}
    )
    volume: JsonValue = {"name": "v", "persistentVolumeClaim": {"claimName": claim}}
    template: JsonValue = {"spec": {"containers": [], "volumes": [volume]}}
    job = Job.model_validate({"metadata": {"name": "j", "namespace": "ns"}, "spec": {"template": template}})
    mine = pod("mine", owner("Job", "j", "j"), "a", STARTS, phase=phase)
    return with_clients(Progress(), dataset, Registry.discover().of_type("thin"), job, [mine], informers, NOW)


client = partial(pod, "fuse", owner("DaemonSet", "images-fuse", "ds"))


async def test_a_pod_that_waits_for_a_client_that_fails_is_blocked_by_its_cause() -> None:
    found = await told(client("a", BROKEN))
    assert found.blocked.startswith("FUSE pod fuse on node a waits with ErrImagePull: no such image")


async def test_a_pod_that_runs_beside_it_complains_and_is_not_blocked() -> None:
    found = await told(client("a", BROKEN), phase="Running")
    assert (found.blocked, "ErrImagePull" in found.complaint) == ("", True)


async def test_a_node_whose_client_is_refused_is_told_what_the_dataset_says() -> None:
    assert (await told()).blocked == "refused"


@pytest.mark.parametrize(
    "found",
    [
        partial(told, client("b", BROKEN)),
        partial(told, client("a", {"running": {}}, ready=True)),
        partial(told, client("a", STARTS)),
        partial(told, client("a", BROKEN), ready="True"),
        partial(told, client("a", BROKEN), claim="other"),
        partial(told, client("a", BROKEN), phase="Succeeded"),
        partial(told, wanted=0),
    ],
    ids=["other-node", "serves", "starts", "patience", "no-reader", "ended", "none-wanted"],
)
async def test_nothing_is_carried_that_is_not_its_own(found: partial) -> None:
    assert await found() == Progress()
