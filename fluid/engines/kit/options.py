"""Options of mounts, properties of components, arguments of clients: what is in them, and what has no place.

Words of another cache system are no options of this one. A client that does not know an option leaves it out:
without the endpoint of a private store it asks a public cloud for a bucket of the same name, and says that
the bucket does not exist.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fluid.charts.text import has_control
from fluid.engines.core.errors import InvalidSpec, SpecWarning, Subject, Whose, meaningless
from fluid.engines.kit.sources import HOST_VOLUME, S, Source
from fluid.types.untrusted import whole_number

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_LONGEST = 60
"""Characters of a user's key that are shown."""
_UNUSABLE_KEY = re.compile(r"[\[#;]|.*=|\s|.*\s$|$", re.DOTALL)
"""What would be a section or a comment, another key, or no key."""


def number_of(source: Source, option: str, default: int) -> int:
    """The whole number that an option of a mount says.

    Raises:
        InvalidSpec: It says no number.
    """
    text = source.options.get(option) or str(default)
    if not _NUMBER.fullmatch(text):
        raise source.refused(f"options[{option}]", f"{text[:40]!r} is no number", "Write a whole number")
    return int(text)


def word_of(source: Source, option: str, known: Sequence[str]) -> str:
    """The word that an option of a mount says, or the first of the known ones where it says another."""
    word = source.options.get(option, "")
    return word if word in known else known[0]


def unknown_words(sources: Iterable[Source], known: Mapping[str, Sequence[str]]) -> Iterator[SpecWarning]:
    """A warning for each option whose word the cache does not know; a new runtime is refused.

    Args:
        sources: The Dataset's mounts.
        known: The words of each option that the cache knows; the first is the default.
    """
    for source in sources:
        for option, words in known.items():
            word = source.options.get(option)
            if word and word not in words:
                problem = f"{word[:40]!r} is unknown, so the default {words[0]} counts"
                field, fix = f"{source.path}.options[{option}]", f"Use {' or '.join(words)}"
                yield meaningless(Whose.DATASET, field, f"{option}={word}", problem, fix)


def without_place(source: Source, secrets: Collection[str], why: str) -> Iterator[SpecWarning]:
    """A warning for each option of a mount that an engine has no place for.

    Args:
        source: A mount, whose folder of the node (`fluid.fuse.hostvolume`) the engine does not mount.
        secrets: Names of encryptOptions that the engine does read.
        why: Why it reads no others, as a sentence without its end.
    """
    found = [(f"{source.path}.options[{HOST_VOLUME}]", "this kind of runtime has no place for it")]
    found = found if source.host_volume is not None else []
    for option in source.secrets:
        if option.path.startswith(source.path) and option.name not in secrets:
            found.append((f"{option.path} ({option.name[:80]})", why))
    yield from (SpecWarning("OptionIgnored", f"{where} is ignored: {reason}") for where, reason in found)


def port_in(arguments: Sequence[str], option: str, field: str) -> int | None:
    """The port that the last argument `<option><port>` says; None if there is none.

    Args:
        arguments: Arguments of a client.
        option: What comes before the port, such as ``-ometrics_port=``.
        field: Field of the runtime that the arguments come from.

    Raises:
        InvalidSpec: It says no port.
    """
    said = [argument.removeprefix(option) for argument in arguments if argument.startswith(option)]
    if not said:
        return None
    port = whole_number(said[-1], 65535)
    if port is None:
        raise InvalidSpec(Whose.RUNTIME, field, f"{option}{said[-1][:40]} names no port", "Use 0 to 65535")
    return port


@dataclass(frozen=True)
class Dialect:
    """The words of other systems that one system does not read.

    Attributes:
        reader: Who reads the options, for people.
        advice: What to write instead, as a sentence.
        prefixes: Whose words begin so, by prefix.
        words: What to write instead, by a whole word; ``{scheme}`` stands for that of the mount.
        accepted: Beginnings that are read although they are another system's.
    """

    reader: str
    advice: str
    prefixes: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    accepted: Sequence[str] = ()


def foreign_words(dialect: Dialect, sources: Iterable[Source]) -> list[SpecWarning]:
    """One warning for each mount that has such options, also as encryptOptions; a new runtime is refused."""
    return [warning for source in sources for warning in _of_mount(dialect, source)]


def _of_mount(dialect: Dialect, source: Source) -> Iterator[SpecWarning]:
    names = [*source.options, *(secret.name for secret in source.secrets)]
    foreign = [(name, instead) for name in names if (instead := _instead(dialect, source, name))]
    if not foreign:
        return
    name, instead = foreign[0]
    shown = name[:_LONGEST]
    more = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
    message = f"{shown}{more} means nothing to {dialect.reader}: {instead}"
    word = ",".join(sorted(name for name, _ in foreign))
    yield meaningless(Whose.DATASET, f"{source.path}.options[{shown}]", word, message, dialect.advice)


def _instead(dialect: Dialect, source: Source, name: str) -> str:
    """Whose word an option is, or what the right one is; empty for what may be read."""
    if name.startswith(tuple(dialect.accepted)):
        return ""
    if name in dialect.words and source.scheme:
        return f"it reads {dialect.words[name].format(scheme=source.scheme)}"
    whose = next((whose for prefix, whose in dialect.prefixes.items() if name.startswith(prefix)), "")
    return f"this is a word of {whose}" if whose else ""


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
