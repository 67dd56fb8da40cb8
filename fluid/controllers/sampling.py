"""When to ask a cache for statistics, which no watch reports: often while they change, otherwise seldom."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from fluid.types import Key

SHORTEST = 15.0
LONGEST = 600.0
QUIET_START = 600.0
"""Seconds until the first sample of a cache without a running load."""


@dataclass
class _Schedule:
    interval: float
    due: float
    seen: object = None


@dataclass
class Sampler:
    """Sampling times by runtime; a lost state costs one more sample.

    Attributes:
        shortest: seconds between samples while a load runs or the figures change.
        clock: monotonic seconds.
    """

    shortest: float = SHORTEST
    clock: Callable[[], float] = anyio.current_time
    _schedules: dict[Key, _Schedule] = field(default_factory=dict[Key, _Schedule])

    def due(self, key: Key, loading: bool) -> bool:
        """Whether it is time for a sample."""
        schedule = self._of(key)
        if loading and schedule.interval > self.shortest:
            self._plan(schedule, self.shortest)
        return self.clock() >= schedule.due

    def conclude(self, key: Key, seen: object, *, due: bool, taken: bool, loading: bool) -> float | None:
        """Records the outcome of a pass.

        Args:
            key: the runtime.
            seen: the statistics that the pass saw.
            due: whether the pass was to take a sample.
            taken: whether the cache has answered, or there is no cache to ask.
            loading: whether a data operation runs.

        Returns:
            Seconds until the next sample; None while one is under way, whose answer wakes the key itself.
        """
        if due and not taken:
            return None
        if due:
            self.record(key, seen, loading)
        return self.wait(key)

    def record(self, key: Key, seen: object, loading: bool) -> None:
        """Records the statistics of a sample: unchanged ones double the interval, up to ten minutes."""
        schedule = self._of(key)
        quiet = not loading and schedule.seen in (None, seen)
        schedule.seen = seen
        self._plan(schedule, min(LONGEST, schedule.interval * 2) if quiet else self.shortest)

    def wait(self, key: Key) -> float:
        """Seconds until the next sample."""
        return max(0.0, self._of(key).due - self.clock())

    def forget(self, key: Key) -> None:
        """Forgets a runtime that is gone."""
        self._schedules.pop(key, None)

    def _of(self, key: Key) -> _Schedule:
        if key not in self._schedules:
            schedule = self._schedules[key] = _Schedule(interval=0.0, due=0.0)
            self._plan(schedule, max(self.shortest, QUIET_START))
        return self._schedules[key]

    def _plan(self, schedule: _Schedule, interval: float) -> None:
        schedule.interval = interval
        schedule.due = self.clock() + interval * random.uniform(0.9, 1.1)
