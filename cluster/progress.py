"""Progress of a build: the current program, how long it took elsewhere, and what is left."""

import os
import sys
import time
from collections.abc import Iterable

SECONDS = {
    "answerer": 1,
    "containerd": 77,
    "containerd-shim-runc-v2": 2,
    "coredns": 101,
    "csi-sanity": 35,
    "ctr": 5,
    "etcd": 29,
    "kube-apiserver": 335,
    "kube-controller-manager": 54,
    "kube-proxy": 6,
    "kube-scheduler": 5,
    "kubectl": 18,
    "kubelet": 15,
    "kwok": 61,
    "pause": 1,
    "versitygw": 99,
}
"""Seconds for each program on two cores, including the first fetch and compilation of its modules.

A program that follows another of its module finds most packages compiled, so the order of a build matters.
A new program without a line counts as `_UNKNOWN`.
"""
_UNKNOWN = 30
_TRUSTED = 20.0
"""Seconds of work after which this machine's own speed counts."""


def spell(seconds: float) -> str:
    """A duration in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min"


def expected(programs: Iterable[str]) -> float:
    """Seconds that programs took elsewhere."""
    return float(sum(SECONDS.get(program, _UNKNOWN) for program in programs))


class Progress:
    """Prints progress while programs are built; prints nothing if there is nothing to build.

    Args:
        programs: all that are to be built, in their order.
    """

    def __init__(self, programs: Iterable[str]) -> None:
        self._left = list(programs)
        self._total = len(self._left)
        self._done = 0.0  # of the work, in seconds of the table
        self._spent = 0.0  # of time, here
        self._since = time.monotonic()

    def announce(self) -> None:
        """Print what is going to be built."""
        if not self._left:
            return
        each = ", ".join(f"{name} {spell(expected([name]))}" for name in self._left)
        say(
            f"{self._total} programs are compiled first, once for this machine;"
            f" on two cores that took {spell(expected(self._left))} ({each}); here are {cores()}"
        )

    def begin(self) -> None:
        """A compiler starts."""
        self._since = time.monotonic()
        if self._left:
            say(f"building {self._left[0]} ({self._position()}; {self._estimate(0)})")

    def finish(self, program: str, *, more: bool) -> None:
        """A program is built; the compiler continues with the next one if there are `more` of its module."""
        seconds = time.monotonic() - self._since
        where = self._position()
        if program in self._left:
            self._left.remove(program)
        self._done += expected([program])
        self._spent += seconds
        say(f"built {program} in {seconds:.0f} s ({where}; {self._estimate(0)})")
        if more:
            self.begin()

    def pulse(self) -> None:
        """The compiler still works."""
        seconds = time.monotonic() - self._since
        if self._left:
            say(f"  {self._left[0]}: {spell(seconds)} so far; {self._estimate(seconds)}")

    def drop(self, programs: Iterable[str]) -> None:
        """The programs exist; another process may have built them meanwhile."""
        there = set(programs)
        self._left = [program for program in self._left if program not in there]

    def _position(self) -> str:
        return f"{self._total - len(self._left) + 1} of {self._total}"

    def _estimate(self, running: float) -> str:
        left = self.left(running)
        return f"about {spell(left)} left" if left else "none left"

    def left(self, running: float) -> float:
        """Seconds until all is built, when the present program has run for some."""
        if not self._left:
            return 0.0
        pace = self._spent / self._done if self._done >= _TRUSTED else 1.0
        present = expected(self._left[:1]) * pace
        # A program that takes longer than expected counts as nearly done.
        return max(present - running, present * 0.05) + expected(self._left[1:]) * pace


def cores() -> str:
    """The number of processors that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return "1 core" if count == 1 else f"{count} cores"


def say(line: str) -> None:
    """Print without a buffer: a first build takes minutes."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
