"""CPU time of one pass, measured between its waits, so that concurrent passes are not counted."""

from collections.abc import Awaitable, Coroutine, Generator
from time import thread_time
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
BUDGET: Final = 2.0
"""Seconds of CPU time that one pass may take; an ordinary pass takes some hundredths."""
STOP_AFTER: Final = 6.0
"""Seconds after which code of an engine is interrupted (`time_limit`). Nothing else runs until then: a Lease
is renewed every 2.4 s and lost after 10 s; a process is unhealthy after 15 s."""
_SHARE: Final = 20.0
_LONGEST: Final = 300.0


def pause_after(seconds: float) -> float:
    """Delay in seconds after a pass over the budget: the object gets a twentieth of the time."""
    return min(seconds * _SHARE, _LONGEST)


class CpuMeter(Awaitable[T], Generic[T]):
    """Runs a coroutine and adds up the CPU time of its own steps; tasks that it starts are not counted.

    Attributes:
        seconds: CPU time so far, also after a failure or cancellation.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.seconds: float = 0.0
        self._work = work

    def __await__(self) -> Generator[Any, Any, T]:
        """Steps through the coroutine, as `await` would."""
        answer: Any = None
        failure: BaseException | None = None
        while True:
            started = thread_time()
            try:
                waited = self._work.send(answer) if failure is None else self._work.throw(failure)
            except StopIteration as end:
                return end.value
            finally:
                self.seconds += thread_time() - started
            answer = failure = None
            try:
                answer = yield waited
            except BaseException as error:  # noqa: BLE001 - passed on to the coroutine
                failure = error
