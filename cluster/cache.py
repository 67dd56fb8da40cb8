"""The cache of built programs, shared by all checkouts: one folder per name and version."""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO


class BuildError(Exception):
    """A program cannot be built here; the message says why and what to do."""


def cache_folder() -> Path:
    """Return `$FLUID_CACHE`, else `fluid` in the user's cache folder."""
    if chosen := os.environ.get("FLUID_CACHE"):
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fluid"


def artifact(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cached folder `name`; if there is none, let `make` fill it.

    A folder appears under its name only when `make` succeeded. Other processes that want it meanwhile wait.
    """
    root = cache_folder()
    final = root / name
    if final.is_dir():
        return final
    root.mkdir(parents=True, exist_ok=True)
    with (root / f".{name}.lock").open("w") as lock:
        _take(lock, name)
        if final.is_dir():  # another process built it meanwhile
            return final
        work = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root))
        try:
            work.chmod(0o755)
            make(work)
            work.rename(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return final


def digest(files: Sequence[Path]) -> str:
    """A short name for the contents of files, in their order."""
    total = hashlib.sha256()
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:12]


def _take(lock: TextIO, name: str) -> None:
    """Wait for a lock, and say so: it may take minutes."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write(f"waiting for another process, which makes {name}\n")
        sys.stderr.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
