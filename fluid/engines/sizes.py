"""Sizes and percentages as Fluid writes them in status: binary units, two decimals, no space."""

import re

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_HUMAN_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([kKmMgGtTpP])?[iI]?[bB]?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}

CALCULATING = "[Calculating]"
"""What stands for a size or count that is being found out."""


def human_size(size: int) -> str:
    """A number of bytes as ``0.00B``, ``512.00MiB`` or ``11.72GiB``."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    return f"{value:.2f}{_UNITS[unit]}"


def parse_human_size(text: str) -> int | None:
    """Bytes of a size such as ``96.00GB``, K to P being powers of 1024; None if it is no size.

    A number of more than 18 digits is none: nothing is that large.
    """
    match = _HUMAN_SIZE.fullmatch(text.strip())
    if not match:
        return None
    return int(float(match[1]) * 1024 ** _POWERS[(match[2] or "").lower()])


def percentage(part: int, whole: int | None) -> str:
    """A share as ``12.5%``, at most 100; empty while the whole is unknown or nothing."""
    if not whole:
        return ""
    return f"{min(100.0, 100.0 * part / whole):.1f}%"
