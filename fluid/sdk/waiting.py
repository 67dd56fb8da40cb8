"""Waits by watches: until a state is reached, cannot be reached, or the time is up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Generic, TypeVar

import anyio

from fluid.conditions import DELETION_BLOCKED, find_condition
from fluid.kinds.installed import installed
from fluid.kube import Connection, KubeError
from fluid.models import Dataset, Event, PersistentVolumeClaim
from fluid.sdk.errors import DatasetNotBound, NotDeleted, WaitError, explained
from fluid.sdk.outlook import Outlook, conditions_of, of_binding, of_completion, phase_of
from fluid.sdk.watching import follow
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
DatasetT = TypeVar("DatasetT", bound=Dataset)
PATIENCE = 2.0
"""Seconds for which a problem that exists when the wait begins may last: it may just have been solved."""
_EVENTS = 3
_EVENTS_DEADLINE = 5.0


@dataclass(frozen=True)
class Wait(Generic[M]):
    """One wait for one object.

    Attributes:
        connection: Where to look.
        model: The kind.
        key: The object.
        seconds: How long.
        judge: Says what a state means; it is called with None for an object that does not exist.
    """

    connection: Connection
    model: type[M]
    key: Key
    seconds: float
    judge: Callable[[M | None], Outlook]

    async def run(self) -> tuple[M | None, Outlook]:
        """The last state and its outlook: done, a problem, or neither when the time is up."""
        began = monotonic()
        with explained("get", self.model.resource, self.key):
            obj = await self.connection.api(self.model).find(self.key)
        outlook = self.judge(obj)
        if outlook.done:
            return obj, outlook
        known, since, fields = outlook.problem, began, f"metadata.name={self.key.name}"
        namespace = self.key.namespace or None
        async with follow(self.connection, self.model, namespace=namespace, fields=fields) as events:
            with anyio.move_on_after(began + self.seconds - monotonic()):
                await events.reflector.store.synced.wait()
                if events.reflector.store.entry(self.key) is None:
                    obj, outlook = None, self.judge(None)
            while not outlook.done:
                left = self.seconds
                if outlook.problem:
                    patience = PATIENCE if outlook.passing or outlook.problem == known else 0
                    left = min(left, since - began + patience)
                with anyio.move_on_after(began + left - monotonic()) as patient:
                    event = await anext(events)
                    now = None if event.type == "DELETED" else event.object
                    if event.object.key == self.key and now != obj:  # listed first
                        before, obj, outlook = outlook.problem, now, self.judge(now)
                        since = since if outlook.problem and before else monotonic()
                if patient.cancelled_caught:
                    break
        return obj, outlook

    async def failure(
        self, kind: type[WaitError], goal: str, obj: M | None, outlook: Outlook, next_step: str
    ) -> WaitError:
        """The error to raise, with state, warnings and next step."""
        subject = f"{self.model.resource.kind} {self.key}"
        late = f"{subject} did not {goal} within {self.seconds:g} s"
        return kind(
            self.key,
            f"{subject} does not {goal}: {outlook.problem}" if outlook.problem else late,
            timed_out=not outlook.problem,
            phase=phase_of(obj) if obj else "",
            condition=outlook.condition,
            events=await self._warnings(obj),
            next_step=next_step,
        )

    async def _warnings(self, obj: M | None) -> Sequence[Event]:
        """The last warnings about objects of the name: a Dataset, its runtime and its claim share it.

        Warnings about earlier objects of the name are left out.
        """
        fields = f"involvedObject.name={self.key.name},type=Warning"
        found: list[Event] = []
        try:
            with anyio.move_on_after(_EVENTS_DEADLINE):
                found = await self.connection.api(Event).list(
                    namespace=self.key.namespace or None, fields=fields
                )
                found = await self._present(obj, [one for one in found if _about(one, self.key)])
        except KubeError:  # without the right to list events, the error has none
            return ()
        return sorted(found, key=_time)[-_EVENTS:]

    async def _present(self, obj: M | None, events: Sequence[Event]) -> list[Event]:
        """The events about objects that exist and are not being deleted."""
        kinds = {one.involved_object.kind for one in events} - {self.model.resource.kind}
        uids = {obj.uid} if obj is not None else set[str]()
        for model in (one for one in _beside() if one.resource.kind in kinds and obj is not None):
            other = await self.connection.api(model).find(self.key)
            if other is not None and other.metadata.deletion_timestamp is None:
                uids.add(other.uid)
        return [one for one in events if (one.involved_object.uid or "") in {"", *uids}]


async def wait_bound(connection: Connection, model: type[DatasetT], key: Key, seconds: float) -> DatasetT:
    """The Dataset as soon as it is Bound.

    Raises:
        DatasetNotBound: it cannot become Bound, or not in time.
    """
    wait = Wait(connection, model, key, seconds, of_binding)
    dataset, outlook = await wait.run()
    if dataset is not None and outlook.done:
        return dataset
    runtimes = (one.model.resource.kind.lower() for one in installed().runtimes)
    step = f"kubectl -n {key.namespace} describe {','.join(['dataset', *runtimes])} {key.name}"
    if dataset is None:
        step = "create it, or see in which namespace it is: `kubectl get datasets -A`"
    elif dataset.status is None:
        step = "see that the operator runs (`fluid run`), and its log: it has not looked at the Dataset"
    raise await wait.failure(DatasetNotBound, "become Bound", dataset, outlook, step)


async def wait_complete(
    connection: Connection,
    model: type[M],
    key: Key,
    seconds: float,
    progress: Callable[[M], object] | None,
    failure: type[WaitError],
) -> M:
    """The data operation as soon as it is Complete.

    Raises:
        WaitError: of the kind `failure`: it failed, or did not end in time.
    """

    def judge(operation: M | None) -> Outlook:
        if operation is not None and progress is not None:
            progress(operation)
        return of_completion(operation)

    wait = Wait(connection, model, key, seconds, judge)
    operation, outlook = await wait.run()
    if operation is not None and outlook.done:
        return operation
    step = f"kubectl -n {key.namespace} describe {model.resource.kind.lower()} {key.name}"
    raise await wait.failure(failure, "complete", operation, outlook, step)


async def wait_gone(
    connection: Connection, model: type[KubeObject], key: Key, uid: str, seconds: float
) -> None:
    """Like `wait_deleted`, for an object that the operator or the garbage collector is going to delete."""

    def judge(obj: KubeObject | None) -> Outlook:
        blocked = find_condition(conditions_of(obj), DELETION_BLOCKED) if obj else None
        return Outlook(obj is None or obj.uid != uid, "", blocked)

    await _end(Wait(connection, model, key, seconds, judge))


async def wait_deleted(connection: Connection, model: type[M], key: Key, uid: str, seconds: float) -> None:
    """Returns as soon as the object, and not another of the same name, is gone.

    Raises:
        NotDeleted: it is still there; the message says what blocks it.
    """

    def judge(obj: M | None) -> Outlook:
        if obj is None or (uid and obj.uid != uid):
            return Outlook(True, "", None)
        asked = obj.metadata.deletion_timestamp is not None
        blocked = find_condition(conditions_of(obj), DELETION_BLOCKED)
        return Outlook(False, "" if asked else "nobody has asked for its deletion", blocked)

    await _end(Wait(connection, model, key, seconds, judge))


async def _end(wait: Wait[M]) -> None:
    """Wait until an object is gone; see `wait_deleted`."""
    obj, outlook = await wait.run()
    if obj is None or outlook.done:
        return
    model, key = wait.model, wait.key
    where = f" -n {key.namespace}" if key.namespace else ""
    held = f", which {', '.join(obj.metadata.finalizers)} holds" if obj.metadata.finalizers else ""
    step = f"kubectl{where} describe {model.resource.kind.lower()} {key.name}{held}"
    raise await wait.failure(NotDeleted, "go", obj, outlook, step)


def _beside() -> list[type[KubeObject]]:
    """Kinds whose objects have the same name as a Dataset."""
    return [*(one.model for one in installed().runtimes), PersistentVolumeClaim]


def _about(event: Event, key: Key) -> bool:
    return event.involved_object.name == key.name


def _time(event: Event) -> datetime:
    found = event.last_timestamp or event.event_time or event.metadata.creation_timestamp
    return found or datetime.min.replace(tzinfo=UTC)
