"""Starts everything in order, listens to signals, and stops everything in order within a bounded time."""

from collections.abc import Sequence

from fluid.kube.controller import Controller
from fluid.kube.events import Recorder
from fluid.kube.health import HealthServer
from fluid.kube.informers import Informers
from fluid.kube.lease import Elector


class Manager:
    """The life of an operator process: servers, informers, lease, controllers; and back.

    Args:
        informers: shared reflectors.
        controllers: what to run.
        recorder: events.
        elector: leader election; None: always lead.
        health_address: ``HOST:PORT`` of /healthz and /readyz; ``none``: off.
        metrics_address: ``HOST:PORT`` of /metrics; ``none``: off.
        grace: seconds that running reconciles get when the process is asked to stop.
    """

    def __init__(
        self,
        informers: Informers,
        controllers: Sequence[Controller],
        *,
        recorder: Recorder,
        elector: Elector | None = None,
        health_address: str = "none",
        metrics_address: str = "none",
        grace: float = 30.0,
    ) -> None:
        raise NotImplementedError

    def add(self, controller: Controller) -> None:
        """Starts a further controller, now or as soon as the others start."""
        raise NotImplementedError

    async def run(self) -> None:
        """Runs until SIGTERM or SIGINT (or `stop`); a second signal ends the process at once.

        Raises:
            LeaseLost: another process leads now.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Asks for an orderly stop, like SIGTERM."""
        raise NotImplementedError
