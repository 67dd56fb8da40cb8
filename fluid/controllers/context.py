"""What all controllers share: one set of narrow informers over everything that a step waits for.

No watch here is cluster-wide without a label selector, except those of Fluid's own kinds and of node
metadata, because other objects of a cluster can be many. Of objects that others label like Fluid's, only
short metadata is kept.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from fluid.controllers.plugin_calls import AllPluginCalls
from fluid.controllers.policies import NamespacePolicies
from fluid.engines.core.references import AddressError, address_of, recorded_address
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.kube import Connection, Entry, InformerFactory, Reflector
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.models import (
    ConfigMap,
    CronJob,
    DaemonSet,
    Dataset,
    Job,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
    StatefulSet,
)
from fluid.naming import DATASET_ID, GROUP, MANAGED_BY
from fluid.types import Key, KubeObject, Resource

M = TypeVar("M", bound=KubeObject)
MANAGED = f"{MANAGED_BY}=fluid"
PODS = f"{MANAGED_BY} in (fluid, fluid-operation)"
"""Selects pods that serve a cache, and pods of operations, which use its claim as a user's pod does."""
OF_DATASET = DATASET_ID
BY_OWNER = "owner"
"""Index: UID of the controller owner reference."""
BY_RUNTIME = "runtime"
"""Index of DaemonSets: see `runtime_value`."""
BY_CLAIM = "claim"
"""Index of volumes: "namespace/name" of the claim they are reserved for."""
BY_REFERRED = "referred"
"""Index of Datasets: the Datasets, as "namespace/name", that they refer to or have a volume of."""
BY_NODE = "node"
"""Index of pods: the node they run on."""
POD_FIELDS = (
    "spec.nodeName",
    "spec.containers[].name",
    "status.phase",
    "status.podIP",
    "status.conditions",
    "status.startTime",
    "status.containerStatuses",
    "status.initContainerStatuses",
)
"""What is kept of a pod: its node, address and state; its containers, because the model requires them."""
CLAIM_FIELDS = ("spec.volumeName", "status.phase")
"""What is kept of a claim; its annotations say who created it."""
BY_LABEL = "label"
"""Index of nodes: the keys of the labels they carry."""


def utc_now() -> datetime:
    """The wall clock in whole seconds, the precision of Kubernetes times."""
    return datetime.now(UTC).replace(microsecond=0)


def controller_uid(entry: Entry[KubeObject]) -> Iterable[str]:
    """The UID of the controller owner, for indexes."""
    owner = entry.controller
    return [owner.uid] if owner else []


def runtime_value(kind: type[KubeObject], key: Key) -> str:
    """The value of the index `BY_RUNTIME` for the FUSE pods of one runtime."""
    return f"{kind.resource.kind} {key}"


def _runtime_of(entry: Entry[DaemonSet]) -> Iterable[str]:
    owner = entry.controller
    return [f"{owner.kind} {Key(entry.key.namespace, owner.name)}"] if owner else []


def _claim_of(entry: Entry[PersistentVolume]) -> Iterable[str]:
    spec = entry.object.spec
    reference = spec.claim_ref if spec else None
    return [f"{reference.namespace}/{reference.name}"] if reference else []


def referred_values(entry: Entry[Dataset]) -> list[str]:
    """The values of the index `BY_REFERRED`.

    Raises:
        Malformed: the Dataset cannot be read.
    """
    dataset, found = entry.object, list[str]()
    with suppress(AddressError):
        if (address := address_of(dataset)) is not None:
            found.append(str(address.dataset))
    if (recorded := recorded_address(dataset)) is not None:
        found.append(str(recorded.dataset))
    return [*dict.fromkeys(found)]


def _node_of(entry: Entry[Pod]) -> Iterable[str]:
    spec = entry.object.spec
    return [spec.node_name] if spec and spec.node_name else []


def _resource(kind: type[KubeObject]) -> Resource:
    return kind.resource


def _label_keys(entry: Entry[Node]) -> Iterable[str]:
    return list(entry.labels)


@dataclass(frozen=True)
class Informers:
    """The reflectors over the objects that engines and operations create."""

    datasets: Reflector[Dataset]
    statefulsets: Reflector[StatefulSet]
    daemonsets: Reflector[DaemonSet]
    services: Reflector[Service]
    config_maps: Reflector[ConfigMap]
    pods: Reflector[Pod]
    volumes: Reflector[PersistentVolume]
    claims: Reflector[PersistentVolumeClaim]
    jobs: Reflector[Job]
    cron_jobs: Reflector[CronJob]
    nodes: Reflector[Node]
    more: Sequence[Reflector[KubeObject]] = ()
    """Reflectors over kinds of objects that only some kinds of runtimes and operations create."""

    @classmethod
    def by(
        cls,
        informer_factory: InformerFactory,
        namespace: str | None,
        groups: Iterable[str] = (),
        more: Iterable[type[KubeObject]] = (),
    ) -> "Informers":
        """Declare the reflectors.

        Args:
            informer_factory: creates the reflectors.
            namespace: the only namespace to watch; None means all.
            groups: API groups of runtimes and operations in addition to Fluid's own.
            more: kinds of objects that some of these runtimes and operations control.
        """
        ours = tuple(sorted({GROUP, *groups}))

        def made(model: type[M], *owners: str) -> Reflector[M]:
            return informer_factory.of(model, labels=MANAGED, namespace=namespace, owners=(*ours, *owners))

        informers = cls(
            datasets=informer_factory.of(Dataset, namespace=namespace),
            statefulsets=made(StatefulSet),
            daemonsets=made(DaemonSet),
            services=made(Service),
            config_maps=made(ConfigMap),
            pods=informer_factory.of(Pod, labels=PODS, namespace=namespace, keep=POD_FIELDS),
            volumes=informer_factory.of(PersistentVolume, labels=OF_DATASET),
            claims=informer_factory.of(
                PersistentVolumeClaim, labels=OF_DATASET, namespace=namespace, keep=CLAIM_FIELDS
            ),
            jobs=made(Job, "batch/CronJob"),
            cron_jobs=made(CronJob),
            nodes=informer_factory.of(Node, metadata_only=True),
        )
        known = {one.store.model for one in informers.owned}
        informers = replace(informers, more=[made(kind) for kind in sorted({*more}, key=_resource)])
        for one in informers.more:
            if one.store.model not in known:
                one.add_index(BY_OWNER, controller_uid)
        for owned in informers.owned:
            owned.add_index(BY_OWNER, controller_uid)
        informers.pods.add_index(BY_OWNER, controller_uid)
        informers.pods.add_index(BY_NODE, _node_of)
        informers.daemonsets.add_index(BY_RUNTIME, _runtime_of)
        informers.datasets.add_index(BY_REFERRED, referred_values)
        informers.volumes.add_index(BY_CLAIM, _claim_of)
        informers.nodes.add_index(BY_LABEL, _label_keys)
        return informers

    @property
    def owned(
        self,
    ) -> tuple[
        Reflector[StatefulSet],
        Reflector[DaemonSet],
        Reflector[Service],
        Reflector[ConfigMap],
        Reflector[Job],
        Reflector[CronJob],
    ]:
        """Reflectors over kinds whose objects a runtime or an operation controls."""
        return (
            self.statefulsets,
            self.daemonsets,
            self.services,
            self.config_maps,
            self.jobs,
            self.cron_jobs,
        )

    def of_kinds(self, kinds: Collection[type[KubeObject]]) -> list[Reflector[KubeObject]]:
        """The reflectors over objects of these kinds that a runtime or an operation controls."""
        return [one for one in self.more if one.store.model in kinds]

    def beyond(self, kinds: Collection[type[KubeObject]]) -> list[Reflector[KubeObject]]:
        """As `of_kinds`, without those that `owned` has."""
        known = {one.store.model for one in self.owned}
        return [one for one in self.of_kinds(kinds) if one.store.model not in known]

    def controlled(self, uid: str, kinds: Collection[type[KubeObject]]) -> list[KubeObject]:
        """The live objects of these kinds that the object with this UID controls."""
        return [obj for one in self.of_kinds(kinds) for obj in one.store.by(BY_OWNER, uid)]


@dataclass(frozen=True)
class Context:
    """Everything a reconciler may use; created once per process and passed down."""

    connection: Connection
    informer_factory: InformerFactory
    recorder: Recorder
    metrics: Metrics
    registry: Registry
    settings: Settings
    informers: Informers
    namespace: str | None = None
    """The only namespace to serve; None for all."""
    clock: Callable[[], datetime] = field(default=utc_now)
    policies: NamespacePolicies | None = None
    """What runtimes may demand of nodes, by namespace; None allows everything."""
    calls: AllPluginCalls = field(default_factory=AllPluginCalls)
    """How all controllers call code of engines and of kinds of operations."""

    def settings_of(self, namespace: str) -> Settings | None:
        """The settings for a namespace, with its runtime policies; None while the policies are not known."""
        return self.policies.of(namespace) if self.policies else self.settings
