"""Observes the Job of an operation: logs of its pods, and events when the API server refuses its pods."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.operations import pod_logs
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.pod_logs import PodLogs
from fluid.controllers.operations.progress import Progress
from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_handlers import EVENT_RULES
from fluid.engines.core.pod_diagnostics import missing_pods, recorded_words, refused_pods, told
from fluid.engines.core.upgrade import refusal_in
from fluid.kube import Connection
from fluid.models import Job, OperationStatus, Pod, PolicyRule

RULES: tuple[PolicyRule, ...] = (*pod_logs.RULES, *EVENT_RULES)


class JobObserver:
    """Observes Jobs in the background; a lost state costs one more read.

    Args:
        logs: reads the logs of running pods.
        lasting_queries: reads why there are no pods.
    """

    def __init__(self, logs: PodLogs, lasting_queries: LastingQueries) -> None:
        self._logs = logs
        self._lasting_queries = lasting_queries

    @classmethod
    def over(cls, connection: Connection) -> "JobObserver":
        """An observer of a connection; it reads nothing unless its parts are run."""
        return cls(PodLogs(connection), LastingQueries(QueryExecutor(connection)))

    def listen(
        self,
        operation: OperationId,
        job: Job | None,
        pods: Sequence[Pod],
        status: OperationStatus,
        wake: Callable[[], None],
    ) -> Progress:
        """The progress of a Job; the Job is observed from now on.

        Args:
            operation: the operation that the Job runs for.
            job: the current Job; None while there is none.
            pods: its live pods.
            status: the status of the operation; its message about refused pods stays until events are read.
            wake: called when the progress has changed.
        """
        progress = self._logs.listen(operation, job, pods, wake)
        query = missing_pods(job, pods) if job else None
        known = self._lasting_queries.listen(operation, [query] if query else [], wake)
        if job is None or query is None:
            return progress
        words = known.get(query)
        if words is None:
            words = recorded_words(job, [status.refused_pods] if status.refused_pods else ())
            # Until 0.2: release 0.1 wrote the condition alone
            if not words and (before := refusal_in(_message(status), job)):
                return replace(progress, refusal=before)
        if not words:
            return progress
        return replace(progress, refusal=told(job, words), refused=refused_pods(job, words))

    def leave(self, operation: OperationId) -> None:
        """Stops observing the Job of an operation."""
        self._logs.leave(operation)
        self._lasting_queries.leave(operation)


def _message(status: OperationStatus) -> str | None:
    return status.conditions[0].message if status.conditions else None
