"""Whether a live object already has every desired field.

The API server fills in defaults, reorders keyed lists, leaves out empty values and spells quantities in its
own way; none of that is a difference. Every desired field has to be present; other fields belong to others.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

from pydantic import JsonValue

from fluid.kube.wire import Wire, canonical
from fluid.types import Quantity

_KEYED: Mapping[str, str] = {
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "volumes": "name",
}
"""Lists that server-side apply merges element by element, and the fields that identify an element."""
_Compare = Callable[[JsonValue, JsonValue, str], bool]
_REPEATABLE = frozenset({"env", "imagePullSecrets", "ports"})
_AMOUNTS = frozenset({"limits", "requests", "capacity"})
_QUANTITIES = frozenset({"sizeLimit", "divisor"})
_UNCOMPARED = frozenset({"apiVersion", "kind", "status"})


def digest(desired: Wire) -> str:
    """A short hash of a desired object: equal for equal content, whatever the order of its keys."""
    return sha256(canonical(desired)).hexdigest()[:16]


def without_repeats(value: JsonValue, name: str = "") -> JsonValue:
    """A copy in which keyed lists have no repeated key; the last entry counts, as for the kubelet.

    A POST accepts repeats, server-side apply refuses them.
    """
    if isinstance(value, dict):
        return {key: without_repeats(item, key) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [without_repeats(item) for item in value]
    if name not in _REPEATABLE or not all(isinstance(item, dict) for item in items):
        return items
    last = {_identity(name, item): index for index, item in enumerate(items)}
    return [items[index] for index in sorted(last.values())]


def covers(live: Wire, desired: Wire) -> bool:
    """Whether every field of `desired` has its value in `live`; the status is not compared."""
    return all(name in _UNCOMPARED or _same(live.get(name), value, name) for name, value in desired.items())


def _same(live: JsonValue, desired: JsonValue, name: str) -> bool:
    if isinstance(desired, dict):
        same = _same_amount if name in _AMOUNTS else _same
        return _same_map(live, desired, same)
    if isinstance(desired, list):
        return _same_list(live, desired, name)
    if name in _QUANTITIES:
        return _same_amount(live, desired, name)
    return live == desired or (live is None and not desired)


def _same_map(live: JsonValue, desired: dict[str, JsonValue], same: _Compare) -> bool:
    if live is not None and not isinstance(live, dict):
        return False
    present = live or {}
    return all(same(present.get(key), value, key) for key, value in desired.items())


def _same_list(live: JsonValue, desired: list[JsonValue], name: str) -> bool:
    if not isinstance(live, list):
        return live is None and not desired
    if len(live) == len(desired) and all(
        _same(ours, wish, "") for ours, wish in zip(live, desired, strict=True)
    ):
        return True
    if name not in _KEYED:
        return False
    found = {_identity(name, item): item for item in live}
    return all(_same(found.get(_identity(name, item)), item, "") for item in desired)


def _identity(name: str, item: JsonValue) -> str:
    if not isinstance(item, dict):
        return ""
    if name == "ports":  # an absent protocol means TCP
        return f"{item.get('containerPort') or item.get('port')}/{item.get('protocol') or 'TCP'}"
    return str(item.get(_KEYED[name]))


def _same_amount(live: JsonValue, desired: JsonValue, _name: str) -> bool:
    try:
        return live == desired or (live is not None and Quantity(str(live)) == Quantity(str(desired)))
    except ValueError:
        return False
