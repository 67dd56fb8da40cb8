"""Queries that engines ask of the cluster, answered in the background.

A reconcile never waits for a command in a pod: it asks, ends, and is woken when the results are
there. A success answers one pass; a failure stays the answer until its back-off has passed, so that
unrelated events do not repeat it. Nothing here has to survive the process: it is asked again.

A command runs in an image of a tenant, who can make it slow. Each has a deadline, and none takes what others
need: namespaces and runtimes have shares (`fair_queue`), and what brings a Dataset up, changes it or takes
it away waits behind no command that only samples figures.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import NamedTuple

import anyio
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers.fair_queue import Pool
from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_handlers import shared_kinds
from fluid.controllers.result_cache import ResultCache
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery, QueryKind
from fluid.kube import Backoff
from fluid.models import PolicyRule
from fluid.types import Key

Wake = Callable[[], None]


def rules(kinds: Iterable[QueryKind]) -> tuple[PolicyRule, ...]:
    """The rights that Fluid's own queries need, and those of these kinds."""
    return tuple(rule for kind in (*shared_kinds(), *kinds) for rule in kind.rules)


class Asker(NamedTuple):
    """A runtime that asks: a key alone is not enough, as runtimes of several kinds may share it."""

    kind: str
    key: Key

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class QueryRunner:
    """Runs queries for keys: one batch in order per asker, many keys at once.

    Args:
        executor: answers them.
        lasting: repeats those about what lasts; one that nobody runs answers nothing.
    """

    def __init__(self, executor: QueryExecutor, lasting: LastingQueries | None = None) -> None:
        self._executor = executor
        self._lasting = lasting or LastingQueries(executor)
        self._commands = Pool(slots=64, share=32, each=1)
        self._samples = Pool(slots=32, share=16, each=2)
        self._reads = Pool(slots=32, share=16, each=1)
        self._backoff = Backoff(base=0.5, cap=30.0)
        self._caches: dict[Hashable, ResultCache] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; queries that are still open then are dropped."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def results(self, asker: Hashable) -> Results:
        """What is known for a key; the results that are returned are marked as seen."""
        result_cache, lasting = self._caches.get(asker), self._lasting.told(asker)
        if result_cache is None:
            return lasting
        if result_cache.expired:
            result_cache.clear()
        fresh = frozenset(result_cache.fresh)
        result_cache.fresh.clear()
        return Results({**result_cache.answers, **lasting.answers}, fresh)

    def ask(
        self,
        asker: Hashable,
        queries: Sequence[AnyQuery],
        wake: Wake,
        *,
        keep: bool = False,
        partial: bool = False,
        useless: Collection[AnyQuery] = (),
    ) -> None:
        """Take the queries of one pass.

        When all of them are answered the pass is complete: its successes are forgotten, so that the
        next pass looks anew; not those that came while the pass was at work, which it has not seen.
        While a batch runs, further queries wait for the pass that its end wakes.

        Args:
            asker: who asks.
            queries: all queries of the pass, answered or not.
            wake: called when there is news.
            keep: keep results beyond this pass: setup is one long pass, whose results are told at its end.
            partial: the pass was cut short: what it does not ask of what lasts is looked into further.
            useless: queries whose results count as failures, whatever the exit code.
        """
        if not partial:
            self._lasting.listen(asker, [query for query in queries if query.lasting], wake)
        result_cache = self._caches.setdefault(asker, ResultCache())
        unknown = [one for one in queries if not one.lasting and not result_cache.knows(one)]
        for query in unknown:
            if query.in_background:
                self._start(asker, result_cache, [query], wake, setup=keep)
        if useless and not result_cache.failed and self._tasks is not None:
            result_cache.useless = True
            self._tasks.start_soon(self._retry, result_cache, wake)
        batch = [query for query in unknown if not query.in_background]
        if batch and all(query.in_background for query in result_cache.running):
            self._start(asker, result_cache, batch, wake, setup=keep)
        elif not result_cache.running and not result_cache.failed and not result_cache.fresh and not keep:
            del self._caches[asker]

    def forget(self, asker: Hashable) -> None:
        """Drop everything about a key that is gone."""
        self._lasting.leave(asker)
        self._caches.pop(asker, None)

    def _start(
        self,
        asker: Hashable,
        result_cache: ResultCache,
        queries: Sequence[AnyQuery],
        wake: Wake,
        *,
        setup: bool,
    ) -> None:
        if self._tasks is not None:
            work = [_Turn(query, query.namespace, self._pool(query, setup=setup)) for query in queries]
            result_cache.running.update(queries)
            self._tasks.start_soon(self._serve, asker, result_cache, work, wake)

    def _pool(self, query: AnyQuery, *, setup: bool) -> Pool:
        match query.pool:
            case "read":
                return self._reads
            case "sample" if not setup:
                return self._samples
            case _:
                return self._samples if query.in_background else self._commands

    async def _serve(
        self, asker: Hashable, result_cache: ResultCache, work: Sequence["_Turn"], wake: Wake
    ) -> None:
        queries = [turn.query for turn in work]
        try:
            for query, namespace, pool in work:
                async with pool.slot(namespace, asker):
                    result_cache.note(query, await self._executor.answer(query, asker))
        finally:
            result_cache.running.difference_update(queries)
        result_cache.fresh.update(queries)
        wake()
        if result_cache.failed:
            await self._retry(result_cache, wake)

    async def _retry(self, result_cache: ResultCache, wake: Wake) -> None:
        """Let the next pass ask again, later with every failure."""
        delay = self._backoff.delay(result_cache.failures)
        result_cache.failures += 1
        await anyio.sleep(delay)  # not in a reconcile: this task is the timer of the retry
        result_cache.expired = True
        wake()


class _Turn(NamedTuple):
    """A query, and what it waits for. The pass that asks reads that: it fails when the query cannot tell."""

    query: AnyQuery
    namespace: str
    pool: Pool
