"""FUSE pods that do not serve: what is told, which are touched, which are replaced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from fluid.engines.core.fuse_health import LOOKED, FusePods
from fluid.engines.core.plan import Plan
from fluid.engines.core.runtime_status import blank_status
from fluid.models import DaemonSet, DatasetStatus, Pod
from fluid.types.time import format_time

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUNS: JsonValue = {"running": {"startedAt": format_time(START)}}
SAID: JsonValue = {"terminated": {"exitCode": 1, "message": "NoSuchBucket: one"}}
UNPULLED: JsonValue = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}


def pod(
    state: JsonValue = RUNS,
    last: JsonValue = None,
    *,
    since: datetime = START,
    ready: bool = False,
    generation: str = "1",
    looked: datetime | None = None,
    prepared: bool = True,
) -> Pod:
    """A FUSE pod on node-1."""
    conditions: list[JsonValue] = [
        {"type": kind, "status": str(truth), "lastTransitionTime": format_time(since)}
        for kind, truth in (
            ("Ready", ready),
            ("PodScheduled", True),
            ("PodReadyToStartContainers", prepared),
        )
    ]
    container: JsonValue = {
        "name": "thin-fuse",
        "image": "",
        "imageID": "",
        "ready": ready,
        "restartCount": 0,
        "state": state,
        "lastState": last or {},
    }
    notes: JsonValue = {LOOKED: format_time(looked)} if looked else {}
    labels: JsonValue = {"pod-template-generation": generation}
    return Pod.model_validate(
        {
            "metadata": {"name": "fuse-1", "namespace": "ns", "labels": labels, "annotations": notes},
            "spec": {"nodeName": "node-1", "containers": [{"name": "thin-fuse"}]},
            "status": {"conditions": conditions, "containerStatuses": [container]},
        }
    )


def fuses(*pods: Pod, after: float = 1, secret: str | None = "keys", newest: str = "1") -> FusePods:
    """These pods, so many seconds after the start."""
    volumes: list[JsonValue] = [{"name": "config", "configMap": {"name": "conf"}}]
    if secret:
        volumes.append({"name": "keys", "secret": {"secretName": secret}})
    template: JsonValue = {"spec": {"containers": [], "volumes": volumes}}
    notes: JsonValue = {"deprecated.daemonset.template.generation": newest}
    workload = DaemonSet.model_validate(
        {
            "metadata": {"name": "fuse", "namespace": "ns", "annotations": notes},
            "spec": {"selector": {}, "template": template},
        }
    )
    plan = Plan(blank_status(), DatasetStatus(conditions=[]))
    return FusePods(workload, pods, plan, START + timedelta(seconds=after))


def test_a_pod_that_failed_and_is_tried_again_is_told_with_its_node_and_last_words() -> None:
    told = fuses(pod(last=SAID)).complaint()
    assert told is not None
    assert told.nodes == ("node-1",)
    assert told.words == (
        "FUSE pod fuse-1 on node node-1 is not ready; it said: NoSuchBucket: one; "
        "pods there wait for it; see `kubectl -n ns describe pod fuse-1`"
    )


def test_nothing_is_told_of_pods_that_start_or_serve() -> None:
    assert fuses(pod()).complaint() is None
    assert fuses(pod(last=SAID, ready=True)).complaint() is None


def test_the_words_stay_the_same_while_an_image_is_tried_again() -> None:
    again: JsonValue = {
        "waiting": {
            "reason": "ImagePullBackOff",
            "message": 'Back-off pulling image "x": ErrImagePull: no such image',
        }
    }
    assert fuses(pod(UNPULLED)).complaint() == fuses(pod(again)).complaint()
    assert "waits with ErrImagePull: no such image" in str(fuses(pod(again)).complaint())


def test_a_pod_that_lost_its_readiness_is_told() -> None:
    lost = pod(since=START + timedelta(seconds=60))
    assert "is no longer ready" in str(fuses(lost, after=61).complaint())


def test_a_pod_without_its_volumes_is_told_with_what_it_may_lack() -> None:
    waiting = pod({"waiting": {"reason": "ContainerCreating"}}, prepared=False)
    early = fuses(waiting, after=4)
    assert early.complaint() is None
    assert early.plan.requeue_after == 6
    assert "see that it has Secret keys, ConfigMap conf" in str(fuses(waiting, after=10).complaint())


def test_only_some_of_many_are_told() -> None:
    told = fuses(*[pod(last=SAID)] * 5).complaint()
    assert told is not None
    assert told.words.count("it said") == 3
    assert "2 more FUSE pods" in told.words
    assert told.nodes == ("node-1",)


@pytest.mark.parametrize(
    ("after", "looked", "touched", "again"),
    [
        (2, None, False, 1.0),
        (3, None, True, 3.0),
        (7, 5, False, 1.0),
        (10, 5, True, 3.0),
        (200, 190, False, 10.0),
        (200, 180, True, 20.0),
        (601, None, False, None),
    ],
)
def test_a_pod_that_fails_looks_at_its_secrets_again_the_more_seldom_the_longer_it_fails(
    after: float, looked: float | None, touched: bool, again: float | None
) -> None:
    then = START + timedelta(seconds=looked) if looked is not None else None
    found = fuses(pod(looked=then), after=after)
    assert bool(found.pod_annotations()) is touched
    assert found.plan.requeue_after == again


def test_pods_that_serve_or_have_no_secrets_or_do_not_run_are_not_touched() -> None:
    assert not fuses(pod(ready=True), after=60).pod_annotations()
    assert not fuses(pod(), after=60, secret=None).pod_annotations()
    assert not fuses(pod(UNPULLED), after=60).pod_annotations()


def test_a_pod_that_serves_nobody_gives_way_to_a_newer_template() -> None:
    assert fuses(pod(UNPULLED), newest="2").unready_outdated()
    assert fuses(pod(last=SAID), newest="2").unready_outdated()
    assert not fuses(pod(UNPULLED), newest="1").unready_outdated()
    assert not fuses(pod(ready=True), newest="2").unready_outdated()
    assert not fuses(pod(), newest="2").unready_outdated()


def test_nodes_whose_pods_are_refused_are_told_one_by_one_before_what_others_say() -> None:
    nodes = ["node-1", *(f"other-{number:02}" for number in range(25))]
    one = fuses(pod(last=SAID))
    both, alone = (
        replace(one, nodes=nodes, refusal="the API server refuses them").complaint(),
        one.complaint(),
    )
    assert both is not None
    assert alone is not None
    told = both.words
    assert both.nodes == (*(f"other-{number:02}" for number in range(20)), "node-1")
    assert told.startswith("FUSE pods on node other-00 and on node other-01 and ")
    assert (
        " on node other-19 and on 5 more nodes are missing, pods there wait for them: the API server" in told
    )
    assert told.endswith(alone.words)
    assert told.count(" on node node-1 ") == 1, "which has a pod"
