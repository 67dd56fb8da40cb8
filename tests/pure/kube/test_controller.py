from collections import Counter
from collections.abc import Callable
from time import thread_time
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from fluid.kube import (
    Backoff,
    Change,
    Conflict,
    InformerFactory,
    Terminal,
    Unavailable,
    WorkQueue,
    controller_reference,
    converge,
)
from fluid.kube.controller import DONE, Controller, Result
from fluid.kube.cpu_budget import CpuMeter
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.models import ConfigMap, Event, OwnerReference
from fluid.types import Key
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import CONFIG_MAPS, config_map, eventually, key, raw, running

pytestmark = pytest.mark.anyio


def controller(reconcile: Callable[[Key], Any], **options: Any) -> Controller:
    options.setdefault("queue", WorkQueue[Key](Backoff(base=0.001, cap=0.002)))
    return Controller("test", reconcile, **options)


def sample(metrics: Metrics, metric: str, /, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(metric, labels)


async def test_one_key_never_runs_twice_at_once_and_changes_meanwhile_run_it_again() -> None:
    active, runs, gate = Counter[Key](), Counter[Key](), anyio.Event()

    async def reconcile(which: Key) -> Result:
        active[which] += 1
        assert active[which] == 1
        await gate.wait()
        active[which] -= 1
        runs[which] += 1
        return DONE

    keys = [key(name) for name in "abc"]
    subject = controller(reconcile)
    async with running(subject.run):
        for which in keys:
            subject.enqueue(which)
        await eventually(lambda: sum(active.values()) == 3)
        for which in keys * 5:
            subject.enqueue(which)
        gate.set()
        await eventually(lambda: sum(runs.values()) == 6 and not sum(active.values()))
    assert runs == dict.fromkeys(keys, 2)


async def test_no_more_than_the_given_workers_run_at_once() -> None:
    active, most = 0, 0

    async def reconcile(_: Key) -> Result:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await anyio.sleep(0.002)
        active -= 1
        return DONE

    subject = controller(reconcile, workers=2)
    for name in "abcdef":
        subject.enqueue(key(name))
    async with running(subject.run):
        await eventually(lambda: most == 2)
        await anyio.sleep(0.01)
    assert most == 2


async def test_errors_are_retried_until_success_and_terminal_ones_are_not() -> None:
    calls, metrics = Counter[str](), Metrics()

    async def reconcile(which: Key) -> Result:
        calls[which.name] += 1
        assert get_contextvars()["key"] == str(which)
        if which.name == "terminal":
            raise Terminal("BadSpec", "correct the spec")
        if which.name == "slow":
            await anyio.sleep_forever()
        if which.name == "raced" and calls["raced"] == 1:
            raise Conflict(409, "Conflict", "raced")
        if which.name == "flaky" and calls["flaky"] < 4:
            raise RuntimeError("flaky")
        return DONE

    queue = WorkQueue[Key](Backoff(base=0.001, cap=0.1))
    subject = controller(reconcile, metrics=metrics, timeout=0.005, queue=queue)
    assert sample(metrics, "controller_runtime_reconcile_total", controller="test", result="error") == 0
    with capture_logs() as logs:
        async with running(subject.run):
            for name in ("terminal", "flaky", "slow", "raced"):
                subject.enqueue(key(name))
            await eventually(lambda: calls["flaky"] == 4 and calls["slow"] > 2)
            await eventually(
                lambda: (
                    sample(metrics, "controller_runtime_reconcile_total", controller="test", result="success")
                    == 2
                )
            )
    assert calls["terminal"] == 1
    assert queue.retry(key("flaky")) == 0.001, "success clears the back-off"
    assert sample(metrics, "controller_runtime_reconcile_total", controller="test", result="terminal") == 1
    assert (sample(metrics, "workqueue_retries_total", name="test") or 0) >= 5
    traced = {line.get("problem") for line in logs if line.get("exc_info")}
    assert traced == {"flaky"}, "a traceback is for faults of the program only"
    assert [line["log_level"] for line in logs if line.get("problem") == "raced"] == ["info"]


async def test_a_requeue_is_honoured_and_a_stop_lets_running_ones_end() -> None:
    calls, done = 0, False

    async def reconcile(_: Key) -> Result:
        nonlocal calls, done
        calls += 1
        if calls == 2:
            subject.stop()
            await anyio.sleep(0.01)
            done = True
        return Result(requeue_after=0.001)

    subject = controller(reconcile)
    subject.enqueue(key("a"))
    with anyio.fail_after(5):
        await subject.run()
    assert (calls, done) == (2, True)


async def test_sources_wake_the_right_keys_and_nothing_runs_before_all_are_synced() -> None:
    server, seen = FakeServer(missing={"v1/events"}), Counter[Key]()
    server.put(CONFIG_MAPS, raw("owner", uid="u"))

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        return DONE

    async with server.connect() as connection:
        informers = InformerFactory(connection)
        maps, events = informers.of(ConfigMap), informers.of(Event)
        subject = controller(reconcile)
        subject.for_(maps).owns(maps, kind=ConfigMap, delay=0.001).watches(
            events, lambda change: [change.key]
        )
        async with running(informers.run, subject.run):
            await eventually(maps.store.synced.is_set)
            await anyio.sleep(0.01)
            assert not seen
            server.missing.clear()
            await eventually(lambda: seen[key("owner")] == 1)
            child = config_map("child")
            owner = maps.store.get(key("owner"))
            assert owner is not None
            child.metadata.owner_references = [OwnerReference.model_validate(controller_reference(owner))]
            await informers.api(ConfigMap).create(child)
            await eventually(lambda: seen[key("owner")] == 2 and seen[key("child")] == 1)


async def test_a_mapping_that_fails_for_one_object_harms_no_other() -> None:
    server, seen = FakeServer(), Counter[Key]()
    server.put(CONFIG_MAPS, raw("bad"))
    server.put(CONFIG_MAPS, raw("good"))

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        return DONE

    def mapping(change: Change[ConfigMap]) -> list[Key]:
        if change.key.name == "bad":
            raise LookupError("unforeseen")
        return [change.key]

    async with server.connect() as connection:
        informers = InformerFactory(connection)
        subject = controller(reconcile).watches(informers.of(ConfigMap), mapping)
        with capture_logs() as logs:
            async with running(informers.run, subject.run):
                await eventually(lambda: seen == {key("good"): 1})
    assert [line["key"] for line in logs if line["event"] == "cannot map a change"] == ["x/bad"]


async def test_of_an_object_that_cannot_be_read_a_change_wakes_its_owner_at_once() -> None:
    server, seen = FakeServer(), Counter[Key]()
    server.put(CONFIG_MAPS, {**raw("bad"), "data": 7})

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        return DONE

    def hours(change: Change[ConfigMap]) -> float:
        return 3600.0 if change.latest.object.data else 7200.0

    async with server.connect() as connection:
        informers = InformerFactory(connection)
        subject = controller(reconcile).watches(informers.of(ConfigMap), lambda c: [c.key], delay=hours)
        async with running(informers.run, subject.run):
            await eventually(lambda: seen == {key("bad"): 1})


async def test_a_malformed_object_is_told_in_an_event_and_harms_no_other() -> None:
    server, seen = FakeServer(), Counter[Key]()
    server.put(CONFIG_MAPS, {**raw("bad"), "data": 7})
    server.put(CONFIG_MAPS, raw("good"))

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        maps.store.get(which)
        return DONE

    async with server.connect() as connection:
        informers, recorder = InformerFactory(connection), Recorder(connection)
        maps = informers.of(ConfigMap)
        subject = controller(reconcile, recorder=recorder).for_(maps)
        with capture_logs():
            async with running(informers.run, subject.run, recorder.run):
                await eventually(lambda: len(seen) == 2 and bool(server.objects.get("v1/events")))
        (event,) = server.objects["v1/events"].values()
        assert (event["reason"], event["involvedObject"]["name"]) == ("Malformed", "bad")
        assert event["message"].startswith("correct the object: data: ")
        assert seen[key("bad")] == 1


async def test_repeated_events_are_one_event_with_a_count() -> None:
    server, now = FakeServer(), 0.0
    async with server.connect() as connection:
        about = await connection.api(ConfigMap).create(config_map("a"))
        recorder = Recorder(connection, clock=lambda: now, every=0.2)
        async with running(recorder.run):
            recorder.event(about, "Warning", "R", "m")
            await eventually(lambda: len(server.writes()) == 2)
            for _ in range(50):
                recorder.event(about, "Warning", "R", "m")
            await eventually(lambda: len(server.writes()) == 3)
            (event,) = server.objects["v1/events"].values()
            assert event["count"] == 51
            now = 700.0
            recorder.event(about, "Warning", "R", "m")
            await eventually(lambda: len(server.objects["v1/events"]) == 2)


async def test_the_last_repeat_of_an_event_is_counted_although_none_follows() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        about = await connection.api(ConfigMap).create(config_map("a"))
        recorder = Recorder(connection, every=0.05)

        def count() -> int:
            return next((event["count"] for event in server.objects.get("v1/events", {}).values()), 0)

        async with running(recorder.run):
            for number in range(1, 5):
                recorder.event(about, "Warning", "R", "m")
                await eventually(lambda expected=number: count() == expected)


async def test_an_event_that_could_not_be_sent_is_a_new_one_the_next_time() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        about = await connection.api(ConfigMap).create(config_map("a"))
        recorder = Recorder(connection, every=0.01)
        server.faults.append(lambda request: status(403, "Forbidden") if request.method == "POST" else None)
        with capture_logs() as logs:
            async with running(recorder.run):
                recorder.event(about, "Warning", "R", "m")
                await eventually(lambda: "event not sent" in [line["event"] for line in logs])
                server.faults.clear()
                recorder.event(about, "Warning", "R", "m")
                await eventually(lambda: bool(server.objects.get("v1/events")))
    (event,) = server.objects["v1/events"].values()
    assert event["count"] == 1


async def test_events_never_fail_and_never_pile_up() -> None:
    server = FakeServer(missing={"v1/events"})
    async with server.connect() as connection:
        about = await connection.api(ConfigMap).create(config_map("a"))
        recorder = Recorder(connection)
        with capture_logs() as logs:
            for number in range(600):
                recorder.event(about, "Normal", "R", f"m{number}")
            async with running(recorder.run):
                await eventually(lambda: len(server.writes()) == 501)
    assert Counter(line["event"] for line in logs)["event dropped"] == 100


async def test_what_a_namespace_in_deletion_refuses_is_no_failure_and_not_tried_again() -> None:
    server, runs, metrics = FakeServer(), Counter[Key](), Metrics()
    words = ("Forbidden", "unable to create new content in namespace x because it is being terminated")
    server.faults.append(
        lambda request: (
            status(403, *words, cause="NamespaceTerminating") if request.method == "POST" else None
        )
    )
    async with server.connect() as connection:
        informers, recorder = InformerFactory(connection), Recorder(connection)

        async def reconcile(which: Key) -> Result:
            runs[which] += 1
            recorder.event(config_map("a"), "Warning", "R", "m")
            await converge([config_map("child")], [], apis=informers)
            return DONE

        subject = controller(reconcile, metrics=metrics)
        with capture_logs() as logs:
            async with running(informers.run, recorder.run, subject.run):
                subject.enqueue(key("a"))
                await eventually(lambda: len(server.writes()) == 2)
                ended = {"controller": "test", "result": "terminal"}
                await eventually(lambda: sample(metrics, "controller_runtime_reconcile_total", **ended) == 1)
    assert runs == {key("a"): 1}
    assert [line["event"] for line in logs if line["log_level"] != "debug"] == ["controller started"]


async def test_an_object_is_looked_at_again_although_nothing_changes_and_one_that_is_gone_is_not() -> None:
    server, seen = FakeServer(), Counter[Key]()
    server.put(CONFIG_MAPS, raw("there"))

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        return DONE

    async with server.connect() as connection:
        informers = InformerFactory(connection)
        subject = controller(reconcile, resync=0.005).for_(informers.of(ConfigMap))
        subject.enqueue(key("gone"))
        async with running(informers.run), running(subject.run):
            await eventually(lambda: seen[key("there")] >= 3)
    assert seen[key("gone")] == 1


async def test_an_object_that_costs_too_much_is_told_and_leaves_time_to_the_others() -> None:
    server, metrics, seen = FakeServer(), Metrics(), Counter[Key]()
    for name in ("costly", "cheap"):
        server.put(CONFIG_MAPS, raw(name))

    async def reconcile(which: Key) -> Result:
        seen[which] += 1
        until = thread_time() + (0.1 if which == key("costly") else 0.0)
        await anyio.lowlevel.checkpoint()
        while thread_time() < until:
            pass
        return DONE

    async with server.connect() as connection:
        informers, recorder = InformerFactory(connection), Recorder(connection)
        subject = controller(reconcile, recorder=recorder, metrics=metrics, budget=0.05)
        subject.for_(informers.of(ConfigMap))
        with capture_logs() as logs:
            async with running(informers.run, subject.run, recorder.run):
                await eventually(lambda: len(seen) == 2 and bool(server.objects.get("v1/events")))
                for _ in range(10):
                    for name in ("costly", "cheap"):
                        subject.enqueue(key(name))
                    before = seen[key("cheap")]
                    await eventually(lambda before=before: seen[key("cheap")] > before)
    assert seen[key("costly")] == 1, "it waits, whatever is wished"
    (event,) = server.objects["v1/events"].values()
    assert (event["reason"], event["involvedObject"]["name"]) == ("PassTooExpensive", "costly")
    assert "make its spec smaller" in event["message"]
    (told,) = [one for one in logs if "cpu_seconds" in one]
    assert 0.05 < told["cpu_seconds"] < 1
    assert sample(metrics, "fluid_reconcile_over_cpu_budget_total", controller="test") == 1


async def test_time_that_a_pass_waits_or_others_take_is_no_cost() -> None:
    async def work() -> int:
        await anyio.sleep(0.05)
        try:
            with anyio.fail_after(0.01):
                await anyio.sleep_forever()
        except TimeoutError:
            return 7
        return 0

    async def busy() -> None:
        until = thread_time() + 0.1
        while thread_time() < until:
            await anyio.lowlevel.checkpoint()

    metered = CpuMeter(work())
    async with anyio.create_task_group() as group:
        group.start_soon(busy)
        assert await metered == 7
    assert metered.seconds < 0.05


async def test_metrics_of_a_queue_tell_of_keys_that_are_due_and_of_work_at_hand() -> None:
    metrics, gate = Metrics(), anyio.Event()

    async def reconcile(which: Key) -> Result:
        if which.name == "slow":
            await gate.wait()
        return Result(requeue_after=3600.0)

    def queue_sample(metric: str) -> float:
        return sample(metrics, f"workqueue_{metric}", name="test") or 0.0

    subject = controller(reconcile, metrics=metrics, workers=3)
    assert sample(metrics, "controller_runtime_max_concurrent_reconciles", controller="test") == 3
    subject.enqueue(key("slow"))
    subject.enqueue(key("quick"))
    assert (queue_sample("depth"), queue_sample("adds_total")) == (2, 2)
    async with running(subject.run):
        await eventually(lambda: queue_sample("work_duration_seconds_count") == 1)
        assert queue_sample("depth") == 0, "a wish for later is no depth"
        assert queue_sample("longest_running_processor_seconds") > 0
        assert queue_sample("unfinished_work_seconds") > 0
        subject.enqueue(key("quick"))
        await eventually(lambda: queue_sample("work_duration_seconds_count") == 2)
        assert queue_sample("adds_total") == 3, "an event before the wish for later is an add"
        gate.set()
        await eventually(lambda: queue_sample("work_duration_seconds_count") == 3)
        assert queue_sample("unfinished_work_seconds") == 0


async def test_requests_to_the_api_server_are_counted_by_code_and_method() -> None:
    server, metrics = FakeServer(), Metrics()

    def requests(code: str, method: str) -> float | None:
        labels = {"code": code, "method": method, "host": "simulated"}
        return sample(metrics, "rest_client_requests_total", **labels)

    async with server.connect() as connection:
        metrics.requests(connection.requests.host, connection.requests.counts)
        api = connection.api(ConfigMap)
        assert await api.find(key("a")) is None
        await api.create(config_map("a"))
        server.faults.append(refuse)
        with pytest.raises(Unavailable):
            await api.get(key("a"))
    counted = [requests("404", "GET"), requests("201", "POST"), requests("<error>", "GET")]
    assert counted == [1, 1, 1]


def refuse(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)
