"""A keyed work queue: an equal key is never handed out twice at once, and the earliest wish wins.

The decisions are synchronous (`WorkQueue.pop`), so a state machine can test them; the only
asynchronous part is waiting (`WorkQueue.take`).
"""

import heapq
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Generic, TypeVar

import anyio

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential delays, in seconds: ``base``, doubled at each failure, never above ``cap``."""

    base: float = 0.2
    cap: float = 300.0

    def delay(self, failures: int) -> float:
        """The delay after this many earlier failures in a row."""
        return min(self.cap, self.base * 2.0 ** min(failures, 60))


class WorkQueue(Generic[K]):
    """Keys that wait for their turn.

    Args:
        backoff: delays of `retry`.
        clock: seconds, monotonic; a test passes its own.
    """

    def __init__(self, backoff: Backoff | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._busy: set[K] = set()
        self._late: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._sequence = count()
        self._waiter: anyio.Event | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._due)

    @property
    def busy(self) -> int:
        """How many keys are taken and not yet done."""
        return len(self._busy)

    def add(self, key: K, after: float = 0.0) -> bool:
        """Wishes that `key` runs in `after` seconds; of several wishes the earliest counts.

        A key that is taken now runs again after `done`.

        Returns:
            Whether the key was not waiting before.
        """
        due = self._clock() + after
        known = self._due.get(key)
        if self._closed or (known is not None and known <= due):
            return False
        self._due[key] = due
        if key not in self._busy:
            self._push(key, due)
        return known is None

    def retry(self, key: K, cap: float = math.inf) -> float:
        """Adds `key` with its back-off, at most `cap`, and returns that delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(cap, self._backoff.delay(failures))
        self.add(key, delay)
        return delay

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
        while self._heap:
            due, _, key = self._heap[0]
            if key in self._busy or self._due.get(key) != due:
                heapq.heappop(self._heap)  # superseded by an earlier wish, or to be pushed again by `done`
            elif due > now:
                return None, due - now
            else:
                heapq.heappop(self._heap)
                del self._due[key]
                self._busy.add(key)
                self._late[key] = now - due
                return key, 0.0
        return None, math.inf

    def done(self, key: K) -> None:
        """Gives a taken key back; it may be handed out again."""
        self._busy.discard(key)
        self._late.pop(key, None)
        due = self._due.get(key)
        if due is not None:
            self._push(key, due)

    def lateness(self, key: K) -> float:
        """Seconds between the time that a taken key was due and the time it was taken."""
        return self._late.get(key, 0.0)

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

    def _push(self, key: K, due: float) -> None:
        heapq.heappush(self._heap, (due, next(self._sequence), key))
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None:
            self._waiter.set()
