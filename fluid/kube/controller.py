"""A controller: sources of changes, a queue of keys, one reconcile at a time per key."""

import math
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from itertools import count
from random import uniform
from time import monotonic
from typing import Any, TypeVar

import anyio
import structlog
from anyio.abc import TaskGroup

from fluid.kube.cpu_budget import BUDGET, CpuMeter, pause_after
from fluid.kube.entry import Change
from fluid.kube.errors import (
    Conflict,
    Costly,
    Forbidden,
    KubeError,
    Malformed,
    NamespaceEnding,
    Terminal,
    Unavailable,
)
from fluid.kube.events import Recorder, Reference
from fluid.kube.metrics import Metrics, Outcome
from fluid.kube.queue import WorkQueue
from fluid.kube.reflector import Reflector
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
_OUTAGE_CAP = 20.0
"""Longest delay in seconds between attempts while the API server is unreachable or refuses the requests."""
_log = structlog.get_logger("fluid.kube.controller")


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a reconcile that did not fail.

    Attributes:
        requeue_after: seconds until the next run even if nothing changes; None: wait for a change.
    """

    requeue_after: float | None = None


DONE = Result()
Reconcile = Callable[[Key], Coroutine[Any, Any, Result]]
Delay = float | Callable[[Change[M]], float]
"""Seconds over which changes are gathered: a constant, or a function of the change."""


class Controller:
    """Runs `reconcile` for each key that a source names.

    Args:
        name: for logs and metrics.
        reconcile: gets a key, never an event. `Terminal` means no retry; anything else that it raises
            is logged, counted and retried with back-off (0.2 s up to 5 min).
        workers: number of keys reconciled at once.
        timeout: seconds that one reconcile may take.
        budget: seconds of CPU time that one reconcile should take at most: a key that takes more gets a
            warning event and a delay, so that it takes little time from other keys.
        resync: seconds after which an object of the primary kind is reconciled without a watch event;
            jittered by a fifth. A safety net: nothing waits for it.
        metrics: the counters.
        recorder: sends events about malformed objects.
        queue: for tests.
    """

    def __init__(
        self,
        name: str,
        reconcile: Reconcile,
        *,
        workers: int = 16,
        timeout: float = 60.0,
        budget: float = BUDGET,
        resync: float = 3600.0,
        metrics: Metrics | None = None,
        recorder: Recorder | None = None,
        queue: WorkQueue[Key] | None = None,
    ) -> None:
        self.name = name
        self._reconcile = reconcile
        self._slots = anyio.Semaphore(workers)
        self._timeout = timeout
        self._budget = budget
        self._resync = resync
        self._recorder = recorder
        self._queue: WorkQueue[Key] = WorkQueue() if queue is None else queue  # an empty one is falsy
        self._metrics = (metrics or Metrics()).controller(name, workers, self._queue)
        self._counted = 0
        self._sources: list[Reflector[Any]] = []
        self._primary: Reflector[Any] | None = None
        self._reconcile_ids = count(1)
        self._stopping = anyio.Event()
        self._log = _log.bind(controller=name)

    def for_(self, reflector: Reflector[M], delay: "Delay[M]" = 0.0) -> "Controller":
        """The primary kind: each change of an object reconciles its key."""
        self._primary = reflector
        return self.watches(reflector, lambda change: (change.key,), delay)

    def owns(
        self, reflector: Reflector[M], *, kind: type[KubeObject], delay: "Delay[M]" = 0.0
    ) -> "Controller":
        """Children: a change reconciles the controlling owner, if it is of `kind`.

        Args:
            reflector: the children.
            kind: the owner's kind.
            delay: seconds to wait, so that a burst of changes costs one reconcile.
        """

        def owners(change: Change[M]) -> Iterable[Key]:
            for entry in change.entries:
                owner = entry.controller
                if owner is not None and owner.kind == kind.resource.kind:
                    yield Key(entry.key.namespace, owner.name)

        return self.watches(reflector, owners, delay)

    def watches(
        self, reflector: Reflector[M], map_fn: Callable[[Change[M]], Iterable[Key]], delay: "Delay[M]" = 0.0
    ) -> "Controller":
        """Any other source: a change reconciles the keys that `map_fn` returns.

        Args:
            reflector: the source; nothing is reconciled before it is synced.
            map_fn: quick, without side effects. A malformed object maps to no key.
            delay: seconds to wait, so that a burst of changes costs one reconcile.
        """

        def enqueue(change: Change[M]) -> None:
            try:
                if keys := {*map_fn(change)}:
                    after = _seconds(delay, change)
                    for key in keys:
                        self.enqueue(key, after)
            except Malformed as error:
                self._log.warning("cannot map a change", key=str(error.key), problem=error.message)
            except Exception:  # noqa: BLE001 - one object must not affect others
                self._log.exception("cannot map a change", key=str(change.key))

        self._sources.append(reflector)
        reflector.subscribe(enqueue)
        return self

    def enqueue(self, key: Key, after: float = 0.0) -> None:
        """Reconciles `key` in `after` seconds, or earlier if another change asks for it."""
        self._queue.add(key, after)
        self._count_adds()

    async def run(self) -> None:
        """Waits until every source is synced, then reconciles until `stop`, or until cancelled."""
        async with anyio.create_task_group() as start:
            start.start_soon(self._cancel_on_stop, start.cancel_scope)
            for source in [*self._sources]:
                await source.store.synced.wait()
            start.cancel_scope.cancel()
        if self._stopping.is_set():
            return  # for example during an outage: no reconcile was started
        self._log.info("controller started", waiting=len(self._queue))
        async with anyio.create_task_group() as workers:
            await self._dispatch(workers)
        self._log.info("controller stopped")

    def stop(self) -> None:
        """Takes no more keys; `run` returns when the running reconciles have ended."""
        self._stopping.set()
        self._queue.close()

    async def _cancel_on_stop(self, scope: anyio.CancelScope) -> None:
        await self._stopping.wait()
        scope.cancel()

    async def _dispatch(self, workers: TaskGroup) -> None:
        """Takes keys in one task and starts a worker for each: idle workers would all wake for every key."""
        while True:
            await self._slots.acquire()
            key = await self._queue.take()
            if key is None:
                return
            self._count_adds()
            self._metrics.waited.observe(self._queue.lateness(key))
            workers.start_soon(self._work, key)

    def _count_adds(self) -> None:
        if new := self._queue.adds - self._counted:
            self._counted += new
            self._metrics.adds.inc(new)

    async def _work(self, key: Key) -> None:
        started = monotonic()
        self._metrics.active.inc()
        structlog.contextvars.bind_contextvars(
            controller=self.name, key=str(key), reconcile_id=next(self._reconcile_ids)
        )
        meter = CpuMeter(self._reconcile(key))
        try:
            outcome = await self._attempt(key, meter)
            self._metrics.results[outcome].inc()
        finally:
            self._metrics.active.dec()
            seconds = monotonic() - started
            self._metrics.seconds.observe(seconds)
            self._metrics.worked.observe(seconds)
            if meter.seconds > self._budget:
                self._slow_down(key, meter.seconds)
            self._queue.done(key)
            self._slots.release()

    async def _attempt(self, key: Key, meter: CpuMeter[Result]) -> Outcome:
        try:
            with anyio.fail_after(self._timeout):
                result = await meter
        except Terminal as error:
            _log.warning(
                "reconcile ended: no retry until the spec changes", reason=error.reason, problem=str(error)
            )
            return self._forget(key, "terminal")
        except Malformed as error:
            if not self._is_primary(error.key, key):
                self._warn(key, "Malformed", f"correct {error.key}, which is read with it: {error.message}")
                return self._fail(key, error)
            _log.error("object does not fit its schema", problem=error.message)
            self._warn(key, "Malformed", f"correct the object: {error.message}")
            return self._forget(key, "terminal")
        except NamespaceEnding as error:
            _log.debug("the namespace is being deleted, and the object with it", problem=error.message)
            return self._forget(key, "terminal")  # the object's own deletion wakes the key
        except Exception as error:  # noqa: BLE001 - any failure affects only this key
            return self._fail(key, error)
        if result.requeue_after is not None:
            self._queue.add(key, result.requeue_after)
            return self._forget(key, "requeue_after")
        if self._primary is not None and self._primary.store.entry(key) is not None:
            self._queue.add(key, self._resync * uniform(0.8, 1.2))
        return self._forget(key, "success")

    def _forget(self, key: Key, outcome: Outcome) -> Outcome:
        self._queue.forget(key)
        return outcome

    def _fail(self, key: Key, error: Exception) -> Outcome:
        """Backs off. Logs a traceback for faults of the program, but not for answers of the API server."""
        outage = isinstance(error, Forbidden | Unavailable)  # no watch event reports its end
        delay = self._queue.retry(key, _OUTAGE_CAP if outage else math.inf)
        if isinstance(error, Costly) and error.seconds:
            delay = pause_after(error.seconds)
            self._queue.hold(key, delay)
        self._metrics.errors.inc()
        self._metrics.retries.inc()
        expected = isinstance(error, KubeError | Malformed | TimeoutError)
        problem = f"no end within {self._timeout:g} s" if isinstance(error, TimeoutError) else str(error)
        log = _log.info if isinstance(error, Conflict) else _log.error  # conflicts are normal
        log(
            "reconcile failed",
            problem=problem,
            retry_in=round(delay, 1),
            exc_info=None if expected else error,
        )
        return "error"

    def _slow_down(self, key: Key, seconds: float) -> None:
        """Warns about an object that exceeds its CPU budget, and delays its key."""
        pause = pause_after(seconds)
        self._queue.hold(key, pause)
        self._metrics.over_budget.inc()
        problem = f"a pass took more than {self._budget:g} s of CPU time"
        _log.warning(problem, cpu_seconds=round(seconds, 2), waits=round(pause, 1))
        self._warn(
            key, "PassTooExpensive", f"{problem}: the object waits between passes; make its spec smaller"
        )

    def _is_primary(self, malformed: Key, key: Key) -> bool:
        return self._primary is not None and malformed == key and self._primary.store.entry(key) is not None

    def _warn(self, key: Key, reason: str, message: str) -> None:
        """An event on an object of the primary kind."""
        entry = self._primary.store.entry(key) if self._primary else None
        if entry is not None and self._recorder is not None:
            self._recorder.event(Reference.of(entry), "Warning", reason, message)


def _seconds(delay: Delay[M], change: Change[M]) -> float:
    """The delay of a change; a malformed object counts as urgent."""
    try:
        return delay(change) if callable(delay) else delay
    except Malformed:
        return 0.0
