"""The example `engine-hello` as users get it: two wheels, installed where nothing of this checkout is."""

import subprocess
import sys
from pathlib import Path

from cluster.image import runtime_lock

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "engine-hello"
MANIFESTS = EXAMPLE / "manifests"
_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run([*command], cwd=cwd, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def wheel(source: Path, folder: Path) -> Path:
    """The wheel of a project, without its dependencies."""
    made = folder / source.name
    pip = (sys.executable, *_PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index")
    run(*pip, "--wheel-dir", made, source, cwd=folder)
    (found,) = made.glob("*.whl")
    return found


def unpacked(folder: Path) -> Path:
    """A folder for PYTHONPATH with the example alone."""
    target = folder / "site"
    pip = (sys.executable, *_PIP, "install", "--no-deps", "--no-index", "--target", target)
    run(*pip, wheel(EXAMPLE, folder), cwd=folder)
    return target


def environment(folder: Path) -> Path:
    """The `bin` of a venv with both wheels, and what they need from the package index."""
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    binaries = folder / "venv" / "bin"
    lock = folder / "runtime.lock"
    lock.write_text(runtime_lock((ROOT / "requirements.lock").read_text()))
    pip = (binaries / "python", *_PIP, "install", "--only-binary=:all:")
    run(*pip, "--require-hashes", "--requirement", lock, cwd=folder)
    run(*pip, "--no-deps", "--no-index", wheel(ROOT, folder), wheel(EXAMPLE, folder), cwd=folder)
    return binaries
