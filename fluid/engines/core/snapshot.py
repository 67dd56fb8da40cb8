"""The snapshot that one pass reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from fluid.engines.core.references import Referred
from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    Node,
    OwnerReference,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StatefulSet,
)
from fluid.naming import Identity
from fluid.types import Key, KubeObject

R = TypeVar("R", bound=KubeObject)


@dataclass(frozen=True)
class Snapshot(Generic[R]):
    """Everything that one pass reads from the informers' stores, before it decides."""

    runtime: R
    dataset: Dataset | None
    identity: Identity
    """Names and labels of the bound Dataset; of the runtime's own name while there is none."""
    now: datetime
    children: Sequence[KubeObject] = ()
    """Live objects that the runtime controls."""
    pods: Sequence[Pod] = ()
    """Live pods of the runtime's workloads."""
    volume: PersistentVolume | None = None
    """The volume that serves this runtime's claim, by claimRef; never another tenant's."""
    volume_name_taken: bool = False
    """Whether another owner has a PersistentVolume with the name of this runtime's volume."""
    claim: PersistentVolumeClaim | None = None
    """The claim of the Dataset's name; `CREATED_BY` says whether Fluid created it."""
    nodes: Sequence[Node] = ()
    """Nodes that carry a label of this Dataset."""
    references: Sequence[KubeObject] = ()
    """Live objects that the runtime's spec names, of the kinds that its engine's registration lists."""
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    """Host ports given to this runtime, by purpose; empty on the container network."""
    sample_due: bool = False
    """Whether statistics, which nothing announces, are to be asked for in this pass."""
    load_running: bool = False
    """Whether a data operation runs on the Dataset."""
    referred: Referred | None = None
    """What the Dataset refers to, if it is a reference, or has a volume from when it was one."""
    referrers: Sequence[Key] = ()
    """References that the Dataset allows and that have a volume of its cache."""

    def with_ports(self, ports: Mapping[str, int]) -> "Snapshot[R]":
        """The same snapshot with the ports that were just allocated."""
        return replace(self, ports=ports)

    def statefulset(self, name: str) -> StatefulSet | None:
        """The live StatefulSet of that name, if the runtime controls one."""
        return next((o for o in self.children if isinstance(o, StatefulSet) and o.name == name), None)

    def daemonset(self, name: str) -> DaemonSet | None:
        """The live DaemonSet of that name, if the runtime controls one."""
        return next((o for o in self.children if isinstance(o, DaemonSet) and o.name == name), None)

    def config_map(self, name: str) -> ConfigMap | None:
        """The live ConfigMap of that name, if the runtime controls one."""
        return next((o for o in self.children if isinstance(o, ConfigMap) and o.name == name), None)

    def pod(self, name: str) -> Pod | None:
        """The live pod of that name, if it belongs to one of the runtime's workloads."""
        return next((pod for pod in self.pods if pod.name == name), None)

    @property
    def registered(self) -> bool:
        """Whether the Dataset records this runtime: setup was completed once."""
        status = self.dataset.status if self.dataset else None
        runtimes = (status.runtimes if status else None) or []
        return any(
            entry.name == self.runtime.name and entry.namespace == self.runtime.namespace
            for entry in runtimes
        )

    def owner_reference(self) -> OwnerReference:
        """The controller reference that every child carries."""
        return OwnerReference(
            api_version=self.runtime.resource.api_version,
            kind=self.runtime.resource.kind,
            name=self.runtime.name,
            uid=self.runtime.uid,
            controller=True,
            block_owner_deletion=False,
        )
