"""`fluid run`: what goes wrong is one line on stderr and exit code 1; tracebacks are for our faults."""

import socket
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result

from fluid.cli import main
from fluid.kube import LeaseLost
from fluid.operator.options import Options

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: one
contexts: [{name: one, context: {cluster: one, user: one}}]
clusters: [{name: one, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: one, user: {token: t}}]
"""


def nothing(*_: str) -> None:
    """Stands for what would change the process that the tests run in."""


def run_ending_in(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The command, whose process ends in an error two task groups deep."""

    async def fail() -> None:
        raise error

    async def serve(_: Options) -> None:
        async with anyio.create_task_group() as outer, anyio.create_task_group() as inner:
            outer.start_soon(anyio.sleep_forever)
            inner.start_soon(fail)

    monkeypatch.setattr("fluid.operator.process.serve", serve)
    for whole_process in ("set_up_logs", "_tame_garbage_collector"):
        monkeypatch.setattr(f"fluid.cli.run.{whole_process}", nothing)
    return CliRunner().invoke(main, ["run"])


def test_a_lost_lease_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_ending_in(LeaseLost("another process leads now"), monkeypatch)
    assert (result.exit_code, result.stderr) == (1, "error: another process leads now\n")


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_ending_in(RuntimeError("unforeseen"), monkeypatch)
    assert isinstance(result.exception, ExceptionGroup)


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(KUBECONFIG)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        options = ["--kubeconfig", str(file), "--health-addr", address, "--metrics-addr", "none"]
        command = [sys.executable, "-m", "fluid.cli", "run", *options, "--log-level", "error"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"error: cannot listen on {address}: Address already in use\n"


@pytest.mark.parametrize("option", ["--metrics-addr", "--health-addr"])
@pytest.mark.parametrize("address", ["abc", "host:99999", "::1:8080"])
def test_what_is_no_address_is_refused_with_the_form_that_is_wanted(option: str, address: str) -> None:
    result = CliRunner().invoke(main, ["run", option, address])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}': {address!r} is not HOST:PORT" in result.stderr
