"""What is installed: engines and kinds of data operation, found through Python entry points."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Generic

from fluid.engines.core.interface import EngineImplementation
from fluid.engines.core.operation import OperationRegistration, OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import RuntimeStatus
from fluid.types import Key, KubeObject

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ENGINES, OPERATIONS = "fluid.engines", "fluid.operations"
"""Groups of the entry points that announce engines and kinds of data operation."""


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
    """Workload builders by the kind of operation; what has none is not supported, unless the operation brings
    one for all engines."""
    references: Sequence[Reference[R]] = ()
    """What else the runtimes name and the engine reads: in `Snapshot.references`, watched, and readable."""
    settings: "type[DataclassInstance] | None" = None
    """Its settings class, see `variables`; `Settings.of` gives them."""


@dataclass(frozen=True)
class Registry:
    """What is installed: engines by runtime kind, and data operations by their kind."""

    engines: Mapping[str, EngineRegistration[KubeObject]]
    operations: Mapping[str, OperationRegistration[KubeObject]] = field(
        default_factory=dict[str, OperationRegistration[KubeObject]]
    )

    @classmethod
    def discover(cls) -> "Registry":
        """Load what installed distributions announce: functions that make a registration."""
        engines: dict[str, EngineRegistration[KubeObject]] = {}
        for entry in sorted(entry_points(group=ENGINES), key=lambda one: one.name):
            make: Callable[[], EngineRegistration[KubeObject]] = entry.load()
            engine = make()
            engines[engine.kind.__name__] = engine
        operations: dict[str, OperationRegistration[KubeObject]] = {}
        for entry in sorted(entry_points(group=OPERATIONS), key=lambda one: one.name):
            describe: Callable[[], OperationRegistration[KubeObject]] = entry.load()
            operation = describe()
            operations[operation.name] = operation
        return cls(engines, operations)

    @property
    def controlled_kinds(self) -> frozenset[type[KubeObject]]:
        """Kinds of objects that operations make beside those of every operation."""
        return frozenset(kind for one in self.operations.values() for kind in one.workloads)

    def settings(self, environment: Mapping[str, str]) -> Settings:
        """What an administrator has set for all runtimes, and for those of each engine."""
        return Settings.from_environment(
            environment, self.settings_classes, sorted(one.runtime_type for one in self.engines.values())
        )

    @property
    def settings_classes(self) -> "list[type[DataclassInstance]]":
        """The settings classes of engines."""
        return [one.settings for one in self.engines.values() if one.settings is not None]

    def of_type(self, runtime_type: str) -> EngineRegistration[KubeObject] | None:
        """The engine of a runtime type as a Dataset's status records it."""
        return next((one for one in self.engines.values() if one.runtime_type == runtime_type), None)
