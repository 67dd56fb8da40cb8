"""What distributions bring beside their code: CRDs, and the version of the interface they were written for.

The first number of a version changes when a registration that was written before has to be changed, the
second when something is added. A registration says which version it was written for; one for another first
number, or for a later second one, is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import JsonValue

from fluid.types import KubeObject
from fluid.types.yaml import load_yaml

Crd = str | Traversable
"""A CRD as YAML: its text, or the file that has it."""
INTERFACE = "1.0"
"""The version of the interface between engines and everything that calls them."""
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})")


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


@dataclass(frozen=True)
class Definition:
    """A CRD, as far as it is read here.

    Attributes:
        group: API group.
        kind: Name of the kind.
        versions: What is said of each version, by its name; those that are not served are left out.
    """

    group: str
    kind: str
    versions: Mapping[str, Mapping[str, JsonValue]]


def definitions(crds: Iterable[Crd]) -> Iterator[Definition]:
    """The CRDs in some texts; what is none is left out, as it harms no other."""
    for text in texts(crds):
        try:
            documents = load_yaml(text)
        except ValueError:
            continue
        for document in documents:
            match document:
                case {
                    "spec": {"group": str(group), "names": {"kind": str(kind)}, "versions": list(versions)}
                }:
                    yield Definition(group, kind, dict(_served(versions)))
                case _:
                    continue


def _served(versions: Iterable[JsonValue]) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    for version in versions:
        match version:
            case {"name": str(name), "served": True}:
                yield name, version
            case _:
                continue


def missing_crds(kinds: Iterable[type[KubeObject]], found: Iterable[Definition]) -> Iterator[str]:
    """What is wrong where kinds have no CRD that serves the version of their model, a sentence each."""
    known = {(one.group, one.kind): one for one in found}
    for kind in kinds:
        group, version, name, *_ = kind.resource
        definition = known.get((group, name))
        if definition is None:
            package = kind.__module__.partition(".")[0]
            yield f"{name} of {group} has no CRD: put the file into the folder crds of the package {package}"
        elif version not in definition.versions:
            served = ", ".join(sorted(definition.versions)) or "no version"
            yield f"the CRD of {name} of {group} serves {served}, and the model is of {version}"


def texts(crds: Iterable[Crd]) -> list[str]:
    """The texts, each once."""
    found = (one if isinstance(one, str) else one.read_text(encoding="utf-8") for one in crds)
    return list(dict.fromkeys(found))


def version_problem(written_for: str, ours: str = INTERFACE) -> str:
    """Why a registration cannot be used, as the rest of a sentence; empty if it can.

    Args:
        written_for: The version that it names.
        ours: The version to compare with.
    """
    theirs, mine = _VERSION.fullmatch(written_for), _VERSION.fullmatch(ours)
    assert mine is not None, "the operator's own version is one"
    if theirs is None:
        return f"names {written_for[:40]!r} as the version of the interface; write it like {ours!r}"
    if theirs[1] != mine[1] or int(theirs[2]) > int(mine[2]):
        fix = "install releases that fit"
        return f"was written for version {written_for} of the interface, and this is {ours}: {fix}"
    return ""
