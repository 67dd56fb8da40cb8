"""What interrupts code that does not end, and nothing else."""

import signal
import time
from collections.abc import Callable
from threading import Thread
from types import FrameType

import anyio
import pytest

from fluid.kube.time_limit import TimeLimitExceeded, run_within


def spin() -> None:
    while True:
        pass


def spin_stubbornly() -> None:
    while True:
        try:
            spin()
        except BaseException:  # noqa: BLE001, S110, RUF100 - as careless authors write it
            if time.monotonic() > LATE[0]:
                raise


def missing() -> None:
    raise KeyError("x")


LATE = [0.0]


@pytest.mark.parametrize("code", [spin, lambda: time.sleep(3600)], ids=["an endless loop", "a sleep"])
def test_code_that_does_not_end_is_interrupted(code: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded):
        run_within(0.05, code)
    assert time.monotonic() - began < 2


def test_code_that_catches_everything_is_interrupted_again() -> None:
    LATE[0] = time.monotonic() + 0.7
    with pytest.raises(TimeLimitExceeded):
        run_within(0.05, spin_stubbornly)


def test_what_ends_in_time_gives_its_result_or_raises_its_own() -> None:
    assert run_within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        run_within(5, missing)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_the_outer_limit_holds_within_it() -> None:
    began = time.monotonic()
    with pytest.raises(TimeLimitExceeded):
        run_within(0.05, lambda: run_within(60, spin))
    assert time.monotonic() - began < 2
    assert run_within(5, lambda: run_within(0.001, lambda: time.sleep(0.05) or 7)) == 7


def test_an_alarm_that_comes_when_the_code_has_ended_interrupts_nobody() -> None:
    """The handler looks at what runs: here it is called as if the alarm had come late."""
    handler: list[Callable[[int, FrameType | None], None]] = []

    def code() -> None:
        found = signal.getsignal(signal.SIGALRM)
        assert callable(found)
        handler.append(found)

    run_within(5, code)
    handler[0](signal.SIGALRM, None)
    signal.signal(signal.SIGALRM, handler[0])
    try:
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_a_timer_of_somebody_else_goes_on() -> None:
    rung: list[int] = []

    def ring(number: int, _: FrameType | None) -> None:
        rung.append(number)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        assert run_within(5, lambda: 7) == 7
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.2
        signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert rung == [signal.SIGALRM]


def test_in_another_thread_code_runs_without_a_limit() -> None:
    found: list[str] = []

    def code() -> str:
        time.sleep(0.05)
        return "ended"

    thread = Thread(target=lambda: found.append(run_within(0.001, code)))
    thread.start()
    thread.join()
    assert found == ["ended"]


def test_the_event_loop_goes_on_after_code_was_interrupted() -> None:
    async def main() -> list[str]:
        said: list[str] = []

        async def other() -> None:
            for _ in range(3):
                await anyio.sleep(0.05)
                said.append("other")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(other)
            try:
                run_within(0.3, spin)
            except TimeLimitExceeded:
                said.append("interrupted")
            await anyio.sleep(0.6)  # a further alarm would come within this
        return said

    assert sorted(anyio.run(main)) == ["interrupted", "other", "other", "other"]
