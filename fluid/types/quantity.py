"""Kubernetes quantities (`10Gi`, `500m`, `1e3`) that compute exactly."""

import re
from decimal import ROUND_CEILING, ROUND_UP, Context, Decimal
from functools import total_ordering
from typing import Self, overload

from fluid.types.scalar import Scalar
from fluid.types.untrusted import QUANTITY

_SPELLING = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(|[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_SCALE = {
    **{suffix: Decimal(10) ** power for power, suffix in _DECIMAL.items()},
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(_BINARY) if power},
}
_NANO = Decimal("1e-9")
_LARGEST = Decimal(2**63 - 1)
_EXACT = Context(prec=100)  # a quantity has at most 19 + 9 digits: products and quotients keep all that count

_Number = int | float | Decimal


@total_ordering
class Quantity(Scalar):
    """An amount of a resource, with the precision and the limits of Kubernetes (nano, 2⁶³-1).

    A quantity keeps the spelling that it was given (`1.5Gi` stays `1.5Gi` when dumped); results of arithmetic
    are spelled canonically in the notation of the left operand. Equality, order and hash go by value:
    `1Gi == 1024Mi`.
    """

    __slots__ = ("_notation", "_spelling", "_value")

    def __init__(self, amount: "str | _Number | Quantity") -> None:
        """Read an amount.

        Args:
            amount: Kubernetes spelling, or a plain number.

        Raises:
            ValueError: The spelling is no quantity; the message shows one that is.
        """
        if isinstance(amount, Quantity):
            self._value, self._notation, self._spelling = amount._value, amount._notation, amount._spelling
        elif isinstance(amount, str):
            self._value, self._notation = _read(amount)
            self._spelling = amount
        else:
            self._value, self._notation = (
                _limit(Decimal(repr(amount) if isinstance(amount, float) else amount)),
                "",
            )
            self._spelling = self.canonical()

    @classmethod
    def _parse(cls, value: object) -> Self:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | Quantity):
            raise ValueError(f"{repr(value)[:80]} is no quantity: write a number or a string such as '10Gi'")
        return cls(value)

    def _like(self, value: Decimal) -> "Quantity":
        result = Quantity(value)
        result._notation = self._notation
        result._spelling = result.canonical()
        return result

    @property
    def value(self) -> Decimal:
        """The exact amount in the base unit (bytes, cores)."""
        return self._value

    def canonical(self) -> str:
        """Spell as the API server does: no fraction, largest suffix without loss."""
        value = self._value
        if self._notation == "i" and abs(value) >= 1024 and value == value.to_integral_value():
            return _binary(int(value))
        number, power = _thousands(value)
        if self._notation == "e":
            return f"{number}e{power}" if power else str(number)
        return f"{number}{_DECIMAL[power]}"

    def __str__(self) -> str:
        return self._spelling

    def __repr__(self) -> str:
        return f"Quantity({self._spelling!r})"

    def __int__(self) -> int:
        """Whole base units, rounded up as Kubernetes does."""
        return int(self._value.to_integral_value(ROUND_CEILING))

    def __float__(self) -> float:
        return float(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: "Quantity") -> bool:
        return self._value < other._value

    def __add__(self, other: "Quantity") -> "Quantity":
        return self._like(_EXACT.add(self._value, other._value))

    def __sub__(self, other: "Quantity") -> "Quantity":
        return self._like(_EXACT.subtract(self._value, other._value))

    def __neg__(self) -> "Quantity":
        return self._like(-self._value)

    def __mul__(self, factor: _Number) -> "Quantity":
        return self._like(_EXACT.multiply(self._value, Decimal(factor)))

    __rmul__ = __mul__

    @overload
    def __truediv__(self, divisor: _Number) -> "Quantity": ...
    @overload
    def __truediv__(self, divisor: "Quantity") -> Decimal: ...
    def __truediv__(self, divisor: "_Number | Quantity") -> "Quantity | Decimal":
        """Share out by a number (rounded up to nano), or compare with a quantity as a ratio."""
        if isinstance(divisor, Quantity):
            return _EXACT.divide(self._value, divisor._value)
        return self._like(_EXACT.divide(self._value, Decimal(divisor)))


def _read(spelling: str) -> tuple[Decimal, str]:
    """Value and notation (`i` binary, `e` exponent, empty for decimal) of a spelling."""
    match = _SPELLING.fullmatch(spelling) if len(spelling) <= QUANTITY else None
    if match is None:
        raise ValueError(
            f"{spelling[:80]!r} is no quantity: write a number with a suffix, such as '10Gi' or '500m'"
        )
    sign, digits, suffix = match.groups()
    if suffix[:1] in {"e", "E"} and suffix not in {"E", "Ei"}:
        exponent = max(-99, min(99, int(suffix[1:])))  # beyond this every value is limited or rounded anyway
        return _limit(Decimal(sign + digits).scaleb(exponent, _EXACT)), "e"
    return _limit(_EXACT.multiply(Decimal(sign + digits), _SCALE[suffix])), suffix[1:]


def _limit(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"{value} is no quantity: it must be a finite number")
    bounded = max(-_LARGEST, min(_LARGEST, value))
    return bounded.quantize(_NANO, ROUND_UP, _EXACT)


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < len(_BINARY) - 1:
        value, power = value // 1024, power + 1
    return f"{value}{_BINARY[power]}"


def _thousands(value: Decimal) -> tuple[int, int]:
    """Whole number and power of ten, a multiple of three, as large as possible."""
    number, power = int(value.scaleb(9, _EXACT)), -9
    while number and number % 1000 == 0 and power < max(_DECIMAL):
        number, power = number // 1000, power + 3
    return (number, power) if number else (0, 0)
