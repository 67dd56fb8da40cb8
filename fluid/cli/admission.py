"""What the API server refuses of a new object, although its types are right: limits and rules of its CRD."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from json import dumps

from pydantic import JsonValue

from fluid.cli.rules import RULES
from fluid.engines.core.distributions import definitions
from fluid.engines.core.registry import Registry
from fluid.types import KubeObject

Schema = Mapping[str, JsonValue]


def refusals(item: KubeObject, warn: Callable[[str], None] = lambda _: None) -> list[str]:
    """What the API server would say against creating an object that was read by `author`.

    Args:
        item: The object.
        warn: Called with each rule of its CRD that only the API server can judge: `RULES` has the others.

    Returns:
        A line a problem, such as ``spec.mounts: too many items: at most 256 are allowed``; none for kinds
        without a CRD among those that are installed.
    """
    kind = (item.resource.api_version, item.resource.kind)
    schema, document = schemas().get(kind), item.to_wire()
    if not schema:
        return []
    return [*_refusals(document, schema, "", warn), *_negative_scale(document, scales().get(kind))]


@cache
def schemas() -> Mapping[tuple[str, str], Schema]:
    """The schemas in the CRDs that are installed, by ``apiVersion`` and ``kind``: of each version one."""
    return {kind: _part(_part(version, "schema"), "openAPIV3Schema") for kind, version in _versions()}


@cache
def scales() -> Mapping[tuple[str, str], str]:
    """The field that the scale subresource of a kind sets, such as ``.spec.replicas``, by the same keys."""
    found = {kind: _part(_part(version, "subresources"), "scale") for kind, version in _versions()}
    return {kind: str(scale.get("specReplicasPath", "")) for kind, scale in found.items() if scale}


def _versions() -> Iterator[tuple[tuple[str, str], Schema]]:
    """Each version of each CRD; an object is judged by the one that its model names."""
    for definition in definitions(Registry.discover().crds):
        for name, version in definition.versions.items():
            yield (f"{definition.group}/{name}", definition.kind), version


def _negative_scale(document: JsonValue, path: str | None) -> Iterator[str]:
    """The API server's own rule for what a scale subresource sets."""
    names = path.strip(".").split(".") if path else []
    value = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if names and isinstance(value, int) and value < 0:
        yield f"{'.'.join(names)}: Invalid value: {value}: should be a non-negative integer"


def _repeated(items: Sequence[JsonValue], schema: Schema) -> Iterator[int]:
    """Positions of entries whose keys an earlier entry has, in a list that is a map or a set."""
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys")
    if kind not in ("map", "set"):
        return
    names = [str(key) for key in keys] if isinstance(keys, list) else []
    defaults = _part(_part(schema, "items"), "properties")
    known: set[str] = set()
    for index, item in enumerate(items):
        entry = item if isinstance(item, dict) else {}
        mine = [entry.get(name, _part(defaults, name).get("default")) for name in names] if names else item
        spelled = dumps(mine, sort_keys=True)
        if spelled in known:
            yield index
        known.add(spelled)


def _refusals(value: JsonValue, schema: Schema, path: str, warn: Callable[[str], None]) -> Iterator[str]:
    """Depth first: the places of what is wrong come in the order of the document."""
    match value, schema.get("maxLength"), schema.get("maxItems"):
        case str(), int(most), _ if len(value) > most:
            yield f"{path}: too long: at most {most} characters are allowed"
        case int(), _, _ if not isinstance(value, bool) and not _fits(value, schema.get("format")):
            yield f"{path}: Invalid value: {value}: must be an integer of {str(schema['format'])[3:]} bits"
        case list(), _, int(most) if len(value) > most:
            yield f"{path}: too many items: at most {most} are allowed"
        case _:
            pass
    for rule in _parts(schema, "x-kubernetes-validations"):
        known = RULES.get(str(rule["rule"]))
        if known is None:
            warn(f"{path or 'the object'}: only the API server can judge the rule {rule['rule']!r}")
        elif not known(value):
            yield f"{path}: {rule['message']}" if path else str(rule["message"])
    if isinstance(value, list):
        yield from (f"{path}[{index}]: Duplicate value" for index in _repeated(value, schema))
        for index, item in enumerate(value):
            yield from _refusals(item, _part(schema, "items"), f"{path}[{index}]", warn)
    elif isinstance(value, dict):
        properties, others = _part(schema, "properties"), _part(schema, "additionalProperties")
        for name, item in value.items():
            inner = _part(properties, name) if name in properties else others
            yield from _refusals(item, inner, f"{path}.{name}" if path else name, warn)


def _fits(value: int, size: JsonValue) -> bool:
    bits = {"int32": 32, "int64": 64}.get(str(size))
    return bits is None or -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)


def _part(schema: Schema, name: str) -> Schema:
    part = schema.get(name)
    return part if isinstance(part, dict) else {}


def _parts(schema: Schema, name: str) -> list[Schema]:
    parts = schema.get(name)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
