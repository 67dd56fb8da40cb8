"""What the author of an engine writes: names, numbers, objects and commands of one cache system."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from fluid.engines.core.queries import Exec
from fluid.engines.core.statistics import CacheReport
from fluid.engines.core.teardown import CleanPolicy
from fluid.models import PersistentVolume, PersistentVolumeClaim
from fluid.types import KubeObject


@dataclass(frozen=True, slots=True)
class Workloads:
    """Names of the workloads of one cache; None for a component that the engine does not have."""

    master: str | None
    workers: str | None
    fuses: str


class CacheDescription(ABC):
    """One cache in one pass, as far as cache systems differ; `CacheEngine` has the steps over it."""

    runtime_type: str
    """`type` in a Dataset's `status.runtimes`."""

    @property
    @abstractmethod
    def workloads(self) -> Workloads:
        """Names of the workloads."""

    @property
    @abstractmethod
    def value_file(self) -> str:
        """Name of the values ConfigMap, which also names the engine implementation."""

    @property
    @abstractmethod
    def replicas(self) -> int:
        """Workers that the user wants."""

    @property
    @abstractmethod
    def master_replicas(self) -> int:
        """Masters that this engine runs for the user's wish; recorded at binding."""

    @property
    @abstractmethod
    def worker_selector(self) -> str:
        """Label selector of the workers' pods, for the scale subresource."""

    @abstractmethod
    def render(self) -> Sequence[KubeObject]:
        """All children, complete; raises `InvalidSpec` for what can never work."""

    @abstractmethod
    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim that publish the cache."""

    @abstractmethod
    def report_query(self) -> Exec | None:
        """The command that makes the cache report; None when there is nobody to ask."""

    @abstractmethod
    def parse_report(self, text: str) -> CacheReport | None:
        """Read the report; None when it is not understood."""

    def hcfs_endpoint(self) -> str | None:
        """Address for Hadoop-compatible clients, if the engine has one."""
        return None

    def clean_up_query(self) -> Exec | None:
        """The command that empties the cache before it goes away, if there is one."""
        return None

    @property
    def clean_policy(self) -> CleanPolicy:
        """How much is tried to empty it."""
        return CleanPolicy()
