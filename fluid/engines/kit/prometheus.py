"""Metrics in Prometheus' text format, which are hostile: within limits, in linear time, None for nonsense.

Of a line ``name{label="value",...} number timestamp`` the name, the labels and the number are read; comments,
and what follows the number, have no meaning here. Names in quotes are not asked for and not read.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from fluid.types.untrusted import COMMAND_OUTPUT, DIGITS

LINE = 16 * 1024
"""Characters of a line that is read."""
LABELS = 64
"""Labels of a sample."""
SAMPLES = 10_000
"""Samples that are read of a text."""
_LINE = re.compile(r"[^\n]++")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*+")
_LABEL = re.compile(
    r'[ \t]*+([a-zA-Z_][a-zA-Z0-9_]*+)[ \t]*+=[ \t]*+"([^"\\]*+(?:\\.[^"\\]*+)*+)"[ \t]*+(,|(?=\}))'
)
_END = re.compile(r"[ \t]*+\}")
_NUMBER = re.compile(
    r"[ \t]*+([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?|[+-]?Inf|NaN)"
    r"(?![^ \t])"
)
_ESCAPE = re.compile(r"\\(.)")
_MEANING = {"n": "\n", '"': '"', "\\": "\\"}
_LARGEST = 10.0**DIGITS


@dataclass(frozen=True, slots=True)
class Sample:
    """One number.

    Attributes:
        labels: Its labels.
        value: The number, which may be infinite or none (NaN).
    """

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Samples:
    """The numbers of one text by the names that were asked for.

    Attributes:
        by_name: The samples of each name that has any.
    """

    by_name: Mapping[str, Collection[Sample]]

    def of(self, name: str, **labels: str) -> list[Sample]:
        """The samples of a name that have these labels, and maybe others.

        Args:
            name: Full name of the metric, such as ``cache_bytes_total``.
            labels: Labels with their values.
        """
        found = self.by_name.get(name, ())
        return [one for one in found if labels.items() <= one.labels.items()]

    def total(self, name: str, **labels: str) -> float | None:
        """The sum of those samples; None when there is none, or the sum is no finite number."""
        found = [one.value for one in self.of(name, **labels)]
        total = sum(found)
        return total if found and math.isfinite(total) else None

    def whole(self, name: str, **labels: str) -> int | None:
        """The sum as a number of bytes or things; None where `total` is, below 0 and above 18 digits."""
        total = self.total(name, **labels)
        return int(total) if total is not None and 0 <= total < _LARGEST else None


def read_samples(text: str, names: Collection[str]) -> Samples | None:
    """The samples of some metrics.

    Args:
        text: What a cache serves.
        names: Full names of the metrics; lines of others cost little, whatever is in them.

    Returns:
        None for a text above 4 MiB, one with more than 10,000 of these samples, and one with a line of these
        metrics that cannot be read. Of two samples with the same labels the last counts.
    """
    if len(text) > COMMAND_OUTPUT:
        return None
    found: dict[str, dict[frozenset[tuple[str, str]], Sample]] = {}
    for count, (name, line) in enumerate(_lines_of(text, frozenset(names))):
        sample = _sample(line, len(name)) if len(line) <= LINE and count < SAMPLES else None
        if sample is None:
            return None
        found.setdefault(name, {})[frozenset(sample.labels.items())] = sample
    return Samples({name: tuple(samples.values()) for name, samples in found.items()})


def _lines_of(text: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The lines that begin with one of the names, each with its name."""
    for line in _LINE.finditer(text):
        written = line[0].strip(" \t\r")
        name = _NAME.match(written)
        if name is not None and name[0] in names:
            yield name[0], written


def _sample(line: str, position: int) -> Sample | None:
    """The sample of a line from behind its name on."""
    labels: dict[str, str] = {}
    while line[position : position + 1] in (" ", "\t"):
        position += 1
    if line[position : position + 1] == "{":
        position += 1
        while (label := _LABEL.match(line, position)) is not None:
            if label[1] in labels or len(labels) >= LABELS:
                return None
            labels[label[1]] = _ESCAPE.sub(lambda one: _MEANING.get(one[1], one[0]), label[2])
            position = label.end()
        end = _END.match(line, position)
        if end is None:
            return None
        position = end.end()
    number = _NUMBER.match(line, position)
    return Sample(labels, float(number[1])) if number is not None else None
