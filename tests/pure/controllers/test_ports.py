# pyright: basic
"""Host ports: never twice, the lowest first, and nothing remembered that objects do not say."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.controllers.ports import PortAllocator
from fluid.kube import Terminal
from fluid.types import Key

RANGE = range(18000, 18008)
UIDS = st.sampled_from(["u1", "u2", "u3", "u4"])
PURPOSES = st.sampled_from([("master", "worker"), ("master", "worker", "raft"), ()])


class Ports(RuleBasedStateMachine):
    """Runtimes that get ports, whose objects appear later or never, under operators that die."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[str, Mapping[str, int]] = {}
        self.given: dict[str, Mapping[str, int]] = {}
        self.restart()

    def restart(self) -> None:
        self.allocator = PortAllocator(lambda: self.live.values(), RANGE)

    @rule()
    def the_operator_dies(self) -> None:
        """What was given and not written down is nobody's."""
        self.given = dict(self.live)
        self.restart()

    @rule(uid=UIDS, purposes=PURPOSES)
    def allocate(self, uid, purposes):
        before = self.given.get(uid, {})
        try:
            ports = self.allocator.allocate(uid, Key("ns", uid), purposes, self.live.get(uid, {}))
        except Terminal:
            free = len(RANGE) - len({port for ports in self.given.values() for port in ports.values()})
            assert free < len([one for one in purposes if one not in before])
            return
        assert set(purposes) <= set(ports)
        assert all(ports[purpose] == port for purpose, port in before.items())
        self.given[uid] = ports

    @rule(uid=UIDS)
    def objects_appear(self, uid):
        if uid in self.given:
            self.live[uid] = self.given[uid]

    @rule(uid=UIDS)
    def the_runtime_goes(self, uid):
        self.live.pop(uid, None)
        self.given.pop(uid, None)
        self.allocator.release(uid)

    @invariant()
    def no_port_is_given_twice(self):
        taken = [port for ports in self.given.values() for port in ports.values()]
        assert len(taken) == len(set(taken))
        assert set(taken) <= set(RANGE)


TestPorts = Ports.TestCase
TestPorts.settings = settings(deadline=None, stateful_step_count=30)


@given(st.lists(st.integers(18000, 18007), max_size=6, unique=True))
def test_the_lowest_free_ports_go_first(taken: list[int]) -> None:
    allocator = PortAllocator(lambda: [{str(port): port for port in taken}], RANGE)
    ports = allocator.allocate("u", Key("ns", "u"), ("a", "b"), {})
    assert list(ports.values()) == [port for port in RANGE if port not in taken][:2]


def test_an_exhausted_range_gives_nothing_and_says_what_to_do() -> None:
    allocator = PortAllocator(list, range(18000, 18002))
    allocator.allocate("u1", Key("ns", "one"), ("a",), {})
    with pytest.raises(Terminal, match=r"ns/two in 18000-18001; widen --runtime-node-port-range") as error:
        allocator.allocate("u2", Key("ns", "two"), ("a", "b"), {})
    assert error.value.reason == "PortsExhausted"
    assert allocator.allocate("u3", Key("ns", "three"), ("a",), {}) == {"a": 18001}


def test_ports_that_an_older_installation_gave_outside_of_the_range_stay() -> None:
    allocator = PortAllocator(list, RANGE)
    assert allocator.allocate("u", Key("ns", "u"), ("a", "b"), {"a": 9000}) == {"a": 9000, "b": 18000}


def test_a_hundred_at_once_share_no_port() -> None:
    allocator = PortAllocator(list, range(18000, 18300))
    given_ = [allocator.allocate(f"u{n}", Key("ns", str(n)), ("a", "b", "c"), {}) for n in range(100)]
    assert len({port for ports in given_ for port in ports.values()}) == 300
