"""Host ports for caches on the host network, given out by one allocator.

A port is taken if a live object records it, or if this process has just allocated it and the informer does
not show the object yet. Allocation is synchronous, so two reconciles can never get the same port.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic

import structlog

from fluid.controllers.context import BY_OWNER, Informers
from fluid.controllers.plugin_calls import PluginCalls
from fluid.controllers.snapshots import spec_versions
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registered_code import live_ports
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.snapshot import R
from fluid.kube import Entry, Malformed, Reflector, Terminal
from fluid.types import Key, KubeObject

log: structlog.stdlib.BoundLogger = structlog.get_logger("fluid.controllers.runtime")
DEFAULT_RANGE = range(18000, 20000)
Observe = Callable[[], Iterable[Mapping[str, int]]]


@dataclass
class PortAllocator:
    """Allocates ports of one range.

    Attributes:
        observe: the ports that live objects record, one mapping per runtime.
        ports: the range; the lowest free port goes first.
    """

    observe: Observe
    ports: range = DEFAULT_RANGE
    _pending: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])

    def allocate(
        self, uid: str, key: Key, purposes: Iterable[str], recorded: Mapping[str, int]
    ) -> Mapping[str, int]:
        """The ports of a runtime: recorded by its objects, else allocated before, else the lowest free ones.

        Args:
            uid: UID of the runtime.
            key: the runtime, for the message.
            purposes: what a port is needed for, in allocation order.
            recorded: ports that the runtime's live objects record.

        Raises:
            Terminal: the range is exhausted; no port is allocated.
            EngineFault: ports are missing, and which are free is not known; no port is allocated.
        """
        mine = {**self._pending.get(uid, {}), **recorded}
        missing = [purpose for purpose in purposes if purpose not in mine]
        if missing:
            free = self._free()
            try:
                mine |= {purpose: next(free) for purpose in missing}
            except StopIteration:
                raise Terminal(
                    "PortsExhausted",
                    f"no free host port is left for {key} in {self.ports.start}-{self.ports.stop - 1}; "
                    "widen --runtime-node-port-range or use networkmode ContainerNetwork",
                ) from None
        if all(purpose in recorded for purpose in mine):
            self._pending.pop(uid, None)
        else:
            self._pending[uid] = mine
        return mine

    def release(self, uid: str) -> None:
        """Forgets allocations of a runtime that is gone; ports that its live objects record stay taken."""
        self._pending.pop(uid, None)

    def _free(self) -> Iterator[int]:
        taken = {port for ports in self.observe() for port in ports.values()}
        for pending in self._pending.values():
            taken.update(pending.values())
        return (port for port in self.ports if port not in taken)


class RecordedPorts(Generic[R]):
    """The ports that the live objects of all runtimes of a kind record; read again only after a change.

    Args:
        informers: the stores of the objects.
        registration: reads the ports from the objects.
        runtimes: the runtimes; objects of any other owner are ignored.
        calls: calls the engine's code.
    """

    def __init__(
        self,
        informers: Informers,
        registration: EngineRegistration[R],
        runtimes: Reflector[R],
        calls: PluginCalls | None = None,
    ) -> None:
        self._calls = calls or PluginCalls(registration.plugin)
        self._watched = informers
        self._registration = registration
        self._runtimes = runtimes
        self._known: dict[str, tuple[frozenset[tuple[str, int]], Mapping[str, int]]] = {}

    def all(self) -> Iterator[Mapping[str, int]]:
        """One mapping of ports by purpose for each runtime; of one that cannot be read now, the one before.

        Raises:
            EngineFault: The ports of a runtime are not known, so none may be given to another.
        """
        for entry in self._runtimes.store.entries():
            version = spec_versions(self._watched, entry.uid)
            known = self._known.get(entry.uid)
            if known is None or known[0] != version:
                try:
                    known = self._known[entry.uid] = (version, self._read(entry))
                except EngineFault as fault:
                    log.exception("ports of a runtime cannot be read", runtime=str(entry.key))
                    if known is None:
                        raise self._not_known(fault) from fault
            yield known[1]

    def forget(self, uid: str) -> None:
        """Forgets a runtime that is gone."""
        self._known.pop(uid, None)

    def _read(self, entry: Entry[R]) -> Mapping[str, int]:
        """The ports of one runtime, without those of malformed objects, which its own pass reports.

        Raises:
            EngineFault: The engine fails to read them.
        """
        children: list[KubeObject] = []
        for owned in self._watched.owned:
            for child in owned.store.entries_by(BY_OWNER, entry.uid):
                try:
                    children.append(child.object)
                except Malformed as error:
                    problem = error.message[:400]
                    log.warning("an object of a runtime is left out", runtime=str(entry.key), problem=problem)
        return self._calls.run("live_ports", lambda: live_ports(self._registration, entry.key, children))

    def _not_known(self, fault: EngineFault) -> EngineFault:
        """What a runtime is told that needs ports; it names no other one, which may be of another tenant."""
        problem = "failed for another runtime, so no host port is given out: its ports are not known"
        return EngineFault(self._registration.plugin, "live_ports", problem, stopped=fault.stopped)
