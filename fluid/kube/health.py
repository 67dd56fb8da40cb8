"""/healthz, /readyz and /metrics on a plain HTTP server in a daemon thread."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

Check = Callable[[], list[str]]
"""Returns what is wrong, one sentence each; empty means well. Called from another thread."""


class HealthServer:
    """Serves health, readiness and metrics.

    Args:
        address: ``HOST:PORT``; port 0 takes a free one (see `port`); ``none`` serves nothing.
        healthy: for /healthz; None leaves the path out, as with the others.
        ready: for /readyz.
        registry: for /metrics.

    Raises:
        ValueError: the address is not ``HOST:PORT``.
    """

    def __init__(
        self,
        address: str,
        *,
        healthy: Check | None = None,
        ready: Check | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The port in use; 0 when nothing is served."""
        raise NotImplementedError

    def start(self) -> None:
        """Starts to listen.

        Raises:
            OSError: the address cannot be used.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Stops listening."""
        raise NotImplementedError
