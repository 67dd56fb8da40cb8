"""Why the API server refuses the pods of a workload: a background task reads the workload's events."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from random import uniform

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers.fair_queue import Pool
from fluid.engines.core.pod_diagnostics import reason_of
from fluid.engines.core.queries import FailedCreate
from fluid.kube import Backoff, Connection, KubeError
from fluid.models import Event, PolicyRule

RULES = (PolicyRule(api_groups=[""], resources=["events"], verbs=["list"]),)
PACE = Backoff(base=2.0, cap=60.0)
"""Seconds before the first read, as most missing pods exist by then, and between later reads."""
MOST = 500
"""Events that are read of a workload; Kubernetes writes far fewer, as it counts repeats in one event."""
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass
class _Look:
    """One workload whose events are read; no message before the first read."""

    words: str | None = None
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class FailedCreates:
    """Reads events of workloads for as long as a caller asks; a lost state costs one more read.

    Events are not watched: there are many, and in a healthy cluster no caller asks. An asker is woken when a
    message appears and when it changes.

    Args:
        connection: to the API server.
        pace: delays of the reads.
    """

    def __init__(self, connection: Connection, *, pace: Backoff = PACE) -> None:
        self._connection = connection
        self._pace = pace
        self._pool = Pool(slots=8, share=4, each=1)
        self._looks: dict[Hashable, dict[FailedCreate, _Look]] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def listen(
        self, asker: Hashable, queries: Collection[FailedCreate], wake: Callable[[], None]
    ) -> Mapping[FailedCreate, str]:
        """Reads the events of these workloads from now on, and of no others for this asker.

        Args:
            asker: the caller.
            queries: all workloads that lack pods now.
            wake: called when a message appears or changes.

        Returns:
            What is known, as `told` gives it.
        """
        looks = self._looks.get(asker, {})
        for query in looks.keys() - queries:
            looks.pop(query).scope.cancel()
        for query in queries:
            if query not in looks and self._tasks is not None:
                looks[query] = look = _Look()
                self._tasks.start_soon(self._follow, query, look, wake)
        if looks:
            self._looks[asker] = looks
        else:
            self._looks.pop(asker, None)
        return self.told(asker)

    def told(self, asker: Hashable) -> Mapping[FailedCreate, str]:
        """The API server's message about the pods of each workload that was read; "" if there is none."""
        looks = self._looks.get(asker, {})
        return {query: look.words for query, look in looks.items() if look.words is not None}

    def leave(self, asker: Hashable) -> None:
        """Stops reading events for an asker."""
        for look in self._looks.pop(asker, {}).values():
            look.scope.cancel()

    async def _follow(self, query: FailedCreate, look: _Look, wake: Callable[[], None]) -> None:
        rounds = 0
        with look.scope:
            while True:
                pause = self._pace.delay(rounds)
                await anyio.sleep(pause * uniform(0.9, 1.1))  # events are not watched; no reconcile waits
                rounds += 1
                words = await self._read(query)
                if words is not None and words != look.words:
                    look.words = words
                    wake()

    async def _read(self, query: FailedCreate) -> str | None:
        """Why there are no pods; None when the events cannot be read now."""
        fields = f"involvedObject.uid={query.uid}"
        try:
            async with self._pool.slot(query.workload.namespace, query.uid):
                events = await self._connection.api(Event).list(
                    namespace=query.workload.namespace, fields=fields, most=MOST
                )
        except Exception as error:
            trace = None if isinstance(error, KubeError) else error
            workload = str(query.workload)
            log.info("events cannot be read", workload=workload, error=str(error), exc_info=trace)
            return None
        return reason_of(events, query.workload)
