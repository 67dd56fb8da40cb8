from datetime import UTC, datetime, timedelta

import pytest

from fluid.engines.core import pod_diagnostics, runtime_status
from fluid.engines.core.runtime_status import Numbers
from fluid.models import (
    ContainerState,
    ContainerStateWaiting,
    ContainerStatus,
    ObjectMeta,
    Pod,
    PodCondition,
    PodStatus,
    StatefulSet,
    StatefulSetSpec,
    StatefulSetStatus,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("desired", "ready", "phase"),
    [(0, 0, "Ready"), (2, 2, "Ready"), (2, 1, "PartialReady"), (2, 0, "NotReady"), (1, 2, "Ready")],
)
def test_a_phase_follows_from_the_pods_that_serve(desired: int, ready: int, phase: str) -> None:
    assert Numbers(desired=desired, ready=ready).phase == phase


def test_a_workload_without_replicas_wants_one_and_one_that_does_not_exist_has_no_numbers() -> None:
    workload = StatefulSet.model_validate(
        {"metadata": {"name": "w"}, "spec": {"selector": {}, "serviceName": "w", "template": {}}}
    )
    assert runtime_status.statefulset_numbers(workload) == Numbers(desired=1)
    assert runtime_status.statefulset_numbers(None) is None


def test_unavailable_workers_are_those_that_exist_and_are_not_available() -> None:
    workload = StatefulSet(metadata=ObjectMeta(name="w"))
    workload.spec = StatefulSetSpec.model_validate({"replicas": 3, "selector": {}, "template": {}})
    workload.status = StatefulSetStatus(replicas=3, ready_replicas=2, available_replicas=1)
    assert runtime_status.statefulset_numbers(workload) == Numbers(3, 3, 2, 1, 2)


def test_a_condition_that_says_the_same_again_keeps_its_times() -> None:
    current = runtime_status.blank_status()
    runtime_status.record_workers(current, Numbers(desired=1, current=1, ready=1), NOW)
    before = current.model_copy(deep=True)
    runtime_status.record_workers(current, Numbers(desired=1, current=1, ready=1), NOW + timedelta(hours=1))
    assert current == before


def test_the_transition_time_moves_only_when_the_truth_does() -> None:
    current = runtime_status.blank_status()
    runtime_status.record_workers(current, Numbers(desired=2, ready=2), NOW)
    runtime_status.record_workers(current, Numbers(desired=2, ready=1), NOW + timedelta(minutes=1))
    assert current.conditions is not None
    assert current.conditions[0].message == "The workers are partially ready."
    assert current.conditions[0].last_transition_time == NOW
    runtime_status.record_workers(current, Numbers(desired=2, ready=0), NOW + timedelta(minutes=2))
    assert current.conditions[0].status == "False"
    assert current.conditions[0].last_transition_time == NOW + timedelta(minutes=2)


def _pod(name: str, pod_status: PodStatus) -> Pod:
    return Pod(metadata=ObjectMeta(name=name, namespace="data"), status=pod_status)


def _waiting(reason: str) -> PodStatus:
    container = ContainerStatus(
        name="c",
        ready=False,
        restart_count=0,
        image="i",
        image_id="",
        state=ContainerState(waiting=ContainerStateWaiting(reason=reason, message="no such image")),
    )
    return PodStatus(container_statuses=[container])


def test_what_keeps_a_workload_waiting_is_told_with_the_pod_its_reason_and_the_next_step() -> None:
    pods = [_pod("w-0", _waiting("ImagePullBackOff"))]
    message, stuck = pod_diagnostics.explain_not_ready("StatefulSet", "w", "data", Numbers(desired=2), pods)
    assert message == (
        "StatefulSet data/w has 0 of 2 pods ready; pod w-0 waits with ImagePullBackOff: no such image; "
        "see `kubectl -n data describe pod w-0`"
    )
    assert stuck


def test_a_pod_that_is_only_being_made_needs_nobodys_help() -> None:
    _, stuck = pod_diagnostics.explain_not_ready(
        "StatefulSet", "w", "data", Numbers(desired=1), [_pod("w-0", _waiting("ContainerCreating"))]
    )
    assert not stuck


def test_a_pod_that_cannot_be_scheduled_says_why() -> None:
    condition = PodCondition(type="PodScheduled", status="False", reason="Unschedulable", message="0/3 nodes")
    assert pod_diagnostics.waiting_reason(_pod("w-0", PodStatus(conditions=[condition]))) == (
        "Unschedulable",
        "0/3 nodes",
    )
