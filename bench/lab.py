"""What all measurements share."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

import anyio

from bench.cost import Meter, cpu_seconds
from bench.figures import Figure
from bench.objects import dataset, key, runtime
from bench.view import View
from cluster import ControlPlane
from cluster.operator import Operator
from fluid.kube import Connection
from fluid.models import Dataset
from fluid.types import Key, KubeObject

T = TypeVar("T")
_AT_ONCE = 16
"""Requests that the bench has under way, as many as a controller has workers."""
_QUIET = (0.05, 3.0)
"""An operator that needs no more CPU seconds than this in so many seconds has nothing to do."""


@dataclass
class Lab:
    """One cluster, the bench's own client and view of it, the operator, and the figures so far."""

    plane: ControlPlane
    connection: Connection
    view: View
    operator: Operator
    figures: list[Figure] = field(default_factory=list[Figure])
    floor_up: float | None = None
    """Seconds that the children of all Datasets need without a controller; None until measured."""
    floor_down: float | None = None

    async def each(self, items: Iterable[T], work: Callable[[T], Awaitable[object]]) -> None:
        """Does the work for all items, as many at once as a controller would."""
        limit = anyio.CapacityLimiter(_AT_ONCE)

        async def one(item: T) -> None:
            async with limit:
                await work(item)

        async with anyio.create_task_group() as tasks:
            for item in items:
                tasks.start_soon(one, item)

    async def create(self, obj: KubeObject) -> None:
        """Creates one object."""
        await self.connection.api(type(obj)).create(obj)

    async def delete(self, obj: KubeObject) -> None:
        """Asks for the deletion of one object."""
        await self.connection.api(type(obj)).delete(obj.key)

    async def create_datasets(self, names: Iterable[str]) -> dict[Key, float]:
        """Creates Datasets with their runtimes; returns when (`time.monotonic`) each was asked for."""
        asked: dict[Key, float] = {}

        async def one(name: str) -> None:
            asked[key(name)] = monotonic()
            await self.create(dataset(name))
            await self.create(runtime(name))

        await self.each(names, one)
        return asked

    async def delete_datasets(self, names: Iterable[str]) -> None:
        """Asks for the deletion of Datasets, and of nothing else."""
        await self.each(names, lambda name: self.connection.api(Dataset).delete(key(name)))

    def meter(self) -> Meter:
        """Counts what the operator spends from now on."""
        return Meter(self.plane, self.operator)

    async def settled(self) -> None:
        """Returns when the operator has had nothing to do for a while, half a minute at most."""
        most, seconds = _QUIET
        with anyio.move_on_after(30):
            spent = -most - 1
            while (now := cpu_seconds(self.operator.pid)) - spent > most:
                spent = now
                await anyio.sleep(seconds)
