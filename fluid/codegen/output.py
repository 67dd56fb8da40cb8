"""Writing everything that follows from a folder of schemas, or telling what differs from it."""

import filecmp
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fluid.codegen.crds import write_crds
from fluid.codegen.docs import write_docs
from fluid.codegen.models import write_models
from fluid.codegen.schema import Schemas

ROOMS = ("models", "crds", "docs")
"""The folders that are written."""
_MARK = "do not edit"
"""In the first line of each file that is generated."""


def shipped_schemas() -> Path:
    """Where this distribution's schemas are: inside the installed wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def write_all(schemas: Schemas, target: Path) -> None:
    """Write models, CRDs and pages into folders of these names."""
    write_models(schemas, target / "models")
    write_crds(schemas, target / "crds")
    write_docs(schemas, target / "docs")


def files(folder: Path) -> set[Path]:
    """Relative paths of the files that may be generated code."""
    return {
        path.relative_to(folder)
        for path in folder.rglob("*.*")
        if path.suffix in {".py", ".pyi", ".yaml", ".md"}
    }


def differing(made: Path, target: Path) -> set[Path]:
    """Files that are missing in a folder, or are others than those that were made."""
    _, unlike, missing = filecmp.cmpfiles(made, target, [str(path) for path in files(made)], shallow=False)
    return {*map(Path, unlike), *map(Path, missing)}


def update(schemas: Path, target: Path) -> None:
    """Write what follows from a folder of schemas that refer to those of this distribution.

    Only files that a generator wrote are replaced, or deleted when their schema is gone.

    Raises:
        ValueError: A schema is malformed, or a file that somebody wrote by hand stands where one is written.
        LookupError: A reference leads nowhere.
        OSError: A file cannot be read or written.
    """
    with _made(schemas) as made:
        expected = files(made)
        for path in sorted(expected):
            there = target / path
            if there.exists() and not _generated(there):
                raise ValueError(f"{there} was not generated: move it away, or write into another folder")
        for path in sorted(expected):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made / path, target / path)
        for path in _left_over(target, expected):
            (target / path).unlink()


def drift(schemas: Path, target: Path) -> list[Path]:
    """Files below a folder that `update` would write or delete.

    Raises:
        ValueError: A schema is malformed.
        LookupError: A reference leads nowhere.
        OSError: A file cannot be read.
    """
    with _made(schemas) as made:
        return sorted({*differing(made, target), *_left_over(target, files(made))})


@contextmanager
def _made(schemas: Path) -> Generator[Path]:
    loaded = Schemas.load(schemas, shipped_schemas())
    with tempfile.TemporaryDirectory() as scratch:
        write_all(loaded, Path(scratch))
        yield Path(scratch)


def _left_over(target: Path, expected: set[Path]) -> list[Path]:
    """Generated files of schemas that are no more."""
    found = [Path(room) / path for room in ROOMS for path in files(target / room)]
    return [path for path in found if path not in expected and _generated(target / path)]


def _generated(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return _MARK in stream.readline()
