"""Reads the last line of the logs of running pods in the background, at most every ten seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import uniform

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers.fair_queue import Pool
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.progress import (
    Progress,
    is_running,
    newest_pod,
    progress_of,
    reporter,
)
from fluid.controllers.operations.workload import ending
from fluid.kube import Connection, KubeError, last_line
from fluid.models import Job, Pod, PolicyRule

RULES = (PolicyRule(api_groups=[""], resources=["pods/log"], verbs=["get"]),)
FIRST, LONGEST, MOST_FAILED = 2.0, 10.0, 60.0
"""Seconds before the first read; longest interval; longest interval while reads fail."""
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass
class _Log:
    """One log that is read, and its last line."""

    uid: str
    line: str = ""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class PodLogs:
    """Reads the logs of running pods, one pod per operation; a lost state costs one more read.

    A log is read after two seconds, then after four and eight, then every ten; an operation is woken only
    when the last line has changed.

    Args:
        connection: to the API server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pool = Pool(slots=16, share=8, each=1)
        self._known: dict[OperationId, _Log] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def listen(
        self, operation: OperationId, job: Job | None, pods: Sequence[Pod], wake: Callable[[], None]
    ) -> Progress:
        """The progress of a Job; the log of its running pod is read from now on, until the Job has ended.

        Args:
            operation: the operation that the Job runs for.
            job: the current Job; None while there is none.
            pods: its live pods.
            wake: called when the last line has changed.
        """
        at_work = job is not None and ending(job) is None  # the pod can still show as running
        pod, container = newest_pod(pods), reporter(job) if job else ""
        if at_work and pod is not None and container and is_running(pod, container):
            line = self._last_line(operation, pod, container, wake)
        else:
            line = ""
            self.leave(operation)
        return progress_of(job, pods, line) if job else Progress()

    def leave(self, operation: OperationId) -> None:
        """Stops reading logs for an operation."""
        known = self._known.pop(operation, None)
        if known is not None:
            known.scope.cancel()

    def _last_line(self, operation: OperationId, pod: Pod, container: str, wake: Callable[[], None]) -> str:
        known = self._known.get(operation)
        if known is not None and known.uid == pod.uid:
            return known.line
        self.leave(operation)
        if self._tasks is not None:
            self._known[operation] = known = _Log(pod.uid)
            self._tasks.start_soon(self._go_on_reading, known, pod, container, wake)
        return ""

    async def _go_on_reading(self, known: _Log, pod: Pod, container: str, wake: Callable[[], None]) -> None:
        pause = FIRST
        with known.scope:
            while True:
                await anyio.sleep(pause * uniform(0.9, 1.1))  # logs are not watched; no reconcile waits
                try:
                    async with self._pool.slot(pod.namespace, pod.name):
                        line = await last_line(self._connection, pod.key, container)
                except Exception as error:  # one failure must not end the other reads
                    trace = None if isinstance(error, KubeError) else error
                    log.info("log cannot be read", pod=str(pod.key), error=str(error), exc_info=trace)
                    pause = min(MOST_FAILED, pause * 2)
                    continue
                pause = min(LONGEST, pause * 2)
                if line != known.line:
                    known.line = line
                    wake()
