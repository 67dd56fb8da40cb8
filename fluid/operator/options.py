"""What an operator process is told on its command line."""

from dataclasses import dataclass
from pathlib import Path

from fluid.controllers.ports import DEFAULT_RANGE
from fluid.engines.core.runtime_policy import RuntimePolicies


@dataclass(frozen=True)
class Options:
    """Settings of one operator process.

    Attributes:
        controllers: what to host, ``dataset``, or kinds in lower case; empty for all.
        namespace: the only namespace to serve; None for all.
        workers: keys that each controller handles at once.
        leader_elect: whether to wait for a Lease before doing anything.
        lease_namespace: where that Lease is.
        metrics_address: ``HOST:PORT`` of /metrics; port 0 for a free one, ``none`` for off.
        health_address: the same for /healthz and /readyz.
        stats_interval: seconds between samples of a cache's figures while they change.
        ports: host ports to give to caches.
        kubeconfig: file to connect with; None for the environment's or the cluster's own.
        grace: seconds that running reconciles get at the end.
        policies: what runtimes may demand of nodes; None for anything.
    """

    controllers: tuple[str, ...] = ()
    namespace: str | None = None
    workers: int = 16
    leader_elect: bool = False
    lease_namespace: str = "fluid-system"
    metrics_address: str = "127.0.0.1:8080"
    health_address: str = "127.0.0.1:8081"
    stats_interval: float = 15.0
    ports: range = DEFAULT_RANGE
    kubeconfig: Path | None = None
    grace: float = 30.0
    policies: RuntimePolicies | None = None

    @property
    def lease(self) -> str:
        """Name of the Lease: processes that host different controllers do not wait for each other."""
        return f"{'-'.join(sorted(self.controllers)) or 'fluid'}.data.fluid.io"

    def hosts(self, controller: str) -> bool:
        """Whether a controller runs in this process."""
        return not self.controllers or controller in self.controllers
