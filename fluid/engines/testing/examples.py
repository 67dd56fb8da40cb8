"""Example specs: files with a Dataset, its runtime, and what the runtime names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_DNS, uuid5

from pydantic import JsonValue

from fluid.charts.kinds import model_of
from fluid.types import JsonObject, KubeObject
from fluid.types.yaml import load_yaml

M = TypeVar("M", bound=KubeObject)


@dataclass(frozen=True)
class Example:
    """The objects of one example as the API server has them: with namespaces and UIDs.

    Attributes:
        name: Name of the file without its ending.
        objects: All of them, Dataset and runtime among them.
    """

    name: str
    objects: Sequence[KubeObject]

    def the(self, kind: type[M]) -> M:
        """The one object of a kind.

        Raises:
            ValueError: There is none, or more than one.
        """
        found = [one for one in self.objects if isinstance(one, kind)]
        if len(found) != 1:
            raise ValueError(f"example {self.name} has {len(found)} {kind.__name__}s; write exactly one")
        return found[0]

    def with_spec(self, kind: type[KubeObject], spec: JsonValue) -> "Example":
        """The same example with another spec of its object of a kind.

        Raises:
            AuthoringError: The API server would not take it.
        """
        before = self.the(kind)
        wire: JsonObject = {**before.to_wire(), "spec": spec}
        after = kind.author(wire)
        return replace(self, objects=[after if one is before else one for one in self.objects])


def read_examples(folder: Path, kinds: Iterable[type[KubeObject]]) -> list[Example]:
    """The examples in a folder, one for each `.yaml` file, by name.

    Args:
        folder: Where the files are.
        kinds: Kinds of the engine's own: its runtime, and what that names.

    Raises:
        ValueError: There is no file, one is no YAML, or a document of it is not what the API server takes.
    """
    known = {(one.resource.api_version, one.resource.kind): one for one in kinds}
    found = [_read(path, known) for path in sorted(folder.glob("*.yaml"))]
    if not found:
        raise ValueError(f"{folder} has no example; write a .yaml file with a Dataset and its runtime")
    return found


def _read(path: Path, known: Mapping[tuple[str, str], type[KubeObject]]) -> Example:
    documents = load_yaml(path.read_text(encoding="utf-8"))
    return Example(path.stem, [_object(document, known) for document in documents])


def _object(document: JsonValue, known: Mapping[tuple[str, str], type[KubeObject]]) -> KubeObject:
    if not isinstance(document, dict):
        raise TypeError("an example has a document that is no mapping with apiVersion and kind")
    named = str(document.get("apiVersion")), str(document.get("kind"))
    found = (known.get(named) or model_of(document)).author(document)
    if found.resource.namespaced and not found.metadata.namespace:
        found.metadata.namespace = "default"
    found.metadata.uid = found.metadata.uid or str(uuid5(NAMESPACE_DNS, f"{named[1]}.{found.key}"))
    return found


def spec_of(example: Example, kind: type[KubeObject]) -> JsonValue:
    """The spec of the example's object of a kind, as it is on the wire."""
    return example.the(kind).to_wire().get("spec", {})
