"""Options of a mount in the words of another cache system, which the one that is to serve it does not read.

A client that does not know an option leaves it out. Without the endpoint of a private store it asks a public
cloud for a bucket of the same name, and says that the bucket does not exist.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fluid.engines.core.errors import SpecWarning, Whose, meaningless
from fluid.engines.kit.sources import Source

_LONGEST = 60
"""Characters of a user's key that are shown."""


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
