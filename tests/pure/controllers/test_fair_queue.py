"""Shares of namespaces and askers: whoever else asks, the first wish of a namespace waits for few others."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import anyio
import pytest
from hypothesis import given

from fluid.controllers.fair_queue import FairQueue, Pool, Ticket
from tests.pure.kube.support import eventually
from tests.strategies import TURNS

SLOTS, SHARE, EACH = 8, 4, 2


class Room:
    """FairQueue, and who is at work."""

    def __init__(self) -> None:
        self.fair_queue = FairQueue(SLOTS, SHARE, EACH)
        self.waiting: list[Ticket] = []
        self.working: list[Ticket] = []

    def wish(self, namespace: str, asker: str) -> Ticket:
        ticket = Ticket(namespace, asker)
        self.fair_queue.wish(ticket)
        self.waiting.append(ticket)
        self.admit()
        return ticket

    def leave(self, number: int) -> None:
        if self.working:
            self.fair_queue.leave(self.working.pop(number % len(self.working)))
            self.admit()

    def admit(self) -> None:
        for ticket in self.fair_queue.admit():
            self.waiting.remove(ticket)
            self.working.append(ticket)

    def idle(self) -> set[str]:
        """Namespaces that wait and have nothing at work."""
        return {one.namespace for one in self.waiting} - {one.namespace for one in self.working}


def room(history: Sequence[tuple[str, str, int]]) -> Room:
    """What is left of a history of wishes, and of works that end (`leave`)."""
    found = Room()
    for what, asker, number in history:
        if what == "leave":
            found.leave(number)
        else:
            found.wish(what, asker)
    return found


@given(TURNS)
def test_no_namespace_and_no_asker_has_more_than_its_share(history: list[tuple[str, str, int]]) -> None:
    found = room(history)
    assert len(found.working) == found.fair_queue.working <= SLOTS
    for one in found.working:
        assert sum(other.namespace == one.namespace for other in found.working) <= SHARE
        same = [
            other for other in found.working if (other.namespace, other.asker) == (one.namespace, one.asker)
        ]
        assert len(same) <= EACH


@given(TURNS)
def test_nobody_waits_beside_free_slots_but_for_its_own_share(history: list[tuple[str, str, int]]) -> None:
    found = room(history)
    if len(found.working) < SLOTS:
        assert not found.idle()


@given(TURNS)
def test_the_first_wish_of_a_namespace_waits_for_no_more_than_one_work_of_each_that_came_before(
    history: list[tuple[str, str, int]],
) -> None:
    found = room(history)
    before = len(found.idle())
    mine = found.wish("newcomer", "a")
    if mine in found.waiting:
        assert len({one.namespace for one in found.working}) >= SLOTS // 2, "one alone cannot keep it waiting"
    ends = 0
    while mine in found.waiting:
        for hog in ("hog", "n1", "n2"):
            found.wish(hog, f"more-{ends}")  # endless: whoever works asks again
        found.leave(ends * 7)
        ends += 1
        assert ends <= before + 1


def test_a_namespace_alone_never_keeps_another_waiting() -> None:
    found = Room()
    for number in range(100):
        found.wish("hog", f"runtime-{number}")
    assert found.wish("other", "a") in found.working


def test_askers_of_a_namespace_take_turns() -> None:
    found = Room()
    for asker in ("greedy", "greedy", "greedy", "greedy", "modest"):
        found.wish("n", asker)
    assert [one.asker for one in found.working] == ["greedy", "greedy", "modest"]


@pytest.mark.anyio
async def test_who_gives_up_waiting_or_working_leaves_nothing_behind() -> None:
    pool = Pool(1, 1, 1)
    entered: list[str] = []

    async def work(name: str) -> None:
        async with pool.slot(name, name):
            entered.append(name)
            await anyio.sleep_forever()

    async with anyio.create_task_group() as others:
        async with anyio.create_task_group() as group:
            group.start_soon(work, "first")
            await eventually(lambda: entered == ["first"])
            group.start_soon(work, "second")
            await anyio.lowlevel.checkpoint()
            others.start_soon(work, "third")
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        await eventually(lambda: entered == ["first", "third"])
        others.cancel_scope.cancel()
    async with AsyncExitStack() as stack:
        with anyio.fail_after(1):
            await stack.enter_async_context(pool.slot("fourth", "a"))
