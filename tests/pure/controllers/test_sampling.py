"""When statistics are asked for."""

import pytest

from fluid.controllers.sampling import LONGEST, QUIET_START, SHORTEST, Sampler
from fluid.types import Key

KEY = Key("ns", "a")


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sampler(clock: Clock) -> Sampler:
    return Sampler(clock=clock)


def near(seconds: float) -> object:
    return pytest.approx(seconds, rel=0.1)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open


def test_a_quiet_cache_is_first_asked_after_some_minutes(sampler: Sampler, clock: Clock) -> None:
    assert not sampler.due(KEY, loading=False)
    assert sampler.wait(KEY) == near(QUIET_START)
    clock.now += QUIET_START * 1.1
    assert sampler.due(KEY, loading=False)


def test_a_load_makes_samples_frequent_at_once(sampler: Sampler, clock: Clock) -> None:
    assert not sampler.due(KEY, loading=False)
    assert not sampler.due(KEY, loading=True)
    assert sampler.wait(KEY) == near(SHORTEST)
    clock.now += SHORTEST * 1.1
    assert sampler.due(KEY, loading=True)
    sampler.record(KEY, {"cached": "1"}, loading=True)
    assert sampler.wait(KEY) == near(SHORTEST)


def test_unchanged_figures_are_asked_for_ever_more_seldom_up_to_ten_minutes(sampler: Sampler) -> None:
    waits: list[float] = []
    sampler.record(KEY, {"cached": "0"}, loading=True)
    for _ in range(9):
        sampler.record(KEY, {"cached": "0"}, loading=False)
        waits.append(sampler.wait(KEY))
    assert waits[:3] == [near(2 * SHORTEST), near(4 * SHORTEST), near(8 * SHORTEST)]
    assert waits[-1] == near(LONGEST)


def test_figures_that_change_are_asked_for_often(sampler: Sampler) -> None:
    for number in range(3):
        sampler.record(KEY, {"cached": str(number)}, loading=False)
    assert sampler.wait(KEY) == near(SHORTEST)


def test_nothing_is_kept_of_what_is_gone(sampler: Sampler) -> None:
    sampler.record(KEY, {}, loading=True)
    sampler.forget(KEY)
    assert sampler.wait(KEY) == near(QUIET_START)


def test_a_sample_that_is_under_way_asks_for_no_further_pass(sampler: Sampler, clock: Clock) -> None:
    sampler.due(KEY, False)
    clock.now += 2 * QUIET_START
    assert sampler.due(KEY, False)
    assert sampler.conclude(KEY, None, due=True, taken=False, loading=False) is None
    assert sampler.due(KEY, False), "it was not taken yet"
    wait = sampler.conclude(KEY, {"cached": "1"}, due=True, taken=True, loading=False)
    assert wait is not None
    assert wait > 0
    assert not sampler.due(KEY, False)
