# pyright: basic
from dataclasses import replace

import pytest

from fluid.controllers.operation import rules
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.registry import Registry
from fluid.kube import Terminal
from fluid.models import StatefulSet
from fluid.types import Key, KubeObject
from tests.pure.controllers.operation_support import (
    CONFIG_MAPS,
    CRON_JOBS,
    DATASETS,
    JOBS,
    LOADS,
    NS,
    OPERATIONS,
    RUNTIMES,
    STATEFULSETS,
    Cluster,
    engine,
    load_objects,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cluster():
    async with Cluster() as cluster:
        yield cluster


async def test_a_load_of_a_bound_dataset_costs_eight_requests_and_one_event(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"
    assert cluster.condition("warm") == ("Progressing", "True", "WorkloadRunning")
    assert cluster.locked() == "warm"
    cluster.wait(65)
    cluster.finish("warm-loader-job")
    await cluster.settle()
    status = cluster.status("warm")
    assert (status["phase"], status["duration"]) == ("Complete", "1m5s")
    assert cluster.condition("warm") == ("Complete", "True", "Test")
    assert status["conditions"][0]["lastTransitionTime"] == "2026-01-01T00:01:05Z"
    assert status["observedGeneration"] == 1
    assert status["infos"] == {}
    assert cluster.locked() is None
    assert cluster.events.seen == [("warm", "Normal", "DataOperationSucceed")]
    assert len(cluster.server.writes()) == 1 + 1 + 2 + 2 + 1, cluster.server.writes()


async def test_the_dataset_owns_the_load_without_controlling_it(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    metadata = cluster.server.get(LOADS, NS, "warm")["metadata"]
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner.get("controller")) == ("Dataset", "hbase", None)
    assert metadata["finalizers"] == ["fluid-dataload-controller-finalizer"]


async def test_a_failed_job_fails_the_load_with_the_jobs_own_condition(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    cluster.finish("warm-loader-job", "Failed")
    await cluster.settle()
    assert cluster.phase("warm") == "Failed"
    assert cluster.condition("warm") == ("Failed", "True", "Test")
    assert cluster.events.seen == [("warm", "Warning", "DataOperationFailed")]


async def test_the_appearance_of_the_dataset_and_its_binding_wake_a_waiting_load(cluster):
    cluster.load("warm")
    await cluster.settle()
    assert cluster.phase("warm") == "Pending"
    assert cluster.condition("warm") == ("Progressing", "False", "TargetDatasetNotFound")
    assert not cluster.deadlines, "nothing is polled"
    cluster.put(DATASETS, "hbase", spec={}, status={"conditions": [], "phase": "NotBound"})
    await cluster.settle()
    assert cluster.condition("warm") == ("Progressing", "False", "RuntimeNotReady")
    cluster.bind("hbase")
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"
    assert cluster.events.seen == [
        ("warm", "Warning", "TargetDatasetNotFound"),
        ("warm", "Normal", "RuntimeNotReady"),
    ]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"dataset": None}, "TargetDatasetNotSpecified"),
        ({"dataset": {"name": "hbase", "namespace": "other"}}, "TargetDatasetNamespaceNotSame"),
        ({"policy": "Cron"}, "ScheduleNotSpecified"),
        ({"policy": "OnEvent"}, "PolicyNotSupported"),
        ({"runAfter": {"kind": "DataLoad", "name": "warm"}}, "RunAfterCycle"),
        (
            {"runAfter": {"kind": "DataLoad", "name": "x", "affinityStrategy": {"policy": "Must"}}},
            "AffinityStrategyNotValid",
        ),
        (
            {
                "runAfter": {
                    "kind": "DataLoad",
                    "name": "x",
                    "affinityStrategy": {"policy": "Prefer", "prefers": [{"name": "zone", "weight": 101}]},
                }
            },
            "AffinityStrategyNotValid",
        ),
    ],
)
async def test_what_can_never_run_fails_with_a_reason_and_one_event(cluster, spec, reason):
    cluster.bind("hbase")
    cluster.load("warm", **spec)
    await cluster.settle()
    assert cluster.condition("warm") == ("Failed", "True", reason)
    assert cluster.phase("warm") == "Failed"
    assert cluster.events.seen == [("warm", "Warning", "DataOperationNotValid")]
    assert cluster.names(JOBS) == []
    assert await cluster.sweep() == []


async def test_an_empty_dataset_namespace_means_the_loads_own(cluster):
    cluster.bind("hbase")
    cluster.load("warm", dataset={"name": "hbase", "namespace": ""})
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_a_refused_load_is_tried_again_when_its_spec_is_corrected(cluster):
    cluster.bind("hbase")
    cluster.load("warm", policy="Cron")
    await cluster.settle()
    assert cluster.phase("warm") == "Failed"
    cluster.load("warm", policy="Once")
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"
    assert cluster.status("warm")["duration"] == "Unfinished"


async def test_an_edit_of_a_finished_load_runs_nothing(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    cluster.finish("warm-loader-job")
    await cluster.settle()
    cluster.delete(JOBS, "warm-loader-job")
    cluster.load("warm", policy="Cron", schedule="0 2 * * *")
    await cluster.settle()
    assert cluster.phase("warm") == "Complete"
    assert cluster.names(JOBS) == cluster.names(CRON_JOBS) == []


async def test_an_engine_without_the_operation_fails_the_load(cluster):
    cluster.registry = Registry({"JindoRuntime": engine({})}, OPERATIONS)
    cluster.restart()
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    assert cluster.condition("warm") == ("Failed", "True", "DataOperationNotSupport")
    assert cluster.events.seen == [("warm", "Warning", "DataOperationNotSupport")]


async def test_what_the_runtime_lets_nobody_build_waits_until_the_runtime_changes(cluster):
    cluster.bind("hbase")
    cluster.put(RUNTIMES, "hbase", spec={"replicas": 0})
    cluster.load("warm")
    await cluster.settle()
    assert cluster.phase("warm") == "Pending"
    assert cluster.condition("warm") == ("Progressing", "False", "DataOperationExecutionFailed")
    assert cluster.locked() is None
    cluster.put(RUNTIMES, "hbase", spec={"replicas": 2})
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_a_load_that_the_engine_never_takes_as_it_is_written_fails_at_once_until_it_is_edited(cluster):
    cluster.bind("hbase")
    cluster.load("warm", options={"refuse": "yes"})
    await cluster.settle()
    assert cluster.phase("warm") == "Failed"
    assert cluster.condition("warm") == ("Failed", "True", "InvalidSpec")
    [condition] = cluster.status("warm")["conditions"]
    assert condition["message"] == f"DataLoad {NS}/warm spec.options: refuse is not an option. Remove it"
    assert cluster.events.seen == [("warm", "Warning", "DataOperationNotValid")]
    assert (cluster.locked(), cluster.names(JOBS)) == (None, [])
    cluster.put(RUNTIMES, "hbase", spec={"replicas": 2})
    await cluster.settle()
    assert cluster.phase("warm") == "Failed", "no change of the runtime mends it"
    assert await cluster.sweep() == []
    cluster.load("warm", options={})
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_whose_mistake_it_is_does_not_hang_on_words(cluster, monkeypatch):
    def told_backwards(self: Terminal, reason: str, message: str) -> None:
        Exception.__init__(self, message[::-1])
        self.reason, self.message = reason, message[::-1]

    monkeypatch.setattr(Terminal, "__init__", told_backwards)
    cluster.bind("hbase")
    cluster.put(RUNTIMES, "hbase", spec={"replicas": 0})
    cluster.load("warm")
    cluster.load("never", options={"refuse": "yes"})
    await cluster.settle()
    assert cluster.condition("warm") == ("Progressing", "False", "DataOperationExecutionFailed")
    assert cluster.condition("never") == ("Failed", "True", "InvalidSpec")


async def test_a_schedule_goes_on_as_before_an_edit_that_the_engine_never_takes(cluster):
    cluster.bind("hbase")
    cluster.load("warm", policy="Cron", schedule="0 0 * * *")
    await cluster.settle()
    cluster.load("warm", policy="Cron", schedule="0 1 * * *", options={"refuse": "yes"})
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"
    assert ("warm", "Warning", "DataOperationNotValid") in cluster.events.seen
    assert cluster.server.get(CRON_JOBS, NS, "warm-loader-job")["spec"]["schedule"] == "0 0 * * *"


async def test_a_job_refused_by_the_api_server_fails_the_load_and_frees_the_lock(cluster):
    import httpx2

    def refuse(request):
        if request.method == "POST" and request.url.path.endswith("/jobs"):
            body = {"kind": "Status", "status": "Failure", "code": 422, "reason": "Invalid", "message": "no"}
            return httpx2.Response(422, json=body)
        return None

    cluster.server.faults.append(refuse)
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    assert cluster.condition("warm") == ("Failed", "True", "DataOperationExecutionFailed")
    assert cluster.locked() is None
    assert await cluster.sweep() == []


async def test_what_a_quota_refuses_is_told_once_and_tried_again(cluster):
    import httpx2

    def refuse(request):
        if request.method == "POST" and request.url.path.endswith("/jobs"):
            body = {"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden"}
            return httpx2.Response(403, json={**body, "message": "exceeded quota: few"})
        return None

    cluster.server.faults.append(refuse)
    cluster.bind("hbase")
    cluster.load("warm")
    for _ in range(3):
        await cluster.step((LOADS, Key(NS, "warm")))
        cluster.deliver()
    assert cluster.condition("warm") == ("Progressing", "False", "DataOperationExecutionFailed")
    assert "exceeded quota: few" in cluster.status("warm")["conditions"][0]["message"]
    assert cluster.events.seen == [("warm", "Warning", "DataOperationExecutionFailed")]
    assert cluster.locked() is None
    cluster.server.faults.remove(refuse)
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_no_job_is_made_when_the_api_server_refuses_its_scripts(cluster):
    import httpx2

    def refuse(request):
        if request.method == "POST" and request.url.path.endswith("/configmaps"):
            body = {"kind": "Status", "status": "Failure", "code": 422, "reason": "Invalid", "message": "no"}
            return httpx2.Response(422, json=body)
        return None

    cluster.server.faults.append(refuse)
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    assert cluster.condition("warm") == ("Failed", "True", "DataOperationExecutionFailed")
    assert cluster.names(JOBS) == []
    assert cluster.locked() is None
    assert await cluster.sweep() == []


async def test_an_unfinished_job_deleted_by_hand_is_made_again(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    cluster.delete(JOBS, "warm-loader-job")
    await cluster.settle()
    assert cluster.names(JOBS) == ["warm-loader-job"]
    cluster.delete(CONFIG_MAPS, "warm-loader-data-load-script")
    await cluster.settle()
    assert cluster.names(CONFIG_MAPS) == ["warm-loader-data-load-script"]


async def test_a_job_left_by_an_earlier_load_of_the_same_name_is_waited_for(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    left = cluster.server.get(JOBS, NS, "warm-loader-job")
    cluster.server.remove(LOADS, NS, "warm")
    other = cluster.server.get(DATASETS, NS, "hbase")["metadata"]["uid"]
    left["metadata"]["ownerReferences"][0]["uid"] = other
    cluster.server.put(JOBS, left)
    cluster.load("warm")
    await cluster.settle()
    assert cluster.condition("warm") == ("Progressing", "False", "DataOperationExecutionFailed")
    cluster.delete(JOBS, "warm-loader-job")
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_several_loads_share_the_lock_and_never_leave_an_empty_key(cluster):
    cluster.bind("hbase")
    for name in ("a", "b", "c"):
        cluster.load(name)
    await cluster.settle()
    assert sorted(cluster.locked().split(",")) == ["a", "b", "c"]
    for name in ("b", "a", "c"):
        cluster.finish(f"{name}-loader-job")
    await cluster.settle()
    assert cluster.server.get(DATASETS, NS, "hbase")["status"]["operationRef"] == {}


async def test_the_lock_is_taken_although_others_write_the_dataset_meanwhile(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    cluster.deliver()
    cluster.bind("hbase", "Bound")
    cluster.server.put(
        DATASETS, {**cluster.server.get(DATASETS, NS, "hbase"), "spec": {"placement": "Shared"}}
    )
    for key in [*cluster.woken]:
        await cluster.step(key)
    assert cluster.locked() == "warm"


async def test_a_finished_load_expires_to_the_second(cluster):
    cluster.bind("hbase")
    cluster.load("warm", ttlSecondsAfterFinished=100)
    await cluster.settle()
    cluster.finish("warm-loader-job")
    cluster.wait(30)
    await cluster.settle()
    (deadline,) = cluster.deadlines.values()
    assert (deadline - cluster.now).total_seconds() == 70
    cluster.wait(69)
    await cluster.settle()
    assert cluster.names(LOADS) == ["warm"]
    cluster.wait(1)
    await cluster.settle()
    assert cluster.names(LOADS) == cluster.names(JOBS) == cluster.names(CONFIG_MAPS) == []


async def test_deletion_removes_everything_even_without_the_dataset(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    cluster.server.remove(DATASETS, NS, "hbase")
    cluster.delete(LOADS, "warm")
    await cluster.settle()
    assert cluster.names(LOADS) == cluster.names(JOBS) == cluster.names(CONFIG_MAPS) == []


async def test_a_load_runs_when_a_job_of_nobody_that_has_the_name_of_its_own_is_gone(cluster):
    labels = {"fluid.io/managed-by": "fluid"}
    metadata = {"name": "warm-loader-job", "namespace": NS, "labels": labels}
    cluster.server.put(JOBS, {"metadata": metadata, "spec": {"template": {"spec": {"containers": []}}}})
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    assert cluster.condition("warm") == ("Progressing", "False", "DataOperationExecutionFailed")
    cluster.server.remove(JOBS, NS, "warm-loader-job")
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"


async def test_deletion_removes_scripts_without_owner_but_not_those_of_a_runtime_named_alike(cluster):
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    labels = {"fluid.io/managed-by": "fluid", "release": "warm-loader"}
    for name in ("warm-loader-data-load-script", "warm-loader-jindofs-config"):
        cluster.server.put(CONFIG_MAPS, {"metadata": {"name": name, "namespace": NS, "labels": labels}})
    cluster.delete(LOADS, "warm")
    await cluster.settle()
    assert cluster.names(CONFIG_MAPS) == ["warm-loader-jindofs-config"]


async def test_a_cron_load_goes_back_to_executing_with_each_run(cluster):
    cluster.bind("hbase")
    cluster.load("nightly", policy="Cron", schedule="0 2 * * *", ttlSecondsAfterFinished=1)
    await cluster.settle()
    assert cluster.names(CRON_JOBS) == ["nightly-loader-job"]
    assert (cluster.phase("nightly"), cluster.status("nightly")["duration"]) == ("Executing", "Unfinished")
    for outcome in ("Complete", "Failed"):
        cluster.wait(3600)
        job = cluster.tick("nightly")
        started = cluster.spelled(cluster.now)
        await cluster.settle()
        assert cluster.phase("nightly") == "Executing"
        assert cluster.locked() == "nightly"
        assert cluster.status("nightly")["lastScheduleTime"] == started
        cluster.wait(3)
        cluster.finish(job, outcome)
        await cluster.settle()
        assert (cluster.phase("nightly"), cluster.status("nightly")["duration"]) == (outcome, "3s")
        assert cluster.locked() is None
    cluster.wait(3600)
    job = cluster.tick("nightly")
    await cluster.settle()
    assert cluster.status("nightly")["duration"] == "-"
    assert [reason for _, _, reason in cluster.events.seen] == ["DataOperationSucceed", "DataOperationFailed"]


async def test_a_schedule_that_waits_does_not_count_as_a_running_load(cluster):
    cluster.bind("hbase")
    cluster.load("nightly", policy="Cron", schedule="0 2 * * *")
    await cluster.settle()
    assert cluster.phase("nightly") == "Executing"
    assert cluster.locked() is None
    job = cluster.tick("nightly")
    await cluster.settle()
    assert cluster.locked() == "nightly"
    cluster.delete(JOBS, job)
    await cluster.settle()
    assert cluster.locked() is None


async def test_scripts_that_somebody_deleted_come_back_before_the_first_run_of_a_schedule(cluster):
    cluster.bind("hbase")
    cluster.load("nightly", policy="Cron", schedule="0 2 * * *")
    await cluster.settle()
    [script] = cluster.names(CONFIG_MAPS)
    cluster.delete(CONFIG_MAPS, script)
    await cluster.settle()
    assert cluster.names(CONFIG_MAPS) == [script]


async def test_a_cron_load_takes_a_new_schedule_and_survives_the_loss_of_its_cron_job(cluster):
    cluster.bind("hbase")
    cluster.load("nightly", policy="Cron", schedule="0 2 * * *")
    await cluster.settle()
    cluster.finish(cluster.tick("nightly"))
    await cluster.settle()
    cluster.load("nightly", policy="Cron", schedule="0 3 * * *")
    await cluster.settle()
    assert cluster.server.get(CRON_JOBS, NS, "nightly-loader-job")["spec"]["schedule"] == "0 3 * * *"
    cluster.delete(CRON_JOBS, "nightly-loader-job")
    await cluster.settle()
    assert cluster.names(CRON_JOBS) == ["nightly-loader-job"]
    assert await cluster.sweep() == []


async def test_a_follower_waits_for_its_predecessor_and_then_runs(cluster):
    cluster.bind("hbase")
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first"})
    await cluster.settle()
    assert cluster.condition("second") == ("Progressing", "False", "DataOperationNotFound")
    assert cluster.status("second")["waitingFor"] == {"operationComplete": True}
    cluster.load("first")
    await cluster.settle()
    assert cluster.condition("second") == ("Progressing", "False", "DataOperationWaiting")
    cluster.finish("first-loader-job")
    await cluster.settle()
    assert cluster.phase("second") == "Executing"
    assert cluster.status("second")["waitingFor"] == {"operationComplete": False}
    reasons = [reason for name, _, reason in cluster.events.seen if name == "second"]
    assert reasons == ["DataOperationNotFound", "DataOperationWaiting"]


async def test_a_failed_predecessor_fails_all_that_follow(cluster):
    cluster.bind("hbase")
    cluster.load("first")
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first"})
    cluster.load("third", runAfter={"kind": "DataLoad", "name": "second"})
    await cluster.settle()
    cluster.finish("first-loader-job", "Failed")
    await cluster.settle()
    for name in ("second", "third"):
        assert cluster.condition(name) == ("Failed", "True", "PrecedingOperationFailed")
    assert "DataLoad team/second" in cluster.status("third")["conditions"][0]["message"]


async def test_operations_that_wait_for_each_other_fail(cluster):
    cluster.bind("hbase")
    for name, first in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        cluster.load(name, runAfter={"kind": "DataLoad", "name": first})
    await cluster.settle()
    assert {cluster.phase(name) for name in "abcd"} == {"Failed"}


async def test_a_predecessor_of_a_kind_that_is_not_installed_is_waited_for(cluster):
    cluster.bind("hbase")
    cluster.load("second", runAfter={"kind": "DataMigrate", "name": "first"})
    await cluster.settle()
    assert cluster.condition("second") == ("Progressing", "False", "DataOperationNotFound")
    assert "DataMigrate team/first" in cluster.status("second")["conditions"][0]["message"]


@pytest.mark.parametrize("phase", [None, "Failed", "Complete", "Executing"])
@pytest.mark.parametrize("by_affinity", [False, True])
async def test_what_runs_in_another_namespace_is_not_told_whatever_it_does(cluster, phase, by_affinity):
    cluster.bind("hbase")
    if phase:
        other = {"kind": "DataLoad", "spec": {"dataset": {"name": "x"}}}
        status = {"phase": phase, "duration": "", "conditions": []}
        metadata = {"name": "secret", "namespace": "elsewhere"}
        cluster.server.put(LOADS, {**other, "metadata": metadata, "status": status})
    theirs = {"kind": "DataLoad", "name": "secret", "namespace": "elsewhere"}
    strategy = {"affinityStrategy": {"policy": "Require", "dependOn": theirs}}
    after = {"kind": "DataLoad", "name": "mine", **strategy} if by_affinity else theirs
    cluster.load("second", runAfter=after)
    await cluster.settle()
    assert cluster.condition("second") == ("Failed", "True", "RunAfterNamespaceNotSame")
    [told] = cluster.status("second")["conditions"]
    assert "in another namespace: name one of team, or ask the administrator" in told["message"]
    assert "waitingFor" in cluster.status("second")


async def test_on_event_runs_once_after_its_predecessor(cluster):
    cluster.bind("hbase")
    cluster.load("first")
    cluster.load("second", policy="OnEvent", runAfter={"kind": "DataLoad", "name": "first"})
    await cluster.settle()
    cluster.finish("first-loader-job")
    await cluster.settle()
    assert "second-loader-job" in cluster.names(JOBS)


async def test_a_follower_is_drawn_to_the_nodes_of_its_predecessor(cluster):
    cluster.bind("hbase")
    cluster.load("first")
    strategy = {"policy": "Require", "requires": [{"name": "zone"}]}
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first", "affinityStrategy": strategy})
    await cluster.settle()
    promise = {"affinity.dataflow.fluid.io/inject": "true"}
    cluster.finish("first-loader-job", **promise)
    await cluster.settle()
    assert cluster.phase("first") == "Executing", "its nodes are not recorded yet"
    cluster.finish("first-loader-job", **promise, **{"affinity.dataflow.fluid.io.zone": "a"})
    await cluster.settle()
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
    wanted = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    assert cluster.status("first")["nodeAffinity"] == wanted
    pod = cluster.server.get(JOBS, NS, "second-loader-job")["spec"]["template"]["spec"]
    assert pod["affinity"] == {"nodeAffinity": wanted}


async def test_the_node_of_a_finished_job_is_recorded_and_a_follower_is_drawn_to_it(cluster):
    cluster.bind("hbase")
    cluster.node("n1", **{"kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "a", "rack": "7"})
    listed = {"affinity.dataflow.fluid.io/labels": "rack, fluid.io/s-other-secret"}
    cluster.load("first", listed)
    strategy = {"policy": "Require", "requires": [{"name": "rack"}, {"name": "topology.kubernetes.io/zone"}]}
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first", "affinityStrategy": strategy})
    await cluster.settle()
    cluster.pod("first-loader-job", node="n1", terminated={"exitCode": 0})
    cluster.finish("first-loader-job")
    await cluster.settle()
    recorded = _pairs({"nodeAffinity": cluster.status("first")["nodeAffinity"]})
    assert recorded == {"kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "a", "rack": "7"}
    pod = cluster.server.get(JOBS, NS, "second-loader-job")["spec"]["template"]["spec"]
    assert _pairs(pod["affinity"]) == {"topology.kubernetes.io/zone": "a", "rack": "7"}
    assert "AffinityNotInherited" not in [reason for _, _, reason in cluster.events.seen]


async def test_a_predecessor_that_cannot_be_read_is_waited_for(cluster):
    cluster.bind("hbase")
    cluster.put(LOADS, "first", spec={"dataset": {"name": "hbase"}, "target": "no list"})
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first"})
    cluster.deliver()
    await cluster.step((LOADS, Key(NS, "second")))
    assert cluster.phase("second") == "Pending"
    assert cluster.status("second")["conditions"][0]["reason"] == "DataOperationWaiting"


async def test_that_a_required_label_is_not_known_is_told_and_the_follower_runs(cluster):
    cluster.bind("hbase")
    cluster.node("n1", **{"kubernetes.io/hostname": "n1"})
    cluster.load("first")
    strategy = {"policy": "Require", "requires": [{"name": "rack"}]}
    cluster.load("second", runAfter={"kind": "DataLoad", "name": "first", "affinityStrategy": strategy})
    await cluster.settle()
    cluster.pod("first-loader-job", node="n1", terminated={"exitCode": 0})
    cluster.finish("first-loader-job")
    await cluster.settle()
    assert cluster.phase("second") == "Executing"
    assert ("second", "Warning", "AffinityNotInherited") in cluster.events.seen


def _pairs(affinity):
    terms = affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    return {one["key"]: one["values"][0] for term in terms for one in term["matchExpressions"]}


async def test_a_job_whose_nodes_are_never_recorded_is_complete_after_a_minute(cluster):
    cluster.bind("hbase")
    cluster.load("first")
    await cluster.settle()
    cluster.finish("first-loader-job", **{"affinity.dataflow.fluid.io/inject": "true"})
    await cluster.settle()
    cluster.wait(60)
    await cluster.settle()
    assert cluster.phase("first") == "Complete"
    assert "nodeAffinity" not in cluster.status("first")


async def test_what_an_older_controller_wrote_is_taken_over(cluster):
    cluster.bind("hbase")
    done = {"type": "Complete", "status": "True", "lastTransitionTime": "2025-12-31T23:59:00Z"}
    cluster.load("warm", ttlSecondsAfterFinished=90)
    old = {"phase": "Complete", "duration": "3s", "conditions": [done]}
    cluster.server.put(LOADS, {**cluster.server.get(LOADS, NS, "warm"), "status": old})
    await cluster.settle()
    assert cluster.status("warm") == old
    assert (*cluster.deadlines.values(),)[0] == cluster.now.replace(second=30)
    assert cluster.events.seen == []


def helped(request: OperationRequest) -> list[KubeObject]:
    """A workload whose Job has help of a StatefulSet."""
    script, job = load_objects(request)
    metadata = {"name": "helpers", "namespace": NS, "labels": {"fluid.io/managed-by": "fluid"}}
    spec = {
        "selector": {},
        "serviceName": "helpers",
        "template": {"metadata": {}, "spec": {"containers": []}},
    }
    return [script, StatefulSet.model_validate({"metadata": metadata, "spec": spec}), job]


@pytest.fixture
async def assisted(cluster):
    """A cluster where loads have such workloads."""
    load = cluster.registry.operations["DataLoad"]

    def spec(operation):
        return replace(load.spec(operation), beside=(StatefulSet,))

    kind = replace(load, spec=spec, workloads=(StatefulSet,))
    cluster.registry = Registry(
        {"JindoRuntime": engine({"DataLoad": helped})}, {**OPERATIONS, "DataLoad": kind}
    )
    cluster.restart()
    cluster.bind("hbase")
    cluster.load("warm")
    await cluster.settle()
    return cluster


async def test_what_runs_beside_a_job_is_the_operations_too(assisted):
    (owner,) = assisted.server.get(STATEFULSETS, NS, "helpers")["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("DataLoad", "warm")
    assert assisted.names(JOBS) == ["warm-loader-job"]
    assert await assisted.sweep() == []


async def test_what_runs_beside_a_job_comes_back_while_that_runs(assisted):
    assisted.server.remove(STATEFULSETS, NS, "helpers")
    await assisted.settle()
    assert assisted.names(STATEFULSETS) == ["helpers"]


@pytest.mark.parametrize("outcome", ["Complete", "Failed"])
async def test_what_runs_beside_a_job_goes_when_that_has_ended(assisted, outcome):
    assisted.finish("warm-loader-job", outcome)
    await assisted.settle()
    assert (assisted.phase("warm"), assisted.names(STATEFULSETS)) == (outcome, [])
    assert assisted.names(JOBS) == ["warm-loader-job"]
    assert await assisted.sweep() == []


async def test_what_runs_beside_a_job_goes_with_the_operation(assisted):
    assisted.delete(LOADS, "warm")
    await assisted.settle()
    assert assisted.names(STATEFULSETS) == assisted.names(LOADS) == []


def test_further_workloads_of_an_operation_bring_their_rights():
    load = OPERATIONS["DataLoad"]
    more = replace(load, workloads=(StatefulSet,))
    named = [{name for rule in rules([one]) for name in rule.resources or ()} for one in (load, more)]
    assert named[1] - named[0] == {"statefulsets"}
