"""Golden files: what an engine makes of each example, kept beside the examples and reviewed like code."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from fluid.engines.testing.plugin import WRITE_GOLDEN
from fluid.types import KubeObject
from fluid.types.yaml import dump_yaml

_LINES = 60
"""Lines of a difference that are shown."""


def written(objects: Sequence[KubeObject]) -> str:
    """Objects as a golden file has them: by kind and name."""
    ordered = sorted(objects, key=lambda one: (one.resource.kind, one.key))
    return dump_yaml(*(one.to_wire() for one in ordered))


def compare(path: Path, objects: Sequence[KubeObject]) -> str | None:
    """What is wrong with a golden file, or None."""
    if not path.exists():
        return f"There is no {path}. Run pytest with {WRITE_GOLDEN}, read the file, and commit it."
    before, after = path.read_text(encoding="utf-8"), written(objects)
    if before == after:
        return None
    lines = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), "golden", "now", lineterm="", n=1)
    )
    shown = "\n".join(lines[:_LINES])
    return (
        f"{path} is not what is made now. Clusters at work would get these changes at an upgrade; if they are"
        f" wanted, run pytest with {WRITE_GOLDEN}.\n{shown}"
    )


def write(path: Path, objects: Sequence[KubeObject]) -> None:
    """Write a golden file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(objects), encoding="utf-8")
