"""The HTTP pages of a process: health, readiness and metrics."""

from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

import anyio
import structlog
from prometheus_client import CollectorRegistry

from fluid.kube.health import Check, HealthServer

_BEAT = 1.0
_STUCK = 15.0
_log = structlog.get_logger("fluid.kube.pages")


class Pages:
    """/healthz, /readyz and /metrics; healthy means that the event loop makes progress.

    Args:
        health_address: ``HOST:PORT`` of /healthz and /readyz; ``none``: off.
        metrics_address: ``HOST:PORT`` of /metrics; ``none``: off.
        ready: the reasons why the process is not ready, one sentence each.
        registry: metrics to serve.

    Attributes:
        health: the server of /healthz and /readyz.
        metrics: the server of /metrics.

    Raises:
        ValueError: an address is not ``HOST:PORT``.
    """

    def __init__(
        self, health_address: str, metrics_address: str, *, ready: Check, registry: CollectorRegistry
    ) -> None:
        self.health: HealthServer = HealthServer(health_address, healthy=self._unhealthy, ready=ready)
        self.metrics: HealthServer = HealthServer(metrics_address, registry=registry)
        self._beat = monotonic()

    async def pulse(self) -> None:
        """Proves that the event loop runs, until cancelled."""
        while True:
            self._beat = monotonic()
            await anyio.sleep(_BEAT)

    @contextmanager
    def served(self) -> Generator[None]:
        """Serves both inside the block.

        Raises:
            OSError: an address cannot be listened on.
        """
        try:
            for name, server in (("health", self.health), ("metrics", self.metrics)):
                server.start()
                if server.port:
                    _log.info("listening", server=name, port=server.port)
            yield
        finally:
            self.health.stop()
            self.metrics.stop()

    def _unhealthy(self) -> list[str]:
        silence = monotonic() - self._beat
        return [f"the event loop has not answered for {silence:.0f} s"] if silence > _STUCK else []
