"""The contract between the generic runtime reconciler and a cache system's engine.

An engine decides and never acts. A pass hands it one frozen `Observed` snapshot and the `Answers`
to the questions that it asked before; its steps fill in a `Plan`; the reconciler carries the plan
out. Every method is therefore synchronous and free of side effects: the same snapshot and answers
give the same plan, which is what the property tests drive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from fluid.kube import ExecResult
from fluid.models import (
    ConfigMap,
    CSIPersistentVolumeSource,
    DaemonSet,
    Dataset,
    DatasetStatus,
    Node,
    OwnerReference,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    RuntimeStatus,
    StatefulSet,
)
from fluid.naming import Identity
from fluid.types import Key, KubeObject

R = TypeVar("R", bound=KubeObject)


@dataclass(frozen=True, slots=True)
class Exec:
    """A question to the cache: one command in one container, bounded by `timeout` seconds."""

    pod: Key
    container: str
    command: tuple[str, ...]
    timeout: float = 30.0
    incarnation: str = ""
    """Which life of the pod is asked: after a restart the question is a new one."""
    background: bool = False
    """Whether the pass may be complete without it: it may take minutes, and nothing else waits for it."""
    again: bool = False
    """Whether it is asked a second time in one pass, because something was changed in between."""


@dataclass(frozen=True, slots=True)
class ReadConfigMap:
    """A question for the keys of a ConfigMap that a user owns."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClaimUsers:
    """A question for the pods that use a PersistentVolumeClaim and have not finished."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClaimUser:
    """A pod that uses a claim, and the node it runs on ("" before it is scheduled)."""

    name: str
    node: str


UNKNOWN_USER = ClaimUser("unknown (pods cannot be listed)", "")
"""Stands for whoever may use a claim when nobody could find out: the claim counts as used, on every node."""


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A question for the volume behind a PersistentVolumeClaim that a user owns."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClaimVolume:
    """The volume behind a user's claim.

    Attributes:
        csi: Its CSI source; None for a volume of another sort.
        mount_options: How it wants to be mounted.
    """

    csi: CSIPersistentVolumeSource | None = None
    mount_options: tuple[str, ...] = ()


Question = Exec | ReadConfigMap | ClaimUsers | ReadClaim


@dataclass(frozen=True, slots=True)
class Answers:
    """What the questions of this pass have brought so far; a missing entry is not answered yet."""

    commands: Mapping[Exec, ExecResult] = field(default_factory=dict[Exec, ExecResult])
    config_maps: Mapping[ReadConfigMap, frozenset[str] | None] = field(
        default_factory=dict[ReadConfigMap, frozenset[str] | None]
    )
    claim_users: Mapping[ClaimUsers, tuple[ClaimUser, ...]] = field(
        default_factory=dict[ClaimUsers, tuple[ClaimUser, ...]]
    )
    claim_volumes: Mapping[ReadClaim, ClaimVolume | None] = field(
        default_factory=dict[ReadClaim, ClaimVolume | None]
    )
    """None for a claim that is absent or not Bound."""
    fresh: frozenset[Question] = frozenset()
    """Questions whose answers no pass has seen yet: a failure counts once, however often it is looked at."""


@dataclass(frozen=True)
class Observed(Generic[R]):
    """Everything that one pass knows, read at once from the informers' stores."""

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
    """A PersistentVolume of the name that we would use belongs to somebody else."""
    claim: PersistentVolumeClaim | None = None
    """The claim of the Dataset's name, ours or not: see `CREATED_BY`."""
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

    def with_ports(self, ports: Mapping[str, int]) -> "Observed[R]":
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


@dataclass(frozen=True, slots=True)
class Touch:
    """Annotations for a live pod, so that its kubelet looks at its volumes at once instead of in a minute."""

    pod: Pod
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """An event to record on the runtime or, with `on_dataset`, on its Dataset."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    on_dataset: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a pass could not finish: a machine reason, and a message with the object and the next step.

    `problem` marks what will not pass by itself soon, and is shown at once; anything else is shown
    only when it lasts.
    """

    reason: str
    message: str
    problem: bool = False


@dataclass
class Plan:
    """What one pass decided, filled in by the steps and carried out by the reconciler."""

    status: RuntimeStatus
    dataset_status: DatasetStatus
    children: list[KubeObject] = field(default_factory=list[KubeObject])
    """Objects to apply now."""
    keep: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(kind, name) of live children that stay although they are not applied now; the rest is pruned."""
    create: list[KubeObject] = field(default_factory=list[KubeObject])
    """Objects to create when absent and never to take over: volume and claim."""
    delete: list[KubeObject] = field(default_factory=list[KubeObject])
    """Live objects to delete, each by its UID."""
    touch: list[Touch] = field(default_factory=list[Touch])
    """Pods to annotate."""
    questions: list[Question] = field(default_factory=list[Question])
    useless: set[Question] = field(default_factory=set[Question])
    """Questions whose answers make no sense, whatever the exit code says: asked again with back-off."""
    notices: list[Notice] = field(default_factory=list[Notice])
    waiting: Waiting | None = None
    objection: Waiting | None = None
    """Why the specs are not followed, although the cache serves as it was told before."""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """Annotations to record on the runtime: counters that must outlive the process."""
    requeue_after: float | None = None
    """Seconds until a deadline of the plan itself, when nothing announces it."""
    sampled: bool = False
    """Whether the cache's statistics were taken in this pass, or there is nobody to give any."""
    finished: bool = False
    """Whether a deletion has nothing left to wait for."""

    def ask(self, question: Question) -> None:
        """Ask once; the next pass finds the answer."""
        if question not in self.questions:
            self.questions.append(question)

    def wait(self, reason: str, message: str, *, problem: bool = False) -> None:
        """Record why the pass stops here; the first reason wins."""
        self.waiting = self.waiting or Waiting(reason, message, problem)

    def wake_within(self, seconds: float) -> None:
        """Ask for another pass within that many seconds."""
        self.requeue_after = seconds if self.requeue_after is None else min(seconds, self.requeue_after)


class UnderFileSystem(Protocol):
    """What is known of the sources behind the cache; None while it is not known."""

    def used_storage_bytes(self) -> int | None:
        """Bytes that the sources' files occupy."""
        ...

    def free_storage_bytes(self) -> int | None:
        """Bytes that the sources can still take."""
        ...

    def total_storage_bytes(self) -> int | None:
        """Bytes that the sources hold in all."""
        ...

    def total_file_nums(self) -> int | None:
        """Number of files in the sources."""
        ...


class Engine(Protocol):
    """One runtime's engine in one pass."""

    @property
    def id(self) -> str:
        """Namespace and name of the runtime, for logs."""
        ...

    def setup(self) -> bool:
        """Bring the cache up; True once it serves and is registered with its Dataset."""
        ...

    def create_volume(self) -> bool:
        """Publish the cache as a PersistentVolume and its claim; True once the claim is Bound."""
        ...

    def sync(self) -> None:
        """Follow changes of the specs and of the world; keep the status true."""
        ...

    def look_after(self) -> None:
        """Keep what runs going and the status true, while the specs ask for what cannot be."""
        ...

    def delete_volume(self) -> bool:
        """Withdraw claim and volume; True once both are gone."""
        ...

    def shutdown(self) -> bool:
        """Clean the cache, the labels and the children; True once nothing is left to wait for."""
        ...


class EngineImplementation(Protocol):
    """The steps that a cache system's author writes; `CacheEngine` has defaults for most.

    `should_*` are questions, the rest are actions on the plan; a bool says whether to go on.
    """

    @property
    def id(self) -> str: ...  # noqa: D102 - see Engine
    def validate(self) -> None:
        """Raise `InvalidSpec` for a runtime and Dataset that can never work."""
        ...

    def should_setup_master(self) -> bool: ...  # noqa: D102 - the names say it: §5 of the design
    def setup_master(self) -> None: ...  # noqa: D102
    def check_master_ready(self) -> bool: ...  # noqa: D102
    def should_check_ufs(self) -> bool: ...  # noqa: D102
    def prepare_ufs(self) -> bool: ...  # noqa: D102
    def should_setup_workers(self) -> bool: ...  # noqa: D102
    def setup_workers(self) -> None: ...  # noqa: D102
    def check_workers_ready(self) -> bool: ...  # noqa: D102
    def check_and_update_runtime_status(self) -> bool: ...  # noqa: D102
    def bind_to_dataset(self) -> None: ...  # noqa: D102
    def create_pv(self) -> bool: ...  # noqa: D102
    def create_pvc(self) -> bool: ...  # noqa: D102
    def delete_volume(self) -> bool: ...  # noqa: D102
    def sync_metadata(self) -> None: ...  # noqa: D102
    def sync_replicas(self) -> None: ...  # noqa: D102
    def sync_runtime(self) -> None: ...  # noqa: D102
    def check_runtime_healthy(self) -> bool: ...  # noqa: D102
    def update_cache_of_dataset(self) -> None: ...  # noqa: D102
    def should_update_ufs(self) -> bool: ...  # noqa: D102
    def update_on_ufs_change(self) -> bool: ...  # noqa: D102
    def restore_ufs(self) -> None:
        """Give a cache that has lost them the mounts that the Dataset's status records."""
        ...

    def sync_schedule_info_to_cache_nodes(self) -> None: ...  # noqa: D102
    def update_dataset_status(self) -> None: ...  # noqa: D102
    def assign_nodes_to_cache(self) -> frozenset[str]: ...  # noqa: D102
    def shutdown(self) -> bool: ...  # noqa: D102
