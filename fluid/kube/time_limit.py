"""A limit on the time that synchronous code may take: the timer of the process interrupts it.

The event loop runs in the main thread, and Python runs signal handlers there, between two instructions of
whatever runs. So an endless loop and a call that blocks can be ended. Code in C that does not return to the
interpreter cannot. Outside the main thread, and on platforms without interval timers, there is no limit.
"""

import signal
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_AGAIN = 0.5
"""Seconds until code is interrupted once more that has caught the exception."""


class TimeLimitExceeded(BaseException):
    """Code was interrupted; no `except Exception` in it catches this."""


def run_within(seconds: float, code: Callable[[], T]) -> T:
    """Run code, and interrupt it when it takes longer.

    Guarantees:
        Only what `code` calls is interrupted: an alarm that comes before or after it does nothing. Within
        another call of this function the outer limit holds. A timer that somebody else has set goes on
        afterwards.

    Args:
        seconds: How long it may take, of real time.
        code: What to run; what it was changing when it was interrupted stays as it is.

    Raises:
        TimeLimitExceeded: It took longer.
    """
    if current_thread() is not main_thread() or not hasattr(signal, "setitimer"):
        return code()
    before = signal.getsignal(signal.SIGALRM)
    if before is _interrupt:
        return code()
    signal.signal(signal.SIGALRM, _interrupt)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        return _limited(code)
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        signal.signal(signal.SIGALRM, before)


def _limited(code: Callable[[], T]) -> T:
    """The frame by which `_interrupt` knows what may be interrupted."""
    return code()


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Interrupt what runs, if it was called by `_limited`: what comes before and after it is not."""
    caller = frame.f_back if frame is not None else None
    while caller is not None:
        if caller.f_code is _limited.__code__:
            raise TimeLimitExceeded
        caller = caller.f_back


class LimitedSteps(Awaitable[T], Generic[T]):
    """Runs a coroutine, each step of it by a function that limits it; its waits are not limited.

    Args:
        work: the coroutine.
        limit: runs one step and gives its result; whatever it raises ends the coroutine's work.
    """

    def __init__(self, work: Coroutine[Any, Any, T], limit: Callable[[Callable[[], Any]], Any]) -> None:
        self._work = work
        self._limit = limit

    def __await__(self) -> Generator[Any, Any, T]:
        """Steps through the coroutine, as `await` would."""
        step: Callable[[], Any] = partial(self._work.send, None)
        while True:
            try:
                waited = self._limit(step)
            except StopIteration as end:
                return end.value
            try:
                step = partial(self._work.send, (yield waited))
            except GeneratorExit:
                self._work.close()
                raise
            except BaseException as error:  # noqa: BLE001 - passed on to the coroutine
                step = partial(self._work.throw, error)
