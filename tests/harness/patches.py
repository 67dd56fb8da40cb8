# pyright: basic
"""The patches of an API server, as far as tests need them: arbitrary JSON all the way down."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]


def merge(base: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return deepcopy(patch)
    merged = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif name != "resourceVersion":
            merged[name] = merge(merged.get(name), value)
    return merged


def _keyed(items: Any) -> str | None:
    keys = ("uid", "name", "mountPath", "containerPort", "type")
    return next((k for k in keys if items and all(isinstance(i, dict) and k in i for i in items)), None)


def merge_keyed(base: Any, wanted: Any) -> Any:
    """What server-side apply does with maps, keyed lists and everything else."""
    if isinstance(wanted, dict) and isinstance(base, dict):
        return {**base, **{name: merge_keyed(base.get(name), value) for name, value in wanted.items()}}
    if (
        isinstance(wanted, list)
        and isinstance(base, list)
        and (key := _keyed(wanted))
        and _keyed(base) == key
    ):
        ours = {item[key]: item for item in wanted}
        merged = [merge_keyed(item, ours.pop(item[key], {})) for item in base]
        return [*merged, *ours.values()]
    return wanted


def without(base: Json, applied: Json, wanted: Json) -> Json:
    """The object without the fields that its manager applied before and applies no more."""
    for name, before in applied.items():
        if name not in wanted:
            base.pop(name, None)
        elif isinstance(before, dict) and isinstance(wanted[name], dict) and isinstance(base.get(name), dict):
            without(base[name], before, wanted[name])
    return base


def json_patch(base: Any, operations: list[Json]) -> Json:
    fresh = deepcopy(base)
    for operation in operations:
        *path, last = operation["path"].strip("/").split("/")
        node: Any = fresh
        for part in path:
            node = node[int(part)] if isinstance(node, list) else node.get(part, {})
        place: Any = int(last) if isinstance(node, list) and last != "-" else last
        present = place < len(node) if isinstance(node, list) and isinstance(place, int) else place in node
        if operation["op"] == "test" and (not present or node[place] != operation["value"]):
            raise ValueError("testing value failed")
        if operation["op"] == "remove":
            node.pop(place)
        elif operation["op"] in {"add", "replace"}:
            node.append(operation["value"]) if last == "-" else node.__setitem__(place, operation["value"])
    return fresh
