"""A library writes nothing to the standard output of the program that uses it."""

import logging
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from fluid.kube.log import Log

PROGRAM = """
import sys
from fluid.kube.log import Log
log = Log("fluid.kube", resource="pods")
log.info("nobody asked for this", key="a")
log.warning("something is wrong", key="b")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)


def test_log_lines_go_where_the_program_sends_them_and_never_to_its_output() -> None:
    done = run(PROGRAM)
    assert done.stdout == ""
    assert done.stderr == "event='something is wrong' resource='pods' key='b'\n"


def test_a_program_that_has_loaded_structlog_and_not_set_it_up_gets_no_line_on_its_output() -> None:
    done = run(f"import structlog\n{PROGRAM}")
    assert done.stdout == ""
    assert "something is wrong" in done.stderr


def test_a_program_that_has_set_structlog_up_keeps_its_setting() -> None:
    before = "import structlog; structlog.configure(logger_factory=structlog.PrintLoggerFactory())"
    done = run(before + PROGRAM)
    assert "nobody asked" in done.stdout
    assert done.stderr == ""


def test_fields_are_told_with_each_line() -> None:
    with capture_logs() as lines:
        Log("fluid.kube", resource="pods").bind(namespace="x").error("it is broken", problem="50% of it")
    assert lines == [
        {
            "event": "it is broken",
            "log_level": "error",
            "resource": "pods",
            "namespace": "x",
            "problem": "50% of it",
        }
    ]


def test_a_line_names_its_logger_and_the_place_that_wrote_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "structlog")
    with caplog.at_level(logging.INFO, "fluid.kube.reflector"):
        Log("fluid.kube.reflector").info("following again", was="50% off")
    assert [(one.name, one.levelname, one.filename) for one in caplog.records] == [
        ("fluid.kube.reflector", "INFO", "test_log.py")
    ]
    assert caplog.messages == ["event='following again' was='50% off'"]
