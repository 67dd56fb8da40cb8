"""A keyed work queue: a key is never handed out twice at once, and the earliest request wins.

A key whose time has come is due; requests for later wait in a heap until then. The decisions are synchronous
(`WorkQueue.pop`), so a state machine can test them; the only asynchronous part is waiting
(`WorkQueue.take`).
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

import anyio

K = TypeVar("K", bound=Hashable)
_SLACK = 64
"""Superseded requests that the heap may always hold."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential delays, in seconds: ``base``, doubled at each failure, never above ``cap``."""

    base: float = 0.2
    cap: float = 300.0

    def delay(self, failures: int) -> float:
        """The delay after this many earlier failures in a row."""
        return min(self.cap, self.base * 2.0 ** min(failures, 60))


class _Turn(NamedTuple):
    """One key's turn: when it was taken, and when it had been due."""

    taken: float
    due: float


class WorkQueue(Generic[K]):
    """Keys that wait to be reconciled.

    Args:
        backoff: delays of `retry`.
        clock: seconds, monotonic; a test passes its own.

    Attributes:
        adds: how often a key became due, at once or after its delay. A delay that is over counts when the
            queue is next looked into, at the latest when its key is handed out.
    """

    def __init__(self, backoff: Backoff | None = None, clock: Callable[[], float] = monotonic) -> None:
        self.adds: int = 0
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._due: dict[K, float] = {}  # since when; those that are busy run again after `done`
        self._order: deque[K] = deque()  # those of `_due` that are not busy
        self._later: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []  # of `_later`, and superseded requests
        self._busy: dict[K, _Turn] = {}
        self._failures: dict[K, int] = {}
        self._held: dict[K, float] = {}  # until when they do not become due, whatever is requested
        self._sequence = count()
        self._waiter: anyio.Event | None = None
        self._closed = False

    def __len__(self) -> int:
        """How many keys are requested, now or later."""
        return len(self._due) + len(self._later)

    @property
    def depth(self) -> int:
        """How many keys are due; may be read from another thread."""
        now = self._clock()
        return len(self._due) + sum(due <= now for due in [*self._later.values()])

    @property
    def busy(self) -> int:
        """How many keys are taken and not yet done."""
        return len(self._busy)

    def busy_seconds(self) -> list[float]:
        """For how long each taken key has been; may be called from another thread."""
        now = self._clock()
        return [now - turn.taken for turn in [*self._busy.values()]]

    def add(self, key: K, after: float = 0.0) -> None:
        """Requests that `key` runs in `after` seconds; of several requests the earliest counts.

        A key that is taken now runs again after `done`.
        """
        if self._closed or key in self._due:
            return
        now = self._clock()
        due = now + after
        if key in self._held:
            due = max(due, self._held[key])
            after = due - now
        known = self._later.get(key)
        if known is not None and known <= due:
            return
        if after > 0:
            self._later[key] = due
            heapq.heappush(self._heap, (due, next(self._sequence), key))
            self._compact()
            if self._heap[0][0] == due:  # else `take` wakes before
                self._wake()
        else:
            self._later.pop(key, None)
            self._become_due(key, due)

    def retry(self, key: K, cap: float = math.inf) -> float:
        """Adds `key` with its back-off, at most `cap`, and returns that delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(cap, self._backoff.delay(failures))
        self.add(key, delay)
        return delay

    def hold(self, key: K, seconds: float) -> None:
        """Keeps `key` from becoming due for some seconds, whatever is requested."""
        now = self._clock()
        self._promote(now)
        until = self._held[key] = now + seconds
        wished = self._due.pop(key, None) is not None
        if wished and key not in self._busy:
            self._order.remove(key)
        if wished or self._later.get(key, math.inf) < until:
            self._later.pop(key, None)
            self.add(key)

    def forget(self, key: K) -> None:
        """Clears the back-off of `key`."""
        self._failures.pop(key, None)

    def close(self) -> None:
        """Hands out nothing more; `take` returns None from now on."""
        self._closed = True
        self._wake()

    def pop(self) -> tuple[K | None, float]:
        """A key whose time has come, now taken; or None and the seconds until the next one (inf: none)."""
        now = self._clock()
        wait = self._promote(now)
        if not self._order:
            return None, wait
        key = self._order.popleft()
        self._busy[key] = _Turn(now, self._due.pop(key))
        return key, 0.0

    def done(self, key: K) -> None:
        """Gives a taken key back; it may be handed out again."""
        if self._busy.pop(key, None) is not None and key in self._due:
            self._order.append(key)
            self._wake()

    def lateness(self, key: K) -> float:
        """Seconds between the time that a taken key was due and the time it was taken."""
        turn = self._busy.get(key)
        return turn.taken - turn.due if turn else 0.0

    async def take(self) -> K | None:
        """Waits for the next key; None once closed. One task at a time may wait."""
        while not self._closed:
            key, wait = self.pop()
            if key is not None:
                return key
            self._waiter = anyio.Event()
            with anyio.move_on_after(None if wait == math.inf else wait):
                await self._waiter.wait()
            self._waiter = None
        return None

    def _become_due(self, key: K, since: float) -> None:
        self.adds += 1
        self._held.pop(key, None)
        self._due[key] = since
        if key not in self._busy:
            self._order.append(key)
            self._wake()

    def _promote(self, now: float) -> float:
        """Makes the keys due whose delay is over; returns the seconds until the next one."""
        while self._heap:
            due, _, key = self._heap[0]
            if self._later.get(key) == due:
                if due > now:
                    return due - now
                del self._later[key]
                self._become_due(key, due)
            heapq.heappop(self._heap)
        return math.inf

    def _compact(self) -> None:
        """Drops superseded requests once they outnumber the others: each would stay until its time."""
        if len(self._heap) > 2 * len(self._later) + _SLACK:
            self._heap = [(due, next(self._sequence), key) for key, due in self._later.items()]
            heapq.heapify(self._heap)

    def _wake(self) -> None:
        if self._waiter is not None:
            self._waiter.set()
