"""docs/sdk.md runs as it is printed (tests/plane/test_sdk.py runs it on a real control plane)."""

from contextlib import AbstractAsyncContextManager

import httpx2
import pytest

from fluid.kube import Connection
from tests.harness.documents import examples
from tests.pure.sdk.support import BOUND, DATASETS, LOADS, PROCESSES, WAITING, Stage, load


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stage, opened = Stage(), Connection.open

    def connect(**_: object) -> AbstractAsyncContextManager[Connection]:
        return opened(transport=httpx2.MockTransport(stage.server.answer))

    def control(request: httpx2.Request) -> None:
        """Plays the operator as soon as somebody watches."""
        if "watch" in request.url.params:
            for _, name in stage.server.objects.get(DATASETS, {}):
                stage.set_status(DATASETS, name, BOUND if name == "hbase" else WAITING)
            for kind in (LOADS, PROCESSES):
                for _, name in stage.server.objects.get(kind, {}):
                    stage.set_status(kind, name, load("Complete")["status"])

    monkeypatch.setattr("fluid.sdk.client.Connection.open", connect)
    stage.server.faults.append(control)
    exec(compile(examples("sdk.md"), "docs/sdk.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("Bound\n…\nComplete\nADDED hbase\n")
    assert "spec.mounts[0].readonly: unknown field; did you mean readOnly?" in said
    assert "Dataset default/alone did not become Bound within 1 s" in said
    runtime = stage.server.get("data.fluid.io/v1alpha1/jindoruntimes", "default", "hbase")
    assert (runtime or {})["spec"]["replicas"] == 3
    process = stage.server.get(PROCESSES, "default", "list-hbase")
    assert (process or {})["spec"]["runAfter"] == {"kind": "DataLoad", "name": "warm-hbase"}
