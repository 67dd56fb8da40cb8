"""Label selectors as kubectl writes them, to check whether the process's own write belongs into a store."""

import re
from collections.abc import Callable, Mapping

Predicate = Callable[[Mapping[str, str]], bool]
_TERM = re.compile(r"\s*(?:[^,(]|\([^()]*\))+")
_SET = re.compile(r"(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUALITY = re.compile(r"(?P<key>[^=!\s]+)\s*(?P<operator>==?|!=)\s*(?P<value>\S*)$")


def label_selector(text: str) -> Predicate:
    """The test that a selector such as ``app=x,tier in (a, b),!legacy`` means.

    Raises:
        ValueError: it is not a selector.
    """
    terms = [_term(found.group().strip()) for found in _TERM.finditer(text)]
    return lambda labels: all(term(labels) for term in terms)


def _term(text: str) -> Predicate:
    if found := _SET.match(text):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["operator"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUALITY.match(text):
        key, value = found["key"], found["value"]
        if found["operator"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if text.startswith("!"):
        return lambda labels: text[1:].strip() not in labels
    if not text or not re.fullmatch(r"[\w./-]+", text):
        raise ValueError(f"not a label selector: {text!r}")
    return lambda labels: text in labels
