"""The registration of an engine: one record with everything that other parts need to know."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypedDict

from fluid.charts import ChartValues
from fluid.engines.core.demands import Demands
from fluid.engines.core.distributions import Crd
from fluid.engines.core.faults import Plugin
from fluid.engines.core.interface import EngineImplementation
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.query import QueryKind
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import PolicyRule, RuntimeStatus
from fluid.naming import runtime_finalizer
from fluid.types import Key, KubeObject

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class More(TypedDict, total=False):
    """Fields that are about neither ports nor passes; `EngineRegistration` documents them."""

    queries: Sequence[QueryKind]
    settings: "type[DataclassInstance] | None"
    values: Mapping[str, type[ChartValues]]
    crds: Sequence[Crd]
    children: Sequence[type[KubeObject]]
    rules: Sequence[PolicyRule]
    demands: Demands


@dataclass(frozen=True)
class Reference(Generic[R]):
    """A kind of object that runtimes name in their specs; a change of one wakes the runtimes that name it."""

    kind: type[KubeObject]
    keys: Callable[[R], Iterable[Key]]
    """The objects that a runtime names; namespace "" for cluster-wide kinds."""


def _no_ports(_: KubeObject) -> tuple[str, ...]:
    return ()


def _no_live_ports(_: Key, __: Sequence[KubeObject]) -> Mapping[str, int]:
    return {}


def _no_capacity(_: KubeObject) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class EngineRegistration(Generic[R]):
    """One engine: everything that the operator, `fluid render` and `fluid manifests` have to know of it.

    Guarantees:
        An engine whose registration is refused leaves its kind without an operator and nothing else. Nothing
        here is called before the first object of the kind is there, except by `fluid manifests`.
    Errors:
        What the functions may raise is said by each; anything else is told on the object that it was called
        for, and tried again with back-off.
    """

    kind: type[R]
    """The model of its runtimes, whose `status` is a `RuntimeStatus`; `fluid.kinds` announces it as well."""
    runtime_type: str
    """The `type` in a Dataset's `status.runtimes`."""
    implementation: str
    """Name of the engine implementation, part of node labels and of `status.valueFile`."""
    interface: str
    """The version of the interface that it was written for: see `fluid.engines.core.distributions`."""
    build: Callable[[Snapshot[R], Results, Plan, Settings], EngineImplementation]
    """Makes the steps of one pass; never kept between passes."""
    ports_needed: Callable[[R], tuple[str, ...]] = _no_ports
    """Purposes of the host ports that a runtime needs, in allocation order; () on the container network."""
    live_ports: Callable[[Key, Sequence[KubeObject]], Mapping[str, int]] = _no_live_ports
    """The ports that live objects of a runtime record, by purpose: anybody may have made the objects."""
    capacities: Callable[[R], Mapping[str, int]] = _no_capacity
    """Cache bytes of one worker by medium ("MEM", "SSD", "HDD"), from all tiers; node labels have them.
    Asked once for each generation: they depend on the spec alone."""
    operations: Mapping[str, Callable[[OperationRequest[R]], list[KubeObject]]] = field(
        default_factory=dict[str, Callable[[OperationRequest[R]], list[KubeObject]]]
    )
    """Workload builders by the kind of operation; what has none is not supported, unless the operation brings
    one for all engines."""
    carries_references: Callable[[R], bool] | None = None
    """Whether a runtime may stand beside a Dataset that refers to another one: it has no cache then, and
    nothing of the engine is asked about it. None for kinds that never do. The operator makes such runtimes
    itself, with an empty spec, of the first kind that does."""
    references: Sequence[Reference[R]] = ()
    """What else the runtimes name and the engine reads: in `Snapshot.references`, watched, and readable."""
    queries: Sequence[QueryKind] = ()
    """Its own kinds of query, with their handlers and rights; see `Query.answered_by`."""
    settings: "type[DataclassInstance] | None" = None
    """Its settings class, see `variables`; `Settings.of` gives them."""
    values: Mapping[str, type[ChartValues]] = field(default_factory=dict[str, type[ChartValues]])
    """Values models of its charts by the name in Chart.yaml: `fluid render --chart` checks values by them."""
    crds: Sequence[Crd] = ()
    """CRDs of its kinds; without any, what `fluid codegen` wrote to the folder `crds` of its package."""
    children: Sequence[type[KubeObject]] = ()
    """Namespaced kinds that its chart renders beside StatefulSet, DaemonSet, Service and ConfigMap, such as
    Ingress: watched, pruned, and in the operator's rights. Objects need the label
    `fluid.io/managed-by: fluid`."""
    rules: Sequence[PolicyRule] = ()
    """Rights of the operator that it needs beyond its kinds and children; `fluid manifests` prints them."""
    demands: Demands = field(default_factory=Demands)
    """What specs demand of nodes, beside and in place of what `spec_demands` finds in the model."""
    distribution: str = ""
    """Name and version of the distribution that brings it, for messages; the registry fills it in."""

    @property
    def kinds(self) -> list[type[KubeObject]]:
        """The kind, and those that its objects name."""
        return [self.kind, *(one.kind for one in self.references)]

    @property
    def finalizer(self) -> str:
        """The finalizer that holds a runtime until its cache is cleaned up."""
        return runtime_finalizer(self.runtime_type)

    @property
    def plugin(self) -> Plugin:
        """Whose code it is, for what is told when that fails."""
        of = f" of {self.distribution}" if self.distribution else ""
        return Plugin(f"engine {self.implementation}{of}", self.kind.__module__.partition(".")[0])

    def status_of(self, runtime: R) -> RuntimeStatus | None:
        """The runtime's status as it is at the API server."""
        status = getattr(runtime, "status", None)
        return status if isinstance(status, RuntimeStatus) else None
