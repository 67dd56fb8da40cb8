"""Renderings of other processes: `python -m fluid.engines.testing.processes MODULE:FUNCTION FOLDER`."""

import os
import subprocess
import sys
from pathlib import Path

from fluid.engines.core.settings import Settings
from fluid.engines.testing.examples import read_examples
from fluid.engines.testing.golden import written
from fluid.engines.testing.rendering import Make, kinds_of, make

_SEEDS = ("1", "2")
_TIMEOUT = 120.0
"""Seconds until a process that renders is given up."""


def importable(registered: Make) -> str | None:
    """The spelling by which another process finds a function; None for one that is made in place."""
    module, name = registered.__module__, getattr(registered, "__qualname__", "<")
    return None if "<" in name or module == "__main__" else f"{module}:{name}"


def renderings(spelling: str, folder: Path) -> list[str]:
    """What processes with other hash seeds make of all examples."""
    command = [sys.executable, "-m", __name__, spelling, str(folder)]
    found: list[str] = []
    for seed in _SEEDS:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
        if done.returncode:
            raise RuntimeError(f"rendering in another process failed: {done.stderr[-2000:]}")
        found.append(done.stdout)
    return found


def everything(registered: Make, folder: Path) -> str:
    """What is made of all examples, with the default settings."""
    examples = read_examples(folder, kinds_of(registered))
    return "".join(written(make(registered, one, Settings()).objects) for one in examples)


def main(spelling: str, folder: str) -> None:
    """Print it."""
    module, _, name = spelling.partition(":")
    found: object = __import__(module, fromlist=["_"])
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found), "a registration is made by a function"
    sys.stdout.write(everything(found, Path(folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
