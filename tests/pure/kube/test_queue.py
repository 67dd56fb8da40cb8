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

    @rule(key=st.integers(0, 3), after=st.sampled_from([0.0, 1.0, 5.0]))
    def add(self, key: int, after: float) -> None:
        assert self.queue.add(key, after) == (key not in self.due)
        self.due[key] = min(self.due.get(key, 1e9), self.now + after)

    @rule(key=st.integers(0, 3))
    def retry(self, key: int) -> None:
        failures = self.failures.get(key, 0)
        delay = self.queue.retry(key)
        assert delay == min(4.0, 2.0**failures)
        self.failures[key] = failures + 1
        self.due[key] = min(self.due.get(key, 1e9), self.now + delay)

    @rule(key=st.integers(0, 3))
    def forget(self, key: int) -> None:
        self.queue.forget(key)
        self.failures.pop(key, None)

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        key, wait = self.queue.pop()
        waiting = {k: t for k, t in self.due.items() if k not in self.busy}
        ready = {k for k, t in waiting.items() if t <= self.now}
        if not ready:
            assert key is None
            assert wait == min(waiting.values(), default=float("inf")) - self.now
            return
        assert key in ready
        assert self.queue.lateness(key) == self.now - self.due.pop(key)
        self.busy.add(key)

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


QueueAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestQueueAgainstModel = QueueAgainstModel.TestCase
