"""A library writes nothing to the standard output of the program that uses it."""

import subprocess
import sys

PROGRAM = """
import structlog
from fluid.sdk.quiet import log_as_a_library
log_as_a_library()
log = structlog.get_logger("fluid.kube")
log.info("nobody asked for this", key="a")
log.warning("something is wrong", key="b")
"""


def test_log_lines_go_where_the_program_sends_them_and_never_to_its_output() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    assert "something is wrong" in done.stderr
    assert "nobody asked" not in done.stderr


def test_a_program_that_has_set_structlog_up_keeps_its_setting() -> None:
    before = "import structlog; structlog.configure(logger_factory=structlog.PrintLoggerFactory())"
    done = subprocess.run(
        [sys.executable, "-c", before + PROGRAM], check=True, capture_output=True, text=True
    )
    assert "nobody asked" in done.stdout
