"""Queries of an engine's own: answered by their handlers, bounded, and harmful to nobody if faulty."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest
from structlog.testing import capture_logs

from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_handlers import shared_kinds
from fluid.controllers.query_runner import Asker, QueryRunner, rules
from fluid.engines.core import faults, queries
from fluid.engines.core.pod_pages import HttpGet
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery, Pool, Query, QueryKind
from fluid.kube import Backoff, Connection
from fluid.models import PolicyRule
from fluid.types import Key
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
ME = Asker("ToyRuntime", Key("ns", "a"))
OTHER = Asker("ToyRuntime", Key("other", "b"))


def spin() -> None:
    while True:
        pass


@dataclass(frozen=True, slots=True)
class CountToys(Query[int]):
    """How many toys there are; -1 when nobody knows."""

    box: Key
    slow: bool = False
    faulty: str = ""
    forever: bool = False
    background: bool = False

    @property
    def namespace(self) -> str:
        return self.box.namespace

    def unanswered(self, reason: str) -> int:
        if self.faulty == "unanswered spins":
            spin()
        if self.faulty == "unanswered":
            raise RuntimeError("a query that cannot say what it has not found out")
        return -1

    def is_failure(self, answer: object) -> bool:
        if self.faulty == "is_failure spins":
            spin()
        if self.faulty == "is_failure":
            raise RuntimeError("a query that cannot say what a failure is")
        return answer == -1

    @property
    def pool(self) -> Pool:
        return "sample"

    @property
    def in_background(self) -> bool:
        return self.background

    @property
    def lasting(self) -> bool:
        return self.forever

    @property
    def deadline(self) -> float:
        return 0.05 if self.slow else 10.0


class Toys:
    """What the handler finds; each call is noted."""

    def __init__(self) -> None:
        self.found: int | Exception = 7
        self.asked: list[CountToys] = []

    async def count(self, connection: Connection, query: CountToys) -> int:
        self.asked.append(query)
        if query.slow:
            await anyio.sleep_forever()
        match query.faulty:
            case "cancelled":
                task = asyncio.ensure_future(asyncio.sleep(60))
                task.cancel()
                await task
            case "exits":
                await anyio.lowlevel.checkpoint()
                raise SystemExit(3)
            case "spins":
                await anyio.lowlevel.checkpoint()
                spin()
            case _:
                pass
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    @property
    def kind(self) -> QueryKind:
        return CountToys.answered_by(
            self.count, [PolicyRule(api_groups=["toys"], resources=["boxes"], verbs=["get"])]
        )


def executor(*kinds: QueryKind) -> QueryExecutor:
    return QueryExecutor(cast("Connection", object()), kinds)


async def answers(
    kinds: Sequence[QueryKind], asked: Sequence[AnyQuery], asker: Asker = ME
) -> tuple[Results, Sequence[Any]]:
    """What a pass finds after its queries have been answered once, and what was logged."""
    runner, woken = QueryRunner(executor(*kinds)), anyio.Event()
    with capture_logs() as logs:
        async with anyio.create_task_group() as group:
            await group.start(runner.run)
            runner.ask(asker, asked, woken.set)
            with anyio.fail_after(5):
                await woken.wait()
            group.cancel_scope.cancel()
    return runner.results(asker), logs


async def test_the_handler_of_its_type_answers_a_query_and_the_answer_has_its_type() -> None:
    toys, query = Toys(), CountToys(Key("ns", "box"))
    results, logs = await answers([toys.kind], [query])
    assert query in results
    assert results.get(query) == results[query] == 7
    assert results.get(CountToys(Key("ns", "another"))) is None
    assert results.fresh == {query}
    assert logs == []


async def test_a_query_without_a_handler_is_not_answered_and_a_log_says_whose_it_is() -> None:
    query = CountToys(Key("ns", "box"))
    results, (line,) = await answers([], [query])
    assert results[query] == -1
    assert (line["log_level"], line["event"]) == ("warning", "query has no handler")
    assert (line["query"], line["asker"]) == (f"{__name__}.CountToys", "ToyRuntime ns/a")


async def test_a_handler_that_raises_gives_what_stands_for_no_answer_and_ends_no_other_query() -> None:
    toys, query = Toys(), CountToys(Key("ns", "box"))
    toys.found = RuntimeError("the box is locked")
    results, (line,) = await answers([toys.kind], [query])
    assert results[query] == -1
    assert (line["event"], line["query"], line["error"]) == ("query failed", "CountToys", "the box is locked")
    assert line["exc_info"] is toys.found, "a traceback, but only in the log"


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        ("cancelled", "raised CancelledError, and nobody cancelled it"),
        ("exits", "raised SystemExit: 3"),
        ("spins", "did not end within 0.05 s and was stopped"),
        ("is_failure spins", "did not end within 0.05 s and was stopped"),
    ],
)
async def test_a_handler_ends_neither_the_process_nor_the_query_whatever_it_raises(
    faulty: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    toys, query = Toys(), CountToys(Key("ns", "box"), faulty=faulty)
    results, (line,) = await answers([toys.kind], [query])
    assert results[query] == -1
    assert words in line["error"]
    assert line["exc_info"], "a traceback, but only in the log"


async def test_a_query_that_was_stopped_is_not_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    toys = Toys()
    bad, good = CountToys(Key("ns", "x"), faulty="spins"), CountToys(Key("ns", "y"))
    results, (_, line) = await answers([toys.kind], [bad, good])
    assert toys.asked == [bad]
    assert results[good] == -1
    assert "is not called now" in line["error"]


async def test_a_query_that_cannot_say_that_it_has_no_answer_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faults, "STOP_AFTER", 0.05)
    toys, query = Toys(), CountToys(Key("ns", "box"), faulty="unanswered spins")
    toys.found = RuntimeError("no")
    results, (_, line) = await answers([toys.kind], [query])
    assert query not in results
    assert line["event"] == "query is faulty"


async def test_a_query_that_is_cancelled_itself_ends_and_is_no_longer_at_work() -> None:
    toys, query = Toys(), CountToys(Key("ns", "box"), slow=True)
    work = executor(toys.kind)
    async with anyio.create_task_group() as group:
        with anyio.move_on_after(0.01) as scope:
            await work.answer(query, ME)
        assert scope.cancelled_caught
        group.cancel_scope.cancel()


async def test_a_handler_is_cancelled_at_the_deadline_of_its_query() -> None:
    toys, query = Toys(), CountToys(Key("ns", "box"), slow=True)
    results, (line,) = await answers([toys.kind], [query])
    assert results[query] == -1
    assert (line["error"], line["exc_info"]) == ("no answer in 0.05 s", None)


@pytest.mark.parametrize("faulty", ["unanswered", "is_failure"])
async def test_a_query_whose_own_code_fails_leaves_others_alone_and_is_asked_again(faulty: str) -> None:
    toys = Toys()
    toys.found = RuntimeError("no") if faulty == "unanswered" else 7
    bad, good, woken = CountToys(Key("ns", "x"), faulty=faulty), CountToys(Key("other", "y")), [0, 0]
    runner = QueryRunner(executor(toys.kind))
    runner._backoff = Backoff(base=0.01, cap=0.01)  # pyright: ignore[reportPrivateUsage]

    def wake(which: int) -> None:
        woken[which] += 1

    with capture_logs():
        async with anyio.create_task_group() as group:
            await group.start(runner.run)
            for _ in range(3):
                seen = woken[0]
                runner.ask(ME, [bad], lambda: wake(0))
                await eventually(lambda seen=seen: woken[0] >= seen + 2)
                assert bad not in runner.results(ME)
            if faulty == "is_failure":
                runner.ask(OTHER, [good], lambda: wake(1))
                await eventually(lambda: woken[1] == 1)
                assert runner.results(OTHER)[good] == 7
            group.cancel_scope.cancel()
    assert toys.asked.count(bad) == 3


async def test_a_query_about_what_lasts_is_repeated_for_as_long_as_passes_ask_it() -> None:
    toys, query, woken = Toys(), CountToys(Key("ns", "box"), forever=True), [0]

    def wake() -> None:
        woken[0] += 1

    async with anyio.create_task_group() as group:
        work = executor(toys.kind)
        lasting = LastingQueries(work, pace=Backoff(base=0.01, cap=0.01))
        await group.start(lasting.run)
        runner = QueryRunner(work, lasting)
        runner.ask(ME, [query], wake)
        await eventually(lambda: runner.results(ME).get(query) == 7)
        toys.found = 8
        await eventually(lambda: runner.results(ME).get(query) == 8)
        assert woken == [2]
        toys.found = -1
        seen = len(toys.asked)
        await eventually(lambda: len(toys.asked) > seen + 1)
        assert runner.results(ME)[query] == 8, "a failure leaves what is known"
        runner.ask(ME, [], wake)
        assert query not in runner.results(ME)
        group.cancel_scope.cancel()


class Odd(int):
    """An answer that cannot be compared."""

    def __eq__(self, _: object) -> bool:
        raise RuntimeError("odd")

    __hash__ = int.__hash__


async def test_an_answer_that_cannot_be_compared_ends_no_other_query(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(CountToys, "is_failure", never)
    query, woken = CountToys(Key("ns", "box"), forever=True), [0]

    async def odd(*_: object) -> int:
        return Odd(7)

    def wake() -> None:
        woken[0] += 1

    with capture_logs():
        async with anyio.create_task_group() as group:
            lasting = LastingQueries(executor(CountToys.answered_by(odd)), pace=Backoff(base=0.01, cap=0.01))
            await group.start(lasting.run)
            lasting.listen(ME, [query], wake)
            await eventually(lambda: woken[0] > 1)
            group.cancel_scope.cancel()


def test_every_query_of_fluids_own_has_a_handler_and_the_rights_that_it_takes() -> None:
    classes = [one for one in vars(queries).values() if isinstance(one, type)]
    own: set[type[AnyQuery]] = {
        cast("type[AnyQuery]", one)
        for one in classes
        if issubclass(one, Query) and one.__module__ == queries.__name__ and one.__name__[0] != "_"
    }
    assert len(own) == 5
    assert {kind.query for kind in shared_kinds()} == {*own, HttpGet}
    assert [kind.query for kind in shared_kinds() if not kind.rules] == [HttpGet], "it asks no API server"


def test_the_rights_of_an_engines_own_queries_are_among_the_rules() -> None:
    (rule,) = Toys().kind.rules
    assert rule not in rules([])
    assert rule in rules([Toys().kind])
