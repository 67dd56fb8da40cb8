# pyright: basic
"""Lines of running containers are read in the background; what they say is taken with care."""

import json

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.controllers.operations import pod_logs
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.pod_logs import PodLogs
from fluid.controllers.operations.progress import parse
from fluid.models import Job, JobCondition, JobStatus, Pod
from fluid.naming import PROGRESS_FROM
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
ME = OperationId("DataLoad", "team", "warm")
TEMPLATE = {"metadata": {"annotations": {PROGRESS_FROM: "main"}}, "spec": {"containers": [{"name": "main"}]}}
JOB = Job.model_validate({"metadata": {"name": "job"}, "spec": {"template": TEMPLATE}})
ENDED = JOB.model_copy(
    update={"status": JobStatus(conditions=[JobCondition(type="Complete", status="True")])}
)


def pod(name: str = "one", state: str = "running") -> Pod:
    container = {"name": "main", "image": "", "imageID": "", "ready": True, "restartCount": 0}
    return Pod.model_validate(
        {
            "metadata": {"name": name, "namespace": "team", "uid": name},
            "spec": {"containers": [{"name": "main"}]},
            "status": {
                "containerStatuses": [
                    {**container, "state": {state: {"exitCode": 0} if state == "terminated" else {}}}
                ]
            },
        }
    )


class Kubelet:
    """Results requests for logs, and counts them."""

    def __init__(self) -> None:
        self.line = ""
        self.code = 200
        self.asked: list[str] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url.copy_with(scheme="", host="")))
        if self.code != 200:
            return status(self.code, "Broken", "no kubelet")
        return httpx2.Response(200, text=f"{self.line}\n")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "LONGEST", "MOST_FAILED"):
        monkeypatch.setattr(pod_logs, name, 0.005)


async def test_an_operation_wakes_when_its_line_is_another_and_only_then() -> None:
    server, kubelet, woken = FakeServer(), Kubelet(), []
    server.faults.append(kubelet.answer)
    async with server.connect() as connection, anyio.create_task_group() as tasks:
        logs = PodLogs(connection)
        await tasks.start(logs.run)
        kubelet.line = json.dumps({"Progress": "1%"})

        def listen():
            return logs.listen(ME, JOB, [pod()], lambda: woken.append(1))

        assert listen().infos == {}
        await eventually(lambda: bool(woken))
        assert listen().infos == {"Progress": "1%"}
        await eventually(lambda: len(kubelet.asked) > 4)
        assert woken == [1]
        kubelet.code = 500
        failed = len(kubelet.asked)
        await eventually(lambda: len(kubelet.asked) > failed + 2)
        assert listen().infos == {"Progress": "1%"}
        kubelet.code, kubelet.line = 200, json.dumps({"Progress": "2%"})
        await eventually(lambda: len(woken) == 2)
        assert listen().infos == {"Progress": "2%"}
        path = "/api/v1/namespaces/team/pods/one/log?container=main&tailLines=1&limitBytes=4096"
        assert {url.removeprefix("//") for url in kubelet.asked} == {path}
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("job", "pods"),
    [
        (JOB, []),
        (JOB, [pod(state="terminated")]),
        (JOB, [pod(state="waiting")]),
        (ENDED, [pod()]),
        (None, []),
    ],
)
async def test_nothing_is_read_of_a_job_or_a_pod_that_does_not_run_any_more(job, pods) -> None:
    server, kubelet = FakeServer(), Kubelet()
    server.faults.append(kubelet.answer)
    async with server.connect() as connection, anyio.create_task_group() as tasks:
        logs = PodLogs(connection)
        await tasks.start(logs.run)
        logs.listen(ME, JOB, [pod()], lambda: None)
        await eventually(lambda: bool(kubelet.asked))
        logs.listen(ME, job, pods, lambda: None)
        assert not logs._known
        tasks.cancel_scope.cancel()


@given(st.text() | st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps))
def test_whatever_a_container_prints_fits_a_status(line: str) -> None:
    found = parse(line)
    if found is not None:
        assert len(found) <= 16
        assert all(len(text) <= 256 and text.isprintable() for pair in found.items() for text in pair)


@pytest.mark.parametrize("line", ["", "reading", "[]", "{}x", '{"a": 1}', '{"a": {}}', "null"])
def test_a_line_that_is_no_object_of_strings_says_nothing(line: str) -> None:
    assert parse(line) is None
