"""Starts everything in order, listens to signals, and stops everything in order within a bounded time."""

import os
import signal
from collections.abc import Sequence

import anyio
import structlog
from anyio.abc import TaskGroup
from prometheus_client import CollectorRegistry

from fluid.kube.controller import Controller
from fluid.kube.errors import LeaseLost
from fluid.kube.events import Recorder
from fluid.kube.health import OFF
from fluid.kube.informers import InformerFactory
from fluid.kube.lease import Elector
from fluid.kube.pages import Pages

_RELEASE = 5.0
_log = structlog.get_logger("fluid.kube.manager")


class Manager:
    """Starts servers, informers, lease and controllers of a process, and stops them in reverse order.

    Args:
        informers: shared reflectors.
        controllers: what to run; more may be added later.
        recorder: events.
        registry: metrics to serve.
        elector: leader election; None: always lead.
        health_address: ``HOST:PORT`` of /healthz and /readyz; ``none``: off.
        metrics_address: ``HOST:PORT`` of /metrics; ``none``: off.
        grace: seconds that running reconciles get when the process is asked to stop.

    Attributes:
        pages: /healthz, /readyz and /metrics.
    """

    def __init__(
        self,
        informers: InformerFactory,
        controllers: Sequence[Controller],
        *,
        recorder: Recorder,
        registry: CollectorRegistry | None = None,
        elector: Elector | None = None,
        health_address: str = OFF,
        metrics_address: str = OFF,
        grace: float = 30.0,
    ) -> None:
        self.pages: Pages = Pages(
            health_address,
            metrics_address,
            ready=informers.problems,
            registry=registry or CollectorRegistry(),
        )
        self._informers = informers
        self._controllers = [*controllers]
        self._recorder = recorder
        self._elector = elector
        self._grace = grace
        self._stopping = anyio.Event()
        self._group: TaskGroup | None = None

    def add(self, controller: Controller) -> None:
        """Starts a further controller, now or as soon as the others start."""
        self._controllers.append(controller)
        if self._group is not None and not self._stopping.is_set():
            self._group.start_soon(controller.run)

    def stop(self) -> None:
        """Asks for an orderly stop, like SIGTERM."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until SIGTERM or SIGINT (or `stop`); a second signal ends the process at once.

        Raises:
            LeaseLost: another process leads now.
            OSError: an address cannot be listened on.
        """
        with self.pages.served():
            lost = False
            async with anyio.create_task_group() as background:
                for task in (self._listen, self.pages.pulse, self._informers.run, self._recorder.run):
                    background.start_soon(task)
                try:
                    lost = await self._serve()
                finally:
                    await self._release()
                    background.cancel_scope.cancel()
        if lost:
            raise LeaseLost("another process leads now, or the API server could not be reached in time")
        _log.info("stopped")

    async def _serve(self) -> bool:
        """Leads, reconciles, drains; returns whether the lease was lost."""
        if not await self._lead():
            return False
        lost = False
        async with anyio.create_task_group() as group:
            self._group = group
            for controller in self._controllers:
                group.start_soon(controller.run)
            async with anyio.create_task_group() as watch:
                if self._elector is not None:
                    watch.start_soon(self._hold, watch)
                await self._stopping.wait()
                watch.cancel_scope.cancel()
            lost = not self._stopping.is_set()
            if lost:
                group.cancel_scope.cancel()
            else:
                self._drain(group)
        self._group = None
        return lost

    async def _lead(self) -> bool:
        """Waits for the stores and the lease; False if a stop was requested before."""
        async with anyio.create_task_group() as start:
            start.start_soon(self._cancel_on_stop, start)
            if self._elector is not None:
                await self._elector.acquire()
            start.cancel_scope.cancel()
        return not self._stopping.is_set()

    async def _cancel_on_stop(self, group: TaskGroup) -> None:
        await self._stopping.wait()
        group.cancel_scope.cancel()

    async def _hold(self, watch: TaskGroup) -> None:
        assert self._elector is not None
        await self._elector.hold()
        watch.cancel_scope.cancel()

    def _drain(self, group: TaskGroup) -> None:
        """Lets running reconciles end, for at most the grace; the task group waits for them."""
        _log.info("stopping", grace=self._grace)
        group.cancel_scope.deadline = anyio.current_time() + self._grace
        for controller in self._controllers:
            controller.stop()

    async def _release(self) -> None:
        if self._elector is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(_RELEASE):
                await self._elector.release()

    async def _listen(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for number in signals:
                if self._stopping.is_set():
                    _log.warning("second signal: leaving at once", signal=number)
                    os._exit(128 + number)
                _log.info("asked to stop", signal=number)
                self.stop()
