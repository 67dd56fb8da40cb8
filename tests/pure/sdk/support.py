"""A cluster in memory for the clients, and the controllers' part of the play."""

from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2

from tests.harness.server import FakeServer

Json = dict[str, Any]
DATASETS = "data.fluid.io/v1alpha1/datasets"
LOADS = "data.fluid.io/v1alpha1/dataloads"
PROCESSES = "data.fluid.io/v1alpha1/dataprocesses"
EVENTS = "v1/events"


def condition(kind: str, status: str, reason: str, message: str, generation: int = 1) -> Json:
    found = {"type": kind, "status": status, "reason": reason, "message": message}
    return {**found, "observedGeneration": generation}


BOUND: Json = {
    "phase": "Bound",
    "conditions": [condition("Ready", "True", "DatasetReady", "The ddc runtime is ready.")],
}
STUCK: Json = {
    "phase": "NotBound",
    "conditions": [
        condition("NotReady", "True", "DatasetFailedToSetup", "pod hbase-0 waits with ErrImagePull")
    ],
}
WAITING: Json = {
    "phase": "NotBound",
    "conditions": [condition("Ready", "False", "RuntimeNotFound", "no runtime is named hbase: create one")],
}


def dataset(status: Json | None = None, name: str = "hbase") -> Json:
    found: Json = {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"mounts": [{"mountPoint": "s3://bucket", "name": "bucket"}]},
    }
    return found if status is None else {**found, "status": status}


def load(phase: str, *conditions: Json) -> Json:
    status = {"phase": phase, "duration": "1s", "conditions": [*conditions], "observedGeneration": 1}
    spec = {"dataset": {"name": "hbase"}}
    return {"metadata": {"name": "warm", "namespace": "default"}, "spec": spec, "status": status}


def process(phase: str, *conditions: Json) -> Json:
    spec: Json = {"dataset": {"name": "hbase", "mountPath": "/data"}, "processor": {}}
    return {**load(phase, *conditions), "metadata": {"name": "count", "namespace": "default"}, "spec": spec}


def warning(minute: int, message: str) -> Json:
    return {
        "metadata": {"name": f"hbase.{minute}", "namespace": "default"},
        "involvedObject": {"kind": "Dataset", "name": "hbase", "namespace": "default"},
        "type": "Warning",
        "reason": "ErrorProcessRuntime",
        "message": message,
        "count": minute,
        "lastTimestamp": f"2026-01-01T00:{minute:02}:00Z",
    }


@dataclass
class Stage:
    """The server, and a way to know when somebody watches a kind."""

    server: FakeServer = field(default_factory=FakeServer)

    def __post_init__(self) -> None:
        self._watched: dict[str, anyio.Event] = {}
        self.server.faults.append(self._notice)

    async def watched(self, plural: str) -> None:
        """Returns once there is, or was, a watch of this kind."""
        with anyio.fail_after(5):
            await self._watched.setdefault(plural, anyio.Event()).wait()

    def set_status(self, collection: str, name: str, status: Json) -> None:
        found = self.server.get(collection, "default", name)
        assert found is not None
        self.server.put(collection, {**found, "status": status})

    def _notice(self, request: httpx2.Request) -> None:
        if "watch" in request.url.params:
            self._watched.setdefault(request.url.path.rsplit("/", 1)[-1], anyio.Event()).set()
