"""The operator of an earlier commit, installed beside the checkout from the history of the repository."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from cluster.cache import BuildError, artifact
from cluster.image import runtime_lock

_CHECKOUT = Path(__file__).parent.parent
_SHOWN = 12
"""Digits of a commit in names."""
_COMMAND = """#!/bin/sh
exec "${0%/*}/venv/bin/python" -I -c 'from fluid.cli import main; main()' "$@"
"""
"""Finds its venv by its own place: the folder of an artifact gets its name once it is full."""


class NoHistoryError(Exception):
    """The checkout does not have the commit; the message says how to get it."""


def release(commit: str) -> Path:
    """Return the command `fluid` of a commit, in a venv of its own with what its lock file names.

    The folder is that of compiled programs, one for each commit and interpreter. The commit has to be in the
    history although it was installed before, so that the outcome is the same with and without the cache.

    Args:
        commit: All its digits.

    Raises:
        NoHistoryError: It is not in the history of this checkout.
        BuildError: It cannot be installed.
    """
    found = _run(_git("cat-file", "-e", f"{commit}^{{commit}}"))
    if found.returncode != 0:
        raise NoHistoryError(
            f"commit {commit[:_SHOWN]} is not in the history of this checkout: {_reason(found)}. "
            "Fetch all of it (git fetch --unshallow)"
        )
    return artifact(f"release-{commit[:_SHOWN]}-{_interpreter()}", partial(_install, commit)) / "fluid"


def _install(commit: str, folder: Path) -> None:
    venv = folder / "venv"
    _must("make a venv", [sys.executable, "-m", "venv", "--without-pip", str(venv)])
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "install", "--quiet"]
    pip += ["--no-deps", "--only-binary=:all:"]
    with tempfile.TemporaryDirectory() as work:
        sources, archive = Path(work, "sources"), Path(work, "sources.tar")
        _must("unpack the commit", _git("archive", "--output", str(archive), commit))
        shutil.unpack_archive(archive, sources, filter="data")
        lock = Path(work, "runtime.lock")
        lock.write_text(runtime_lock((sources / "requirements.lock").read_text()))
        _must("install what it needs", [*pip, "--require-hashes", "--requirement", str(lock)])
        wheel = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", work]
        _must("build its wheel", wheel, sources)
        _must("install it", [*pip, *map(str, Path(work).glob("*.whl"))])
    command = folder / "fluid"
    command.write_text(_COMMAND)
    command.chmod(0o755)
    _must("run it", [str(command), "--version"])


def _interpreter() -> str:
    """A venv works only with its own interpreter, at its own path."""
    where = f"{sys.version} {Path(sys.executable).resolve()}"
    return sha256(where.encode()).hexdigest()[:8]


def _git(*arguments: str) -> list[str]:
    # The owner of the checkout does not matter: nothing in it is run.
    return ["git", "-c", "safe.directory=*", "-C", str(_CHECKOUT), *arguments]


def _must(what: str, command: Sequence[str], folder: Path = _CHECKOUT) -> None:
    done = _run(command, folder)
    if done.returncode != 0:
        raise BuildError(f"cannot {what}: {_reason(done)}")


def _run(command: Sequence[str], folder: Path = _CHECKOUT) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:  # no git
        return subprocess.CompletedProcess(command, 127, "", str(error))


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr or done.stdout).strip()[-500:] or f"exit code {done.returncode}"
