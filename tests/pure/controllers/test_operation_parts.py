# pyright: basic
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fluid.controllers.operations.affinity import inherited, nodes_of
from fluid.controllers.operations.lock import holders, is_worked_on, lock_patch
from fluid.controllers.operations.record import status_patch
from fluid.controllers.operations.ttl import time_to_live
from fluid.controllers.operations.workload import ending, newest, took
from fluid.engines.core.operation import OperationSpec
from fluid.models import (
    Affinity,
    AffinityStrategy,
    Dataset,
    Job,
    JobCondition,
    NodeAffinity,
    OperationStatus,
)
from fluid.types import Key
from tests.harness.patches import merge
from tests.strategies import operation_statuses

NAMES = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def dataset(refs):
    metadata = {"name": "hbase", "namespace": "x", "resourceVersion": "7"}
    status = {"conditions": [], "operationRef": refs}
    return Dataset.model_validate({"metadata": metadata, "status": status})


def plain(model) -> Any:
    """Arbitrary JSON: what the API server would hold."""
    return model.to_wire()


def requirement(key, value):
    return {"key": key, "operator": "In", "values": [value]}


def nodes(**labels):
    terms = [{"matchExpressions": [requirement(key, value) for key, value in labels.items()]}]
    return NodeAffinity.model_validate(
        {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    )


@given(NAMES, st.sampled_from(["a", "b", "c", "d"]), st.booleans())
def test_the_lock_adds_or_removes_one_name_and_nothing_else(names, name, held):
    before = dataset({"DataLoad": ",".join(names), "DataMigrate": "m"} if names else {"DataMigrate": "m"})
    patch = lock_patch(before, "DataLoad", name, held=held)
    if patch is None:
        assert held == (name in names)
        return
    assert patch["metadata"] == {"resourceVersion": "7"}
    after = Dataset.model_validate(merge(plain(before), patch))
    assert plain(after)["status"]["operationRef"].get("DataLoad") != ""
    assert set(holders(after, "DataLoad")) == (set(names) | {name} if held else set(names) - {name})
    assert holders(after, "DataMigrate") == ["m"]


def test_a_dataset_is_worked_on_while_some_name_is_recorded_and_not_by_an_empty_one():
    assert is_worked_on(dataset({"DataLoad": "", "DataMigrate": "m"}))
    assert not any(map(is_worked_on, (None, dataset({}), dataset({"DataLoad": ""}))))


@given(st.none() | operation_statuses(), operation_statuses())
def test_a_status_patch_leads_to_the_new_status_and_is_empty_for_the_same(old, new):
    assert status_patch(new, new) is None
    patch = status_patch(old, new)
    before = plain(old) if old else {}
    after = merge(before, patch) if patch is not None else before
    for name in ("phase", "duration", "conditions", "observedGeneration"):
        assert after.get(name) == plain(new).get(name)


def test_a_jobs_end_is_found_by_type_and_the_newest_job_counts():
    def job(name, seconds, *types):
        created = (NOW + timedelta(seconds=seconds)).isoformat()
        conditions = [{"type": kind, "status": "True"} for kind in types]
        return Job.model_validate(
            {"metadata": {"name": name, "creationTimestamp": created}, "status": {"conditions": conditions}}
        )

    old, new = job("b", 0, "FailureTarget", "Failed"), job("a", 1, "SuccessCriteriaMet")
    assert newest([new, old]) is new
    assert newest([]) is None
    assert plain(ending(old))["type"] == "Failed"
    assert ending(new) is None


def test_durations_are_spelled_as_go_spells_them():
    def spelled(seconds):
        job = Job.model_validate({"metadata": {"name": "a", "creationTimestamp": NOW.isoformat()}})
        end = JobCondition(
            type="Complete", status="True", last_transition_time=NOW + timedelta(seconds=seconds)
        )
        return took(job, end, NOW)

    assert [spelled(one) for one in (-1, 0, 3, 65, 3724)] == ["0s", "0s", "3s", "1m5s", "1h2m4s"]


def test_only_what_does_not_repeat_and_has_ended_expires():
    end = {"type": "Failed", "status": "True", "lastTransitionTime": NOW.isoformat()}
    ended = OperationStatus.model_validate({"phase": "Failed", "duration": "3s", "conditions": [end]})
    waits = OperationStatus.model_validate(
        {"phase": "Pending", "duration": "", "conditions": [{"type": "Progressing", "status": "False"}]}
    )
    once, cron = OperationSpec(Key("x", "d"), ttl=10), OperationSpec(Key("x", "d"), policy="Cron", ttl=10)
    assert time_to_live(once, ended, NOW + timedelta(seconds=4)) == 6
    assert time_to_live(once, ended, NOW + timedelta(days=1)) == 0
    assert time_to_live(cron, ended, NOW) is None
    assert time_to_live(once, waits, NOW) is None


def test_the_nodes_of_a_job_are_read_from_its_annotations():
    prefix = "affinity.dataflow.fluid.io."
    annotations = {f"{prefix}topology.kubernetes.io/zone": "a", f"{prefix}kubernetes.io/hostname": "n1"}
    metadata = {"name": "job", "annotations": {**annotations, "affinity.dataflow.fluid.io/inject": "true"}}
    job = Job.model_validate({"metadata": metadata})
    wanted = nodes(**{"kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "a"})
    assert nodes_of(job) == wanted
    assert nodes_of(Job.model_validate({"metadata": {"name": "job", "annotations": annotations}})) is None


def test_require_narrows_each_alternative_that_the_user_gave():
    own = Affinity(node_affinity=nodes(arch="arm"))
    more = {"matchExpressions": [requirement("arch", "amd")]}
    wire = plain(own)
    wire["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].append(more)
    strategy = AffinityStrategy.model_validate({"policy": "Require", "requires": [{"name": "zone"}]})
    merged = plain(inherited(Affinity.model_validate(wire), strategy, nodes(zone="z", other="o")))
    terms = merged["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    zone = requirement("zone", "z")
    assert [term["matchExpressions"] for term in terms] == [
        [requirement("arch", "arm"), zone],
        [requirement("arch", "amd"), zone],
    ]


def test_prefer_favours_the_host_by_default_and_keeps_what_the_user_demands():
    own = Affinity(node_affinity=nodes(arch="arm"))
    strategy = AffinityStrategy(policy="Prefer")
    merged = plain(inherited(own, strategy, nodes(**{"kubernetes.io/hostname": "n1"})))["nodeAffinity"]
    host = {"matchExpressions": [requirement("kubernetes.io/hostname", "n1")]}
    assert merged["preferredDuringSchedulingIgnoredDuringExecution"] == [{"weight": 100, "preference": host}]
    assert "requiredDuringSchedulingIgnoredDuringExecution" in merged


def test_nothing_is_inherited_from_an_operation_that_recorded_no_nodes():
    own = Affinity(node_affinity=nodes(arch="arm"))
    for policy in ("Require", "Prefer"):
        assert inherited(own, AffinityStrategy(policy=policy), None) is own
