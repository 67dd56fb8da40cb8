"""Prometheus metrics under the names that dashboards for controller-runtime already read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from fluid.types import Resource

Outcome = Literal["success", "error", "requeue_after", "terminal"]
OUTCOMES: tuple[Outcome, ...] = ("success", "error", "requeue_after", "terminal")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class ControllerMetrics:
    """The metrics of one controller and its queue."""

    results: Mapping[Outcome, Counter]
    errors: Counter
    seconds: Histogram
    active: Gauge
    depth: Gauge
    adds: Counter
    retries: Counter
    waited: Histogram


class Metrics:
    """All metrics of one process.

    Attributes:
        registry: what /metrics shows.
    """

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry: CollectorRegistry = registry
        by_controller, by_queue, by_kind = ("controller",), ("name",), ("resource",)
        self._results = Counter(
            "controller_runtime_reconcile",
            "Reconciles by result",
            ("controller", "result"),
            registry=registry,
        )
        self._errors = Counter(
            "controller_runtime_reconcile_errors", "Failed ones", by_controller, registry=registry
        )
        self._seconds = Histogram(
            "controller_runtime_reconcile_time_seconds",
            "Duration of a reconcile",
            by_controller,
            registry=registry,
            buckets=_SECONDS,
        )
        self._active = Gauge(
            "controller_runtime_active_workers", "Running now", by_controller, registry=registry
        )
        self._depth = Gauge("workqueue_depth", "Keys that wait", by_queue, registry=registry)
        self._adds = Counter("workqueue_adds", "Keys added", by_queue, registry=registry)
        self._retries = Counter(
            "workqueue_retries", "Keys added again after a failure", by_queue, registry=registry
        )
        self._waited = Histogram(
            "workqueue_queue_duration_seconds",
            "From due to taken",
            by_queue,
            registry=registry,
            buckets=_SECONDS,
        )
        self._skipped = Counter(
            "fluid_watch_skipped_objects", "Objects nobody can read", by_kind, registry=registry
        )
        self._relists = Counter(
            "fluid_watch_relists", "Watches that had to list again", by_kind, registry=registry
        )

    def skipped(self, resource: Resource) -> None:
        """Counts an object that could not be read at all."""
        self._skipped.labels(str(resource)).inc()

    def relisted(self, resource: Resource) -> None:
        """Counts a watch that lost its place."""
        self._relists.labels(str(resource)).inc()

    def controller(self, name: str) -> ControllerMetrics:
        """The metrics of one controller and its queue, all present from the start."""
        return ControllerMetrics(
            results={outcome: self._results.labels(name, outcome) for outcome in OUTCOMES},
            errors=self._errors.labels(name),
            seconds=self._seconds.labels(name),
            active=self._active.labels(name),
            depth=self._depth.labels(name),
            adds=self._adds.labels(name),
            retries=self._retries.labels(name),
            waited=self._waited.labels(name),
        )
