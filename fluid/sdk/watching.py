"""Watches of users, over the operator's reflector, which resumes and lists again without losing changes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from math import inf
from typing import Generic, Self, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from fluid.kube import Change, Connection, InformerFactory, Malformed, Reflector, WatchEvent
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


class ObjectWatch(Generic[M]):
    """Events of one watch; a cancelled step loses none.

    Attributes:
        reflector: The reflector that feeds the watch.
    """

    def __init__(self, reflector: Reflector[M], changes: MemoryObjectReceiveStream[Change[M]]) -> None:
        self.reflector = reflector
        self._changes = changes

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchEvent[M]:
        while True:
            change = await anext(self._changes)
            try:
                return _event(change)
            except Malformed:  # other watches go on
                continue


@asynccontextmanager
async def follow(
    connection: Connection,
    model: type[M],
    *,
    namespace: str | None,
    labels: str | None = None,
    fields: str | None = None,
) -> AsyncGenerator[ObjectWatch[M]]:
    """Events from the first list on. An error of the block is raised as it is, not in an exception group."""
    informers = InformerFactory(connection)
    reflector = informers.of(model, namespace=namespace, labels=labels, fields=fields)
    send, receive = anyio.create_memory_object_stream[Change[M]](inf)
    reflector.subscribe(send.send_nowait)
    failure: Exception | None = None
    async with send, receive, anyio.create_task_group() as group:
        group.start_soon(informers.run)
        try:
            yield ObjectWatch(reflector, receive)
        except Exception as error:  # noqa: BLE001 - raised again outside of the group
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _event(change: Change[M]) -> WatchEvent[M]:
    if change.after is None:
        return WatchEvent("DELETED", change.latest.object)
    return WatchEvent("MODIFIED" if change.before else "ADDED", change.after.object)
