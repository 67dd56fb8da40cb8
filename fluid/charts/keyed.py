"""Lists that the API server merges by key: each key may occur once."""

from collections.abc import Mapping

from pydantic import JsonValue

from fluid.charts.text import ChartError

_KEYS: Mapping[str, str] = {
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "imagePullSecrets": "name",
}


def unique(value: JsonValue) -> JsonValue:
    """The same document without repetitions in keyed lists; of an environment variable the last counts.

    Raises:
        ChartError: Two different entries claim the same key; the message names it.
    """
    if isinstance(value, dict):
        return {name: _unique_list(name, unique(item)) for name, item in value.items()}
    if isinstance(value, list):
        return [unique(item) for item in value]
    return value


def _unique_list(name: str, items: JsonValue) -> JsonValue:
    key = _KEYS.get(name)
    if key is None or not isinstance(items, list):
        return items
    found: dict[str, JsonValue] = {}
    for item in items:
        if not isinstance(item, dict):
            return items
        value = str(item.get(key))
        if value in found and found.pop(value) != item and name != "env":
            raise ChartError(f"{name}: two entries have the {key} {value}")
        found[value] = item
    return list(found.values())
