# pyright: basic
"""What a user does to a cluster with a running operator: apply, look, wait, count."""

import json
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import yaml

from cluster import AuditEvent, ControlPlane
from cluster.operator import USER

Json = dict[str, Any]
T = TypeVar("T")
API = "data.fluid.io/v1alpha1"
_GROUPS = {
    **dict.fromkeys(
        (
            "datasets",
            "alluxioruntimes",
            "jindoruntimes",
            "juicefsruntimes",
            "thinruntimes",
            "databackups",
            "dataloads",
            "datamigrates",
            "dataprocesses",
        ),
        f"/apis/{API}",
    ),
    **dict.fromkeys(("statefulsets", "daemonsets"), "/apis/apps/v1"),
    **dict.fromkeys(("jobs", "cronjobs"), "/apis/batch/v1"),
}


def until(
    look: Callable[[], T], what: str, seconds: float = 15.0, but: Callable[[], object] = lambda: ""
) -> T:
    """The first truthy thing that `look` sees; else fails with `what`, and with what there is (`but`)."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}; {but()}"
        time.sleep(0.05)  # what is waited for is seen through requests of different kinds
    return found


@dataclass(frozen=True)
class User:
    """A user with a namespace; `None` from the getters means that nothing of that name exists."""

    plane: ControlPlane
    namespace: str

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.plane.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def apply(self, *objects: Json) -> None:
        self.kubectl(
            "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=yaml.safe_dump_all(objects)
        )

    def create(self, *objects: Json) -> None:
        """Plain creation, as clients do that know no server-side apply."""
        self.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def patch(self, what: str, change: Json, *, status: bool = False) -> None:
        where = ["--subresource=status"] if status else []
        self.kubectl("patch", what, "--type=merge", "-p", json.dumps(change), *where)

    def dataset(self, name: str, *mounts: Json, **spec: object) -> Json:
        spec = {"mounts": list(mounts) or [{"mountPoint": "s3://bucket/data", "name": "data"}], **spec}
        return {"apiVersion": API, "kind": "Dataset", "metadata": {"name": name}, "spec": spec}

    def runtime(self, name: str, **spec: object) -> Json:
        level = {"mediumtype": "MEM", "path": "/dev/shm", "quota": "64Mi"}
        spec = {"replicas": 1, "tieredstore": {"levels": [level]}, **spec}
        return {"apiVersion": API, "kind": "JindoRuntime", "metadata": {"name": name}, "spec": spec}

    def pair(self, name: str, *mounts: Json, **runtime: object) -> tuple[Json, Json]:
        """A Dataset that shares its nodes, and its runtime."""
        return self.dataset(name, *mounts, placement="Shared"), self.runtime(name, **runtime)

    def get(self, plural: str, name: str) -> Json | None:
        try:
            return json.loads(self.plane.api().get(f"{self._path(plural)}/{name}"))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def all(self, plural: str, selector: str = "") -> list[Json]:
        query = f"?labelSelector={selector}" if selector else ""
        return json.loads(self.plane.api().get(self._path(plural) + query))["items"]

    def status(self, plural: str, name: str) -> Json:
        return (self.get(plural, name) or {}).get("status") or {}

    def phase(self, name: str, phase: str = "Bound", seconds: float = 20.0) -> Json:
        """Waits for a Dataset's phase; returns the status."""

        def look() -> Json:
            status = self.status("datasets", name)
            return status if status.get("phase") == phase else {}

        return until(look, f"Dataset {name} is {phase}", seconds, lambda: self.status("datasets", name))

    def condition(self, plural: str, name: str, kind: str) -> Json:
        conditions = self.status(plural, name).get("conditions") or []
        return next((one for one in conditions if one["type"] == kind), {})

    def until_condition(self, plural: str, name: str, kind: str, status: str, seconds: float = 15.0) -> Json:
        def look() -> Json:
            found = self.condition(plural, name, kind)
            return found if found.get("status") == status else {}

        return until(look, f"{plural} {name} has {kind}={status}", seconds, lambda: self.status(plural, name))

    def gone(self, plural: str, name: str, seconds: float = 15.0) -> None:
        until(lambda: self.get(plural, name) is None, f"{plural} {name} is gone", seconds)

    def events(self, name: str, reason: str = "") -> list[Json]:
        items = self.all("events")
        found = [one for one in items if (one.get("involvedObject") or {}).get("name") == name]
        return [one for one in found if reason in ("", one["reason"])]

    def uids(self, plural: str, selector: str = "") -> dict[str, str]:
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in self.all(plural, selector)}

    def requests(self, since: datetime, *, reading: bool = True) -> list[AuditEvent]:
        """What the operator asked of the API server since a moment; without `reading`, its writes alone."""
        found = [one for one in self.plane.audit(since) if one.user == USER]
        return [one for one in found if reading or one.verb not in ("get", "list", "watch")]

    def until_quiet(self, seconds: float = 2.0, within: float = 30.0) -> None:
        """Returns when the operator has sent nothing about this namespace for some seconds."""

        def said() -> list[str]:
            requests = self.requests(_ago(seconds))
            return [f"{one.verb} {one.uri}" for one in requests if self.namespace in one.uri]

        time.sleep(seconds)
        until(lambda: not said(), f"the operator is quiet about {self.namespace}", within, said)

    def _path(self, plural: str) -> str:
        if plural in ("persistentvolumes", "nodes"):
            return f"/api/v1/{plural}"
        return f"{_GROUPS.get(plural, '/api/v1')}/namespaces/{self.namespace}/{plural}"


def _ago(seconds: float) -> datetime:
    return datetime.fromtimestamp(time.time() - seconds, UTC)


def now() -> datetime:
    """This moment, for the audit log."""
    return datetime.now(UTC)
