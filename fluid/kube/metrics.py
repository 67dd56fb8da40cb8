"""Prometheus metrics under the names that dashboards for controller-runtime already read."""

from prometheus_client import CollectorRegistry


class Metrics:
    """All metrics of one process.

    Attributes:
        registry: what /metrics shows.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
