"""Turning values into text that cannot leave its place: YAML scalars, INI lines, XML text.

Templates run with autoescape on, but "escape" means YAML here: a plain value that a template prints becomes
one double-quoted scalar. Only what these filters have made safe is printed as it stands.
"""

import json
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from jinja2.runtime import Undefined
from markupsafe import Markup
from pydantic import JsonValue

# What YAML cannot hold raw in double quotes, or would fold: C1 controls, line separators, non-characters.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")


class ChartError(ValueError):
    """A chart cannot be loaded or rendered; the message names the chart, the template and the reason."""


def quote(value: object) -> Markup:
    """One double-quoted YAML scalar; numbers, booleans and null stay what they are."""
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises its own message
    return to_yaml(value if value is None or isinstance(value, bool | int | float) else str(value))


def to_yaml(value: object) -> Markup:
    """Any JSON value as YAML in flow style, on one line; keys without a value are left out."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    return Markup(_UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def field(value: object, name: str) -> Markup:
    """A mapping's entry `name: value`, or nothing when the value is empty."""
    return Markup(f"{name}: {to_yaml(value)}") if value else Markup("")


def json_text(value: object) -> str:
    """A JSON value as compact text, to be printed as one scalar."""
    return json.dumps(_plain(value), separators=(",", ":"), sort_keys=True)


def printed(value: object) -> object:
    """What a template prints: text that a filter made safe as it stands, everything else as a YAML scalar."""
    return value if isinstance(value, Markup) else quote(value)


def text(value: object) -> str:
    """Text that a template put together (an INI or XML file), to be printed as one scalar."""
    return str(value)


def ini(value: object) -> Markup:
    """One key or value of an INI line."""
    return Markup(one_line(str(value)))


def xml(value: object) -> Markup:
    """Text of an XML element."""
    return Markup(escape(one_line(str(value))))


def one_line(value: str) -> str:
    """The same text.

    Raises:
        ChartError: It has a control character, which would start another line or break the file.
    """
    if _CONTROL.search(value):
        raise ChartError(f"{value[:40]!r} contains a line break or control character")
    return value


def has_control(value: str) -> bool:
    """Whether a text has a line break or another control character."""
    return _CONTROL.search(value) is not None


def impossible(value: str) -> bool:
    """Whether a text has what no Kubernetes object can hold: a NUL or half of a surrogate pair."""
    return _IMPOSSIBLE.search(value) is not None


def merge(first: Mapping[str, JsonValue], *others: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """One mapping; where a key stands in several, the last one counts."""
    merged = dict(first)
    for other in others:
        merged.update(other)
    return merged


def _plain(value: object) -> object:
    """The same JSON value without nulls in mappings, its strings checked."""
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises its own message
    if isinstance(value, str):
        if impossible(value):
            raise ChartError(
                f"{value[:40]!r} contains a NUL or half a character, which no Kubernetes object can hold"
            )
        return value
    if isinstance(value, dict):
        items: dict[str, JsonValue] = value  # pyright: ignore[reportUnknownVariableType] - JSON of any shape
        return {_plain(key): _plain(item) for key, item in items.items() if item is not None}
    if isinstance(value, list):
        elements: list[object] = value  # pyright: ignore[reportUnknownVariableType] - JSON of any shape
        return [_plain(item) for item in elements]
    return value
