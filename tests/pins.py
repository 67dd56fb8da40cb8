"""`python -m tests.pins [--write] [NAME ...]`: what the operator makes of fixed specs, against golden files.

Each folder of `tests/data/pins` is a pin: `input.yaml` (a Dataset, its runtime, what they refer to, and data
operations), `environment.yaml` (the operator's variables, where they are others than in the file of that name
beside the folders; null takes one away), `edits.yaml` (edits of the input, each with its effect) and
`golden.yaml` (what is made of it). Without `--write` the differences are printed.
"""

import argparse
import copy
import difflib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict
from uuid import NAMESPACE_DNS, uuid5

import yaml
from pydantic import JsonValue

from fluid.charts.kinds import model_of
from fluid.cli.admission import refusals
from fluid.engines.core.registry import Registry
from fluid.kube import DESIRED_HASH, Stamps
from fluid.models import OwnerReference
from fluid.naming import MOUNTS_REVISION
from fluid.offline.render import render_documents
from fluid.types import KubeObject
from fluid.types.yaml import dump_yaml

FOLDER = Path(__file__).parent / "data" / "pins"
OPERATIONS = ("DataBackup", "DataLoad", "DataMigrate", "DataProcess")
CREATED = ("PersistentVolume", "PersistentVolumeClaim")
"""Kinds that are made once and never applied again: they get no hash."""
_WORD = 80
"""Characters up to which a text is shown whole where it differs."""
Document = dict[str, JsonValue]
Documents = Sequence[Document]


class Edit(TypedDict):
    """One edit of an input: what it says, its steps, and what becomes another because of it.

    The effect is `revision` (mounts revisions, so pods are replaced), `objects` (objects alone) or `none`.
    """

    edit: str
    effect: str
    steps: list[dict[str, JsonValue]]


def render(
    objects: Sequence[KubeObject], environment: Mapping[str, str]
) -> tuple[list[KubeObject], list[str]]:
    """What the operator makes of some objects, and the reasons of its warnings.

    The one place that knows where rendering is: whoever moves that changes this function and its imports.
    """
    warnings: set[str] = set()
    settings = Registry.discover().settings(environment)
    rendered = render_documents(objects, settings, lambda one: warnings.add(one.reason))
    return rendered, sorted(warnings)


def names() -> list[str]:
    """All pins."""
    return sorted(path.parent.name for path in FOLDER.glob("*/input.yaml"))


def made(name: str) -> list[Document]:
    """The golden file of a pin as it should be now: what is said of all objects, and the objects."""
    documents, environment = documents_of(name), environment_of(name)
    objects, warnings = owned(documents, environment)
    summary: Document = {"warnings": list(warnings), **_marks(objects)}
    if edits := edits_of(name):
        summary["edits"] = {one["edit"]: _effect(objects, one, documents, environment) for one in edits}
    return [summary, *(objects[key].to_wire() for key in sorted(objects))]


def golden(name: str) -> list[Document]:
    """The golden file of a pin as it is."""
    return _read(FOLDER / name / "golden.yaml")


def documents_of(name: str) -> list[Document]:
    """The input of a pin."""
    return _read(FOLDER / name / "input.yaml")


def environment_of(name: str) -> dict[str, str]:
    """The variables of the operator for a pin."""
    path = FOLDER / name / "environment.yaml"
    [common], [own] = _read(FOLDER / "environment.yaml"), _read(path) if path.exists() else [Document()]
    return {key: str(value) for key, value in {**common, **own}.items() if value is not None}


def edits_of(name: str) -> list[Edit]:
    """The edits of a pin."""
    path = FOLDER / name / "edits.yaml"
    return yaml.load(path.read_text(), _Loader) if path.exists() else []


def owned(documents: Documents, environment: Mapping[str, str]) -> tuple[dict[str, KubeObject], list[str]]:
    """What the operator makes, by kind and name, with the owners that it has in a cluster."""
    objects = [_authored(document) for document in documents]
    base = [one for one in objects if one.resource.kind not in OPERATIONS]
    found, warnings = render(base, environment)
    for operation in (one for one in objects if one.resource.kind in OPERATIONS):
        workload = render([*base, operation], environment)[0][len(found) :]
        for one in workload:  # as the controller of operations does
            one.metadata.owner_references = [_controlled_by(operation)]
        found = [*found, *workload]
        base.append(operation)
    return {_called(one): one for one in found}, warnings


def differences(before: JsonValue, after: JsonValue, path: str = "") -> Iterator[str]:
    """Where two values differ: a line each, in the order of the first."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_differences(before, after, path)
    elif isinstance(before, str) and isinstance(after, str) and len(before + after) > _WORD:
        yield from _text_differences(before, after, path)
    else:
        yield f"{path}: {_short(before)} -> {_short(after)}"


def _text_differences(before: str, after: str, path: str) -> Iterator[str]:
    """By value in JSON and in the text of a values ConfigMap, else by line."""
    old, new = _parsed(before), _parsed(after)
    if old is not None and new is not None and old != new:
        yield from differences(old, new, path)
        return
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
    yield from (f"{path}: {line}" for line in lines if not line.startswith("@@"))


def _parsed(text: str) -> Document | None:
    if text.startswith("{"):
        return json.loads(text)
    entries = [line.partition(": ") for line in text.splitlines()]
    if not all(colon for _, colon, _ in entries):
        return None
    return {key: json.loads(value) if value[:1] in ("{", "[") else value for key, _, value in entries}


def _list_differences(before: list[JsonValue], after: list[JsonValue], path: str) -> Iterator[str]:
    if len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
        return
    yield from (f"{path}: without {_short(one)}" for one in before if one not in after)
    yield from (f"{path}: with {_short(one)}" for one in after if one not in before)


def by_object(documents: Documents) -> dict[str, JsonValue]:
    """The documents of a golden file by what they are of; the first, of all objects, is the summary."""
    return {_title(one): one for one in documents}


def _title(document: Document) -> str:
    match document:
        case {"kind": str(kind), "metadata": {"name": str(name), **rest}}:
            return f"{kind} {rest['namespace']}/{name}" if "namespace" in rest else f"{kind} {name}"
        case _:
            return "summary"


def _short(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _marks(objects: Mapping[str, KubeObject]) -> Document:
    """Mounts revisions and desired hashes by object."""
    return {"revisions": dict(_revisions(objects)), "hashes": dict(_hashes(objects))}


def _effect(
    before: Mapping[str, KubeObject], edit: Edit, documents: Documents, environment: Mapping[str, str]
) -> Document:
    """What an edit makes of the objects of a pin."""
    after, _ = owned(_edited(documents, edit["steps"]), environment)
    old, new = _marks(before), _marks(after)
    wires = [{key: one.to_wire() for key, one in sorted(objects.items())} for objects in (before, after)]
    return {
        **{name: _changed(old[name], new[name]) for name in ("revisions", "hashes")},
        "changes": {
            key: list(_between(wires[0], wires[1], key)) for key in _changed_keys(wires[0], wires[1])
        },
    }


def _changed(old: JsonValue, new: JsonValue) -> JsonValue:
    """Entries that are new or other ones; None for those that are gone."""
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    return {key: new.get(key) for key in sorted({*old, *new}) if old.get(key) != new.get(key)}


def _changed_keys(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> list[str]:
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def _between(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], key: str
) -> Iterator[JsonValue]:
    if key not in before or key not in after:
        yield "is new" if key in after else "is gone"
        return
    yield from differences(before[key], after[key])


def _revisions(objects: Mapping[str, KubeObject]) -> Iterator[tuple[str, JsonValue]]:
    for key, one in sorted(objects.items()):
        match one.to_wire():
            case {"spec": {"template": {"metadata": {"annotations": dict(annotations)}}}}:
                if (revision := annotations.get(MOUNTS_REVISION)) is not None:
                    yield key, revision
            case _:
                pass


def _hashes(objects: Mapping[str, KubeObject]) -> Iterator[tuple[str, JsonValue]]:
    stamps = Stamps()
    for key, one in sorted(objects.items()):
        if one.resource.kind not in CREATED:
            yield key, stamps.of(one)["metadata"]["annotations"][DESIRED_HASH]


def _edited(documents: Documents, steps: Sequence[Mapping[str, JsonValue]]) -> list[Document]:
    """The documents after some steps: `path` in the document of `kind` gets `value`, or goes without one."""
    edited = copy.deepcopy(list(documents))
    for step in steps:
        [place] = [one for one in edited if one["kind"] == step["kind"]]
        *parents, last = str(step["path"]).strip("/").split("/")
        found: JsonValue = place
        for part in parents:
            found = _child(found, part)
        _put(found, last.replace("~1", "/"), step)
    return edited


def _child(parent: JsonValue, name: str) -> JsonValue:
    if isinstance(parent, list):
        return parent[int(name)]
    assert isinstance(parent, dict), f"nothing below {name}"
    return parent.setdefault(name.replace("~1", "/"), {})


def _put(parent: JsonValue, last: str, step: Mapping[str, JsonValue]) -> None:
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        parent[index : index + 1] = [step["value"]] if "value" in step else []
    elif isinstance(parent, dict):
        parent[last] = step.get("value")
        if "value" not in step:
            del parent[last]


def _authored(document: Document) -> KubeObject:
    """A document as the API server has it: with a namespace and a uid."""
    one = model_of(document).author(document)
    if one.resource.namespaced and not one.metadata.namespace:
        one.metadata.namespace = "default"
    one.metadata.uid = one.metadata.uid or str(uuid5(NAMESPACE_DNS, f"{one.resource.kind}.{one.key}"))
    return one


def _controlled_by(operation: KubeObject) -> OwnerReference:
    resource = operation.resource
    return OwnerReference(
        api_version=resource.api_version,
        kind=resource.kind,
        name=operation.name,
        uid=operation.uid,
        controller=True,
    )


def _called(one: KubeObject) -> str:
    return f"{one.resource.kind} {one.key}"


_Loader: type[yaml.SafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the one in C is ten times as fast


def _read(path: Path) -> list[Document]:
    return [one for one in yaml.load_all(path.read_text(), _Loader) if one is not None]


def _write(name: str) -> None:
    """Record a pin, if the API server would take its input."""
    for document in documents_of(name):
        if problems := refusals(_authored(document)):
            raise SystemExit(f"{name}: {document['kind']}: {'; '.join(problems)}")
    (FOLDER / name / "golden.yaml").write_text(dump_yaml(*made(name)))


def main() -> int:
    """Compare, or record."""
    parser = argparse.ArgumentParser(prog="python -m tests.pins", description=__doc__)
    parser.add_argument("--write", action="store_true", help="record what is made now")
    parser.add_argument("names", nargs="*", metavar="NAME", help="pins; all if none is named")
    chosen = parser.parse_args()
    wrong = 0
    for name in chosen.names or names():
        if chosen.write:
            _write(name)
        elif found := list(differences(by_object(golden(name)), by_object(made(name)), name)):
            wrong += 1
            sys.stdout.write(os.linesep.join(found) + os.linesep)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
