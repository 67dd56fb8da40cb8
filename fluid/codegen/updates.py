"""Update policies of a kind's fields, which its schemas give as `x-fluid-update`.

A field has the policy that stands beside it, else that of the schema it refers to, else that of the field
around it. Fields inside Kubernetes' own types have that of the field of such a type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fluid.codegen.schema import KUBERNETES, UPDATE, Kind, Node, Schemas, node, referred, text
from fluid.types.updates import ORDER, Update, update_at

SENTENCES: Mapping[Update, str] = {
    "hot": "A change needs no pod to be replaced.",
    "rolling": "A change replaces pods one after another, FUSE pods when they have no readers.",
    "on-fuse-restart": "FUSE pods take a change when they are replaced.",
    "on-restart": "Pods take a change when they are replaced.",
    "recreate": "After a change something has to be deleted and made anew: status says what.",
}
"""What the description of a field says of its policy."""


@dataclass(frozen=True)
class Updates:
    """The policies of one kind.

    Attributes:
        table: By path without indexes, where a policy is another than that of the field around.
        groups: Paths of the fields that have fields with policies of their own.
    """

    table: Mapping[str, Update]
    groups: frozenset[str]

    def of(self, path: str) -> Update | None:
        """The policy of a field; None outside the spec, and of fields whose fields have their own."""
        return None if path in self.groups else update_at(self.table, path)


class _Field(NamedTuple):
    path: str
    update: Update | None
    around: Update | None
    group: bool


def updates_of(kind: Kind, schemas: Schemas) -> Updates:
    """The policies of a kind; none of a kind whose spec has none.

    Raises:
        ValueError: The spec of a runtime has none: fields without one of their own have that of the spec.
    """
    file, _, _ = schemas.find(kind.name)
    properties = node(kind.schema["properties"])
    spec = properties.get("spec")
    if spec is None:
        return Updates({}, frozenset())
    found = list(_field(node(spec), schemas, file, "spec", None, ()))
    if found[0].update is None:
        if _is_runtime(properties, schemas, file):
            raise ValueError(
                f"{schemas.folder}/{file}: {kind.name}: spec has no update policy; write {UPDATE} at it,"
                f" for all fields that say nothing else: {', '.join(ORDER)}"
            )
        return Updates({}, frozenset())
    own: dict[str, Update] = {
        one.path: one.update for one in found if one.update is not None and one.update != one.around
    }
    return Updates(own, frozenset(one.path for one in found if one.group))


def _field(
    schema: Node, schemas: Schemas, file: str, path: str, around: Update | None, trail: tuple[str, ...]
) -> Iterator[_Field]:
    """A field and all below it, parents first."""
    inner = node(schema.get("items", schema.get("additionalProperties", schema)))
    name, target_file, target = "", file, inner
    if reference := referred(inner):
        target_file, name, target = schemas.resolve(reference, file)
    own = target_file != KUBERNETES and name not in trail
    update = _said(schema, inner, *([target] if own else [])) or around
    below = node(target.get("properties", {})) if own else {}
    yield _Field(path, update, around, group=bool(below))
    for key, value in below.items():
        inside = (*trail, name) if name else trail
        yield from _field(node(value), schemas, target_file, f"{path}.{key}", update, inside)


def _said(*schemas: Node) -> Update | None:
    """What the first of some schemas that says anything says; words were checked when they were read."""
    return next((word for one in schemas for word in ORDER if one.get(UPDATE) == word), None)


def _is_runtime(properties: Node, schemas: Schemas, file: str) -> bool:
    reference = referred(node(properties.get("status", {})))
    return bool(reference) and schemas.resolve(reference, file)[1] == "RuntimeStatus"


def describe(schema: Node, updates: Updates, path: str) -> Node:
    """The schema of a field in a CRD, with a sentence about its policy in each description below."""
    if (found := updates.of(path)) is not None:
        return {**schema, "description": f"{text(schema['description']).rstrip()} {SENTENCES[found]}"}
    changed: Node = {}
    if "properties" in schema:
        fields = node(schema["properties"]).items()
        changed["properties"] = {name: describe(node(one), updates, f"{path}.{name}") for name, one in fields}
    for key in ("items", "additionalProperties"):
        if key in schema:
            changed[key] = describe(node(schema[key]), updates, path)
    return {**schema, **changed}
