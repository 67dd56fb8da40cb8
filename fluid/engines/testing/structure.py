"""The structure of rendered objects: what is where, whatever the texts say; files in ConfigMaps too."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from configparser import ConfigParser, Error
from types import MappingProxyType

import yaml
from pydantic import JsonValue

from fluid.models import ConfigMap
from fluid.types import JsonObject, KubeObject

_MANY = 4
"""Differences that are told of; more say nothing new."""


def differences(before: Sequence[KubeObject], after: Sequence[KubeObject]) -> list[str]:
    """Where two renderings differ in more than texts: a part of a sentence each, the first few."""
    kinds = [[one.resource.kind for one in objects] for objects in (before, after)]
    if kinds[0] != kinds[1]:
        return [f"it makes {', '.join(kinds[1])} in place of {', '.join(kinds[0])}"]
    found: list[str] = []
    for one, other in zip(before, after, strict=True):
        name = f"{other.resource.kind} {other.key}"[:200]
        found += [
            f"{name} has another structure at {path}" for path in _unlike(one.to_wire(), other.to_wire())
        ]
        if isinstance(one, ConfigMap) and isinstance(other, ConfigMap):
            found += [f"{name} has another structure in {path}" for path in _unlike_files(one, other)]
    return found[:_MANY]


def texts(objects: Sequence[KubeObject]) -> Iterator[str]:
    """All texts in objects, keys and those in their files included."""
    for item in objects:
        yield from _strings(item.to_wire())
        if isinstance(item, ConfigMap):
            for text in (item.data or {}).values():
                yield from (one for read in _FORMATS.values() for one in _strings(_tried(read, text)))


def _unlike(one: JsonValue, other: JsonValue, path: str = "") -> Iterator[str]:
    """Where two values differ in kind, in length or in the number of their keys."""
    if isinstance(one, dict) and isinstance(other, dict):
        if len(one) != len(other):
            yield path or "its root"
            return
        for key in one.keys() & other.keys():
            yield from _unlike(one[key], other[key], f"{path}.{key}" if path else key)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield path
            return
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _unlike(left, right, f"{path}[{index}]")
    elif type(one) is not type(other):
        yield path


def _unlike_files(before: ConfigMap, after: ConfigMap) -> Iterator[str]:
    new = after.data or {}
    for name, text in (before.data or {}).items():
        kind, structure = _parsed(text) if new.get(name) != text else ("", None)
        if kind and name in new:
            found = _tried(_FORMATS[kind], new[name])
            if found is None:
                yield f"{name}, which is no {kind} any more"
            yield from (f"{name} ({kind}): {path}" for path in _unlike(structure, found) if found is not None)


def _parsed(text: str) -> tuple[str, JsonValue]:
    """The format of a file, and what is in it; an empty name for an unknown one."""
    for kind, read in _FORMATS.items():
        if (found := _tried(read, text)) is not None:
            return kind, found
    return "", None


def _tried(read: Callable[[str], JsonValue], text: str) -> JsonValue:
    try:
        return read(text)
    except (ValueError, Error, ET.ParseError, yaml.YAMLError, RecursionError):
        return None


def _json(text: str) -> JsonValue:
    found: JsonValue = json.loads(text)
    return found if isinstance(found, dict | list) else None


def _xml(text: str) -> JsonValue:
    return _element(ET.fromstring(text))


def _element(element: ET.Element) -> JsonValue:
    return {element.tag: [element.text or "", *(_element(one) for one in element)]}


class _Sections(ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keys keep their case."""
        return optionstr


def _ini(text: str) -> JsonValue:
    parser = _Sections(delimiters="=", comment_prefixes="#", interpolation=None, strict=False)
    parser.read_string(text)
    found: JsonObject = {name: dict(parser.items(name)) for name in parser.sections()}
    return found or None


def _yaml(text: str) -> JsonValue:
    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast
    found: JsonValue = yaml.load(text, loader)
    return found if isinstance(found, dict | list) else None


_FORMATS: Mapping[str, Callable[[str], JsonValue]] = MappingProxyType(
    {"JSON": _json, "XML": _xml, "INI": _ini, "YAML": _yaml}
)


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
