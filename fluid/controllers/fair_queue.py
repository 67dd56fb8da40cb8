"""Fair shares of a bounded number of slots, by namespace and by asker.

The next slot goes to the waiting namespace with the fewest tickets at work; among equals, to the one that has
waited longest. A namespace with a ticket at work gets a further slot only while more than half of all slots
are free, and never more than its share. So a namespace without a ticket at work waits only while all slots
are taken, and then at least half of them were the first of their namespaces.
"""

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


@dataclass(eq=False)
class Ticket:
    """One request for a slot by an asker in a namespace."""

    namespace: str
    asker: Hashable


@dataclass
class _Namespace:
    """The askers that wait, in order, and how many tickets of each are at work."""

    waiting: "OrderedDict[Hashable, deque[Ticket]]" = field(
        default_factory=OrderedDict[Hashable, deque[Ticket]]
    )
    working: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    since: int = 0
    """Sequence number of the namespace's latest arrival, grant or return of a slot."""

    @property
    def count(self) -> int:
        """How many are at work."""
        return sum(self.working.values())


class FairQueue:
    """Decides which tickets get a slot; nothing here waits.

    Args:
        slots: tickets at work at once.
        share: tickets of one namespace at work at once.
        each: tickets of one asker at work at once.
    """

    def __init__(self, slots: int, share: int, each: int) -> None:
        self._slots, self._share, self._each = slots, share, each
        self._namespaces: dict[str, _Namespace] = {}
        self._working = 0
        self._clock = 0

    @property
    def working(self) -> int:
        """How many are at work."""
        return self._working

    def wish(self, ticket: Ticket) -> None:
        """Adds a ticket to the queue."""
        self._clock += 1
        place = self._namespaces.setdefault(ticket.namespace, _Namespace(since=self._clock))
        place.waiting.setdefault(ticket.asker, deque()).append(ticket)

    def admit(self) -> Iterator[Ticket]:
        """The tickets that get a slot now; they count as at work from then on."""
        while (name := self._next()) is not None:
            yield self._start(name)

    def leave(self, ticket: Ticket) -> None:
        """Returns the slot of a ticket whose work is done."""
        place = self._namespaces[ticket.namespace]
        left = place.working.pop(ticket.asker) - 1
        if left:
            place.working[ticket.asker] = left
        self._working -= 1
        self._clock += 1
        place.since = self._clock
        self._tidy(ticket.namespace)

    def give_up(self, ticket: Ticket) -> None:
        """Removes a ticket from the queue."""
        place = self._namespaces[ticket.namespace]
        line = place.waiting[ticket.asker]
        line.remove(ticket)
        if not line:
            del place.waiting[ticket.asker]
        self._tidy(ticket.namespace)

    def _next(self) -> str | None:
        """The namespace that gets the next slot; None when no more tickets may work now."""
        free = self._slots - self._working
        if free <= 0:
            return None
        able = [
            (count, place.since, name)
            for name, place in self._namespaces.items()
            if place.waiting
            and (not (count := place.count) or (count < self._share and 2 * free > self._slots))
            and self._asker(place) is not None
        ]
        return min(able)[2] if able else None

    def _start(self, name: str) -> Ticket:
        place = self._namespaces[name]
        asker = self._asker(place)
        line = place.waiting[asker]
        ticket = line.popleft()
        del place.waiting[asker]
        if line:
            place.waiting[asker] = line  # last, behind the others of the namespace
        place.working[asker] = place.working.get(asker, 0) + 1
        self._working += 1
        self._clock += 1
        place.since = self._clock
        return ticket

    def _asker(self, place: _Namespace) -> Hashable | None:
        return next((one for one in place.waiting if place.working.get(one, 0) < self._each), None)

    def _tidy(self, name: str) -> None:
        place = self._namespaces[name]
        if not place.waiting and not place.working:
            del self._namespaces[name]


class Pool:
    """Slots to work in, given out by `FairQueue`.

    Args:
        slots: tickets at work at once.
        share: tickets of one namespace at work at once.
        each: tickets of one asker at work at once.
    """

    def __init__(self, slots: int, share: int, each: int) -> None:
        self._turns = FairQueue(slots, share, each)
        self._calls: dict[Ticket, anyio.Event] = {}

    @asynccontextmanager
    async def slot(self, namespace: str, asker: Hashable) -> AsyncGenerator[None]:
        """Waits for a slot and holds it inside the block."""
        ticket, called = Ticket(namespace, asker), anyio.Event()
        self._calls[ticket] = called
        self._turns.wish(ticket)
        self._admit()
        try:
            await called.wait()
        except BaseException:
            if called.is_set():
                self._leave(ticket)
            else:
                del self._calls[ticket]
                self._turns.give_up(ticket)
            raise
        try:
            yield
        finally:
            self._leave(ticket)

    def _leave(self, ticket: Ticket) -> None:
        self._turns.leave(ticket)
        self._admit()

    def _admit(self) -> None:
        for ticket in self._turns.admit():
            self._calls.pop(ticket).set()
