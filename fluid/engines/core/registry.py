"""The engines that are installed, by runtime kind, found through Python entry points."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Generic

from fluid.engines.core.interface import EngineImplementation
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import Dataset, RuntimeStatus
from fluid.types import Key, KubeObject

ENTRY_POINT_GROUP = "fluid.engines"


@dataclass(frozen=True)
class OperationRequest(Generic[R]):
    """What is needed to build the workload of one data operation; policy OnEvent runs once, like Once."""

    operation: KubeObject
    dataset: Dataset
    runtime: R
    settings: Settings


@dataclass(frozen=True)
class Reference(Generic[R]):
    """A kind of object that runtimes name in their specs; a change of one wakes the runtimes that name it."""

    kind: type[KubeObject]
    keys: Callable[[R], Iterable[Key]]
    """The objects that a runtime names; namespace "" for cluster-wide kinds."""


@dataclass(frozen=True)
class EngineRegistration(Generic[R]):
    """How the generic controllers reach one engine."""

    kind: type[R]
    implementation: str
    """Name of the engine implementation, part of node labels and of `status.valueFile`, e.g. "jindocache"."""
    runtime_type: str
    """The `type` in a Dataset's `status.runtimes`, e.g. "jindo"."""
    finalizer: str
    status_of: Callable[[R], RuntimeStatus | None]
    """The runtime's status as it is at the API server."""
    build: Callable[[Snapshot[R], Results, Plan, Settings], EngineImplementation]
    """Makes the steps of one pass; never kept between passes."""
    ports_needed: Callable[[R], tuple[str, ...]]
    """Purposes of the host ports that the runtime needs, in allocation order; () on the container network."""
    live_ports: Callable[[Key, Sequence[KubeObject]], Mapping[str, int]]
    """The ports that a runtime's live objects record, by purpose: anybody may have made the objects."""
    capacities: Callable[[R], Mapping[str, int]]
    """Cache bytes of one worker by medium ("MEM", "SSD", "HDD"), from all tiers."""
    operations: Mapping[str, Callable[[OperationRequest[R]], list[KubeObject]]] = field(
        default_factory=dict[str, Callable[[OperationRequest[R]], list[KubeObject]]]
    )
    """Workload builders by operation kind, e.g. "DataLoad"; absent = not supported."""
    references: Sequence[Reference[R]] = ()
    """What else the runtimes name and the engine reads: in `Snapshot.references`, watched, and readable."""


@dataclass(frozen=True)
class Registry:
    """Registrations by runtime kind."""

    engines: Mapping[str, EngineRegistration[KubeObject]]

    @classmethod
    def discover(cls) -> "Registry":
        """Load every engine that installed distributions announce: functions that make a registration."""
        found: dict[str, EngineRegistration[KubeObject]] = {}
        for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
            make: Callable[[], EngineRegistration[KubeObject]] = entry.load()
            registration = make()
            found[registration.kind.__name__] = registration
        return cls(found)

    def of_type(self, runtime_type: str) -> EngineRegistration[KubeObject] | None:
        """The engine of a runtime type as a Dataset's status records it."""
        return next((one for one in self.engines.values() if one.runtime_type == runtime_type), None)
