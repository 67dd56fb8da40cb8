"""Reads untrusted YAML documents as the API server does, within bounds.

YAML can express more than a Kubernetes object can contain: aliases that grow when they are expanded, cycles,
duplicate keys, dates, infinities. All of that is refused with its line, before it is expanded.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml
from pydantic import JsonValue
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

LONGEST_TEXT = 4 * 1024 * 1024
"""Characters of one file: an object has at most 1.5 Mi in etcd, and those of Fluid far fewer."""
MOST_DOCUMENTS = 1000
MOST_DEPTH = 64
"""Levels of nesting: the deepest field of the Kubernetes types that are known here has 30."""
MOST_VALUES = 200_000
"""Values of one file; each alias counts the values that it stands for again."""
_LONGEST_NUMBER = 40
"""Characters of a number: 64 bits need 20, and the time to read more grows with their square."""


class _Mark(Protocol):
    line: int
    column: int


_TAG = "tag:yaml.org,2002:"
_TEXTS = (f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}value")
"""Scalars that are texts to Kubernetes: a date is none of its types."""
_MERGE = "<<"


def read_documents(text: str) -> list[JsonValue]:
    """Read the documents of a file; empty ones are left out.

    The time is linear in the length of the text, the memory in the number of its values.

    Raises:
        ValueError: The text is no YAML, or contains what no Kubernetes object can; the message has line and
            column.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"has more than {LONGEST_TEXT >> 20} Mi characters: split it into several files")
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        return [one for one in _Builder().documents(yaml.parse(text, Loader=loader)) if one is not None]
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {_shown(error)}") from None
    except _RefusedError as error:
        raise ValueError(f"cannot be read: {error}") from None


@dataclass
class _Open:
    """A mapping or list that has begun.

    Attributes:
        value: What it is so far.
        before: How many values there were before it.
        anchor: What aliases call it; empty for none.
        key: The key whose value comes next, in a mapping.
    """

    value: dict[str, JsonValue] | list[JsonValue]
    before: int
    anchor: str
    key: str | None = None


@dataclass
class _Builder:
    """Builds values of events, with a stack of its own."""

    resolver: Resolver = field(default_factory=Resolver)
    constructor: SafeConstructor = field(default_factory=SafeConstructor)
    count: int = 0
    open: list[_Open] = field(default_factory=list[_Open])
    anchors: dict[str, tuple[JsonValue, int]] = field(default_factory=dict[str, tuple[JsonValue, int]])
    root: JsonValue = None

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[JsonValue]:
        """The value of each document."""
        ended = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.root, self.anchors = None, {}
            elif isinstance(event, yaml.DocumentEndEvent):
                ended += 1
                if ended > MOST_DOCUMENTS:
                    raise _refused(
                        event, f"more than {MOST_DOCUMENTS} documents: split them into several files"
                    )
                yield self.root
            else:
                self._take(event)

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(event)
            case yaml.AliasEvent():
                found = self.anchors.get(str(event.anchor))
                if found is None:
                    raise _refused(event, "refers to a value that it is part of, or that is not there")
                self._put(event, found[0], found[1])
            case yaml.ScalarEvent():
                if self._wants_key():
                    self._key(event, str(event.value))
                else:
                    value = self._scalar(event)
                    self._put(event, value, 1)
                    self._name(event.anchor, value, 1)
            case _:
                pass

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if self._wants_key():
            raise _refused(event, "a key that is no text")
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in (None, "!", f"{_TAG}{kind}"):
            raise _refused(event, "a tag of YAML that JSON has no value for")
        if len(self.open) >= MOST_DEPTH:
            raise _refused(event, f"nested more than {MOST_DEPTH} levels deep")
        value: dict[str, JsonValue] | list[JsonValue] = {} if kind == "map" else []
        before = self.count
        self._put(event, value, 1)
        self.open.append(_Open(value, before, str(event.anchor or "")))

    def _end(self, event: yaml.Event) -> None:
        ended = self.open.pop()
        self._name(ended.anchor, ended.value, self.count - ended.before)
        if isinstance(ended.value, dict) and _MERGE in ended.value:
            _merge(event, ended.value)

    def _name(self, anchor: str | None, value: JsonValue, size: int) -> None:
        if anchor:
            self.anchors[anchor] = value, size

    def _wants_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _key(self, event: yaml.Event, name: str) -> None:
        around = self.open[-1]
        if isinstance(around.value, dict) and name in around.value:
            raise _refused(event, f"the key {name[:60]!r} stands twice")
        around.key = name

    def _put(self, event: yaml.Event, value: JsonValue, size: int) -> None:
        if self._wants_key():
            if not isinstance(value, str):
                raise _refused(event, "a key that is no text")
            self._key(event, value)
            return
        self.count += size
        if self.count > MOST_VALUES:
            raise _refused(event, f"more than {MOST_VALUES} values, with those that aliases stand for")
        if not self.open:
            self.root = value
            return
        around = self.open[-1]
        if isinstance(around.value, list):
            around.value.append(value)
        elif around.key is not None:
            around.value[around.key] = value
            around.key = None

    def _scalar(self, event: yaml.ScalarEvent) -> JsonValue:
        tag = event.tag
        if tag in (None, "!"):
            # the stubs leave `resolve` without types
            tag = str(self.resolver.resolve(yaml.ScalarNode, event.value, event.implicit))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        node = yaml.ScalarNode(tag, event.value)
        match tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return bool(self.constructor.construct_yaml_bool(node))
            case "int" | "float" as kind:
                return self._number(event, node, kind)
            case "merge":
                return str(event.value)
            case _ if tag in _TEXTS:
                return str(event.value)
            case _:
                raise _refused(event, "a tag of YAML that JSON has no value for")

    def _number(self, event: yaml.ScalarEvent, node: yaml.ScalarNode, kind: str) -> JsonValue:
        if len(node.value) > _LONGEST_NUMBER:
            raise _refused(event, f"a number of more than {_LONGEST_NUMBER} characters; quote a text")
        try:
            if kind == "int":
                return self.constructor.construct_yaml_int(node)
            value = self.constructor.construct_yaml_float(node)
        except (ValueError, IndexError):  # of a tag that somebody wrote before what is no number
            raise _refused(event, f"{str(event.value)[:60]!r} is no number") from None
        if not math.isfinite(value):
            raise _refused(event, f"{event.value} is no number that JSON has; quote a text")
        return value


def _merge(event: yaml.Event, mapping: dict[str, JsonValue]) -> None:
    """Add what `<<` refers to, where the mapping has no such key of its own."""
    given = mapping.pop(_MERGE)
    for one in given if isinstance(given, list) else [given]:
        if not isinstance(one, dict):
            raise _refused(event, f"{_MERGE} merges what is no mapping")
        for name, value in one.items():
            mapping.setdefault(name, value)


class _RefusedError(ValueError):
    """Content that no Kubernetes object can have, with its line and column."""


def _refused(event: yaml.Event, what: str) -> _RefusedError:
    return _RefusedError(_at(event.start_mark, what))


def _shown(error: yaml.YAMLError) -> str:
    """The problem and its place, without the text around it."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _at(error.problem_mark, str(error.problem)[:200])
    return str(error).splitlines()[0][:200]


def _at(mark: _Mark | None, what: str) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}" if mark is not None else what
