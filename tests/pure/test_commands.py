"""Each command of README, docs/sdk.md and examples/thin runs in a test as written, or it is said why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.pages import NOT_RUN, PAGES, ROOT, RUN, commands

MINE = RUN["tests/pure/test_commands.py"]


def test_each_command_has_its_test_or_a_reason() -> None:
    run = [command for some in RUN.values() for command in some]
    assert len(run) == len(set(run))
    shown = {command for page in PAGES for command in commands(page)}
    assert shown == {*run, *NOT_RUN}
    assert not {*run} & {*NOT_RUN}


@pytest.mark.parametrize("script", [".ci/bare", ".ci/run"])
def test_scripts_run_what_is_said_of_them(script: str) -> None:
    text = (ROOT / script).read_text().replace(" --no-print-directory", "")
    assert [command for command in RUN[script] if command not in text] == []


def test_comments_beside_commands_are_none_and_spoken_commands_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.harness.pages.ROOT", tmp_path)
    (tmp_path / "page.md").write_text(
        "Say `KEEP=1 make\ndemo` or `fluid`.\n\n```sh\nmake node   # as root\n```\n\n    kubectl get pods\n"
    )
    assert commands("page.md") == ["make node", "kubectl get pods", "KEEP=1 make demo"]


@pytest.mark.parametrize("command", MINE)
def test_it_runs_as_it_is_written(command: str) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
