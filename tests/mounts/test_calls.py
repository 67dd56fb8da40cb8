# pyright: basic
"""Each call of the Node service twice, eight at once, beside its opposite, and killed in the middle.

The names of the tests tell the matrix: call, manner, way to publish.
"""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from tests.harness.server import FakeServer
from tests.mounts.calls import CALLS, WAYS, State, Volume, running
from tests.mounts.process import Process
from tests.mounts.support import node_in_a_folder

ON_TARGETS = ("publish", "stats", "unpublish")
"""Calls that differ by the way in which a volume is published; the others are tried with the first."""
AT_ONCE = 8


def cells(*, killed: bool = False) -> list:
    """Call (and the moment at which the plugin is killed), and way."""
    found = []
    for call, described in CALLS.items():
        for way in WAYS if call in ON_TARGETS else [*WAYS][:1]:
            for moment in described.moments if killed else [""]:
                name = "-".join(filter(None, (call, moment, way)))
                found.append(pytest.param(call, *filter(None, [moment]), way, id=name))
    return found


@pytest.fixture(scope="module")
def plugin(able: None) -> Iterator[tuple[Process, FakeServer]]:
    """One for all tests, each of which has a volume of its own."""
    with node_in_a_folder() as machine, running(machine) as found:
        yield found


@pytest.fixture
def asked(plugin: tuple[Process, FakeServer], call: str, way: str) -> Iterator[Volume]:
    """A volume in the state in which a kubelet makes the call; nothing may be left of it."""
    process, server = plugin
    if not process.lives:
        process.start()  # a failed test may have left it dead
    before, name = process.machine.mounts(), secrets.token_hex(4)
    found = Volume(process, server, name, WAYS[way], process.machine.target(f"pod-{name}", name))
    for one in CALLS[call].before:
        found.call(one)
    yield found
    for one in ("unpublish", "unstage"):
        found.call(one)
    assert found.state() == State(False, False)
    assert process.machine.mounts() == before


@pytest.mark.parametrize(("call", "way"), cells())
def test_twice_is_the_same_as_once(asked: Volume, call: str) -> None:
    answers = [asked.call(call) for _ in range(2)]
    assert answers[0] == answers[1]
    assert asked.state() == (CALLS[call].after or State(False, False))


@pytest.mark.parametrize(("call", "way"), cells())
def test_eight_at_once_are_the_same_as_one(asked: Volume, call: str) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = [*threads.map(asked.call, [call] * AT_ONCE)]
    assert all(answer == answers[0] for answer in answers)
    assert asked.state() == (CALLS[call].after or State(False, False))


@pytest.mark.parametrize(("call", "way"), [cell for cell in cells() if CALLS[str(cell.values[0])].opposite])
def test_beside_its_opposite_one_of_both_holds(asked: Volume, call: str) -> None:
    opposite = CALLS[call].opposite
    with ThreadPoolExecutor(AT_ONCE) as threads:
        begun = [threads.submit(asked.call, name) for name in [call, opposite] * (AT_ONCE // 2)]
    refused = [one for one in begun if one.exception() is not None]
    assert all(one in begun[::2] and call == "stats" for one in refused), "only what looks may be too late"
    assert all(told(one.exception()) is grpc.StatusCode.NOT_FOUND for one in refused)
    assert asked.state() in (CALLS[call].after, CALLS[opposite].after)
    for name in (*CALLS[call].before, call):
        asked.call(name)
    assert asked.state() == CALLS[call].after


@pytest.mark.parametrize(("call", "moment", "way"), cells(killed=True))
def test_killed_in_the_middle_and_repeated_is_the_same_as_once(asked: Volume, call: str, moment: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        begun = thread.submit(asked.call, call)
        reached = asked.moment(moment)
        asked.process.machine.until(lambda: reached() or begun.done())
        asked.process.kill()
    assert begun.exception() is None or told(begun.exception()) is grpc.StatusCode.UNAVAILABLE
    asked.process.start()
    asked.call(call)
    assert asked.state() == (CALLS[call].after or State(False, False))


def told(error: BaseException | None) -> grpc.StatusCode:
    """How a call was refused."""
    assert isinstance(error, grpc.Call)
    return error.code()
