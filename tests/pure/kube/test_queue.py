from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fluid.kube import Backoff, WorkQueue


class QueueAgainstModel(RuleBasedStateMachine):
    """The model: when each key wants to run, and which keys are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.queue: WorkQueue[int] = WorkQueue(Backoff(base=1.0, cap=4.0), clock=lambda: self.now)
        self.due: dict[int, float] = {}
        self.busy: set[int] = set()
        self.failures: dict[int, int] = {}
        self.taken: dict[int, float] = {}
        self.adds = 0
        self.held: dict[int, float] = {}

    def wish(self, key: int, after: float) -> None:
        before, due = self.due.get(key, 1e9), max(self.now + after, self.held.get(key, 0.0))
        self.due[key] = min(before, due)
        self.adds += due <= self.now < before

    @rule(key=st.integers(0, 3), after=st.sampled_from([0.0, 1.0, 5.0]))
    def add(self, key: int, after: float) -> None:
        self.queue.add(key, after)
        self.wish(key, after)

    @rule(key=st.integers(0, 3))
    def retry(self, key: int) -> None:
        failures = self.failures.get(key, 0)
        delay = self.queue.retry(key)
        assert delay == min(4.0, 2.0**failures)
        self.failures[key] = failures + 1
        self.wish(key, delay)

    @rule(key=st.integers(0, 3), seconds=st.sampled_from([0.5, 3.0, 9.0]))
    def hold(self, key: int, seconds: float) -> None:
        self.queue.hold(key, seconds)
        self.held[key] = self.now + seconds
        if key in self.due:
            self.due[key] = max(self.due[key], self.held[key])

    @rule(key=st.integers(0, 3))
    def forget(self, key: int) -> None:
        self.queue.forget(key)
        self.failures.pop(key, None)

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0]))
    def tick(self, seconds: float) -> None:
        self.adds += sum(self.now < due <= self.now + seconds for due in self.due.values())
        self.now += seconds

    @rule()
    def take(self) -> None:
        key, wait = self.queue.pop()
        assert self.queue.adds == self.adds
        ready = {k for k, t in self.due.items() if t <= self.now and k not in self.busy}
        if not ready:
            assert key is None
            assert wait == min((t for t in self.due.values() if t > self.now), default=1e999) - self.now
            return
        assert key in ready
        assert self.queue.lateness(key) == self.now - self.due.pop(key)
        self.busy.add(key)
        self.taken[key] = self.now

    @precondition(lambda self: self.busy)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.busy)))
        self.busy.discard(key)
        self.queue.done(key)

    @invariant()
    def agrees(self) -> None:
        assert len(self.queue) == len(self.due)
        assert self.queue.busy == len(self.busy)
        assert self.queue.depth == sum(due <= self.now for due in self.due.values())
        assert self.queue.adds <= self.adds, "a delay may be counted late, never twice"
        assert sorted(self.queue.busy_seconds()) == sorted(self.now - self.taken[k] for k in self.busy)


QueueAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestQueueAgainstModel = QueueAgainstModel.TestCase


def test_a_key_that_only_waits_for_its_resync_is_no_depth_and_its_next_event_is_an_add() -> None:
    now = 0.0
    queue = WorkQueue[str](clock=lambda: now)
    queue.add("a", 3600.0)
    assert (len(queue), queue.depth, queue.adds) == (1, 0, 0)
    queue.add("a")
    queue.add("a")
    assert (len(queue), queue.depth, queue.adds) == (1, 1, 1)
    assert queue.pop() == ("a", 0.0)
    queue.add("a", 3600.0)
    now = 4000.0
    assert (queue.depth, queue.pop()[0], queue.adds) == (1, None, 2), "due, but busy"
    queue.done("a")
    assert queue.pop() == ("a", 0.0)


def test_a_thousand_passes_of_one_key_leave_no_thousand_wishes_in_memory() -> None:
    queue = WorkQueue[str](clock=lambda: 0.0)
    for number in range(1000):
        queue.add("a", 3600.0 + number)
        queue.add("a")
        key, _ = queue.pop()
        assert key == "a"
        queue.done(key)
    queue.add("a", 3600.0)
    assert queue.pop() == (None, 3600.0)
    assert len(queue._heap) < 100  # pyright: ignore[reportPrivateUsage] - memory is what this is about
