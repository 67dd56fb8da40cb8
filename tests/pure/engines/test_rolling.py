from datetime import UTC, datetime, timedelta

import pytest

from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import UNKNOWN_USER, ClaimUser, ClaimUsers, Results
from fluid.engines.core.rollout import Rolling
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.models import DaemonSet, Dataset, DatasetStatus, JindoRuntime, Pod
from fluid.naming import MOUNTS_REVISION, Identity
from tests.pure.jindo.support import Case

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def replaced(*users: ClaimUser) -> list[str]:
    """Which FUSE pods are replaced after a change of the mounts, when these pods use the claim."""
    return [pod.metadata.name or "" for pod in planned(*users).delete]


def planned(*users: ClaimUser, waited: float = 0.0) -> Plan:
    """What is planned then, after the Dataset has been updating for some seconds."""
    runtime = Case().models[0]
    fuses = Case().fuse.model_copy(deep=True)
    assert fuses.spec is not None
    assert fuses.spec.template.metadata is not None
    fuses.spec.template.metadata.annotations = {MOUNTS_REVISION: "new"}
    snapshot: Snapshot[JindoRuntime] = Snapshot(
        runtime, updating(waited), Identity.of("default", "hbase", "uid-1"), NOW, pods=[fuse_pod(fuses)]
    )
    plan = Plan(blank_status(), DatasetStatus(conditions=[]))
    Rolling(snapshot, Results({ClaimUsers(runtime.key): users}), plan).replace([], fuses)
    return plan


def updating(seconds: float) -> Dataset:
    times = {"lastTransitionTime": NOW - timedelta(seconds=seconds), "lastUpdateTime": NOW}
    condition = {"type": "Updating", "status": "True", **times}
    dataset = {"metadata": {"name": "hbase", "namespace": "default"}, "spec": {}}
    return Dataset.model_validate({**dataset, "status": {"conditions": [condition]}})


def fuse_pod(fuses: DaemonSet) -> Pod:
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": fuses.name, "uid": "d", "controller": True}
    metadata = {
        "name": "fuse-1",
        "namespace": "default",
        "annotations": {MOUNTS_REVISION: "old"},
        "ownerReferences": [owner],
    }
    return Pod.model_validate(
        {"metadata": metadata, "spec": {"nodeName": "n1", "containers": [{"name": "fuse"}]}}
    )


def test_a_fuse_pod_is_replaced_only_where_nobody_reads() -> None:
    assert replaced() == ["fuse-1"]
    assert replaced(ClaimUser("elsewhere", "n2"), ClaimUser("not scheduled yet", "")) == ["fuse-1"]
    assert replaced(ClaimUser("reader", "n1")) == []


def test_no_fuse_pod_is_replaced_while_nobody_knows_who_reads() -> None:
    assert replaced(UNKNOWN_USER) == []


@pytest.mark.parametrize(("waited", "seconds"), [(0.0, 3.0), (40.0, 10.0), (86400.0, 600.0)])
def test_readers_that_hold_a_fuse_pod_are_looked_for_again(waited: float, seconds: float) -> None:
    assert planned(ClaimUser("reader", "n1"), waited=waited).requeue_after == seconds
    assert planned(waited=waited).requeue_after is None, "a pod that goes wakes us"
