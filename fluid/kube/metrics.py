"""Prometheus metrics under the names that dashboards for controller-runtime already read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from fluid.types import Resource

Outcome = Literal["success", "error", "requeue_after", "terminal"]
OUTCOMES: tuple[Outcome, ...] = ("success", "error", "requeue_after", "terminal")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class QueueFigures(Protocol):
    """Figures of a queue, computed in another thread when metrics are read, at no cost for reconciles."""

    @property
    def depth(self) -> int:
        """Keys that are due."""
        ...

    def busy_seconds(self) -> Sequence[float]:
        """For how long each taken key has been."""
        ...


@dataclass(frozen=True, slots=True)
class ControllerMetrics:
    """The metrics of one controller and its queue that are updated on each event."""

    results: Mapping[Outcome, Counter]
    errors: Counter
    over_budget: Counter
    seconds: Histogram
    active: Gauge
    adds: Counter
    retries: Counter
    waited: Histogram
    worked: Histogram


class Metrics:
    """All metrics of one process.

    Attributes:
        registry: what /metrics shows.
    """

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry: CollectorRegistry = registry
        ProcessCollector(registry=registry)
        by_controller, by_kind = ("controller",), ("resource",)
        self._results = Counter(
            "controller_runtime_reconcile",
            "Reconciles by result",
            ("controller", "result"),
            registry=registry,
        )
        self._errors = Counter(
            "controller_runtime_reconcile_errors", "Failed ones", by_controller, registry=registry
        )
        self._over_budget = Counter(
            "fluid_reconcile_over_cpu_budget",
            "Reconciles that took more CPU time than one object may",
            by_controller,
            registry=registry,
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
        self._workers = Gauge(
            "controller_runtime_max_concurrent_reconciles", "Workers", by_controller, registry=registry
        )
        self._queue = _QueueMetrics(registry)
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
        """Counts a watch that had to list again."""
        self._relists.labels(str(resource)).inc()

    def requests(self, host: str, counts: Mapping[tuple[str, str], int]) -> None:
        """Shows how many requests were sent to the API server, by code and method.

        Args:
            host: the API server.
            counts: by code and method; read whenever metrics are.
        """
        self.registry.register(_Requests(host, counts))

    def controller(self, name: str, workers: int, queue: QueueFigures) -> ControllerMetrics:
        """The metrics of one controller and its queue; all are exported from the start."""
        self._workers.labels(name).set(workers)
        own = self._queue
        own.depth.labels(name).set_function(lambda: queue.depth)
        own.unfinished.labels(name).set_function(lambda: sum(queue.busy_seconds()))
        own.longest.labels(name).set_function(lambda: max(queue.busy_seconds(), default=0.0))
        return ControllerMetrics(
            results={outcome: self._results.labels(name, outcome) for outcome in OUTCOMES},
            errors=self._errors.labels(name),
            over_budget=self._over_budget.labels(name),
            seconds=self._seconds.labels(name),
            active=self._active.labels(name),
            adds=own.adds.labels(name),
            retries=own.retries.labels(name),
            waited=own.waited.labels(name),
            worked=own.worked.labels(name),
        )


class _QueueMetrics:
    """The metrics of work queues, under the names and with the meaning of client-go."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"workqueue_{name}", text, ("name",), registry=registry)

        def counter(name: str, text: str) -> Counter:
            return Counter(f"workqueue_{name}", text, ("name",), registry=registry)

        def histogram(name: str, text: str) -> Histogram:
            return Histogram(f"workqueue_{name}", text, ("name",), registry=registry, buckets=_SECONDS)

        self.depth = gauge("depth", "Keys that are due")
        self.adds = counter("adds", "How often a key became due")
        self.retries = counter("retries", "Keys added again after a failure")
        self.waited = histogram("queue_duration_seconds", "From due to taken")
        self.worked = histogram("work_duration_seconds", "From taken to done")
        self.unfinished = gauge("unfinished_work_seconds", "For how long the taken keys have been, summed up")
        self.longest = gauge(
            "longest_running_processor_seconds", "For how long the first of the taken keys has been"
        )


class _Requests(Collector):
    """Requests to the API server: counted in a plain mapping, converted to metrics when they are read."""

    def __init__(self, host: str, counts: Mapping[tuple[str, str], int]) -> None:
        self._host = host
        self._counts = counts

    def describe(self) -> Iterator[Metric]:
        """The metric without samples."""
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        """The metric as it is now."""
        family = self._family()
        for (code, method), count in sorted({**self._counts}.items()):
            family.add_metric((code, method, self._host), count)
        yield family

    @staticmethod
    def _family() -> CounterMetricFamily:
        labels = ("code", "method", "host")
        return CounterMetricFamily("rest_client_requests", "Requests to the API server", labels=labels)
