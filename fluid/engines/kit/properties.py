"""Properties files: which of a user's keys and values can be one line `key = value`, and stand there once."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from fluid.charts.text import has_control
from fluid.engines.core.errors import InvalidSpec, Subject
from fluid.engines.kit.sources import S

_UNUSABLE_KEY = re.compile(r"[\[#;]|.*=|\s|.*\s$|$", re.DOTALL)
"""What would be a section or a comment, another key, or no key."""


class Properties(NamedTuple):
    """Some properties of a user's.

    Attributes:
        subject: The object that has them.
        field: Their field.
        entries: Keys and values; None for none.
    """

    subject: Subject
    field: str
    entries: Mapping[str, str] | None


def refuse_unwritable(groups: Iterable[Properties]) -> None:
    """Make sure that properties can be lines of a file.

    Raises:
        InvalidSpec: A key is none, or a value is more than one line.
    """
    seen: set[tuple[str, str]] = set()  # what all mounts share is looked at once
    for group in groups:
        for entry in (group.entries or {}).items():
            if entry not in seen:
                _refuse_entry(group, *entry)
                seen.add(entry)


def _refuse_entry(group: Properties, key: str, value: str) -> None:
    if _UNUSABLE_KEY.match(key) or has_control(key):
        field, problem = f"{group.field}[{key[:40]!r}]", "is no key of a configuration file"
        raise InvalidSpec(group.subject, field, problem, "Correct the key")
    if has_control(value):
        field, problem = f"{group.field}[{key[:40]}]", "contains a line break or control character"
        raise InvalidSpec(group.subject, field, problem, "Write one line")


def shared_properties(
    found: Iterable[tuple[S, Mapping[str, str]]], varying: Collection[str] = ()
) -> dict[str, str]:
    """The properties of all mounts, for a cache that has one place for each key.

    Args:
        found: The mounts with the properties that each brings.
        varying: Keys that may differ, of which the last mount's counts.

    Raises:
        InvalidSpec: Two mounts have different values for one key.
    """
    keys: dict[str, str] = {}
    origins: dict[str, S] = {}
    for source, properties in found:
        for key, value in properties.items():
            if keys.get(key, value) != value and key not in varying:
                raise source.refused(
                    "options",
                    f"the cache has one place for {key[:80]}, and {origins[key].path} fills it otherwise",
                    "Use one value, or another Dataset",
                )
            keys[key], origins[key] = value, source
    return keys


def without(keys: Mapping[str, str], unwanted: Collection[str]) -> dict[str, str]:
    """The properties but for some keys."""
    return {key: value for key, value in keys.items() if key not in unwanted}
