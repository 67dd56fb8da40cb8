"""Reading rendered YAML: the JSON subset only, and fast.

Works on libyaml's events instead of PyYAML's nodes: half the time, and none of YAML's surprises (no anchors,
tags, dates, `on`/`off`, duplicate keys).
"""

import re
from collections.abc import Iterator

import yaml
from pydantic import JsonValue

from fluid.charts.text import ChartError

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, JsonValue] = {"": None, "~": None, "null": None, "true": True, "false": False}


def read_documents(text: str) -> list[JsonValue]:
    """All documents of a text that are not empty.

    Raises:
        ChartError: The text is no YAML, or uses more of YAML than JSON has; the message has line and column.
    """
    try:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        return [document for document in _documents(events) if document is not None]
    except yaml.YAMLError as error:
        raise ChartError(f"the result is not valid YAML: {error}") from error


def _documents(events: Iterator[yaml.Event]) -> Iterator[JsonValue]:
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            yield _value(next(events), events)


def _value(event: yaml.Event, events: Iterator[yaml.Event]) -> JsonValue:
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events)
    raise _refuse(event, "anchors and aliases are not used in charts")


def _sequence(events: Iterator[yaml.Event]) -> list[JsonValue]:
    items: list[JsonValue] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        items.append(_value(event, events))
    return items


def _mapping(events: Iterator[yaml.Event]) -> dict[str, JsonValue]:
    items: dict[str, JsonValue] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise _refuse(event, "a key has to be a string")
        key: str = event.value
        if key in items:
            raise _refuse(event, f"the key {key!r} stands twice")
        items[key] = _value(next(events), events)
    return items


def _scalar(event: yaml.ScalarEvent) -> JsonValue:
    text: str = event.value
    if event.style:  # quoted or block: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if number := _NUMBER.fullmatch(text):
        return int(text) if number[2] is None and number[3] is None else float(text)
    return text


def _refuse(event: yaml.Event, reason: str) -> ChartError:
    mark = event.start_mark
    return ChartError(f"line {mark.line + 1}, column {mark.column + 1}: {reason}" if mark else reason)
