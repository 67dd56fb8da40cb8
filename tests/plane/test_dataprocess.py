# pyright: basic
"""DataProcesses on the real control plane, under the whole operator with its own rights."""

import json
from typing import Any

import pytest

from cluster import ControlPlane
from tests.plane.user import API, Json, User, until

pytestmark = pytest.mark.usefixtures("operator")
SCRIPT: Json = {"script": {"image": "busybox", "imageTag": "1.36", "command": ["sh"], "source": "ls /data\n"}}
POD: Json = {"job": {"podSpec": {"containers": [{"name": "main", "image": "busybox"}]}}}
LONG = {"fluid.test/job-seconds": "600"}


class ProcessUser(User):
    """A user of DataProcesses, with Dataset `hbase`."""

    def process(
        self, name: str, processor: Json = SCRIPT, annotations: dict[str, str] | None = None, **spec: Any
    ) -> None:
        processor = {**processor, "podMetadata": {"annotations": annotations or {}}}
        spec = {"dataset": {"name": "hbase", "mountPath": "/data"}, "processor": processor, **spec}
        self.apply({"apiVersion": API, "kind": "DataProcess", "metadata": {"name": name}, "spec": spec})

    def load(self, name: str, annotations: dict[str, str] | None = None, **spec: Any) -> None:
        spec = {"dataset": {"name": "hbase"}, "podMetadata": {"annotations": annotations or {}}, **spec}
        self.apply({"apiVersion": API, "kind": "DataLoad", "metadata": {"name": name}, "spec": spec})

    def until_phase(self, name: str, phase: str, plural: str = "dataprocesses") -> Json:
        def look() -> Json:
            status = self.status(plural, name)
            return status if status.get("phase") == phase else {}

        return until(look, f"{name} is {phase}", 30, lambda: self.status(plural, name))

    def row(self, name: str) -> dict[str, str]:
        """What `kubectl get` shows of it."""
        heading, line = self.kubectl("get", "dataprocess", name).splitlines()
        return dict(zip(heading.split(), line.split(), strict=True))

    def pod(self, job: str) -> Json:
        found = self.get("jobs", job) or {}
        return found["spec"]["template"]["spec"]

    def leftovers(self, name: str) -> list[str]:
        """Names of everything that was made for a DataProcess."""
        kinds = ("jobs", "cronjobs", "configmaps", "pods")
        return [one for kind in kinds for one in self.uids(kind, f"release={name}-processor")]


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> ProcessUser:
    user = ProcessUser(plane, namespace)
    user.apply(*user.pair("hbase"))
    user.phase("hbase")
    return user


def test_a_script_and_a_pod_run_to_their_end(user: ProcessUser) -> None:
    user.process("script", annotations={"fluid.test/job-seconds": "2"})
    user.process("pod", POD)
    user.until_phase("script", "Executing")
    assert user.status("datasets", "hbase")["operationRef"]["DataProcess"].split(",").count("script") == 1
    for name in ("script", "pod"):
        status = user.until_phase(name, "Complete")
        assert [one["type"] for one in status["conditions"]] == ["Complete"]
        until(lambda name=name: user.events(name, "DataOperationSucceed"), "the end is told")
        row = user.row(name)
        assert [*row] == ["NAME", "DATASET", "PHASE", "AGE", "DURATION"]
        assert (row["DATASET"], row["PHASE"], row["DURATION"]) == ("hbase", "Complete", status["duration"])
        mounts = user.pod(f"{name}-processor-job")["containers"][0]["volumeMounts"]
        assert {"name": "fluid-dataset-vol", "mountPath": "/data"} in mounts
    assert user.status("datasets", "hbase").get("operationRef", {}) == {}
    assert user.uids("configmaps", "release=pod-processor") == {}
    user.until_quiet()


def test_a_process_runs_on_a_dataset_of_an_engine_that_has_no_word_of_it(user: ProcessUser) -> None:
    profile = {
        "apiVersion": API,
        "kind": "ThinRuntimeProfile",
        "metadata": {"name": f"{user.namespace}-client"},
    }
    thin = {"apiVersion": API, "kind": "ThinRuntime", "metadata": {"name": "images"}}
    spec = {"fileSystemType": "fuse.client", "fuse": {"image": "client", "imageTag": "v1"}}
    user.apply(
        {**profile, "spec": spec},
        user.dataset("images", placement="Shared"),
        {**thin, "spec": {"profileName": f"{user.namespace}-client"}},
    )
    try:
        user.phase("images")
        user.process("count", dataset={"name": "images", "mountPath": "/images", "subPath": "a"})
        user.until_phase("count", "Complete")
    finally:
        user.kubectl("delete", "thinruntimeprofile", f"{user.namespace}-client", "--wait=false")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"dataset": {"name": "hbase", "namespace": "other", "mountPath": "/data"}},
            "TargetDatasetNamespaceNotSame",
        ),
        ({"processor": {}}, "ProcessorNotSpecified"),
        ({"processor": {"job": {}}}, "ProcessorNotSpecified"),
        ({"processor": {**SCRIPT, **POD}}, "MultipleProcessorSpecified"),
        (
            {
                "processor": {
                    "script": {
                        **SCRIPT["script"],
                        "volumes": [{"name": "scratch", "emptyDir": {}}],
                        "volumeMounts": [{"name": "scratch", "mountPath": "/data"}],
                    }
                }
            },
            "ConflictMountPath",
        ),
        ({"policy": "Cron"}, "ScheduleNotSpecified"),
        ({"policy": "OnEvent"}, "PolicyNotSupported"),
    ],
)
def test_what_can_never_run_is_failed_and_says_why(user: ProcessUser, changes: Json, reason: str) -> None:
    user.process("count", **changes)
    status = user.until_phase("count", "Failed")
    [condition] = status["conditions"]
    assert (condition["type"], condition["reason"]) == ("Failed", reason)
    assert f"DataProcess {user.namespace}/count" in condition["message"]
    assert user.row("count")["PHASE"] == "Failed"
    [event] = until(lambda: user.events("count"), "an event tells it")
    assert (event["reason"], event["type"]) == ("DataOperationNotValid", "Warning")
    assert event["message"] == condition["message"]
    assert user.leftovers("count") == []


@pytest.mark.parametrize(
    ("processor", "words"),
    [
        ({"job": {"podSpec": {"containers": [{"name": "Main", "image": "a"}]}}}, "containers[0].name"),
        (
            {"job": {"podSpec": {"restartPolicy": "Always", "containers": [{"name": "main", "image": "a"}]}}},
            "restartPolicy",
        ),
    ],
)
def test_what_the_api_server_refuses_is_failed_in_its_words(
    user: ProcessUser, processor: Json, words: str
) -> None:
    user.process("count", processor)
    [condition] = user.until_phase("count", "Failed")["conditions"]
    assert condition["reason"] == "DataOperationExecutionFailed"
    assert words in condition["message"]
    assert "operationRef" not in user.status("datasets", "hbase")


def test_a_script_that_no_config_map_can_hold_is_refused_before_it_is_sent(user: ProcessUser) -> None:
    user.process("count", {"script": {"image": "a", "source": "x" * 1_100_000}})
    [condition] = user.until_phase("count", "Failed")["conditions"]
    assert condition["reason"] == "InvalidSpec"
    assert "spec.processor: takes 1100071 bytes" in condition["message"]
    assert "1048576 are possible" in condition["message"]


def test_a_process_runs_on_the_event_that_a_load_is_complete_and_then_expires(user: ProcessUser) -> None:
    user.process(
        "count",
        policy="OnEvent",
        runAfter={"kind": "DataLoad", "name": "warm"},
        ttlSecondsAfterFinished=2,
    )
    assert user.until_phase("count", "Pending")["waitingFor"] == {"operationComplete": True}
    user.load("again", runAfter={"kind": "DataProcess", "name": "count"})
    user.load("warm")
    user.until_phase("again", "Complete", "dataloads")
    user.gone("dataprocesses", "count", 30)
    until(lambda: user.leftovers("count") == [], "its Job and script are gone too", 30)


def test_a_failed_load_fails_the_process_that_follows(user: ProcessUser) -> None:
    user.process("count", runAfter={"kind": "DataLoad", "name": "warm"})
    user.load("warm", {"fluid.test/job-result": "fail"})
    [condition] = user.until_phase("count", "Failed")["conditions"]
    assert condition["reason"] == "PrecedingOperationFailed"
    assert f"DataLoad {user.namespace}/warm" in condition["message"]


def test_a_schedule_runs_follows_edits_and_ends_with_its_deletion(user: ProcessUser) -> None:
    user.process("nightly", policy="Cron", schedule="0 0 1 1 *")
    assert user.until_phase("nightly", "Executing")["duration"] == "Unfinished"
    user.kubectl("create", "job", "by-hand", "--from=cronjob/nightly-processor-job")
    assert user.until_phase("nightly", "Complete")["conditions"][0]["type"] == "Complete"
    user.process("nightly", POD, policy="Cron", schedule="0 0 2 1 *")
    wanted = "--for=jsonpath={.spec.schedule}=0 0 2 1 *"
    user.kubectl("wait", "cronjob/nightly-processor-job", wanted, "--timeout=20s")
    user.kubectl("delete", "dataprocess/nightly", "--timeout=20s")
    until(lambda: user.leftovers("nightly") == [] and not user.all("jobs"), "nothing is left", 30)


def test_deletion_in_the_middle_of_a_run_leaves_nothing(user: ProcessUser) -> None:
    user.process("count", annotations=LONG)
    user.until_phase("count", "Executing")
    until(lambda: user.uids("pods", "release=count-processor"), "its pod is there")
    user.kubectl("delete", "dataprocess/count", "--timeout=20s")
    until(lambda: user.leftovers("count") == [], "nothing is left", 30, lambda: user.leftovers("count"))
    assert user.status("datasets", "hbase").get("operationRef", {}) == {}


def test_a_dataset_under_a_running_process_is_held_by_its_pod_and_both_go_together(
    user: ProcessUser,
) -> None:
    user.process("count", annotations=LONG)
    pods = until(lambda: user.uids("pods", "release=count-processor"), "its pod is there")
    user.kubectl("delete", "dataset/hbase", "--wait=false")
    blocked = user.until_condition("datasets", "hbase", "DeletionBlocked", "True")
    assert next(iter(pods)) in blocked["message"]
    user.kubectl("delete", "dataprocess/count", "--timeout=20s")
    user.gone("datasets", "hbase", 30)
    until(lambda: user.leftovers("count") == [], "nothing is left", 30, lambda: user.leftovers("count"))


def test_the_kind_is_listed_with_its_columns_and_not_under_fluid(user: ProcessUser) -> None:
    user.process("count")
    user.until_phase("count", "Complete")
    # kubectl keeps on disk which kinds it found, also one that is gone, and looks anew after an error.
    until(lambda: user.plane.try_kubectl("get", "fluid").returncode == 0, "kubectl knows all kinds")
    listed = json.loads(user.kubectl("get", "fluid", "-o", "json"))["items"]
    assert "DataProcess" not in {one["kind"] for one in listed}
