# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportOptionalSubscript=false, reportOptionalIterable=false, reportOperatorIssue=false
"""An engine that raises, does not end or returns nonsense: told on its objects, as long as it lasts."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluid.conditions import find_condition
from fluid.engines.core import faults
from fluid.engines.core.teardown import CLEAN_ATTEMPTS, CLEAN_FAILED_AT
from fluid.engines.testing.lifecycle import operator
from fluid.models import Dataset, JindoRuntime, StatefulSet
from fluid.types import Key
from tests.pure.lifecycle.faulty import HANGS, NONSENSE, RAISED, Fault, FaultyWorld, objects, raising
from tests.pure.lifecycle.world import MOUNT

KEY = Key("a", "b-c")
METHODS = (
    *("build", "components", "values", "fuse_mount", "inputs", "mounts", "report", "count_sources"),
    *("hcfs_endpoint", "unvetted", "render", "validate", "sync_runtime", "update_dataset_status"),
)
STEPS = ("validate", "sync_runtime", "update_dataset_status")
"""Methods whose result nobody looks at."""


@pytest.fixture(autouse=True, scope="module")
def rendered_once() -> None:
    """Models and charts are compiled at the first pass, which takes its time."""
    world = FaultyWorld()
    begin(world)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[FaultyWorld]:
    before = signal.signal(
        signal.SIGINT, lambda *_: None
    )  # as in the operator, which takes the signal itself
    monkeypatch.setattr(
        faults, "STOP_AFTER", 0.5 if any(word in request.node.name for word in ("hangs", *HANGS)) else 60
    )
    found = FaultyWorld()
    monkeypatch.setattr(operator, "decide", found.decide)
    yield found
    signal.signal(signal.SIGINT, before)


def begin(world: FaultyWorld) -> None:
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    world.settle()


def bound(world: FaultyWorld) -> None:
    begin(world)
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert not world.told(KEY)


def check_told(world: FaultyWorld, *words: str) -> None:
    told = world.told(KEY)
    assert told.startswith("engine jindocache"), told
    assert all(word in told for word in (*words, "report it to the author", "has the traceback")), told
    assert len(told) < 1000
    assert "Traceback" not in told
    assert world.condition(KEY, "NotReady").message == told
    assert all(plan.fault is not None for plan in world.plans[-1:])


def check_recovers(world: FaultyWorld) -> None:
    world.faults.clear()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert not world.told(KEY)
    assert world.condition(KEY, "NotReady") is None
    assert world.condition(KEY, "Ready").status == "True"


ALL = [
    *(
        (method, what, RAISED["an exception"], "ValueError: no such thing")
        for method in METHODS
        for what in ["raises"]
    ),
    *(("values", what, fault, "raised") for what, fault in RAISED.items()),
    *(
        (method, what, fault, "and was stopped")
        for method in ("build", "values", "mounts")
        for what, fault in HANGS.items()
    ),
    *(
        (method, what, fault, method)
        for method in METHODS
        for what, fault in NONSENSE.items()
        if method not in STEPS and (method, what) not in [("hcfs_endpoint", "a text"), ("render", "objects")]
    ),
    *(
        (method, "None", lambda: None, "None")
        for method in ("build", "components", "values", "fuse_mount", "inputs")
    ),
    ("render", "of another namespace", lambda: objects(namespace="b"), "is not in namespace a"),
    ("render", "a long name", lambda: objects(name="x" * 300), "1 to 253 characters"),
    ("render", "no name", lambda: objects(name=""), "1 to 253 characters"),
]


@pytest.mark.parametrize(
    ("method", "fault", "words"),
    [(method, fault, words) for method, _, fault, words in ALL],
    ids=[f"{method}-{what}" for method, what, _, _ in ALL],
)
def test_a_runtime_whose_engine_fails_says_so_and_becomes_bound_when_it_works(
    world: FaultyWorld, method: str, fault: Fault, words: str
) -> None:
    world.faults[method] = fault
    begin(world)
    assert world.dataset(KEY).phase == "NotBound"
    assert world.condition(KEY, "Ready").reason == "EngineFault"
    check_told(world, words)
    check_recovers(world)


# No count is due where only the workers change.
@pytest.mark.parametrize("method", [one for one in METHODS if one not in ("validate", "count_sources")])
def test_what_serves_goes_on_and_phase_and_health_stay_true(world: FaultyWorld, method: str) -> None:
    bound(world)
    traces = {one: version for one, version in world.traces(KEY).items() if one[0] != "JindoRuntime"}
    world.faults[method] = raising(ValueError, "no such thing")
    world.edit(JindoRuntime, KEY, replicas=2)
    world.settle()
    check_told(world, "ValueError: no such thing")
    assert world.condition(KEY, "NotReady").reason == "EngineFault"
    assert world.dataset(KEY).phase == "Bound"
    assert world.condition(KEY, "Ready").status == "True"
    after = world.traces(KEY)
    assert {one: after.get(one) for one in traces if one[0] != "Dataset"} == {
        one: version for one, version in traces.items() if one[0] != "Dataset"
    }
    master = world.workload(KEY, "master")
    world.cluster.change(master, status=master.status.model_copy(update={"ready_replicas": 0}))
    world.operator.step()
    assert world.dataset(KEY).phase == "Failed"
    check_recovers(world)
    assert world.workload(KEY, "worker").spec.replicas == 2


@pytest.mark.parametrize("method", ["build", "components", "clean_up", "shutdown", "delete_volume"])
@pytest.mark.parametrize("what", ["raises", "hangs", "returns nonsense"])
def test_a_deletion_ends_whatever_the_engine_does(world: FaultyWorld, method: str, what: str) -> None:
    bound(world)
    world.cluster.readers[KEY] = {"node-0"}
    fault = {
        "raises": raising(SystemExit),
        "hangs": HANGS["an endless loop"],
        "returns nonsense": raising(TypeError) if method in ("shutdown", "delete_volume") else lambda: 7,
    }[what]
    world.faults[method] = fault
    world.delete(JindoRuntime, KEY)
    world.settle()
    assert world.cluster.get(JindoRuntime, KEY) is not None, "its reader holds it up, as ever"
    if method in ("build", "delete_volume"):  # what else is called waits until the volume is gone
        assert world.plans[-1].fault is not None
        told = find_condition(world.plans[-1].status.conditions, "EngineFault").message
        assert "finalizer jindo-runtime-controller-finalizer of JindoRuntime a/b-c is removed" in told
    world.cluster.readers.clear()
    world.settle()
    assert world.cluster.get(JindoRuntime, KEY) is None
    assert not world.cluster.all(StatefulSet)
    assert world.dataset(KEY).phase == "NotBound"


def test_a_clean_up_that_cannot_be_asked_for_counts_as_one_that_fails(world: FaultyWorld) -> None:
    bound(world)
    world.faults["clean_up"] = raising(ValueError, "no such thing")
    world.delete(JindoRuntime, KEY)
    attempts: list[str] = []
    for _ in range(40):
        world.step()
        live = world.cluster.get(JindoRuntime, KEY)
        if live is None:
            break
        said = world.condition(KEY, "Ready").message
        if "attempt" in said:
            attempts.append(said[said.index("attempt") :][:14])
    assert [*dict.fromkeys(attempts)] == [f"attempt {number} of 3" for number in (1, 2, 3)]
    assert attempts.count("attempt 1 of 3") == attempts.count("attempt 2 of 3") == 10, "a step takes a second"
    assert world.cluster.get(JindoRuntime, KEY) is None


@pytest.mark.parametrize("when", ["", "yesterday", "2999-01-01T00:00:00Z", "2026-01-01T00:00:00", "9" * 99])
def test_a_fault_that_passes_costs_one_attempt_and_the_cache_is_cleaned(
    world: FaultyWorld, when: str
) -> None:
    bound(world)
    world.annotate(JindoRuntime, KEY, **{CLEAN_FAILED_AT: when})
    world.faults["clean_up"] = raising(ValueError, "no such thing")
    world.delete(JindoRuntime, KEY)
    for _ in range(8):  # passes follow each other at once, as each metadata change wakes the next one
        world.step()
    live = world.cluster.get(JindoRuntime, KEY)
    assert live.metadata.annotations[CLEAN_ATTEMPTS] == "1"
    assert world.cluster.writes.count(f"annotate JindoRuntime {KEY}") == 1
    world.faults.clear()
    world.settle()
    assert any("-formatCache" in one.command for one in world.cluster.caches.asked)
    assert world.cluster.get(JindoRuntime, KEY) is None


def test_words_that_differ_each_time_are_written_once_in_a_while(world: FaultyWorld) -> None:
    number = iter(range(1000))

    def counting() -> None:
        raise ValueError(f"failure {next(number)}")

    world.faults["values"] = counting
    begin(world)
    first = world.told(KEY)
    world.step()
    assert world.told(KEY) == first
    world.cluster.now += 61 * world.SECOND
    world.step()
    assert world.told(KEY) != first
    again = world.told(KEY)
    world.edit(JindoRuntime, KEY, replicas=2)
    world.step()
    assert world.told(KEY) != again, "of a new spec the news are told at once"


def test_what_is_told_of_a_fault_in_a_deletion_does_not_grow(world: FaultyWorld) -> None:
    bound(world)
    world.cluster.readers[KEY] = {"node-0"}  # it holds the deletion up
    number = iter(range(1000))

    def counting() -> None:
        raise ValueError(f"failure {next(number)}")

    world.faults["delete_volume"] = counting
    world.delete(JindoRuntime, KEY)
    world.step()
    first = world.told(KEY)
    outlook = "the deletion goes on without the engine soon, and at once when finalizer"
    assert first.count(outlook) == 1
    sent = world.cluster.writes.count(f"status JindoRuntime {KEY}")
    for _ in range(3):
        world.step()
    assert world.told(KEY) == first
    assert world.cluster.writes.count(f"status JindoRuntime {KEY}") == sent
    world.cluster.now += 61 * world.SECOND
    world.step()
    assert world.told(KEY) != first
    assert world.told(KEY).count(outlook) == 1


@pytest.mark.parametrize("differs", [False, True], ids=["same words", "other words"])
@pytest.mark.parametrize("refused", [False, True], ids=["accepted", "refused"])
def test_capacities_that_keep_failing_are_told_once_and_then_nothing_is_written(
    world: FaultyWorld, monkeypatch: pytest.MonkeyPatch, differs: bool, refused: bool
) -> None:
    monkeypatch.setattr(operator, "decide", world.decide_with_capacities)
    bound(world)
    number = iter(range(1000))

    def fails() -> None:
        raise ValueError(f"failure {next(number) if differs else 0}")

    world.faults["capacities"] = fails
    if refused:
        world.edit(JindoRuntime, KEY, master={"properties": {"a": "b\nc"}})
    for _ in range(3):
        world.step()
    check_told(world, "ValueError: failure")
    first, sent = world.told(KEY), len(world.cluster.writes)
    for _ in range(5):
        world.cluster.now += 3 * world.SECOND
        world.step()
    assert world.cluster.writes[sent:] == []
    assert world.told(KEY) == first
    assert world.plans[-1].fault is not None, "so the key is tried again with back-off"
    if differs:
        world.cluster.now += 61 * world.SECOND
        world.step()
        assert world.told(KEY) != first
    world.edit(JindoRuntime, KEY, master=None)
    check_recovers(world)


def test_an_address_in_a_message_is_left_out(world: FaultyWorld) -> None:
    world.faults["values"] = raising(ValueError, f"bad {object()}")
    begin(world)
    assert "object at 0x...>" in world.told(KEY)


def test_somebody_who_presses_ctrl_c_ends_the_program(world: FaultyWorld) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    world.faults["values"] = raising(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        begin(world)


FAULTS = {**RAISED, **NONSENSE, "None": lambda: None}
ONE = st.tuples(st.sampled_from((*METHODS, "clean_up", "shutdown")), st.sampled_from(sorted(FAULTS))).filter(
    lambda one: one != ("render", "objects")
)  # objects are what it gives: that is no fault


@given(st.lists(st.one_of(ONE, st.none()), max_size=6), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happened_a_runtime_is_bound_when_its_engine_works_and_can_be_deleted_when_not(
    monkeypatch: pytest.MonkeyPatch, history: list[tuple[str, str] | None], broken: bool
) -> None:
    before = signal.signal(signal.SIGINT, lambda *_: None)
    monkeypatch.setattr(faults, "STOP_AFTER", 60)
    world = FaultyWorld()
    monkeypatch.setattr(operator, "decide", world.decide)
    try:
        begin(world)
        for number, one in enumerate(history):
            world.faults.clear()
            if one is not None:
                world.faults[one[0]] = FAULTS[one[1]]
            world.edit(JindoRuntime, KEY, replicas=number + 2)
            world.settle()
            for plan in world.plans:
                assert plan.status.to_wire()
        if not broken:
            check_recovers(world)
        world.delete(Dataset, KEY)
        world.settle()
        assert world.cluster.get(Dataset, KEY) is None
        assert not world.cluster.all(StatefulSet)
    finally:
        signal.signal(signal.SIGINT, before)
