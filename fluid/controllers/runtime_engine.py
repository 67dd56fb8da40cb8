"""The engine of one runtime kind as its reconciler calls it: what fails in it is told, and ends no pass."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Generic

from fluid.controllers.capacities import Capacities
from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.faulty_pass import decide_or_explain, show_fault, without_engine
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.queries import Results
from fluid.engines.core.registered_code import carries_references, live_ports, ports_needed
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import RuntimeStatus
from fluid.types import Key, KubeObject

_NO_NUMBERS: Mapping[str, int] = {}


class RuntimeEngine(Generic[R]):
    """Calls an engine.

    Args:
        registration: the engine.
        settings: what the administrator set, whatever the namespace.
        calls: the calls of the engine, which all controllers share; None for calls that nobody shares.
    """

    def __init__(
        self, registration: EngineRegistration[R], settings: Settings, calls: PluginCalls | None = None
    ) -> None:
        self.calls: PluginCalls = calls or PluginCalls(registration.plugin)
        self._capacities = Capacities(registration, self.calls)
        self._registration = registration
        self._settings = settings

    def live_ports(
        self, runtime: R, children: Sequence[KubeObject], faults: list[EngineFault]
    ) -> Mapping[str, int]:
        """The ports that live objects record; none where the engine fails to read them."""
        return self.calls.attempt(
            "live_ports",
            lambda: live_ports(self._registration, runtime.key, children),
            _NO_NUMBERS,
            faults,
        )

    def ports_needed(self, runtime: R, faults: list[EngineFault]) -> Sequence[str] | None:
        """Purposes of the ports that a runtime needs; None after any failure, so that none is given."""
        needed = self.calls.attempt(
            "ports_needed", lambda: ports_needed(self._registration, runtime), (), faults
        )
        return None if faults else needed

    def carries_references(self, runtime: R) -> bool:
        """Whether a runtime may stand beside a Dataset that refers to another; not where the engine fails."""
        judge = partial(carries_references, self._registration, runtime)
        return self.calls.attempt("carries_references", judge, False, [])

    def decide(
        self,
        snapshot: Snapshot[R],
        live: RuntimeStatus | None,
        results: Results,
        settings: Settings,
        rejection: Waiting | None = None,
        faults: Sequence[EngineFault] = (),
    ) -> Plan:
        """The plan of a pass; see `decide_or_explain`."""
        with self.calls.counted() as seconds:
            plan = decide_or_explain(
                self._registration, snapshot, live, results, settings, rejection, faults, seconds=seconds
            )
        if plan.fault is not None:
            self.calls.heed(plan.fault)
        elif snapshot.runtime.metadata.deletion_timestamp is None:
            self._try_capacities(snapshot, live, plan)
        return plan

    def plan_without(
        self, snapshot: Snapshot[R], live: RuntimeStatus | None, results: Results, cause: Exception
    ) -> Plan:
        """The plan where that of the engine cannot even be written down.

        Args:
            snapshot: the snapshot.
            live: the runtime's status as it is.
            results: to the queries of earlier passes.
            cause: what came of trying.
        """
        problem = f"decided what cannot be sent ({type(cause).__name__}: {cause})"
        fault = EngineFault(self._registration.plugin, "a step", problem)
        fault.__cause__ = cause
        return without_engine(self._registration, snapshot, live, results, self._settings, fault)

    def _try_capacities(self, snapshot: Snapshot[R], live: RuntimeStatus | None, plan: Plan) -> None:
        """Tell where the labels of nodes cannot be computed: nodes have no condition for it."""
        try:
            self._capacities.of(snapshot.runtime)
        except EngineFault as fault:
            show_fault(snapshot, live, plan, fault)

    def forget(self, key: Key) -> None:
        """Forgets what is known of a runtime that no longer exists."""
        self._capacities.forget(key)
