"""Schemas to reference pages."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fluid.codegen.schema import (
    KUBERNETES,
    LIMITS,
    Json,
    Kind,
    Node,
    Schemas,
    items,
    node,
    referred,
    text,
    without,
)
from fluid.codegen.updates import SENTENCES, Updates, updates_of
from fluid.types.updates import plain

SCALAR_NAMES = {
    "Quantity": "quantity",
    "IntOrString": "integer or string",
    "Time": "time",
    "MicroTime": "time",
}


class _Field(NamedTuple):
    path: str
    type: str
    constraints: str
    update: str
    description: str


def write_docs(schemas: Schemas, target: Path) -> None:
    """Write one page for each kind that is not Kubernetes' own."""
    target.mkdir(parents=True, exist_ok=True)
    for kind in schemas.custom_kinds():
        (target / f"{kind.name.lower()}.md").write_text(page(kind, schemas), encoding="utf-8")


def page(kind: Kind, schemas: Schemas) -> str:
    """The reference page of a kind, in Markdown."""
    file, _, schema = schemas.find(kind.name)
    updates = updates_of(kind, schemas)
    walker = _Walker(schemas, updates)
    fields = [field for field in walker.fields(schema, file, "") if not field.path.startswith("metadata")]
    parts = [
        f"<!-- Generated from {schemas.folder}/{file}; do not edit. -->",
        f"# {kind.name}",
        text(schema["description"]),
        _summary(kind),
    ]
    if example := schema.get("x-example"):
        parts += ["## Example", f"```yaml\n{text(example).strip()}\n```"]
    for section in ("spec", "status"):
        inside = [field for field in fields if field.path.startswith(f"{section}.")]
        parts += [f"## `{section}`", *_legend(inside), _table(inside)]
    if walker.rules:
        parts += [
            "## Rules",
            "The API server refuses objects that break one of these.",
            "\n".join(walker.rules),
        ]
    if columns := items(schema.get("x-printer-columns", [])):
        parts += ["## Columns of `kubectl get`", _columns(columns)]
    return "\n\n".join(parts) + "\n"


def _summary(kind: Kind) -> str:
    resource = kind.resource
    names = ", ".join(f"`{name}`" for name in [resource["plural"], *items(resource.get("shortNames", []))])
    parts = ", ".join(f"`{name}`" for name in node(kind.schema.get("x-subresources", {})))
    scope = "in a namespace" if resource["scope"] == "Namespaced" else "cluster-wide"
    return f"API version `{kind.api_version}`, {scope}. Names: {names}. Subresources: {parts or 'none'}."


def _table(fields: Sequence[_Field]) -> str:
    """With a column for update policies if some field has one."""
    changes = any(field.update for field in fields)
    head = ["Field", "Type", "Constraints", *(["Change"] if changes else []), "Meaning"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for field in fields:
        update = [f"`{field.update}`" if field.update else ""] if changes else []
        cells = (f"`{field.path}`", field.type, field.constraints, *update, field.description)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _legend(fields: Sequence[_Field]) -> list[str]:
    """What the policies mean that some fields have."""
    used = {field.update for field in fields}
    lines = [f"- `{word}`: {said}" for word, said in SENTENCES.items() if word in used]
    return ["\n".join(lines)] if lines else []


def _columns(columns: list[Json]) -> str:
    lines = ["| Column | Value | Shown |", "|---|---|---|"]
    for column in map(node, columns):
        shown = "with `-o wide`" if column.get("priority") else "always"
        lines.append(f"| {column['name']} | `{column['jsonPath']}` | {shown} |")
    return "\n".join(lines)


class _Walker:
    """Lists the fields of a kind, and the rules on the way."""

    def __init__(self, schemas: Schemas, updates: Updates) -> None:
        self._schemas = schemas
        self._updates = updates
        self.rules: list[str] = []

    def fields(self, schema: Node, file: str, path: str) -> Iterator[_Field]:
        """All fields below a schema, parents first."""
        self._note_rules(schema, path)
        required = items(schema.get("required", []))
        for name, value in node(schema.get("properties", {})).items():
            yield from self._field(node(value), file, f"{path}.{name}".lstrip("."), required=name in required)

    def _field(self, schema: Node, file: str, path: str, *, required: bool) -> Iterator[_Field]:
        if "items" in schema:
            inner, shown, below = node(schema["items"]), "list of {}", f"{path}[]"
            self._note_rules(schema, path)
        elif "additionalProperties" in schema:
            inner, shown, below = node(schema["additionalProperties"]), "map of {}", f"{path}.*"
        else:
            inner, shown, below = schema, "{}", path
        name, target_file, target = "", file, inner
        if reference := referred(inner):
            target_file, name, target = self._schemas.resolve(reference, file)
        core = target_file == KUBERNETES
        kind = SCALAR_NAMES.get(name) or (f"Kubernetes {name}" if core else text(target["type"]))
        meaning = " ".join(text(schema["description"]).split()).replace("|", "\\|")
        limited = without(schema, *LIMITS) if path.startswith("status") else schema  # as in the CRD
        update = self._updates.of(plain(path).removesuffix(".*")) or ""
        yield _Field(path, shown.format(kind), _constraints(limited, required=required), update, meaning)
        if not core:
            yield from self.fields(target, target_file, below)

    def _note_rules(self, schema: Node, path: str) -> None:
        if not path.startswith("status"):
            rules = map(node, items(schema.get("x-kubernetes-validations", [])))
            self.rules += [f"- `{path or 'object'}`: {rule['message']}." for rule in rules]


def _constraints(schema: Node, *, required: bool) -> str:
    words = ["required"] if required else []
    if "enum" in schema:
        words.append(
            "one of " + ", ".join(f"`{value}`" if value else "empty" for value in items(schema["enum"]))
        )
    labels = {
        "default": "default",
        "minimum": "at least",
        "minLength": "length at least",
        "maxLength": "length at most",
    }
    labels |= {"minItems": "entries at least", "maxItems": "entries at most"}
    words += [f"{label} `{schema[key]}`" for key, label in labels.items() if schema.get(key)]
    return "; ".join(words)
