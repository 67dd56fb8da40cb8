"""Finding out what engines ask, by the handler of each type of query; never raises."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import anyio
import structlog

from fluid.controllers.query_handlers import shared_kinds
from fluid.engines.core.query import LONGEST, AnyQuery, QueryKind, type_name
from fluid.kube import Connection, KubeError, Malformed, PodHttp

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

    Args:
        connection: to the API server.
        kinds: what engines bring beside Fluid's own; each type is there once.
        pages: reads pages of pods; None for one that connects to no address that pods do not have.
    """

    def __init__(
        self, connection: Connection, kinds: Iterable[QueryKind] = (), pages: PodHttp | None = None
    ) -> None:
        self._connection = connection
        self._handlers = {kind.query: kind.handle for kind in (*shared_kinds(pages), *kinds)}

    async def answer(self, query: AnyQuery, asker: Hashable) -> Finding | None:
        """Find out; a failure is an answer too, and so is that it took too long.

        Args:
            query: What is asked.
            asker: Who asks, for logs.

        Returns:
            None when the query's own code fails: it has no answer, and is asked again with back-off.
        """
        try:
            return await self._found(query, asker)
        except Exception:
            log.exception("query is faulty", query=type_name(type(query)), asker=str(asker))
            return None

    async def _found(self, query: AnyQuery, asker: Hashable) -> Finding:
        handle = self._handlers.get(type(query))
        if handle is None:
            name = type_name(type(query))
            log.warning("query has no handler", query=name, asker=str(asker))
            return Finding(query.unanswered(f"no engine that is installed answers {name}"), failed=True)
        seconds = min(query.deadline, LONGEST)
        try:
            with anyio.move_on_after(seconds):
                answer = await handle(self._connection, query)
                return Finding(answer, query.is_failure(answer))
        except Exception as error:  # noqa: BLE001 - it must end neither other queries nor the process
            _tell(query, asker, error)
            return Finding(query.unanswered(str(error) or type(error).__name__), failed=True)
        _tell(query, asker, TimeoutError(f"no answer in {seconds:g} s"))
        return Finding(query.unanswered(f"no answer in {seconds:g} s"), failed=True)


def _tell(query: AnyQuery, asker: Hashable, error: Exception) -> None:
    """Logs a query that failed; one that is repeated anyway is less of a matter.

    A traceback is for faults of the program; an API server's answer speaks for itself.
    """
    expected = isinstance(error, KubeError | Malformed | TimeoutError)
    tell = log.info if query.lasting else log.warning
    tell(
        "query failed",
        query=type(query).__name__,
        about=query.about,
        asker=str(asker),
        error=str(error),
        exc_info=None if expected else error,
    )
