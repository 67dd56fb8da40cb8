# pyright: basic
"""How far an operation is, and why it failed, in the words of its pod."""

import json

import pytest

from tests.pure.controllers.operation_support import LOADS, Cluster

pytestmark = pytest.mark.anyio
JOB = "warm-loader-job"
DONE = {"FilesDone": "2", "Progress": "100.0%"}


@pytest.fixture
async def cluster():
    async with Cluster() as cluster:
        cluster.bind("hbase")
        yield cluster


def said(code: int = 0, /, **infos: str) -> dict:
    return {"exitCode": code, "reason": "Error" if code else "Completed", "message": json.dumps(infos)}


async def started(cluster: Cluster, **spec) -> None:
    cluster.load("warm", options={"progress": ""}, **spec)
    await cluster.settle()


async def test_the_last_word_of_the_pod_is_kept_when_pod_and_job_are_gone(cluster):
    await started(cluster)
    cluster.pod(JOB, running={})
    await cluster.settle()
    assert cluster.status("warm")["infos"] == {}
    cluster.pod(JOB, terminated=said(0, **DONE))
    cluster.finish(JOB)
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Complete", DONE)
    cluster.server.remove("v1/pods", "team", "one")
    cluster.server.remove("batch/v1/jobs", "team", JOB)
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Complete", DONE)


async def test_a_job_that_ends_before_its_pod_is_seen_to_have_is_waited_for(cluster):
    await started(cluster)
    cluster.pod(JOB, running={})
    cluster.finish(JOB)
    await cluster.settle()
    assert cluster.phase("warm") == "Executing"
    cluster.pod(JOB, terminated=said(0, **DONE))
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Complete", DONE)


async def test_a_pod_that_never_has_a_last_word_is_not_waited_for_long(cluster):
    await started(cluster)
    cluster.pod(JOB, running={})
    cluster.finish(JOB)
    await cluster.settle()
    cluster.wait(10)
    await cluster.settle()
    assert cluster.phase("warm") == "Complete"


async def test_a_failure_is_told_in_the_words_of_the_pod(cluster):
    await started(cluster)
    cluster.pod(JOB, terminated=said(2, Failure="path '/x' is not in the Dataset"))
    cluster.finish(JOB, "Failed")
    await cluster.settle()
    status = cluster.status("warm")
    assert (status["phase"], status["infos"]) == ("Failed", {})
    assert status["conditions"][0]["message"] == "path '/x' is not in the Dataset"
    cluster.server.remove("v1/pods", "team", "one")
    await cluster.settle()
    assert cluster.status("warm") == status
    assert await cluster.sweep() == []


@pytest.mark.parametrize(
    ("message", "infos", "failure"),
    [
        ("", {}, "OOMKilled, exit code 137"),
        ('{"FilesDone": "1"}\n{"FilesDone": "2"}\n', {"FilesDone": "2"}, "OOMKilled, exit code 137"),
        ("Traceback\nMemoryError: out", {}, "MemoryError: out"),
    ],
    ids=["nothing said", "the end of its log", "an error"],
)
async def test_a_container_that_dies_without_a_last_word_is_told_of(cluster, message, infos, failure):
    await started(cluster)
    cluster.pod(JOB, terminated={"exitCode": 137, "reason": "OOMKilled", "message": message})
    cluster.finish(JOB, "Failed")
    await cluster.settle()
    status = cluster.status("warm")
    assert (status["infos"], status["conditions"][0]["message"]) == (infos, failure)


async def test_a_pod_that_cannot_start_is_named_while_the_job_waits(cluster):
    await started(cluster)
    cluster.pod(JOB, waiting={"reason": "ImagePullBackOff", "message": "no such image"})
    await cluster.settle()
    message = cluster.status("warm")["conditions"][0]["message"]
    assert message == f"Job team/{JOB} runs, but pod one waits with ImagePullBackOff: no such image"
    assert cluster.phase("warm") == "Executing"
    cluster.pod(JOB, running={})
    await cluster.settle()
    assert cluster.status("warm")["conditions"][0]["message"] == f"Job team/{JOB} runs"


REFUSED = "exceeded quota: few, requested: pods=1, limited: pods=0"


def begun(cluster: Cluster) -> None:
    """The Job controller has looked at the Job."""
    job = cluster.server.get("batch/v1/jobs", "team", JOB)
    assert job is not None
    cluster.server.put("batch/v1/jobs", {**job, "status": {"startTime": cluster.spelled(cluster.now)}})


async def test_a_job_whose_pods_are_refused_is_told_once_until_one_is_made(cluster):
    await started(cluster)
    begun(cluster)
    cluster.refuses[JOB] = REFUSED
    await cluster.settle()
    status = cluster.status("warm")
    [told] = status["conditions"]
    assert (status["phase"], told["status"], told["reason"]) == ("Executing", "False", "PodsRefused")
    assert told["message"].startswith(f"the API server refuses pods of Job team/{JOB}: {REFUSED}; make room")
    assert cluster.events.seen == [("warm", "Warning", "DataOperationExecutionFailed")]
    assert cluster.locked() is not None
    cluster.restart()
    cluster.refuses.clear()
    assert await cluster.sweep() == [], "until it is looked again, it stays told"
    cluster.pod(JOB, running={})
    await cluster.settle()
    [told] = cluster.status("warm")["conditions"]
    assert (told["status"], told["reason"]) == ("True", "WorkloadRunning")
    assert told["message"] == f"Job team/{JOB} runs"


async def test_what_is_known_of_refused_pods_does_not_stand_in_the_message_alone(cluster):
    before = await refused_before(cluster)
    [told] = before["conditions"]
    rewrite(cluster, {**before, "conditions": [{**told, "message": "das Kontingent ist aufgebraucht"}]})
    await looked_at_again(cluster, before)


async def test_what_release_0_1_wrote_of_refused_pods_stays_until_it_is_looked_again(cluster):
    before = await refused_before(cluster)
    rewrite(cluster, {name: value for name, value in before.items() if name != "refusedPods"})
    await looked_at_again(cluster, before)


async def refused_before(cluster: Cluster) -> dict:
    """The status of an operation whose pods are refused."""
    await started(cluster)
    begun(cluster)
    cluster.refuses[JOB] = REFUSED
    await cluster.settle()
    status = cluster.status("warm")
    assert status["refusedPods"] == {"kind": "Job", "name": JOB, "words": REFUSED}
    return status


def rewrite(cluster: Cluster, status: dict) -> None:
    live = cluster.server.get(LOADS, "team", "warm")
    assert live is not None
    cluster.server.put(LOADS, {**live, "status": status})


async def looked_at_again(cluster: Cluster, before: dict) -> None:
    """Another process says the same until it knows better, and tells nobody again."""
    cluster.refuses.clear()
    cluster.restart()
    await cluster.sweep()
    told = cluster.status("warm")["conditions"]
    assert told == before["conditions"]
    assert cluster.events.seen == [("warm", "Warning", "DataOperationExecutionFailed")]
    cluster.refuses[JOB] = ""
    await cluster.sweep()
    status = cluster.status("warm")
    assert (status["conditions"][0]["reason"], status.get("refusedPods")) == ("WorkloadRunning", None)


async def test_a_job_that_nobody_has_looked_at_yet_lacks_no_pod(cluster):
    cluster.refuses[JOB] = REFUSED
    await started(cluster)
    assert cluster.status("warm")["conditions"][0]["message"] == f"Job team/{JOB} runs"


async def test_only_the_last_attempt_counts(cluster):
    await started(cluster)
    cluster.pod(JOB, terminated=said(1, FilesDone="1", Failure="it broke"))
    cluster.wait(10)
    cluster.pod(JOB, "two", terminated=said(0, **DONE))
    cluster.finish(JOB)
    await cluster.settle()
    status = cluster.status("warm")
    assert (status["phase"], status["infos"]) == ("Complete", DONE)
    assert status["conditions"][0].get("message") is None


async def test_each_run_of_a_schedule_starts_from_nothing(cluster):
    await started(cluster, policy="Cron", schedule="* * * * *")
    first = cluster.tick("warm")
    cluster.pod(first, terminated=said(0, EstimatedEnd="soon", **DONE))
    cluster.finish(first)
    await cluster.settle()
    assert cluster.status("warm")["infos"] == {**DONE, "EstimatedEnd": "soon"}
    cluster.wait(60)
    second = cluster.tick("warm")
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Executing", {})
    cluster.pod(second, "two", terminated=said(0, **DONE))
    cluster.finish(second)
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Complete", DONE)


async def test_a_run_that_was_not_seen_before_its_end_has_nothing_of_the_run_before_it(cluster):
    await started(cluster, policy="Cron", schedule="* * * * *")
    first = cluster.tick("warm")
    cluster.pod(first, terminated=said(0, **DONE))
    cluster.finish(first)
    await cluster.settle()
    cluster.wait(60)
    second = cluster.tick("warm")
    cluster.pod(second, "two", terminated={"exitCode": 137, "reason": "OOMKilled"})
    cluster.finish(second, "Failed")
    await cluster.settle()
    assert (cluster.phase("warm"), cluster.status("warm")["infos"]) == ("Failed", {})
    assert await cluster.sweep() == []
