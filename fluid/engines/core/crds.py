"""Where CRDs are: those that are shipped, and those of other distributions."""

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

Crd = str | Traversable
"""A CRD as YAML: its text, or the file that has it."""


def shipped_crd(plural: str) -> list[Crd]:
    """The CRD of a kind of this distribution, as it was generated; empty if it ships none."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_crds"
    folder = installed if installed.is_dir() else package.parent / "generated" / "crds"
    return [*sorted(folder.glob(f"*_{plural}.yaml"))]


def crds_in(package: str) -> list[Crd]:
    """The files in the folder `crds` of a package, where `fluid codegen` writes them."""
    folder = files(package) / "crds"
    found = [one for one in folder.iterdir() if one.name.endswith(".yaml")] if folder.is_dir() else []
    by_name = {one.name: one for one in found}
    return [by_name[name] for name in sorted(by_name)]


def texts(crds: Iterable[Crd]) -> list[str]:
    """The texts, each once."""
    found = (one if isinstance(one, str) else one.read_text(encoding="utf-8") for one in crds)
    return list(dict.fromkeys(found))
