"""What the condition Ready says of a Bound Dataset, from its FUSE pods."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from fluid.engines.core.dataset_status import show_fuses
from fluid.engines.core.fuse_health import FusePods
from fluid.engines.core.plan import Plan
from fluid.engines.core.readiness import readiness
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.models import DaemonSet, Dataset, DatasetCondition, DatasetStatus, Pod, ThinRuntime
from fluid.naming import Identity
from tests.pure.engines.test_fuses import SAID, START, fuses, pod

UNREAD: JsonValue = {"metadata": {"name": "hbase", "namespace": "ns", "generation": 3}, "spec": {}}


class Scene:
    """A Dataset with some FUSE pods, looked at again and again."""

    def __init__(self, *standing: tuple[str, str]) -> None:
        self.conditions: list[DatasetCondition] = []
        for truth, reason in standing:
            found = {
                "type": "Ready",
                "status": truth,
                "reason": reason,
                "message": "",
                "observedGeneration": 3,
            }
            self.conditions.append(DatasetCondition.model_validate(found))
        self.plan = Plan(blank_status(), DatasetStatus(conditions=[]))

    def look(self, *pods: Pod, after: float = 0, wanted: int = 1, lazy: bool = True) -> tuple[str, str, str]:
        """One pass; returns status, reason and message of Ready."""
        dataset = Dataset.model_validate(UNREAD)
        runtime = ThinRuntime.model_validate({"metadata": {"name": "hbase", "namespace": "ns"}, "spec": {}})
        now = START + timedelta(seconds=after)
        snapshot = Snapshot(runtime, dataset, Identity.of("ns", "hbase", "uid"), now)
        self.plan = Plan(blank_status(), DatasetStatus(conditions=self.conditions))
        seen = self.clients(*pods, after=after, wanted=wanted)
        show_fuses(snapshot, self.plan, seen.complaint())
        found = readiness(snapshot, self.plan, seen, lazy=lazy)
        self.conditions = [one for one in self.plan.dataset_status.conditions or () if one.type != "Ready"]
        ready = {"type": "Ready", "status": found.truth, "reason": found.reason, "message": found.message}
        self.conditions.append(DatasetCondition.model_validate({**ready, "observedGeneration": 3}))
        return found.truth, found.reason, found.message

    def clients(self, *pods: Pod, after: float, wanted: int) -> FusePods:
        found = fuses(*pods, after=after)
        counts = {
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "numberReady": 0,
        }
        workload = DaemonSet.model_validate({**found.workload.to_wire(), "status": counts})
        return replace(found, workload=workload, plan=self.plan)


def test_what_only_readers_try_is_untried_until_a_client_serves_and_tried_when_it_has_left() -> None:
    scene = Scene()
    truth, reason, message = scene.look(wanted=0)
    assert (truth, reason) == ("True", "WaitForFirstConsumer")
    assert "untried" in message
    assert scene.look(pod())[:2] == ("True", "WaitForFirstConsumer"), "it starts"
    assert scene.look(pod(ready=True)) == ("True", "DatasetReady", "The ddc runtime is ready.")
    assert scene.look(wanted=0)[1] == "DatasetReady"


def test_a_cache_that_tries_its_sources_itself_is_not_untried() -> None:
    assert Scene().look(wanted=0, lazy=False)[1] == "DatasetReady"


def test_a_client_that_fails_for_a_moment_is_no_failure_and_then_it_is() -> None:
    scene = Scene(("True", "DatasetReady"))
    assert scene.look(pod(last=SAID))[0] == "True"
    assert scene.plan.requeue_after == 10
    assert scene.look(pod(last=SAID), after=9)[0] == "True"
    truth, reason, message = scene.look(pod(last=SAID), pod(ready=True), after=10, wanted=2)
    assert (truth, reason) == ("False", "FuseNotReady")
    assert message.startswith(
        "1 of 2 FUSE pods does not serve: FUSE pod fuse-1 on node node-1 is not ready; it"
    )
    assert "NoSuchBucket: one" in message


def test_what_failed_is_ready_when_it_serves_and_not_when_it_starts_again() -> None:
    scene = Scene(("False", "FuseNotReady"))
    assert scene.look(pod(last=SAID))[0] == "False"
    assert scene.look(pod()) == ("False", "FuseNotReady", "1 of 1 FUSE pods does not serve: they start")
    assert scene.look(pod(ready=True))[:2] == ("True", "DatasetReady")


def test_what_failed_and_is_wanted_no_more_is_untried() -> None:
    assert Scene(("False", "FuseNotReady")).look(wanted=0)[1] == "WaitForFirstConsumer"


def test_what_was_tried_with_another_spec_is_untried() -> None:
    scene = Scene(("True", "DatasetReady"))
    scene.conditions[0].observed_generation = 2
    assert scene.look(wanted=0)[1] == "WaitForFirstConsumer"


@pytest.mark.parametrize(("after", "truth"), [(119, "True"), (120, "False")])
def test_a_client_that_gives_no_reason_is_told_after_two_minutes(after: float, truth: str) -> None:
    mute = pod()
    mute.metadata.creation_timestamp = START
    scene = Scene(("True", "DatasetReady"))
    told = scene.look(mute, after=after)
    assert told[0] == truth
    if truth == "True":
        assert scene.plan.requeue_after == 1
    else:
        assert "FUSE pod fuse-1 on node node-1 has not become ready for over 120 s" in told[2]
