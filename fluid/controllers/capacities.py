"""Cache capacities of runtimes, which the engine is asked for once for each generation of a spec."""

from collections.abc import Mapping
from typing import Generic

from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.registered_code import capacities
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.snapshot import R
from fluid.types import Key


class Capacities(Generic[R]):
    """Remembers the capacities of the runtimes of one kind.

    The passes of a runtime and those of each node with its workers ask for them.

    Args:
        registration: the engine.
        calls: calls of its code.
    """

    def __init__(self, registration: EngineRegistration[R], calls: PluginCalls) -> None:
        self._registration = registration
        self._calls = calls
        self._known: dict[Key, tuple[tuple[str, int | None], Mapping[str, int]]] = {}

    def of(self, runtime: R) -> Mapping[str, int]:
        """Cache bytes of one worker by medium.

        Raises:
            EngineFault: The engine failed to say them.
        """
        version = runtime.uid, runtime.metadata.generation
        known = self._known.get(runtime.key)
        if known is None or known[0] != version:
            sizes = self._calls.run("capacities", lambda: capacities(self._registration, runtime))
            known = self._known[runtime.key] = (version, dict(sizes))
        return known[1]

    def forget(self, key: Key) -> None:
        """Forgets a runtime that no longer exists."""
        self._known.pop(key, None)
