"""What was measured, beside what was aimed at."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One row of the table; smaller is better, unless `more` is.

    Attributes:
        group: the measurement that it belongs to.
        name: what was measured.
        value: in `unit`.
        unit: for example ``s`` or ``MiB``; empty for a count.
        aim: at most so much now; None when nothing was aimed at.
        later: at most so much in the end.
        floor: the same without any controller, measured in the same run.
        note: what else belongs to it.
        more: whether more is better, and the aims are the least.
    """

    group: str
    name: str
    value: float
    unit: str = ""
    aim: float | None = None
    later: float | None = None
    floor: float | None = None
    note: str = ""
    more: bool = False

    @property
    def verdict(self) -> str:
        """How the value compares with the aims; empty without one."""
        if self.aim is None:
            return ""
        if self._misses(self.aim):
            return "MISSED"
        return "met" if self.later is None or self._misses(self.later) else "met, later too"

    def _misses(self, aim: float) -> bool:
        return self.value < aim if self.more else self.value > aim

    def row(self) -> list[str]:
        """Its cells."""
        limits = ["" if limit is None else f"{limit:.3g}" for limit in (self.aim, self.later)]
        ratio = f"{self.value / self.floor:.2f}" if self.floor else ""
        return [f"  {self.name}", f"{self.value:.3g} {self.unit}", *limits, ratio, self.verdict, self.note]


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1]


def table(figures: Sequence[Figure]) -> str:
    """The figures as plain text, a heading over each group."""
    rows = [["what", "measured", "aim", "later", "x floor", "verdict", "note"]]
    for before, figure in zip([None, *figures], figures, strict=False):
        if before is None or before.group != figure.group:
            rows.append([figure.group, *[""] * 6])
        rows.append(figure.row())
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def write_json(file: Path, machine: str, figures: Sequence[Figure], problems: Sequence[str]) -> None:
    """The same for programs."""
    rows = [{**asdict(figure), "verdict": figure.verdict} for figure in figures]
    file.write_text(json.dumps({"machine": machine, "figures": rows, "problems": problems}, indent=2) + "\n")
