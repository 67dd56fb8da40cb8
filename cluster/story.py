"""Common parts of the demos: lines with the elapsed time, waits with a deadline, clean interruption."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class StoryError(Exception):
    """Something did not happen in time; the message says what was seen instead."""


class Story:
    """Prints the progress of a demo."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown: dict[str, str] = {}

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    def say(self, line: str) -> None:
        """Print a line."""
        print(f"[{self.seconds:5.1f} s] {line}", flush=True)

    def tell(self, who: str, what: str, why: str = "") -> None:
        """Print the state of an object, unless it was printed before."""
        if self._shown.get(who) != what:
            self._shown[who] = what
            self.say(f"{who:<20} {what:<10} {why}".rstrip())

    def until(
        self, what: str, holds: Callable[[], bool], seen: Callable[[], str], *, seconds: float = 60
    ) -> None:
        """Wait until a condition holds.

        Raises:
            StoryError: it did not in time; `seen` says what there is instead.
        """
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise StoryError(f"waited {seconds:.0f} s until {what}; instead there is\n{seen()}")
            time.sleep(0.1)


def perform(run: Callable[[], int], *expected: type[Exception]) -> int:
    """Run a demo; its exit code. Signals end it by KeyboardInterrupt, expected errors with their message."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    try:
        return run()
    except KeyboardInterrupt:
        print("\ninterrupted; everything that was started is stopped", file=sys.stderr)
        return INTERRUPTED
    except expected as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def finish_undisturbed() -> None:
    """Ignore signals from here on, while everything that was started is being stopped."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
