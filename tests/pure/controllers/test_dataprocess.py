# pyright: basic
"""DataProcesses under the operation reconciler: what differs from DataLoads; each kind follows the other."""

import pytest

from fluid.engines.core.registry import Registry
from tests.pure.controllers.operation_support import (
    CONFIG_MAPS,
    CRON_JOBS,
    DATASETS,
    JOBS,
    NS,
    OPERATIONS,
    POD,
    PROCESSES,
    SCRIPT,
    Cluster,
    engine,
)

pytestmark = pytest.mark.anyio
MOUNTED = [{"name": "scratch", "mountPath": "/data/"}]


@pytest.fixture
async def cluster():
    async with Cluster() as cluster:
        cluster.bind("hbase")
        yield cluster


@pytest.mark.parametrize(
    ("processor", "scripts"), [(SCRIPT, ["count-processor-scripts"]), (POD, [])], ids=["script", "job"]
)
async def test_a_process_runs_to_its_end_and_holds_the_lock_of_its_kind_meanwhile(
    cluster, processor, scripts
):
    cluster.process("count", processor)
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Progressing", "True", "WorkloadRunning")
    assert (cluster.names(JOBS), cluster.names(CONFIG_MAPS)) == (["count-processor-job"], scripts)
    assert cluster.locked(kind="DataProcess") == "count"
    metadata = cluster.server.get(PROCESSES, NS, "count")["metadata"]
    assert metadata["finalizers"] == ["fluid-dataprocess-controller-finalizer"]
    assert [owner["kind"] for owner in metadata["ownerReferences"]] == ["Dataset"]
    cluster.wait(65)
    cluster.finish("count-processor-job")
    await cluster.settle()
    status = cluster.status("count", PROCESSES)
    assert (status["phase"], status["duration"]) == ("Complete", "1m5s")
    assert cluster.condition("count", PROCESSES) == ("Complete", "True", "Test")
    assert cluster.locked(kind="DataProcess") is None
    assert cluster.events.seen == [("count", "Normal", "DataOperationSucceed")]


async def test_a_failed_job_fails_the_process_with_the_jobs_own_last_condition(cluster):
    cluster.process("count")
    await cluster.settle()
    cluster.finish("count-processor-job", "Failed")
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Failed", "True", "Test")
    assert cluster.events.seen == [("count", "Warning", "DataOperationFailed")]


async def test_every_engine_processes_data(cluster):
    cluster.registry = Registry({"JindoRuntime": engine({})}, OPERATIONS)
    cluster.restart()
    cluster.process("count")
    await cluster.settle()
    assert cluster.phase("count", PROCESSES) == "Executing"


@pytest.mark.parametrize(
    ("spec", "reason", "words"),
    [
        (
            {"dataset": {"name": "hbase", "namespace": "other", "mountPath": "/data"}},
            "TargetDatasetNamespaceNotSame",
            "create it there",
        ),
        ({"processor": {}}, "ProcessorNotSpecified", "spec.processor has neither script nor job: set one"),
        ({"processor": {"job": {}}}, "ProcessorNotSpecified", "spec.processor.job.podSpec has no container"),
        ({"processor": {**SCRIPT, **POD}}, "MultipleProcessorSpecified", "remove one of them"),
        (
            {"processor": {"script": {**SCRIPT["script"], "volumeMounts": MOUNTED}}},
            "ConflictMountPath",
            "spec.processor.script.volumeMounts[0].mountPath is /data/, where the Dataset is mounted",
        ),
        ({"policy": "Cron"}, "ScheduleNotSpecified", "set spec.schedule"),
        ({"policy": "OnEvent"}, "PolicyNotSupported", "set spec.runAfter"),
    ],
)
async def test_what_can_never_run_fails_with_a_reason_and_one_event_until_it_is_corrected(
    cluster, spec, reason, words
):
    cluster.process("count", **spec)
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Failed", "True", reason)
    message = cluster.status("count", PROCESSES)["conditions"][0]["message"]
    assert message.startswith("DataProcess team/count")
    assert words in message
    assert cluster.events.seen == [("count", "Warning", "DataOperationNotValid")]
    assert cluster.names(JOBS) == cluster.names(CONFIG_MAPS) == []
    assert await cluster.sweep() == []
    cluster.process("count")
    await cluster.settle()
    assert cluster.phase("count", PROCESSES) == "Executing"


async def test_a_process_without_a_spec_is_refused(cluster):
    cluster.put(PROCESSES, "count")
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Failed", "True", "TargetDatasetNotSpecified")


async def test_an_edit_while_a_pod_of_the_user_runs_changes_nothing(cluster):
    cluster.process("count", POD)
    await cluster.settle()
    cluster.process("count", {"job": {"podSpec": {"containers": [{"name": "other"}]}}})
    await cluster.settle()
    pod = cluster.server.get(JOBS, NS, "count-processor-job")["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["containers"]] == ["main"]
    assert await cluster.sweep() == []


async def test_a_script_that_somebody_deleted_comes_back_while_it_runs(cluster):
    cluster.process("count")
    await cluster.settle()
    cluster.delete(CONFIG_MAPS, "count-processor-scripts")
    await cluster.settle()
    assert cluster.names(CONFIG_MAPS) == ["count-processor-scripts"]


async def test_a_schedule_runs_again_and_again_and_follows_edits_that_are_valid(cluster):
    cluster.process("nightly", policy="Cron", schedule="0 2 * * *")
    await cluster.settle()
    assert cluster.names(CRON_JOBS) == ["nightly-processor-job"]
    for outcome in ("Complete", "Failed"):
        cluster.wait(3600)
        job = cluster.tick("nightly", PROCESSES)
        await cluster.settle()
        assert cluster.phase("nightly", PROCESSES) == "Executing"
        cluster.finish(job, outcome)
        await cluster.settle()
        assert cluster.phase("nightly", PROCESSES) == outcome
    cluster.process("nightly", {}, policy="Cron", schedule="0 3 * * *")
    await cluster.settle()
    cron = cluster.server.get(CRON_JOBS, NS, "nightly-processor-job")
    assert cron["spec"]["schedule"] == "0 2 * * *", "a bad edit changes nothing"
    assert cluster.events.seen[-1] == ("nightly", "Warning", "DataOperationNotValid")
    cluster.process("nightly", policy="Cron", schedule="0 3 * * *")
    await cluster.settle()
    assert cluster.server.get(CRON_JOBS, NS, "nightly-processor-job")["spec"]["schedule"] == "0 3 * * *"


@pytest.mark.parametrize("policy", ["Once", "OnEvent"])
async def test_a_process_follows_a_load_and_a_load_follows_a_process(cluster, policy):
    cluster.load("warm")
    cluster.process("count", policy=policy, runAfter={"kind": "DataLoad", "name": "warm"})
    cluster.load("again", policy=policy, runAfter={"kind": "DataProcess", "name": "count"})
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Progressing", "False", "DataOperationWaiting")
    assert cluster.names(JOBS) == ["warm-loader-job"]
    cluster.finish("warm-loader-job")
    await cluster.settle()
    assert cluster.phase("count", PROCESSES) == "Executing"
    assert cluster.phase("again") == "Pending"
    cluster.finish("count-processor-job")
    await cluster.settle()
    assert cluster.phase("again") == "Executing"
    assert cluster.status("again")["waitingFor"] == {"operationComplete": False}


async def test_a_failed_load_fails_the_process_that_follows_it(cluster):
    cluster.load("warm")
    cluster.process("count", runAfter={"kind": "DataLoad", "name": "warm"})
    await cluster.settle()
    cluster.finish("warm-loader-job", "Failed")
    await cluster.settle()
    assert cluster.condition("count", PROCESSES) == ("Failed", "True", "PrecedingOperationFailed")


async def test_operations_of_two_kinds_that_wait_for_each_other_fail(cluster):
    cluster.load("warm", runAfter={"kind": "DataProcess", "name": "count"})
    cluster.process("count", runAfter={"kind": "DataLoad", "name": "warm"})
    await cluster.settle()
    assert {cluster.phase("warm"), cluster.phase("count", PROCESSES)} == {"Failed"}


async def test_scripts_and_pods_are_drawn_to_the_nodes_of_their_predecessor(cluster):
    strategy = {"policy": "Require", "requires": [{"name": "zone"}]}
    after = {"kind": "DataLoad", "name": "warm", "affinityStrategy": strategy}
    arm = {"matchExpressions": [{"key": "arch", "operator": "In", "values": ["arm"]}]}
    own = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [arm]}}
    pod = {**POD["job"]["podSpec"], "affinity": {"nodeAffinity": own}}
    cluster.load("warm")
    cluster.process("one", runAfter=after)
    cluster.process("two", {"job": {"podSpec": pod}}, runAfter=after)
    await cluster.settle()
    inject = "affinity.dataflow.fluid.io/inject"
    cluster.finish("warm-loader-job", **{inject: "true", "affinity.dataflow.fluid.io.zone": "a"})
    await cluster.settle()
    zone = {"key": "zone", "operator": "In", "values": ["a"]}
    for name, expected in (("one", [zone]), ("two", [*arm["matchExpressions"], zone])):
        found = cluster.server.get(JOBS, NS, f"{name}-processor-job")["spec"]["template"]["spec"]["affinity"]
        (term,) = found["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        assert term["matchExpressions"] == expected


async def test_a_finished_process_expires_to_the_second(cluster):
    cluster.process("count", ttlSecondsAfterFinished=100)
    await cluster.settle()
    cluster.finish("count-processor-job")
    await cluster.settle()
    cluster.wait(99)
    await cluster.settle()
    assert cluster.names(PROCESSES) == ["count"]
    cluster.wait(1)
    await cluster.settle()
    assert cluster.names(PROCESSES) == cluster.names(JOBS) == cluster.names(CONFIG_MAPS) == []


async def test_deletion_removes_everything_even_without_the_dataset(cluster):
    cluster.process("count")
    await cluster.settle()
    cluster.server.remove(DATASETS, NS, "hbase")
    cluster.delete(PROCESSES, "count")
    await cluster.settle()
    assert cluster.names(PROCESSES) == cluster.names(JOBS) == cluster.names(CONFIG_MAPS) == []


async def test_what_only_rendering_finds_is_told_with_the_name_of_the_process_once(cluster):
    volumes = [{"name": "v", "emptyDir": {}}, {"name": "v", "hostPath": {"path": "/"}}]
    cluster.process("count", {"job": {"podSpec": {**POD["job"]["podSpec"], "volumes": volumes}}})
    await cluster.settle()
    [condition] = cluster.status("count", PROCESSES)["conditions"]
    assert (condition["type"], condition["reason"]) == ("Failed", "InvalidSpec")
    assert condition["message"].startswith("DataProcess team/count spec.processor: cannot be rendered")
