"""Reading the schema documents: files, references, kinds."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue

from fluid.types.updates import ORDER

Json = JsonValue
Node = dict[str, JsonValue]

KUBERNETES = "kubernetes.json"
"""The file of Kubernetes' own types."""
_LOADERS: Mapping[str, Callable[[str], Json]] = {".yaml": yaml.safe_load, ".json": json.loads}

UPDATE = "x-fluid-update"
"""The keyword for what a change of a field needs."""
# What only new objects have to keep to: kept out of the models, which read old objects too.
LIMITS = ("maxItems", "maxLength")

KEYWORDS = frozenset(
    [
        *[
            "$ref",
            "additionalProperties",
            "allOf",
            "default",
            "description",
            "enum",
            "format",
            "items",
            "oneOf",
        ],
        *["maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum", "pattern"],
        *["properties", "required", "type"],
    ]
)


def node(value: Json) -> Node:
    """The value as an object; a schema that has none there is wrong."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object in a schema, found {value!r}")
    return value


def items(value: Json) -> list[Json]:
    """The value as a list; a schema that has none there is wrong."""
    if not isinstance(value, list):
        raise TypeError(f"expected a list in a schema, found {value!r}")
    return value


def text(value: Json) -> str:
    """The value as a string; a schema that has none there is wrong."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string in a schema, found {value!r}")
    return value


def references(value: Json) -> Iterator[str]:
    """All `$ref`s below a value."""
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def referred(schema: Node) -> str:
    """What a schema refers to, by `$ref` or by the `allOf` that OpenAPI 3.0 needs beside a description."""
    match schema:
        case {"$ref": str(reference)} | {"allOf": [{"$ref": str(reference)}]}:
            return reference
        case _:
            return ""


def without(schema: Node, *keys: str) -> Node:
    """A schema less some keys."""
    return {key: value for key, value in schema.items() if key not in keys}


def strip(value: Json, *keys: str) -> Json:
    """A schema less some keywords, at any depth; properties that are called so stay."""
    if isinstance(value, list):
        return [strip(item, *keys) for item in value]
    if not isinstance(value, dict):
        return value
    kept = without(value, *keys)
    properties = {name: strip(schema, *keys) for name, schema in node(kept.pop("properties", {})).items()}
    kept = {key: strip(item, *keys) for key, item in kept.items()}
    return {**kept, "properties": properties} if properties else kept


@dataclass(frozen=True)
class Kind:
    """A schema that describes a top-level kind.

    Attributes:
        schema: Its schema, with the `x-` extensions.
    """

    schema: Node

    @property
    def group(self) -> str:
        """API group; empty for the core group."""
        return text(self._identity["group"])

    @property
    def version(self) -> str:
        """API version."""
        return text(self._identity["version"])

    @property
    def name(self) -> str:
        """Name of the kind."""
        return text(self._identity["kind"])

    @property
    def api_version(self) -> str:
        """Group and version as objects spell them."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def _identity(self) -> Node:
        return node(self.schema["x-kubernetes-group-version-kind"])

    @property
    def resource(self) -> Node:
        """Plural, scope, short names, categories."""
        return node(self.schema["x-resource"])


def _check_keywords(schema: Node, place: str) -> None:
    """Find what is no keyword, such as the rest of an unquoted sentence after its comma."""
    for key, value in schema.items():
        if key == "properties":
            for name, field in node(value).items():
                _check_keywords(node(field), f"{place}.{name}")
        elif key in {"items", "additionalProperties"}:
            _check_keywords(node(value), place)
        elif key not in KEYWORDS and key != UPDATE and (key.startswith("x-fluid") or key[:2] != "x-"):
            raise ValueError(f"{place}: {key!r} is no keyword of a schema")
    if (word := schema.get(UPDATE, ORDER[0])) not in ORDER:
        raise ValueError(f"{place}: {UPDATE}: {word!r} is no update policy; write {', '.join(ORDER)}")


def _check_described(schema: Node, place: str) -> None:
    """Find what has no meaning or no type: models and pages are made of both."""
    if "description" not in schema:
        raise ValueError(f"{place}: has no description")
    for name, value in node(schema.get("properties", {})).items():
        field, inside = node(value), f"{place}.{name}"
        _check_described(field, inside)
        if "type" not in field and not referred(field):
            raise ValueError(f"{inside}: has neither a type nor a $ref")


def _check_kind(schema: Node, place: str) -> None:
    """Find what a kind lacks that its model and its CRD are made of."""
    for extension, keys in (
        ("x-kubernetes-group-version-kind", ("group", "version", "kind")),
        ("x-resource", ("plural", "scope")),
    ):
        value = schema.get(extension)
        if not isinstance(value, dict) or any(not isinstance(value.get(key), str) for key in keys):
            raise ValueError(f"{place}: {extension} has to say {', '.join(keys)}")
    if node(schema["x-resource"])["scope"] not in ("Namespaced", "Cluster"):
        raise ValueError(f"{place}: the scope of x-resource is Namespaced or Cluster")


def _complete(schema: Node) -> Node:
    """Add what all kinds have, so that schema files need not repeat it."""
    if "x-kubernetes-group-version-kind" not in schema:
        return schema
    kind = Kind(schema)
    common: Node = {
        "apiVersion": {"description": "Version of the schema.", "type": "string", "enum": [kind.api_version]},
        "kind": {"description": "Name of the kind.", "type": "string", "enum": [kind.name]},
        "metadata": {
            "description": "Name, namespace, labels, annotations and the like.",
            "$ref": "kubernetes.json#/components/schemas/ObjectMeta",
        },
    }
    properties = {**common, **node(schema.get("properties", {}))}
    return {**schema, "required": [*common, *items(schema.get("required", []))], "properties": properties}


def _read(path: Path) -> tuple[str, dict[str, Node]]:
    """Title and components of a schema file."""
    place = f"{path.parent.name}/{path.name}"
    if not path.stem.isidentifier():
        raise ValueError(f"{place}: its model is a Python module of that name; use letters, digits and _")
    try:
        document = node(_LOADERS[path.suffix](path.read_text(encoding="utf-8")))
        title = text(node(document.get("info"))["title"])
        read = node(node(document.get("components")).get("schemas"))
        components = {name: node(schema) for name, schema in read.items()}
    except (ValueError, yaml.YAMLError, TypeError, LookupError) as error:
        raise ValueError(f"{place}: is no OpenAPI document with info.title and components: {error}") from None
    for name, schema in components.items():
        _check_keywords(schema, f"{place}: {name}")
        if path.name != KUBERNETES:
            _check_described(schema, f"{place}: {name}")
        if "x-kubernetes-group-version-kind" in schema:
            _check_kind(schema, f"{place}: {name}")
    return title, {name: _complete(schema) for name, schema in components.items()}


@dataclass(frozen=True)
class Schemas:
    """The schema files of a folder, and those of this distribution that they may refer to.

    Attributes:
        folder: Name of the folder, for headers and messages.
        documents: Components of each file, by file name and schema name.
        titles: What each file is about.
        shipped: Names of the files that come from this distribution: `fluid.models` has their models, and
            nothing is written for them.
    """

    folder: str
    documents: dict[str, dict[str, Node]]
    titles: dict[str, str]
    shipped: frozenset[str] = frozenset()

    @classmethod
    def load(cls, folder: Path, shipped: Path | None = None) -> "Schemas":
        """Read every schema file of a folder.

        Args:
            folder: Where the files are.
            shipped: The folder of the schemas that have models already; None if `folder` stands alone.

        Raises:
            ValueError: A file is malformed, or has a name that a shipped file or schema has.
            OSError: A file cannot be read.
        """
        others = {path.name: _read(path) for path in _schema_files(shipped)} if shipped else {}
        own = {path.name: _read(path) for path in _schema_files(folder)}
        if not own:
            raise ValueError(f"{folder}: has no schema files (*.yaml)")
        if taken := sorted(own.keys() & others.keys()):
            raise ValueError(f"{folder.name}/{taken[0]}: Fluid has a file of that name, choose another")
        known = {name for _, components in others.values() for name in components}
        for file, (_, components) in own.items():
            if twice := sorted(components.keys() & known):
                raise ValueError(f"{folder.name}/{file}: Fluid has a schema {twice[0]}, choose another name")
        files = {**others, **own}
        documents = {file: components for file, (_, components) in files.items()}
        return cls(
            folder.name, documents, {file: title for file, (title, _) in files.items()}, frozenset(others)
        )

    @property
    def own(self) -> dict[str, dict[str, Node]]:
        """Components of the files for which something is written."""
        return {file: one for file, one in self.documents.items() if file not in self.shipped}

    def resolve(self, reference: str, file: str) -> tuple[str, str, Node]:
        """File, name and schema that a reference in a file points at."""
        target, _, pointer = reference.partition("#")
        name = pointer.removeprefix("/components/schemas/")
        schema = self.documents.get(target or file, {}).get(name)
        if schema is None:
            raise LookupError(f"{self.folder}/{file} refers to {reference}, which does not exist")
        return target or file, name, schema

    def find(self, name: str) -> tuple[str, str, Node]:
        """File, name and schema of a schema with a name."""
        for file, schemas in self.documents.items():
            if name in schemas:
                return file, name, schemas[name]
        raise LookupError(f"no schema file defines {name}")

    def kinds(self) -> Iterator[Kind]:
        """The top-level kinds of all files for which something is written."""
        for schemas in self.own.values():
            yield from _kinds(schemas)

    def custom_kinds(self) -> Iterator[Kind]:
        """Those of them that are not Kubernetes' own: each has a CRD and a page."""
        for file, schemas in self.own.items():
            if file != KUBERNETES:
                yield from _kinds(schemas)


def _schema_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in _LOADERS)


def _kinds(schemas: dict[str, Node]) -> Iterator[Kind]:
    return (Kind(schema) for schema in schemas.values() if "x-kubernetes-group-version-kind" in schema)
