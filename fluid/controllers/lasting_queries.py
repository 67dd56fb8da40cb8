"""Queries about what lasts, such as why a workload has no pods: repeated for as long as somebody asks."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from random import uniform

import anyio
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers.fair_queue import Pool
from fluid.controllers.query_executor import Finding, QueryExecutor
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery
from fluid.kube import Backoff

PACE = Backoff(base=2.0, cap=60.0)
"""Seconds before the first look, as most missing pods exist by then, and between later ones."""


@dataclass
class _Look:
    """One query that is repeated; nothing is found before its first answer."""

    found: Finding | None = None
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class LastingQueries:
    """Repeats queries for as long as a caller asks; a lost state costs one answer more.

    What they read, such as events, is not watched: it is much, and in a healthy cluster no caller asks.
    An asker is woken when an answer appears and when it changes; a failure leaves what is known.

    Args:
        executor: answers them.
        pace: delays of the looks.
    """

    def __init__(self, executor: QueryExecutor, *, pace: Backoff = PACE) -> None:
        self._executor = executor
        self._pace = pace
        self._pool = Pool(slots=8, share=4, each=1)
        self._looks: dict[Hashable, dict[AnyQuery, _Look]] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def listen(self, asker: Hashable, queries: Collection[AnyQuery], wake: Callable[[], None]) -> Results:
        """Repeats these queries from now on, and no others for this asker.

        Args:
            asker: the caller.
            queries: all that it asks now.
            wake: called when an answer appears or changes.

        Returns:
            What is known, as `told` gives it.
        """
        looks = self._looks.get(asker, {})
        for query in looks.keys() - {*queries}:
            looks.pop(query).scope.cancel()
        for query in queries:
            if query not in looks and self._tasks is not None:
                looks[query] = look = _Look()
                self._tasks.start_soon(self._follow, asker, query, query.namespace, look, wake)
        if looks:
            self._looks[asker] = looks
        else:
            self._looks.pop(asker, None)
        return self.told(asker)

    def told(self, asker: Hashable) -> Results:
        """The latest answer of each query that has one."""
        looks = self._looks.get(asker, {})
        return Results({query: look.found.answer for query, look in looks.items() if look.found is not None})

    def leave(self, asker: Hashable) -> None:
        """Stops all queries of an asker."""
        for look in self._looks.pop(asker, {}).values():
            look.scope.cancel()

    async def _follow(
        self, asker: Hashable, query: AnyQuery, namespace: str, look: _Look, wake: Callable[[], None]
    ) -> None:
        rounds = 0
        with look.scope:
            while True:
                pause = self._pace.delay(rounds)
                await anyio.sleep(pause * uniform(0.9, 1.1))  # nothing announces it; no reconcile waits
                rounds += 1
                async with self._pool.slot(namespace, query):
                    found = await self._executor.answer(query, asker)
                if found is None or found.failed or not self._executor.is_news(query, found, look.found):
                    continue
                look.found = found
                wake()
