"""What a reader's lines say of the times in which it could not read."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """From the first failed open or read to the first new open that succeeded.

    Attributes:
        began: seconds, by the reader's clock.
        ended: the same.
        depth: mounts that were stacked in the pod, at most.
    """

    began: float
    ended: float
    depth: int

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.ended - self.began


def gaps(lines: Iterable[str]) -> list[Gap]:
    """All that are over."""
    found: list[Gap] = []
    began, depth = None, 0
    for line in lines:
        start, end, mounts, result = line.split(" ", 3)
        depth = max(depth, int(mounts))
        if result != "ok":
            began = float(start) if began is None else began
        elif began is not None:
            found.append(Gap(began, float(end), depth))
            began, depth = None, 0
    return found
