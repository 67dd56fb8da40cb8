"""Pods that the API server does not take: which workloads lack pods, and what is told of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.engines.core.pod_diagnostics import (
    FAILED,
    LONGEST,
    MADE,
    Workload,
    missing_pods,
    reason_of,
    recorded_words,
    refused_pods,
    told,
)
from fluid.engines.core.upgrade import refusal_in
from fluid.models import DaemonSet, Event, Job, Pod, StatefulSet
from fluid.types import Key
from fluid.types.time import format_time

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WORKLOAD = Key("team", "images-fuse")
SECURITY = 'violates PodSecurity "baseline:latest": hostPath volumes (volume "v")'
QUOTA = "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"
SUFFIXES = st.text("bcdfghjklmnpqrstvwxz2456789", min_size=5, max_size=5)
TEMPLATE: JsonValue = {"spec": {"containers": []}}


def event(message: str, reason: str = FAILED, after: int = 0) -> Event:
    return Event.model_validate(
        {
            "metadata": {"name": "e", "namespace": "team"},
            "involvedObject": {"kind": "DaemonSet", "name": WORKLOAD.name},
            "reason": reason,
            "message": message,
            "lastTimestamp": format_time(START + timedelta(seconds=after)),
        }
    )


def pod(name: str, *, ready: bool = True, phase: str = "Running") -> Pod:
    conditions: JsonValue = [{"type": "Ready", "status": str(ready)}]
    return Pod.model_validate(
        {
            "metadata": {"name": name, "namespace": "team"},
            "spec": {"containers": [{"name": "main"}]},
            "status": {"phase": phase, "conditions": conditions},
        }
    )


def statefulset(policy: str = "Parallel", *, replicas: int = 2, snapshot: int | None = 1) -> StatefulSet:
    spec = {"selector": {}, "template": TEMPLATE, "serviceName": "s", "replicas": replicas}
    return StatefulSet.model_validate(
        {
            "metadata": {"name": "w", "namespace": "team", "uid": "u", "generation": 1},
            "spec": {**spec, "podManagementPolicy": policy},
            "status": {"replicas": 0, "observedGeneration": snapshot},
        }
    )


def daemonset(desired: int) -> DaemonSet:
    numbers = {"currentNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}
    return DaemonSet.model_validate(
        {
            "metadata": {"name": WORKLOAD.name, "namespace": "team", "uid": "u"},
            "spec": {"selector": {}, "template": TEMPLATE},
            "status": {**numbers, "desiredNumberScheduled": desired},
        }
    )


def job(*, suspend: bool = False, started: bool = True, ended: str = "") -> Job:
    conditions: JsonValue = [{"type": ended, "status": "True"}] if ended else []
    return Job.model_validate(
        {
            "metadata": {"name": "j", "namespace": "team", "uid": "u"},
            "spec": {"template": TEMPLATE, "suspend": suspend},
            "status": {"startTime": format_time(START) if started else None, "conditions": conditions},
        }
    )


LACKING: list[tuple[Workload, list[Pod]]] = [
    (statefulset(), []),
    (statefulset(), [pod("w-0", ready=False)]),
    (statefulset("OrderedReady"), [pod("w-0")]),
    (daemonset(2), [pod("a")]),
    (job(), []),
    (job(), [pod("one", phase="Failed")]),
]
COMPLETE: list[tuple[Workload, list[Pod]]] = [
    (statefulset(snapshot=None), []),
    (statefulset(snapshot=0), []),
    (statefulset(replicas=0), []),
    (statefulset("OrderedReady"), [pod("w-0", ready=False)]),
    (statefulset(), [pod("w-0"), pod("w-1", ready=False)]),
    (daemonset(0), []),
    (daemonset(1), [pod("a", ready=False)]),
    (job(started=False), []),
    (job(suspend=True), []),
    (job(ended="SuccessCriteriaMet"), []),
    (job(), [pod("one", phase="Pending")]),
]


@pytest.mark.parametrize(("workload", "pods"), LACKING)
def test_a_workload_with_fewer_pods_than_it_should_have_is_asked_about(
    workload: Workload, pods: list[Pod]
) -> None:
    query = missing_pods(workload, pods)
    assert query is not None
    assert (query.workload, query.uid) == (workload.key, "u")


@pytest.mark.parametrize(("workload", "pods"), COMPLETE)
def test_a_workload_that_has_its_pods_or_whose_turn_has_not_come_is_not_asked_about(
    workload: Workload, pods: list[Pod]
) -> None:
    assert missing_pods(workload, pods) is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (f'Error creating: pods "images-fuse-x2b4c" is forbidden: {SECURITY}', SECURITY),
        (
            f'(combined from similar events): Error creating: pods "images-fuse-" is forbidden: {SECURITY}',
            SECURITY,
        ),
        (f'create Pod w-0 in StatefulSet w failed error: pods "w-0" is forbidden: {SECURITY}', SECURITY),
        (
            f'Create Pod w-1 in StatefulSet w failed error: pods "w-1" is forbidden: {QUOTA}',
            "exceeded quota: few, requested: pods=1, limited: pods=2",
        ),
        (
            'Error creating: admission webhook "no.example.org" denied the request: images-fuse-x2b4c is bad',
            'admission webhook "no.example.org" denied the request: images-fuse is bad',
        ),
        (
            "Error creating: Internal error occurred: read tcp 10.0.0.1:41234->10.0.0.9:443: reset",
            "Internal error occurred: read tcp 10.0.0.9:443: reset",
        ),
        ("", "it gives no reason"),
    ],
)
def test_the_words_are_those_of_the_api_server(message: str, words: str) -> None:
    assert reason_of([event(message)], WORKLOAD) == words


@given(
    suffixes=st.lists(SUFFIXES, min_size=2, max_size=2),
    used=st.lists(st.integers(0, 99), min_size=2, max_size=2),
)
def test_two_attempts_at_the_same_trouble_are_told_alike(suffixes: list[str], used: list[int]) -> None:
    first, second = (
        f'Error creating: pods "images-fuse-{suffix}" is forbidden: exceeded quota: q, requested: pods=1, '
        f"used: pods={count}, limited: pods=2; images-fuse-{suffix}"
        for suffix, count in zip(suffixes, used, strict=True)
    )
    assert reason_of([event(first)], WORKLOAD) == reason_of([event(second)], WORKLOAD)


def test_long_words_end_with_a_whole_one() -> None:
    words = reason_of([event("Error creating: " + "violation " * 100)], WORKLOAD)
    assert len(words) <= LONGEST + len(" ...")
    assert words.endswith("violation ...")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (f"denied: token={'x' * 40} is old", "denied: token=*** is old"),
        (f"{'images-fuse-x2b4c, ' * 3}are bad", f"{'images-fuse, ' * 3}are bad"),
        (f"no   {' ' * 40}  pods", "no pods"),
        ("a " * 149 + "bc", "a " * 149 + "bc"),
    ],
)
def test_words_that_are_not_too_long_stay_whole_although_they_are_told_shorter(
    message: str, words: str
) -> None:
    assert reason_of([event(f"Error creating: {message}")], WORKLOAD) == words


def test_a_word_that_alone_is_too_long_is_cut() -> None:
    assert reason_of([event("x" * 500)], WORKLOAD) == "x" * LONGEST + " ..."


def test_only_the_newest_event_counts_and_a_failure_before_a_success_of_the_same_second() -> None:
    made, failed = event("made", MADE, after=1), event("Error creating: no", after=1)
    assert reason_of([made, failed], WORKLOAD) == reason_of([failed, made], WORKLOAD) == "no"
    assert reason_of([failed, event("made", MADE, after=2)], WORKLOAD) == ""
    assert reason_of([event("Error creating: before"), failed], WORKLOAD) == "no"
    assert reason_of([event("Started", "Started")], WORKLOAD) == ""


@pytest.mark.parametrize(
    ("workload", "words", "step"),
    [
        (daemonset(1), 'violates PodSecurity "restricted:latest"', "enforce=privileged`"),
        (job(), 'violates PodSecurity "restricted:latest"', "enforce=baseline`"),
        (job(), 'violates PodSecurity "baseline:latest"', "enforce=privileged`"),
        (job(), "exceeded quota: q", "`kubectl -n team describe resourcequota`"),
        (job(), "error looking up service account team/x: not found", "create that ServiceAccount"),
        (statefulset(), "denied the request", "see `kubectl -n team describe statefulset w`"),
    ],
)
def test_the_next_step_fits_what_refuses(workload: Workload, words: str, step: str) -> None:
    sentence = told(workload, words)
    assert sentence.startswith(f"the API server refuses pods of {workload.kind} {workload.key}: {words}; ")
    assert step in sentence


def test_the_words_about_one_workload_are_found_among_several() -> None:
    recorded = [refused_pods(daemonset(1), SECURITY), refused_pods(statefulset(), QUOTA)]
    assert recorded_words(daemonset(1), recorded) == SECURITY
    assert recorded_words(statefulset(), recorded) == QUOTA
    assert recorded_words(job(), recorded) == ""
    assert told(job(), "") == ""


def test_what_release_0_1_told_of_one_workload_is_found_among_several() -> None:
    tail = "; see `kubectl describe`; Kubernetes tries again by itself"
    fuses = f"the API server refuses pods of DaemonSet team/images-fuse: {SECURITY}{tail}"
    workers = f"the API server refuses pods of StatefulSet team/w: {QUOTA}{tail}"
    assert refusal_in(f"{fuses}; {workers}", daemonset(1)) == fuses
    assert refusal_in(f"{fuses}; {workers}", statefulset()) == workers
    assert refusal_in(f"{fuses}; {workers}", job()) == ""
    assert refusal_in(None, job()) == ""
