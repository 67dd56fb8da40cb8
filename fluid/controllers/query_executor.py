"""Finding out what engines ask, by the handler of each type of query; never raises."""

from asyncio import CancelledError, current_task
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import structlog

from fluid.controllers.plugin_calls import PluginCalls
from fluid.controllers.query_handlers import shared_kinds
from fluid.engines.core.faults import EngineFault, Plugin
from fluid.engines.core.query import LONGEST, AnyQuery, QueryKind, type_name
from fluid.kube import Connection, KubeError, Malformed, PodHttp
from fluid.kube.time_limit import LimitedSteps

T = TypeVar("T")
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a query.

    Attributes:
        answer: Its answer.
        failed: Whether it has to be asked again.
    """

    answer: object
    failed: bool


class QueryExecutor:
    """Answers queries.

    Guarantees:
        Code of a query or of its handler ends neither other queries nor the process, whatever it raises. Code
        that does not end is stopped, and no query of its type is asked for a while.

    Args:
        connection: to the API server.
        kinds: what engines bring beside Fluid's own; each type is there once.
        pages: reads pages of pods; None for one that connects to no address that pods do not have.
    """

    def __init__(
        self, connection: Connection, kinds: Iterable[QueryKind] = (), pages: PodHttp | None = None
    ) -> None:
        self._connection = connection
        self._kinds = {kind.query: kind for kind in (*shared_kinds(pages), *kinds)}
        self._calls: dict[type[AnyQuery], PluginCalls] = {}

    async def answer(self, query: AnyQuery, asker: Hashable) -> Finding | None:
        """Find out; a failure is an answer too, and so is that it took too long.

        Args:
            query: What is asked.
            asker: Who asks, for logs.

        Returns:
            None when the query's own code fails: it has no answer, and is asked again with back-off.
        """
        calls = self._calls.setdefault(type(query), PluginCalls(_plugin_of(query)))
        try:
            kind = self._kinds.get(type(query))
            if kind is None:
                return _without_handler(query, asker, calls)
            finding = await self._found(kind, query, calls)
            if isinstance(finding, Finding):
                return finding
            return _run(calls, "unanswered", lambda: _failed(query, asker, finding))
        except Exception:
            log.exception("query is faulty", query=type_name(type(query)), asker=str(asker))
            return None

    def is_news(self, query: AnyQuery, found: Finding, before: Finding | None) -> bool:
        """Whether an answer differs from the one before; a fault of the answer's own code counts as news."""
        calls = self._calls.setdefault(type(query), PluginCalls(_plugin_of(query)))
        try:
            return _run(calls, "an answer", lambda: found != before)
        except Exception:
            log.exception("answer cannot be compared", query=type_name(type(query)))
            return True

    async def _found(self, kind: QueryKind, query: AnyQuery, calls: PluginCalls) -> Finding | Exception:
        """What the handler finds, or why it finds nothing."""

        async def asked() -> Finding:
            answer = await kind.handle(self._connection, query)
            return Finding(answer, query.is_failure(answer))

        try:
            seconds = calls.run("deadline", lambda: min(query.deadline, LONGEST), passing=(Exception,))
            with anyio.move_on_after(seconds):
                return await LimitedSteps(asked(), lambda step: _run(calls, "the handler", step))
        except CancelledError as error:
            if _is_cancelled():
                raise
            fault = EngineFault(calls.plugin, "the handler", "raised CancelledError, and nobody cancelled it")
            fault.__cause__ = error
            return fault
        except Exception as error:  # noqa: BLE001 - it must end neither other queries nor the process
            return error
        return TimeoutError(f"no answer in {seconds:g} s")


def _run(calls: PluginCalls, method: str, code: Callable[[], T]) -> T:
    """Runs code of a query; an ordinary exception, and that somebody cancels it, are nothing special."""
    return calls.run_on(method, code, passing=(Exception, CancelledError))


def _plugin_of(query: AnyQuery) -> Plugin:
    return Plugin(f"query {type_name(type(query))}", type(query).__module__.partition(".")[0])


def _is_cancelled() -> bool:
    """Whether the task itself is to end; a handler can raise CancelledError of another task that has."""
    task = current_task()
    return task is not None and task.cancelling() > 0


def _without_handler(query: AnyQuery, asker: Hashable, calls: PluginCalls) -> Finding:
    name = type_name(type(query))
    log.warning("query has no handler", query=name, asker=str(asker))
    reason = f"no engine that is installed answers {name}"
    return Finding(_run(calls, "unanswered", lambda: query.unanswered(reason)), failed=True)


def _failed(query: AnyQuery, asker: Hashable, error: Exception) -> Finding:
    """The answer that says what failed, which a log tells too."""
    _tell(query, asker, error)
    return Finding(query.unanswered(str(error) or type(error).__name__), failed=True)


def _tell(query: AnyQuery, asker: Hashable, error: Exception) -> None:
    """Logs a query that failed; one that is repeated anyway is less of a matter.

    A traceback is for faults of the program; an API server's answer speaks for itself.
    """
    rests = isinstance(error, EngineFault) and error.__cause__ is None
    expected = rests or isinstance(error, KubeError | Malformed | TimeoutError)
    tell = log.info if query.lasting else log.warning
    tell(
        "query failed",
        query=type(query).__name__,
        about=query.about,
        asker=str(asker),
        error=str(error),
        exc_info=None if expected else error,
    )
