import anyio
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.kube.lease import Candidate, Elector, Timing
from fluid.models import Lease, LeaseSpec, ObjectMeta
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import key

NAMES = ["a", "b", "c"]
TIMING = Timing(duration=15.0, deadline=10.0, period=2.0)


class NeverTwoLeaders(RuleBasedStateMachine):
    """Three processes; their clocks are hours apart, up to 20 % fast or slow, and requests may take long."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.version = 0
        self.holder: str | None = None
        rates = dict(zip(NAMES, (0.8, 1.0, 1.2), strict=True))
        self.people = {
            name: Candidate(name, TIMING, clock=lambda n=name: 1000.0 * ord(n) + self.now * rates[n])
            for name in NAMES
        }
        self.pending: list[tuple[str, int, float]] = []

    def lease(self) -> Lease | None:
        if not self.version:
            return None
        metadata = ObjectMeta(name="l", uid="u", resource_version=str(self.version))
        return Lease(
            metadata=metadata, spec=LeaseSpec(holder_identity=self.holder, lease_duration_seconds=15)
        )

    @rule(name=st.sampled_from(NAMES))
    def look_and_ask(self, name: str) -> None:
        person = self.people[name]
        if person.observe(self.lease()):
            self.pending.append((name, self.version, person.clock()))

    @rule(name=st.sampled_from(NAMES))
    def campaign(self, name: str) -> None:
        """The usual case: asked and answered at once."""
        person = self.people[name]
        if person.observe(self.lease()):
            self.version, self.holder = self.version + 1, name
            person.wrote(person.clock())

    @rule(data=st.data(), answered=st.booleans())
    def the_server_decides(self, data: st.DataObject, answered: bool) -> None:
        if not self.pending:
            return
        name, version, asked_at = self.pending.pop(data.draw(st.integers(0, len(self.pending) - 1)))
        if version != self.version:
            self.people[name].lost()
            return
        self.version, self.holder = self.version + 1, name
        if answered:
            self.people[name].wrote(asked_at)

    @rule(seconds=st.sampled_from([0.5, 2.0, 9.0, 20.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @rule(name=st.sampled_from(NAMES))
    def release(self, name: str) -> None:
        person = self.people[name]
        if person.leading and person.observe(self.lease()) and self.holder == name:
            self.version, self.holder = self.version + 1, None
            person.lost()

    @invariant()
    def at_most_one_leads(self) -> None:
        assert sum(person.leading for person in self.people.values()) <= 1


NeverTwoLeaders.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestNeverTwoLeaders = NeverTwoLeaders.TestCase


@pytest.mark.parametrize("timing", [(15, 15, 2), (15, 10, 9), (10, 15, 2)])
def test_timings_that_could_give_two_leaders_are_refused(timing: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="deadline < duration"):
        Timing(*timing)


@pytest.mark.anyio
async def test_a_released_lease_is_taken_at_once_and_a_lost_one_ends_the_hold() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        first = Elector(connection, key("l"), "one", duration=0.9, deadline=0.4, period=0.02)
        second = Elector(connection, key("l"), "two", duration=0.9, deadline=0.4, period=0.02)
        with anyio.fail_after(5):
            await first.acquire()
            with anyio.move_on_after(0.1) as waiting:
                await second.acquire()
            assert waiting.cancelled_caught
            await first.release()
            await second.acquire()
            stored = server.get("coordination.k8s.io/v1/leases", "x", "l") or {}
            assert stored["spec"]["holderIdentity"] == "two"
            assert len(stored["spec"]["renewTime"].partition(".")[2]) == len("123456Z")
            server.faults.append(lambda _: status(503, "Down"))
            await second.hold()
