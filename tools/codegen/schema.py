"""Reading the schema documents: files, references, kinds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue

Json = JsonValue
Node = dict[str, JsonValue]


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
        elif key not in KEYWORDS and not key.startswith("x-"):
            raise ValueError(f"{place}: {key!r} is no keyword of a schema")


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


@dataclass(frozen=True)
class Schemas:
    """All schema files of a folder.

    Attributes:
        documents: Components of each file, by file name and schema name.
        titles: What each file is about.
    """

    documents: dict[str, dict[str, Node]]
    titles: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> "Schemas":
        """Read every schema file of a folder."""
        documents: dict[str, dict[str, Node]] = {}
        titles: dict[str, str] = {}
        for path in sorted(p for p in folder.iterdir() if p.suffix in {".yaml", ".json"}):
            read = json.loads if path.suffix == ".json" else yaml.safe_load
            document = read(path.read_text())
            schemas = document["components"]["schemas"]
            for name, schema in schemas.items():
                _check_keywords(schema, f"schemas/{path.name}: {name}")
            documents[path.name] = {name: _complete(schema) for name, schema in schemas.items()}
            titles[path.name] = document["info"]["title"]
        return cls(documents, titles)

    def resolve(self, reference: str, file: str) -> tuple[str, str, Node]:
        """File, name and schema that a reference in a file points at."""
        target, _, pointer = reference.partition("#")
        name = pointer.removeprefix("/components/schemas/")
        schema = self.documents.get(target or file, {}).get(name)
        if schema is None:
            raise LookupError(f"schemas/{file} refers to {reference}, which does not exist")
        return target or file, name, schema

    def find(self, name: str) -> tuple[str, str, Node]:
        """File, name and schema of a schema with a name."""
        for file, schemas in self.documents.items():
            if name in schemas:
                return file, name, schemas[name]
        raise LookupError(f"no schema file defines {name}")

    def kinds(self) -> Iterator[Kind]:
        """The top-level kinds of all files."""
        for schemas in self.documents.values():
            for schema in schemas.values():
                if "x-kubernetes-group-version-kind" in schema:
                    yield Kind(schema)
