"""Kubernetes Events, as `kubectl describe` shows them, with a limited rate."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from time import monotonic, time_ns
from typing import Literal, NamedTuple

import anyio
import structlog

from fluid.kube.connection import Connection
from fluid.kube.entry import Entry
from fluid.kube.errors import KubeError, NamespaceEnding
from fluid.models import Event, EventSource, ObjectMeta, ObjectReference
from fluid.types import Key, KubeObject, fit

EventType = Literal["Normal", "Warning"]
COMPONENT = "fluid"
_WINDOW = 600.0
_UPDATE_EVERY = 60.0
_REMEMBERED = 2000
_WAITING = 500
_LONGEST = 1000
_log = structlog.get_logger("fluid.kube.events")


class Reference(NamedTuple):
    """The object that an event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str

    @classmethod
    def to(cls, obj: KubeObject) -> "Reference":
        """The reference to `obj`."""
        return cls(obj.resource.api_version, obj.resource.kind, obj.namespace, obj.name, obj.uid)

    @classmethod
    def of(cls, entry: Entry[KubeObject]) -> "Reference":
        """The reference to an object that may be malformed."""
        resource = entry.model.resource
        return cls(resource.api_version, resource.kind, entry.key.namespace, entry.key.name, entry.uid)


class _Fact(NamedTuple):
    uid: str
    type: EventType
    reason: str
    message: str


@dataclass(slots=True)
class _Series:
    """One Event object and how often its fact occurred."""

    key: Key
    since: float
    first: datetime
    count: int = 1
    sent: float | None = None
    outdated: bool = False
    """Whether a newer count has to be sent."""


class Recorder:
    """Sends events in the background: one per object, reason and message in ten minutes, repeats counted.

    The last repeat is counted as well, a minute after it at the latest.

    Args:
        connection: where to.
        clock: seconds, monotonic; a test passes its own.
        every: minimum seconds between two updates of the same event's count.
    """

    def __init__(
        self, connection: Connection, clock: Callable[[], float] = monotonic, *, every: float = _UPDATE_EVERY
    ) -> None:
        self._api = connection.api(Event)
        self._clock = clock
        self._every = every
        self._series: OrderedDict[_Fact, _Series] = OrderedDict()
        self._names = count(time_ns())
        self._send, self._receive = anyio.create_memory_object_stream[tuple[Reference, _Fact]](_WAITING)

    def event(self, about: KubeObject | Reference, type: EventType, reason: str, message: str) -> None:  # noqa: A002 - the wire's word
        """Notes an event; returns at once and never fails.

        Args:
            about: the object.
            type: Normal, or Warning for what a human should look at.
            reason: CamelCase word.
            message: sentence for a human; escaped and cut to at most 1000 characters.
        """
        reference = about if isinstance(about, Reference) else Reference.to(about)
        fact = _Fact(reference.uid or str(reference), type, reason, fit(message, _LONGEST))
        if self._is_new(reference, fact):
            try:
                self._send.send_nowait((reference, fact))
            except (anyio.WouldBlock, anyio.ClosedResourceError) as error:
                del self._series[fact]  # a later occurrence counts as new
                why = "too many wait" if isinstance(error, anyio.WouldBlock) else "the process ends"
                _log.warning("event dropped", why=why, about=reference.name, reason=reason, message=message)

    async def run(self) -> None:
        """Sends what `event` has noted, until cancelled."""
        with self._send, self._receive:
            async with anyio.create_task_group() as tasks:
                async for reference, fact in self._receive:
                    series = self._series.get(fact)
                    if series is None:
                        continue  # dropped meanwhile, because many other facts occurred
                    if series.sent is None:
                        await self._create(reference, fact, series)
                    else:
                        tasks.start_soon(self._count, reference, fact, series, series.sent)

    def _is_new(self, reference: Reference, fact: _Fact) -> bool:
        """Whether there is something to send: a new fact, or the first repeat since the count was sent."""
        now = self._clock()
        series = self._series.get(fact)
        if series is None or now - series.since > _WINDOW:
            name = f"{reference.name[:230]}.{next(self._names):x}"
            key = Key(reference.namespace or "default", name)
            self._series[fact] = _Series(key, now, datetime.now(UTC))
            self._series.move_to_end(fact)
            if len(self._series) > _REMEMBERED:
                self._series.popitem(last=False)
            return True
        series.count += 1
        first, series.outdated = not series.outdated, True
        return first and series.sent is not None

    async def _create(self, reference: Reference, fact: _Fact, series: _Series) -> None:
        series.sent, series.outdated = self._clock(), False
        request = self._api.create(_event(reference, fact, series, datetime.now(UTC)))
        if not await self._told(reference, fact, request) and self._series.get(fact) is series:
            del self._series[fact]  # the Event is gone: a later occurrence counts as new

    async def _count(self, reference: Reference, fact: _Fact, series: _Series, sent: float) -> None:
        await anyio.sleep(max(0.0, sent + self._every - self._clock()))  # one request per minute of repeats
        series.sent, series.outdated = self._clock(), False
        stamp = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        request = self._api.merge(series.key, {"count": series.count, "lastTimestamp": stamp})
        await self._told(reference, fact, request)

    async def _told(self, reference: Reference, fact: _Fact, request: Awaitable[Event]) -> bool:
        """Whether nothing is left to send; a failure is logged and not raised."""
        try:
            await request
        except NamespaceEnding:
            return True  # an ending namespace accepts no events
        except KubeError as error:
            _log.warning("event not sent", about=reference.name, reason=fact.reason, problem=error.message)
            return False
        return True


def _event(reference: Reference, fact: _Fact, series: _Series, now: datetime) -> Event:
    return Event(
        metadata=ObjectMeta(name=series.key.name, namespace=series.key.namespace),
        involved_object=ObjectReference(
            api_version=reference.api_version,
            kind=reference.kind,
            namespace=reference.namespace or None,
            name=reference.name,
            uid=reference.uid or None,
        ),
        type=fact.type,
        reason=fact.reason,
        message=fact.message,
        source=EventSource(component=COMPONENT),
        reporting_component=COMPONENT,
        reporting_instance=COMPONENT,
        first_timestamp=series.first,
        last_timestamp=now,
        count=series.count,
    )
