"""Options of mounts and arguments of clients: numbers and words in them, and what has no place."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose, meaningless
from fluid.engines.kit.sources import HOST_VOLUME, Source
from fluid.types.untrusted import whole_number

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


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
    found = [(f"{source.path}.options[{HOST_VOLUME}]", "only ThinRuntimes have it")]
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
