"""Schemas to CustomResourceDefinitions: structural schemas, with everything inlined."""

from pathlib import Path

from fluid.codegen.schema import (
    KUBERNETES,
    LIMITS,
    Kind,
    Node,
    Schemas,
    items,
    node,
    referred,
    strip,
    text,
    without,
)
from fluid.codegen.updates import describe, updates_of
from fluid.types.yaml import dump_yaml

# Kubernetes types whose schema in a CRD is not what its OpenAPI document says.
QUANTITY_PATTERN = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
INT_OR_STRING: Node = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
SPECIAL: dict[str, Node] = {
    "IntOrString": INT_OR_STRING,
    "Quantity": {**INT_OR_STRING, "pattern": QUANTITY_PATTERN},
    "ObjectMeta": {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
    },  # in templates, kept as given
}
# What the API server takes for a key of a list that its author left out; a CRD has to say so itself.
KEY_DEFAULTS = {"protocol": "TCP", "name": ""}
COMMON = ("apiVersion", "kind", "metadata")
HEADER = "# Generated from {folder}/; do not edit.\n"


def write_crds(schemas: Schemas, target: Path) -> None:
    """Write one file for each kind that is not Kubernetes' own."""
    target.mkdir(parents=True, exist_ok=True)
    header = HEADER.format(folder=schemas.folder)
    for kind in schemas.custom_kinds():
        name = f"{kind.group}_{kind.resource['plural']}.yaml"
        (target / name).write_text(header + dump_yaml(definition(kind, schemas)), encoding="utf-8")


def definition(kind: Kind, schemas: Schemas) -> Node:
    """The CustomResourceDefinition of a kind."""
    plural = text(kind.resource["plural"])
    optional = {key: value for key in ("categories", "shortNames") if (value := kind.resource.get(key))}
    names: Node = {"kind": kind.name, "listKind": f"{kind.name}List", "plural": plural, **optional}
    version: Node = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": kind.schema.get("x-printer-columns", []),
        "subresources": kind.schema.get("x-subresources", {}),
        "schema": {"openAPIV3Schema": _root(kind, schemas)},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "names": {**names, "singular": kind.name.lower()},
            "scope": kind.resource["scope"],
            "versions": [version],
        },
    }


def _root(kind: Kind, schemas: Schemas) -> Node:
    """The schema of a kind; the API server itself sees to apiVersion, kind and metadata."""
    file, _, schema = schemas.find(kind.name)
    root = without(_Inliner(schemas).expand(schema, file, ()), "required")
    properties = node(root["properties"])
    for name in ("apiVersion", "kind"):
        properties[name] = without(node(properties[name]), "enum")
    properties["metadata"] = {"type": "object"}
    if "status" in properties:
        # written by controllers; rules and limits are for what users write
        properties["status"] = strip(properties["status"], *LIMITS, "x-kubernetes-validations")
    if "spec" in properties:
        properties["spec"] = describe(node(properties["spec"]), updates_of(kind, schemas), "spec")
    if required := [name for name in items(kind.schema["required"]) if name not in COMMON]:
        root["required"] = list(required)
    return root


class _Inliner:
    """Replaces references by what they refer to."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def expand(self, schema: Node, file: str, trail: tuple[str, ...]) -> Node:
        """A schema without references; `trail` are the names of the schemas around it."""
        described = file != KUBERNETES  # core types have their own documentation, and there is a lot of it
        if reference := referred(schema):
            file, name, target = self._schemas.resolve(reference, file)
            if name in trail:
                raise ValueError(f"{name} contains itself: a structural schema cannot express that")
            inlined = SPECIAL.get(name) or self.expand(target, file, (*trail, name))
            description = (
                {"description": schema["description"]} if described and "description" in schema else {}
            )
            return {**without(inlined, "description"), **description}
        result = {key: value for key, value in schema.items() if not _is_extension(key)}
        if not described:
            result.pop("description", None)
        if properties := node(schema.get("properties", {})):
            expanded = {name: self.expand(node(value), file, trail) for name, value in properties.items()}
            result["properties"] = dict(sorted(expanded.items()))
        for key in ("items", "additionalProperties"):
            if key in schema:
                result[key] = self.expand(node(schema[key]), file, trail)
        if keys := items(schema.get("x-kubernetes-list-map-keys", [])):
            result["items"] = _keyed(node(result["items"]), [text(key) for key in keys])
        return result


def _keyed(schema: Node, keys: list[str]) -> Node:
    """The items of a list that is merged by keys: each key is required, or has a default."""
    required = schema.get("required", [])
    free = [key for key in keys if key not in items(required)]
    properties = node(schema["properties"])
    defaults: Node = {key: {**node(properties[key]), "default": KEY_DEFAULTS[key]} for key in free}
    return {**schema, "properties": {**properties, **defaults}} if free else schema


def _is_extension(key: str) -> bool:
    """Whether a key is for other parts of codegen, not for the API server."""
    return key == "x-kubernetes-group-version-kind" or (
        key.startswith("x-") and not key.startswith("x-kubernetes-")
    )
