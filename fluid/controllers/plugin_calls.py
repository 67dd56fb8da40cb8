"""Calls of a plug-in's code by all controllers: none for a while after it had to be stopped."""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from fluid.engines.core.faults import EngineFault, Plugin, guarded
from fluid.kube import Malformed
from fluid.kube.cpu_budget import STOP_AFTER

T = TypeVar("T")
REST = 5 * STOP_AFTER
"""Seconds for which code is not called that had to be stopped: it holds others up for a sixth of the time."""


class PluginCalls:
    """Calls the code of one plug-in.

    Args:
        plugin: whose code it is.
        clock: monotonic seconds.
    """

    def __init__(self, plugin: Plugin, clock: Callable[[], float] = monotonic) -> None:
        self.plugin = plugin
        self._clock = clock
        self._rests_until = 0.0

    @property
    def rest(self) -> float:
        """Seconds for which the code is not called; 0 if it may be."""
        return max(0.0, self._rests_until - self._clock())

    def heed(self, fault: EngineFault) -> None:
        """Let the code rest if it had to be stopped."""
        if fault.stopped:
            self._rests_until = self._clock() + REST

    def run(
        self, method: str, code: Callable[[], T], *, passing: tuple[type[BaseException], ...] = (Malformed,)
    ) -> T:
        """Call code; see `guarded`.

        Raises:
            EngineFault: It failed, or rests.
        """
        if self.rest:
            problem = f"did not end within {STOP_AFTER:g} s a moment ago and is not called now"
            raise EngineFault(self.plugin, method, problem)
        return self.run_on(method, code, passing=passing)

    def run_on(
        self, method: str, code: Callable[[], T], *, passing: tuple[type[BaseException], ...] = (Malformed,)
    ) -> T:
        """Call code even while it rests: what ends something that began before.

        Raises:
            EngineFault: It failed.
        """
        try:
            return guarded(self.plugin, method, code, passing=passing)
        except EngineFault as fault:
            self.heed(fault)
            raise

    def attempt(self, method: str, code: Callable[[], T], instead: T, faults: list[EngineFault]) -> T:
        """Call code; what stands for its result when it fails, with the fault added to `faults`."""
        if any(one.stopped for one in faults):
            return instead
        try:
            return self.run(method, code)
        except EngineFault as fault:
            faults.append(fault)
            return instead


class AllPluginCalls:
    """The calls of each plug-in: whoever has to stop its code lets it rest for all callers."""

    def __init__(self) -> None:
        self._known: dict[Plugin, PluginCalls] = {}

    def of(self, plugin: Plugin) -> PluginCalls:
        """The calls of one plug-in."""
        return self._known.setdefault(plugin, PluginCalls(plugin))
