# pyright: basic
"""Events of workloads that lack pods: read only while somebody asks, and told when they change."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from structlog.testing import capture_logs

from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_runner import QueryRunner
from fluid.engines.core.queries import FailedCreate
from fluid.kube import Backoff, Unavailable
from fluid.models import Event
from fluid.types import Key
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
WORKERS = FailedCreate(Key("team", "hbase-worker"), "uid-1")
FUSES = FailedCreate(Key("team", "hbase-fuse"), "uid-2")


class Events:
    """The events of the cluster; each list is noted. It stands for a connection as well."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.broken: Exception | None = None
        self.asked: list[tuple[str, str]] = []
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def api(self, model: type) -> "Events":
        assert model is Event
        return self

    async def list(self, *, namespace: str, fields: str, most: int) -> list[Event]:
        self.asked.append((namespace, fields))
        if self.broken is not None:
            raise self.broken
        words = self.says.get(fields.rpartition("=")[2])
        about = {"metadata": {"name": "e", "namespace": namespace}, "involvedObject": {"kind": "StatefulSet"}}
        event = {**about, "reason": "FailedCreate", "message": f"Error creating: {words}"}
        return [Event.model_validate(event)] if words else []


def executor(events: Events) -> QueryExecutor:
    return QueryExecutor(events)  # type: ignore[arg-type] - what is used of a connection


@asynccontextmanager
async def looking(base: float = 0.01) -> AsyncGenerator[tuple[LastingQueries, Events]]:
    events = Events()
    looks = LastingQueries(executor(events), pace=Backoff(base=base, cap=base))
    async with anyio.create_task_group() as group:
        await group.start(looks.run)
        yield looks, events
        group.cancel_scope.cancel()


async def test_the_words_wake_the_asker_once_however_often_they_are_read() -> None:
    async with looking() as (looks, events):
        events.says["uid-1"] = "exceeded quota"
        assert looks.listen("me", [WORKERS], events.wake).answers == {}
        await eventually(lambda: len(events.asked) >= 3)
        assert looks.listen("me", [WORKERS], events.wake).answers == {WORKERS: "exceeded quota"}
        assert set(events.asked) == {("team", "involvedObject.uid=uid-1")}
        assert events.woken == 1
        events.says["uid-1"] = "no such ServiceAccount"
        await eventually(lambda: events.woken == 2)
        assert looks.told("me").answers == {WORKERS: "no such ServiceAccount"}
        del events.says["uid-1"]
        await eventually(lambda: events.woken == 3)
        assert looks.told("me").answers == {WORKERS: ""}


async def test_what_is_over_before_the_first_look_costs_no_request() -> None:
    async with looking(base=0.05) as (looks, events):
        looks.listen("me", [WORKERS, FUSES], events.wake)
        looks.listen("me", [FUSES], events.wake)
        await eventually(lambda: len(events.asked) >= 2)
        assert {fields for _, fields in events.asked} == {"involvedObject.uid=uid-2"}


async def test_nothing_is_read_any_more_when_nobody_asks() -> None:
    async with looking() as (looks, events):
        looks.listen("me", [WORKERS], events.wake)
        looks.listen("other", [WORKERS], events.wake)
        await eventually(lambda: bool(looks.told("me").answers and looks.told("other").answers))
        looks.listen("me", [], events.wake)
        looks.leave("other")
        seen = len(events.asked)
        with anyio.move_on_after(0.1):
            await anyio.sleep_forever()
        assert len(events.asked) == seen
        assert (looks.told("me").answers, looks.told("other").answers) == ({}, {})


@pytest.mark.parametrize("error", [Unavailable(0, "Timeout", "no answer"), RuntimeError("unforeseen")])
async def test_events_that_cannot_be_read_leave_what_is_known_and_are_read_again(error: Exception) -> None:
    async with looking() as (looks, events):
        events.says["uid-1"] = "exceeded quota"
        looks.listen("me", [WORKERS], events.wake)
        await eventually(lambda: events.woken == 1)
        with capture_logs():
            events.broken, seen = error, len(events.asked)
            await eventually(lambda: len(events.asked) >= seen + 2)
            assert looks.told("me").answers == {WORKERS: "exceeded quota"}
            events.broken = None
        events.says["uid-1"] = "another"
        await eventually(lambda: looks.told("me").answers == {WORKERS: "another"})


async def test_lasting_queries_are_passed_on_and_forgotten_for_one_asker_only() -> None:
    async with looking() as (looks, events):
        query_runner = QueryRunner(executor(events), looks)
        events.says["uid-1"] = "exceeded quota"
        for asker in ("JindoRuntime", "ThinRuntime"):
            query_runner.ask(asker, [WORKERS], events.wake)
        await eventually(lambda: events.woken == 2)
        query_runner.forget("ThinRuntime")
        assert query_runner.results("ThinRuntime").answers == {}
        query_runner.ask("JindoRuntime", [WORKERS], events.wake)
        assert query_runner.results("JindoRuntime").answers == {WORKERS: "exceeded quota"}


async def test_a_pass_that_was_cut_short_ends_no_look() -> None:
    async with looking() as (looks, events):
        query_runner = QueryRunner(executor(events), looks)
        events.says["uid-1"] = "exceeded quota"
        query_runner.ask("me", [WORKERS], events.wake)
        await eventually(lambda: events.woken == 1)
        query_runner.ask("me", [], events.wake, partial=True)
        assert query_runner.results("me").answers == {WORKERS: "exceeded quota"}
        query_runner.ask("me", [], events.wake)
        assert query_runner.results("me").answers == {}
