"""Metrics of the node plugin."""

from prometheus_client import Counter, Gauge, Histogram

from fluid.csi.helper_pool import HelperPool
from fluid.kube.metrics import Metrics

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class PluginMetrics:
    """What the plugin counts.

    Args:
        metrics: those of the process.
        helpers: whose kills are counted.
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
            self._recoveries.labels(result)  # there from the start, so that a rate has a beginning
        hanging = Gauge(
            "fluid_csi_helpers_hanging",
            "Helpers that no signal ends: a FUSE process hangs",
            registry=registry,
        )
        killed = Gauge("fluid_csi_helpers_killed", "Helpers that took too long", registry=registry)
        hanging.set_function(lambda: helpers.hanging)
        killed.set_function(lambda: helpers.killed)

    def call(self, method: str, code: str, seconds: float) -> None:
        """A call was answered."""
        self._calls.labels(method, code).observe(seconds)

    def recovered(self, seconds: float) -> None:
        """A pod reads again, which was verified."""
        self._succeeded += 1
        self._recoveries.labels("succeed").inc()
        self._seconds.observe(seconds)

    @property
    def succeeded(self) -> int:
        """How often a pod reads again."""
        return self._succeeded

    def failed(self) -> None:
        """A pod does not read yet."""
        self._recoveries.labels("failed").inc()
