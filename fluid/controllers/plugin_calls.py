"""Calls of a plug-in's code by all controllers: none for a while after it had to be stopped."""

from asyncio import Task, current_task
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from fluid.engines.core import faults as limits
from fluid.engines.core.faults import EngineFault, Plugin, guarded
from fluid.kube import Malformed
from fluid.kube.cpu_budget import STOP_AFTER

T = TypeVar("T")
REST = 5 * STOP_AFTER
"""Seconds for which code is not called that had to be stopped: it holds others up for a sixth of the time."""
AFTER_RUNTIMES = 5.0
"""Seconds after a rest for which only passes of runtimes call: else code that always hangs keeps them off."""
_FIRST = 1.0
"""Seconds that a plug-in gets at least at its first call in a stretch: others may have taken all of them."""
_LEAST = 1e-4
"""Seconds of any further call: no timer counts to zero."""


class Stretch:
    """How long code of plug-ins runs while a task lets no other one run; the limit is for all of it together.

    Without an event loop each call stands for itself.
    """

    def __init__(self) -> None:
        self._spent: dict[Task[object], dict[Plugin, float]] = {}

    def left(self, plugin: Plugin) -> float:
        """Seconds that a call may take now; never 0."""
        spent = self._spent.get(task, {}) if (task := _task()) else {}
        least = _LEAST if plugin in spent else _FIRST
        return max(limits.STOP_AFTER - sum(spent.values()), min(least, limits.STOP_AFTER))

    def spend(self, plugin: Plugin, seconds: float) -> None:
        """Counts a call, until the event loop has turned."""
        task = _task()
        if task is not None:
            if task not in self._spent:
                task.get_loop().call_soon(self._spent.pop, task, None)
            spent = self._spent.setdefault(task, {})
            spent[plugin] = spent.get(plugin, 0.0) + seconds


def _task() -> Task[object] | None:
    try:
        return current_task()
    except RuntimeError:  # there is no event loop in this thread
        return None


class PluginCalls:
    """Calls the code of one plug-in.

    Args:
        plugin: whose code it is.
        clock: monotonic seconds.
        stretch: counts what all plug-ins take; None for one that counts this plug-in alone.
    """

    def __init__(
        self, plugin: Plugin, clock: Callable[[], float] = monotonic, stretch: Stretch | None = None
    ) -> None:
        self.plugin = plugin
        self._clock = clock
        self._stretch = stretch or Stretch()
        self._rests_until = 0.0

    @property
    def rest(self) -> float:
        """Seconds for which the code is not called; 0 if it may be."""
        return max(0.0, self._rests_until - self._clock())

    @property
    def rest_after_runtimes(self) -> float:
        """Like `rest`, for callers that let the passes of runtimes go first, which tell people of a fault."""
        return rest + AFTER_RUNTIMES if (rest := self.rest) else 0.0

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
        with self.counted() as seconds:
            return self._call(method, code, passing, seconds)

    def run_on(
        self, method: str, code: Callable[[], T], *, passing: tuple[type[BaseException], ...] = (Malformed,)
    ) -> T:
        """Call code even while it rests, though for a short time: what ends something that began before.

        Raises:
            EngineFault: It failed.
        """
        with self.counted() as seconds:
            least = min(_FIRST, limits.STOP_AFTER)
            return self._call(method, code, passing, least if self.rest else max(seconds, least))

    @contextmanager
    def counted(self) -> Generator[float]:
        """Count a block that calls code; gives the seconds that are left for it."""
        began = monotonic()
        try:
            yield self._stretch.left(self.plugin)
        finally:
            self._stretch.spend(self.plugin, monotonic() - began)

    def _call(
        self, method: str, code: Callable[[], T], passing: tuple[type[BaseException], ...], seconds: float
    ) -> T:
        try:
            return guarded(self.plugin, method, code, passing=passing, seconds=seconds)
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
        self._stretch = Stretch()

    def of(self, plugin: Plugin) -> PluginCalls:
        """The calls of one plug-in."""
        return self._known.setdefault(plugin, PluginCalls(plugin, stretch=self._stretch))
