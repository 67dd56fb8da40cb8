"""Durations in Go's notation (`1m5s`, `300ms`)."""

import re
from datetime import timedelta
from functools import total_ordering
from typing import Self

from fluid.types.scalar import Scalar
from fluid.types.untrusted import DURATION

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"([0-9]+)(?:\.([0-9]*))?(ns|us|µs|ms|s|m|h)")


@total_ordering
class Duration(Scalar):
    """A span of time to the nanosecond; dumps as Go prints it."""

    __slots__ = ("nanoseconds",)

    def __init__(self, length: "str | float | timedelta | Duration") -> None:
        """Read a span.

        Args:
            length: Go spelling such as ``1m5s``, seconds, or a timedelta.

        Raises:
            ValueError: The spelling is no duration.
        """
        if isinstance(length, Duration):
            self.nanoseconds: int = length.nanoseconds
        elif isinstance(length, str):
            self.nanoseconds = _read(length)
        elif isinstance(length, timedelta):
            self.nanoseconds = length // timedelta(microseconds=1) * 1_000
        else:
            self.nanoseconds = round(length * 1_000_000_000)

    @classmethod
    def _parse(cls, value: object) -> Self:
        if isinstance(value, str | timedelta | Duration):
            return cls(value)
        raise ValueError(f"{repr(value)[:80]} is no duration: write it like '1m5s'")

    @property
    def seconds(self) -> float:
        """The whole span in seconds."""
        return self.nanoseconds / 1_000_000_000

    def __str__(self) -> str:
        sign, rest = ("-" if self.nanoseconds < 0 else ""), abs(self.nanoseconds)
        if rest < _NANOSECONDS["s"]:
            unit = next((unit for unit in ("ms", "µs", "ns") if rest >= _NANOSECONDS[unit]), "s")
            return f"{sign}{_decimal(rest, _NANOSECONDS[unit])}{unit}"
        minutes, rest = divmod(rest, _NANOSECONDS["m"])
        hours, minutes = divmod(minutes, 60)
        text = f"{_decimal(rest, _NANOSECONDS['s'])}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{text}"
        return f"{sign}{minutes}m{text}" if minutes else sign + text

    def __repr__(self) -> str:
        return f"Duration({str(self)!r})"

    def __hash__(self) -> int:
        return hash(self.nanoseconds)

    def __eq__(self, other: object) -> bool:
        return self.nanoseconds == other.nanoseconds if isinstance(other, Duration) else NotImplemented

    def __lt__(self, other: "Duration") -> bool:
        return self.nanoseconds < other.nanoseconds


def _read(spelling: str) -> int:
    if spelling in {"0", "+0", "-0"}:
        return 0
    total, position = 0, 1 if spelling.startswith(("+", "-")) else 0
    while len(spelling) <= DURATION and (part := _PART.match(spelling, position)):
        whole, fraction, unit = part.groups()
        scale = _NANOSECONDS[unit]
        total += int(whole) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)
        position = part.end()
        if position == len(spelling):
            return -total if spelling.startswith("-") else total
    raise ValueError(f"{spelling[:80]!r} is no duration: write it like '1m5s'")


def _decimal(amount: int, unit: int) -> str:
    """Amount in units with a fraction as short as possible."""
    whole, rest = divmod(amount, unit)
    fraction = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)
