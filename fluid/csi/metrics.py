"""Metrics of the node plugin."""

from prometheus_client import Counter, Gauge, Histogram

from fluid.csi.helper_pool import HelperPool
from fluid.kube.metrics import Metrics

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class PluginMetrics:
    """The metrics of the node plugin.

    Args:
        metrics: the metrics of the process.
        helpers: the pool whose helpers are counted.
    """

    def __init__(self, metrics: Metrics, helpers: HelperPool) -> None:
        registry = metrics.registry
        self._calls = Histogram(
            "fluid_csi_call_seconds",
            "Duration of a call of the kubelet",
            ("method", "code"),
            registry=registry,
            buckets=_SECONDS,
        )
        self._recoveries = Counter(
            "fluid_csi_fuse_recoveries",
            "Attempts to give a pod its volume back after its FUSE process was replaced",
            ("result",),
            registry=registry,
        )
        self._seconds = Histogram(
            "fluid_csi_fuse_recovery_seconds",
            "From the new FUSE mount to the verified read",
            registry=registry,
            buckets=_SECONDS,
        )
        self._succeeded = 0
        for result in ("succeed", "failed"):
            self._recoveries.labels(result)  # present from the start, so that a rate can be computed
        hanging = Gauge(
            "fluid_csi_helpers_hanging",
            "Helpers that no signal ends: a FUSE process hangs",
            registry=registry,
        )
        killed = Gauge("fluid_csi_helpers_killed", "Helpers that took too long", registry=registry)
        hanging.set_function(lambda: helpers.hanging)
        killed.set_function(lambda: helpers.killed)

    def call(self, method: str, code: str, seconds: float) -> None:
        """Count a call that was answered."""
        self._calls.labels(method, code).observe(seconds)

    def recovered(self, seconds: float) -> None:
        """Count a recovery that was verified by a read."""
        self._succeeded += 1
        self._recoveries.labels("succeed").inc()
        self._seconds.observe(seconds)

    @property
    def succeeded(self) -> int:
        """How many recoveries were verified."""
        return self._succeeded

    def failed(self) -> None:
        """Count a failed attempt."""
        self._recoveries.labels("failed").inc()
