"""What the operator remembers: informers' stores over the simulated cluster, and results of queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fluid.controllers.context import BY_CLAIM, BY_LABEL, BY_OWNER
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery
from fluid.engines.testing.lifecycle.cluster import Cluster
from fluid.engines.testing.lifecycle.there import claimed_by
from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
    StatefulSet,
)
from fluid.naming import DATASET_ID, MANAGED_BY
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
CHILDREN = (StatefulSet, DaemonSet, Service, ConfigMap)


class Shelf(Generic[M]):
    """A store over the cluster's objects of one kind that the informer's selector lets through."""

    def __init__(self, cluster: Cluster, kind: type[M], selects: Callable[[KubeObject], bool]) -> None:
        self.cluster = cluster
        self.kind = kind
        self.selects = selects

    @property
    def store(self) -> "Shelf[M]":
        """Itself, as a reflector has a store."""
        return self

    def get(self, key: Key) -> M | None:
        """The object of a key, if the selector lets it through."""
        found = self.cluster.get(self.kind, key)
        return found if found is not None and self.selects(found) else None

    def all(self) -> list[M]:
        """All that the selector lets through."""
        return [obj for obj in self.cluster.all(self.kind) if self.selects(obj)]

    def by(self, index: str, value: str) -> list[M]:
        """Those with a value in an index."""
        return [obj for obj in self.all() if value in _indexed(index, obj)]


def _indexed(index: str, obj: KubeObject) -> list[str]:
    if index == BY_OWNER:
        return [owner.uid for owner in obj.metadata.owner_references or () if owner.controller]
    if index == BY_CLAIM and isinstance(obj, PersistentVolume):
        return [str(claimed_by(obj))]
    if index == BY_LABEL:
        return list(obj.metadata.labels or ())
    raise KeyError(index)


class Stores:
    """What `Informers` is to the controllers.

    Args:
        cluster: The simulated cluster.
        kind: The kind of runtime.
        children: Kinds that its chart renders beside those of every runtime.
    """

    def __init__(
        self, cluster: Cluster, kind: type[KubeObject], children: Sequence[type[KubeObject]] = ()
    ) -> None:
        def managed(obj: KubeObject) -> bool:
            return (obj.metadata.labels or {}).get(MANAGED_BY) == "fluid"

        def of_dataset(obj: KubeObject) -> bool:
            return DATASET_ID in (obj.metadata.labels or {})

        def everything(_: KubeObject) -> bool:
            return True

        self.owned: list[Shelf[KubeObject]] = [
            Shelf[KubeObject](cluster, kind, managed) for kind in dict.fromkeys((*CHILDREN, *children))
        ]
        self.pods: Shelf[Pod] = Shelf(cluster, Pod, managed)
        self.volumes: Shelf[PersistentVolume] = Shelf(cluster, PersistentVolume, of_dataset)
        self.claims: Shelf[PersistentVolumeClaim] = Shelf(cluster, PersistentVolumeClaim, of_dataset)
        self.datasets: Shelf[Dataset] = Shelf(cluster, Dataset, everything)
        self.runtimes: Shelf[KubeObject] = Shelf(cluster, kind, everything)
        self.nodes: Shelf[Node] = Shelf(cluster, Node, everything)


@dataclass
class ResultCache:
    """What is known of the queries of one runtime."""

    answers: dict[AnyQuery, object] = field(default_factory=dict[AnyQuery, object])
    waiting: list[AnyQuery] = field(default_factory=list[AnyQuery])
    fresh: set[AnyQuery] = field(default_factory=set[AnyQuery])
    useless: bool = False

    @property
    def failed(self) -> bool:
        """Whether an answer has to be asked for again."""
        return self.useless or any(query.is_failure(answer) for query, answer in self.answers.items())

    def knows(self, query: AnyQuery) -> bool:
        """Whether a query was answered."""
        return query in self.answers

    def clear(self) -> None:
        """Forget all answers."""
        self.answers.clear()

    def results(self, lasting: Mapping[AnyQuery, object]) -> Results:
        """What a pass gets to see; what was fresh is seen then."""
        fresh = frozenset(self.fresh)
        self.fresh.clear()
        return Results({**self.answers, **lasting}, fresh)
