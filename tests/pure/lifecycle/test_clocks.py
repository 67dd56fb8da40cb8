# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
"""An operator whose clock is an hour behind, or ahead, does what it does once."""

from datetime import timedelta

import pytest

from fluid.controllers.operation_plan import LAST_WORD_DEADLINE
from fluid.models import Dataset
from fluid.types.time import remaining
from tests.pure.lifecycle.test_lifecycle import KEY, bound
from tests.pure.lifecycle.world import MOUNT, World

LAGS = [timedelta(hours=1), timedelta(minutes=-90)]
SECOND = {"mountPoint": "oss://two/", "name": "two", "options": {"fs.oss.endpoint": "oss-cn"}}


@pytest.fixture(params=LAGS, ids=["behind", "ahead"])
def lag(request: pytest.FixtureRequest) -> timedelta:
    return request.param


def new(lag: timedelta) -> World:
    world = World()
    world.operator.lag = lag
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    return world


def mounts(world: World) -> int:
    """How often a source was mounted, in all."""
    asked = [" ".join(one.command) for one in world.cluster.caches.asked]
    return sum("-mount /" in one for one in asked)


def test_a_cache_becomes_bound_under_any_clock_and_then_rests(lag: timedelta) -> None:
    world = new(lag)
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    before = mounts(world)
    assert before == 1
    for _ in range(5):
        world.step()
    world.settle()
    assert mounts(world) == before


def test_what_another_clock_wrote_is_not_done_again(lag: timedelta) -> None:
    world = bound()
    before = mounts(world)
    world.restart_operator()
    world.operator.lag = lag
    for _ in range(5):
        world.step()
    world.settle()
    assert mounts(world) == before


def test_a_master_that_restarts_is_given_its_mounts_once(lag: timedelta) -> None:
    world = new(lag)
    world.settle()
    world.cluster.restart(world.pod(KEY))
    world.settle()
    world.check()
    assert world.table(KEY) == {"/one": "oss://one/"}
    assert mounts(world) == 2
    world.edit(Dataset, KEY, mounts=[MOUNT, SECOND])
    world.settle()
    world.check()
    assert world.table(KEY) == {"/one": "oss://one/", "/two": "oss://two/"}
    assert mounts(world) == 4, "new keys replace the master, which is then given both"
    for _ in range(5):
        world.step()
    world.settle()
    assert mounts(world) == 4


def test_a_cache_is_taken_down_under_any_clock(lag: timedelta) -> None:
    world = new(lag)
    world.settle()
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert world.cluster.get(Dataset, KEY) is None


def test_the_time_of_mounts_is_never_before_the_start_of_their_master() -> None:
    """Other operators compare these two alone."""
    world = new(timedelta(hours=1))
    world.settle()
    running = world.pod(KEY).status.container_statuses[0].state.running
    assert world.runtime(KEY).mount_time >= running.started_at


def test_of_a_time_that_no_clock_of_ours_has_shown_nothing_is_awaited() -> None:
    now = World().cluster.now
    at = {seconds: now + timedelta(seconds=seconds) for seconds in (-3600, -10, -4, 0, 4, 10, 3600)}
    left = {seconds: remaining(LAST_WORD_DEADLINE, then, now) for seconds, then in at.items()}
    assert left == {-3600: 0.0, -10: 0.0, -4: 6.0, 0: 10.0, 4: 10.0, 10: 0.0, 3600: 0.0}
