from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.conditions import drop_condition, find_condition, set_condition
from fluid.controllers.dataset_plan import (
    OWN_REASONS,
    Verdict,
    outlook,
    plan_blocked,
    plan_status,
    refusal,
    status_patch,
)
from fluid.controllers.deletion import blocked
from fluid.models import (
    Dataset,
    DatasetCondition,
    DatasetStatus,
    ObjectMeta,
    OperationCondition,
    Runtime,
    RuntimeCondition,
)
from tests import strategies

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
VERDICTS = st.sampled_from(sorted(OWN_REASONS)).map(lambda reason: Verdict(reason, f"because of {reason}"))


def a_dataset(status: DatasetStatus | None = None, name: str = "hbase") -> Dataset:
    metadata = ObjectMeta(name=name, namespace="default", uid="u", generation=3, resource_version="7")
    return Dataset(metadata=metadata, status=status)


def written(dataset: Dataset, part: DatasetStatus) -> Dataset:
    """The Dataset after an apply: conditions are one list by type, the rest is replaced."""
    status = (dataset.status or DatasetStatus(conditions=[])).model_copy()
    mine = {one.type for one in part.conditions}
    update = {name: getattr(part, name) for name in part.model_fields_set - {"conditions"}}
    kept = [one for one in status.conditions if one.type not in mine]
    merged = status.model_copy(update={**update, "conditions": [*kept, *part.conditions]})
    return dataset.model_copy(update={"status": merged})


@given(status=st.none() | strategies.dataset_statuses(), verdict=VERDICTS)
def test_a_second_pass_writes_nothing(status: DatasetStatus | None, verdict: Verdict) -> None:
    dataset = a_dataset(status)
    part = plan_status(dataset, verdict, NOW)
    if part is not None:
        assert part.phase == "NotBound"
        assert plan_status(written(dataset, part), verdict, LATER) is None


@given(status=strategies.dataset_statuses(), verdict=VERDICTS)
def test_a_dataset_that_a_runtime_serves_is_left_to_it(status: DatasetStatus, verdict: Verdict) -> None:
    served = status.model_copy(
        update={"phase": "Bound", "runtimes": [Runtime(name="hbase", namespace="default")]}
    )
    assert plan_status(a_dataset(served), verdict, NOW) is None


@given(status=st.none() | strategies.dataset_statuses())
def test_a_block_is_written_once_and_withdraws_nothing_of_ours(status: DatasetStatus | None) -> None:
    dataset, verdict = a_dataset(status), Verdict("VolumeInUse", "used by pod p")
    ours = plan_status(dataset, Verdict("RuntimeNotFound", "none"), NOW)
    dataset = written(dataset, ours) if ours else dataset
    plan = plan_blocked(dataset, verdict, NOW)
    if plan is None:
        return
    part, news = plan
    standing = find_condition(dataset.status.conditions if dataset.status else [], "DeletionBlocked")
    assert news or standing is not None
    assert plan_blocked(written(dataset, part), verdict, LATER) is None
    assert (find_condition(part.conditions, "Ready") is not None) == (
        ours is not None or part.phase is not None
    )


def test_what_a_deleted_runtime_left_is_ours_once_it_is_gone() -> None:
    ready = DatasetCondition(type="Ready", status="False", reason="RuntimeDeleted", message="create one")
    dataset, verdict = a_dataset(DatasetStatus(phase="NotBound", conditions=[ready])), Verdict("A", "a")
    assert plan_status(dataset, verdict, NOW, leaving=True) is None
    part = plan_status(dataset, verdict, NOW)
    assert part is not None
    assert part.conditions[0].reason == "A"


def test_a_block_keeps_the_observed_generation_as_long_as_it_is_ours() -> None:
    verdict, runtimes = Verdict("VolumeInUse", "used by pod p"), [Runtime(name="hbase", namespace="default")]
    alone = DatasetStatus(phase="NotBound", conditions=[], observed_generation=2)
    served = DatasetStatus(phase="Bound", conditions=[], observed_generation=2, runtimes=runtimes)
    parts = [plan_blocked(a_dataset(status), verdict, NOW) for status in (None, alone, served)]
    assert [part and part[0].observed_generation for part in parts] == [3, 3, None]


def test_the_observed_generation_is_written_although_ready_says_it_already() -> None:
    part = plan_status(a_dataset(), Verdict("RuntimeNotFound", "none"), NOW)
    assert part is not None
    older = part.model_copy(update={"observed_generation": None})
    assert plan_status(a_dataset(part), Verdict("RuntimeNotFound", "none"), LATER) is None
    assert plan_status(a_dataset(older), Verdict("RuntimeNotFound", "none"), LATER) == part


def test_the_reason_of_a_refusal_goes_when_the_cause_goes() -> None:
    part = plan_status(a_dataset(), Verdict("InvalidMounts", "no"), NOW)
    assert part is not None
    again = plan_status(written(a_dataset(), part), Verdict("RuntimeNotFound", "none"), LATER)
    assert again is not None
    ready = again.conditions[0]
    assert (ready.reason, ready.last_transition_time, ready.last_update_time) == (
        "RuntimeNotFound",
        NOW,
        LATER,
    )


def test_a_status_is_applied_to_the_version_that_was_looked_at() -> None:
    wire = status_patch(a_dataset(), DatasetStatus(conditions=[])).to_wire()
    assert wire["metadata"] == {"name": "hbase", "namespace": "default", "resourceVersion": "7"}


@pytest.mark.parametrize("name", ["a", "a-1", "a" * 63])
def test_names_that_are_dns_labels_are_taken(name: str) -> None:
    assert refusal(a_dataset(name=name)) is None


@pytest.mark.parametrize("name", ["1a", "a-", "a.b", "A", "a" * 64, "a\n"])
def test_names_that_are_none_are_refused(name: str) -> None:
    verdict = refusal(a_dataset(name=name))
    assert verdict is not None
    assert verdict.reason == "InvalidName"


def test_without_a_runtime_all_kinds_are_named_that_could_serve() -> None:
    message = outlook(a_dataset(), [], ["AlluxioRuntime", "JindoRuntime", "ThinRuntime"]).message
    assert message == (
        "no runtime is named hbase in namespace default: "
        "create an AlluxioRuntime, JindoRuntime or ThinRuntime of that name there"
    )
    assert outlook(a_dataset(), [], ["ThinRuntime"]).message.endswith(
        ": create a ThinRuntime of that name there"
    )


def test_nothing_blocks_a_deletion_without_pods_and_referrers() -> None:
    assert blocked(a_dataset(), [], []) is None


Make = Callable[..., DatasetCondition | RuntimeCondition | OperationCondition]


@pytest.mark.parametrize("make", [DatasetCondition, RuntimeCondition, OperationCondition])
def test_a_condition_keeps_its_time_while_its_status_stays(make: Make) -> None:
    first = set_condition([], make(type="Ready", status="False", reason="A", message="a"), NOW)
    same = set_condition(first, make(type="Ready", status="False", reason="A", message="a"), LATER)
    assert same == first
    reworded = set_condition(first, make(type="Ready", status="False", reason="B", message="b"), LATER)
    touched = "last_update_time" if make is DatasetCondition else "last_probe_time"
    assert (reworded[0].last_transition_time, getattr(reworded[0], touched)) == (NOW, LATER)
    flipped = set_condition(first, make(type="Ready", status="True", reason="A", message="a"), LATER)
    assert flipped[0].last_transition_time == LATER


def test_conditions_of_other_types_stay_in_their_places() -> None:
    others = [DatasetCondition(type="A", status="True"), DatasetCondition(type="Z", status="True")]
    both = set_condition(others, DatasetCondition(type="Ready", status="False"), NOW)
    assert [one.type for one in both] == ["A", "Z", "Ready"]
    assert [one.type for one in set_condition(both, DatasetCondition(type="A", status="False"), NOW)] == [
        "A",
        "Z",
        "Ready",
    ]
    assert drop_condition(both, "Ready") == others
