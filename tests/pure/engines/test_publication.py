from datetime import UTC, datetime, timedelta

import pytest

from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import UNKNOWN_USER, ClaimUser, ClaimUsers, Results
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.core.volume_lifecycle import LONGEST, PATIENCE, PROTECTION, Publication, is_our_volume
from fluid.models import DatasetStatus, PersistentVolume, PersistentVolumeClaim
from fluid.naming import CREATED_BY, CREATED_BY_FLUID, Identity
from tests.pure.jindo.support import Case

DELETED = datetime(2026, 1, 1, tzinfo=UTC)


def withdrawn(users: dict[ClaimUsers, tuple[ClaimUser, ...]], *, age: float = 2 * PATIENCE) -> Plan:
    """What is planned for a claim that has been in deletion for some seconds, given results of any time."""
    runtime = Case().models[0]
    metadata = {
        "name": runtime.name,
        "namespace": runtime.namespace,
        "uid": "c1",
        "annotations": {CREATED_BY: CREATED_BY_FLUID},
        "finalizers": [PROTECTION],
        "deletionTimestamp": DELETED,
    }
    claim = PersistentVolumeClaim.model_validate({"metadata": metadata})
    now, identity = DELETED + timedelta(seconds=age), Identity.of("default", "hbase", "uid-1")
    plan = Plan(blank_status(), DatasetStatus(conditions=[]))
    Publication(Snapshot(runtime, None, identity, now, claim=claim), Results({**users}), plan).delete()
    return plan


def query() -> ClaimUsers:
    """The one that is asked of this deletion."""
    (asked,) = withdrawn({}).queries
    assert isinstance(asked, ClaimUsers)
    return asked


def test_a_claim_in_deletion_is_let_go_when_nobody_uses_it() -> None:
    (claim,) = withdrawn({query(): ()}).remove_finalizers
    assert claim.uid == "c1"


def test_what_was_found_out_before_a_deletion_lets_no_claim_go() -> None:
    plan = withdrawn({ClaimUsers(query().key): ()})
    assert (plan.remove_finalizers, plan.queries) == ([], [query()])


@pytest.mark.parametrize("user", [ClaimUser("reader", "n1"), UNKNOWN_USER])
def test_a_claim_that_may_be_used_is_kept_and_looked_at_again_the_less_often_the_longer(
    user: ClaimUser,
) -> None:
    plans = [withdrawn({query(): (user,)}, age=age) for age in (PATIENCE, 60.0, 1e6)]
    assert [plan.remove_finalizers for plan in plans] == [[], [], []]
    assert [plan.requeue_after for plan in plans] == [PATIENCE, 15.0, LONGEST]
    assert plans[0].waiting is not None
    assert user.name in plans[0].waiting.message


@pytest.mark.parametrize(
    ("annotations", "csi", "ours"),
    [
        ({"CreatedBy": "fluid"}, {"driver": "fuse.csi.fluid.io", "volumeHandle": "h"}, True),
        ({}, {"driver": "fuse.csi.fluid.io", "volumeHandle": "h"}, False),
        ({"CreatedBy": "fluid"}, {"driver": "nfs.csi.k8s.io", "volumeHandle": "h"}, False),
        ({"CreatedBy": "fluid"}, None, False),
    ],
)
def test_a_volume_is_ours_by_its_mark_and_its_driver(
    annotations: dict[str, str], csi: dict[str, str] | None, ours: bool
) -> None:
    metadata = {"name": "ns-a", "labels": {"fluid.io/dataset-id": "ns-a"}, "annotations": annotations}
    assert (
        is_our_volume(PersistentVolume.model_validate({"metadata": metadata, "spec": {"csi": csi}})) is ours
    )
