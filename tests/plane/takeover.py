# pyright: basic
"""An upgrade of the operator as it is done, and what was there right before and after it."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from cluster import AuditEvent, BuildError, Operator, StartError, start
from cluster.release import NoHistoryError, release
from tests.plane.tenants import Tenants
from tests.plane.user import Json, now, until

PINNED = "21c2ecb13d9c413c80ef98c96440548776ced72c"
"""The commit whose operator is upgraded from."""
NAMESPACE = "team"
LEADS = ("--leader-elect",)
_OWN = "dataset,jindoruntime,thinruntime,dataload,dataprocess"
_WORK = "statefulset,daemonset,cronjob,job,pod,service,configmap,pvc,serviceaccount,role,rolebinding,event"
Name = tuple[str, str]
"""Kind and name of an object."""
Objects = dict[Name, Json]


@dataclass(frozen=True)
class Upgrade:
    """One that has been done; nothing more comes of it.

    Attributes:
        tenants: whose objects these are.
        old: the operator that was there, which has stopped.
        new: the operator that leads now.
        before: all objects of the tenants, when the old operator had nothing more to do.
        after: all of them, when the new one had nothing more to do.
        since: when the old one was asked to stop.
        end: when `after` was seen.
    """

    tenants: Tenants
    old: Operator
    new: Operator
    before: Objects
    after: Objects
    since: datetime
    end: datetime

    @property
    def requests(self) -> list[AuditEvent]:
        """What the operator asked of the API server meanwhile."""
        return [one for one in self.tenants.requests(self.since) if one.time <= self.end]

    def commands(self, since: datetime | None = None) -> list[tuple[str, ...]]:
        """What was executed in pods, each after the name of its pod."""
        calls = self.tenants.plane.exec_log(namespace=NAMESPACE)
        return [(one.pod, *one.argv) for one in calls if one.time >= (since or self.since)]


def pinned() -> Path:
    """The command of the old release; without the history, skips the tests, or fails them in CI."""
    try:
        return release(PINNED)
    except NoHistoryError as error:
        reason = f"no release to upgrade from: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    except BuildError as error:
        pytest.fail(f"the release to upgrade from cannot be installed: {error}", pytrace=False)


@contextmanager
def upgraded(program: Path) -> Iterator[Upgrade]:
    """Brings everything up under the old release and upgrades it, on a control plane of its own."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            plane = start(Path(folder, "cluster"), tethered=True)
        except (BuildError, StartError) as error:
            pytest.fail(f"the control plane cannot be started here: {error}", pytrace=False)
        old = Operator(plane, program=program, name="old", options=LEADS)
        new = Operator(plane, options=LEADS)
        try:
            old.deploy()
            old.start()
            plane.kubectl("create", "namespace", NAMESPACE)
            tenants = Tenants(plane, NAMESPACE)
            tenants.settle()
            yield _upgrade(tenants, old, new)
        finally:
            old.kill()
            new.kill()
            plane.stop()


def _upgrade(tenants: Tenants, old: Operator, new: Operator) -> Upgrade:
    """Kinds and rights first, then a rolling update: the new process waits for the Lease of the old one."""
    new.deploy()
    tenants.until_quiet()
    before = everything(tenants)
    new.launch()
    until(lambda: _said(new, "waiting for the leader to go"), "the new operator waits", 30, new.tail)
    since = now()
    old.stop()
    until(lambda: _said(new, "leading"), "the new operator leads", 30, new.tail)
    until(new.ready, "the new operator is ready", 30, new.tail)
    tenants.until_quiet(3)
    return Upgrade(tenants, old, new, before, everything(tenants), since, now())


def everything(tenants: Tenants) -> Objects:
    """All objects of the tenants, with those that have no namespace but are theirs."""
    found = json.loads(tenants.kubectl("get", f"{_OWN},{_WORK}", "-o", "json"))["items"]
    wide = json.loads(tenants.plane.kubectl("get", "pv,thinruntimeprofile,node", "-o", "json"))["items"]
    nodes = [_labels(one) if one["kind"] == "Node" else one for one in wide]
    return {(one["kind"], one["metadata"]["name"]): one for one in (*found, *nodes)}


def _labels(node: Json) -> Json:
    """A node writes its heartbeats; of it, the labels are looked at."""
    metadata = {"name": node["metadata"]["name"], "labels": node["metadata"]["labels"]}
    return {"kind": "Node", "metadata": metadata}


def _said(operator: Operator, event: str) -> bool:
    return any(line.get("event") == event for line in operator.lines())
