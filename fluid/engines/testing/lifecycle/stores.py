# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What the operator remembers: informers' stores over the simulated cluster, and results of queries."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fluid.controllers.context import BY_CLAIM, BY_LABEL, BY_OWNER
from fluid.engines.core.queries import Query
from fluid.engines.testing.lifecycle.cluster import Cluster
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

CHILDREN = (StatefulSet, DaemonSet, Service, ConfigMap)


class Shelf:
    """A store over the cluster's objects of one kind that the informer's selector lets through."""

    def __init__(
        self, cluster: Cluster, kind: type[KubeObject], selects: Callable[[KubeObject], bool]
    ) -> None:
        self.store = self
        self.cluster: Cluster = cluster
        self.kind: type[KubeObject] = kind
        self.selects: Callable[[KubeObject], bool] = selects

    def get(self, key: Key) -> KubeObject | None:
        """The object of a key, if the selector lets it through."""
        found = self.cluster.get(self.kind, key)
        return found if found is not None and self.selects(found) else None

    def all(self) -> list[KubeObject]:
        """All that the selector lets through."""
        return [obj for obj in self.cluster.all(self.kind) if self.selects(obj)]

    def by(self, index: str, value: str) -> list[KubeObject]:
        """Those with a value in an index."""
        return [obj for obj in self.all() if value in _indexed(index, obj)]


def _indexed(index: str, obj: KubeObject) -> list[str]:
    match index:
        case name if name == BY_OWNER:
            return [owner.uid for owner in obj.metadata.owner_references or () if owner.controller]
        case name if name == BY_CLAIM:
            return [f"{obj.spec.claim_ref.namespace}/{obj.spec.claim_ref.name}"]
        case name if name == BY_LABEL:
            return list(obj.metadata.labels or ())
    raise KeyError(index)


class Stores:
    """What `Informers` is to the controllers."""

    def __init__(self, cluster: Cluster, kind: type[KubeObject]) -> None:
        def managed(obj: KubeObject) -> bool:
            return (obj.metadata.labels or {}).get(MANAGED_BY) == "fluid"

        def of_dataset(obj: KubeObject) -> bool:
            return DATASET_ID in (obj.metadata.labels or {})

        def everything(_: KubeObject) -> bool:
            return True

        self.owned: list[Shelf] = [Shelf(cluster, kind, managed) for kind in CHILDREN]
        self.pods: Shelf = Shelf(cluster, Pod, managed)
        self.volumes: Shelf = Shelf(cluster, PersistentVolume, of_dataset)
        self.claims: Shelf = Shelf(cluster, PersistentVolumeClaim, of_dataset)
        self.datasets: Shelf = Shelf(cluster, Dataset, everything)
        self.runtimes: Shelf = Shelf(cluster, kind, everything)
        self.nodes: Shelf = Shelf(cluster, Node, everything)


@dataclass
class ResultCache:
    """What is known of the queries of one runtime."""

    results: dict[Query, object] = field(default_factory=dict)
    waiting: list[Query] = field(default_factory=list)
    fresh: set[Query] = field(default_factory=set)
    useless: bool = False

    @property
    def failed(self) -> bool:
        """Whether an answer has to be asked for again."""
        return self.useless or any(
            answer is None or getattr(answer, "exit_code", 0) != 0 for answer in self.results.values()
        )
