"""What one pass decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fluid.engines.core.faults import EngineFault
from fluid.engines.core.queries import ClaimUser
from fluid.engines.core.query import AnyQuery
from fluid.models import DatasetStatus, PersistentVolumeClaim, Pod, RuntimeStatus
from fluid.types import KubeObject


@dataclass(frozen=True, slots=True)
class PodAnnotations:
    """Annotations for a live pod, so that its kubelet updates its volumes at once and not within a minute."""

    pod: Pod
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """An event to record on the runtime or, with `on_dataset`, on its Dataset, or on a pod of its namespace.

    Attributes:
        type: Normal or Warning.
        reason: CamelCase word.
        message: Sentence for people.
        on_dataset: Whether it is an event of the Dataset.
        shown_by: Type of the condition that shows the same for as long as it lasts; "" if none does. There is
            an event when that condition comes or changes, and none while it stays.
        pod: The pod that it is about, if it is about one.
    """

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    on_dataset: bool = False
    shown_by: str = ""
    pod: ClaimUser | None = None


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
    spec_changed: bool = False
    """Whether the runtime's spec is another than that of which its status speaks."""
    children: list[KubeObject] = field(default_factory=list[KubeObject])
    """Objects to apply now."""
    keep: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(kind, name) of live children that stay although they are not applied now; the rest is pruned."""
    create: list[KubeObject] = field(default_factory=list[KubeObject])
    """Objects to create when absent and never to take over: volume and claim."""
    delete: list[KubeObject] = field(default_factory=list[KubeObject])
    """Live objects to delete, each by its UID."""
    remove_finalizers: list[PersistentVolumeClaim] = field(default_factory=list[PersistentVolumeClaim])
    """Claims in deletion that lose their finalizer although finished pods still use them."""
    annotate_pods: list[PodAnnotations] = field(default_factory=list[PodAnnotations])
    """Pods to annotate."""
    claim_labels: dict[str, str] = field(default_factory=dict[str, str])
    """Labels for the live claim, which the node plugin reads."""
    queries: list[AnyQuery] = field(default_factory=list[AnyQuery])
    partial: bool = False
    """Whether a query ended the pass early, so that lasting queries of later steps are still wanted."""
    useless: set[AnyQuery] = field(default_factory=set[AnyQuery])
    """Queries whose results make no sense, whatever the exit code says: asked again with back-off."""
    notices: list[Notice] = field(default_factory=list[Notice])
    waiting: Waiting | None = None
    rejection: Waiting | None = None
    """Why the specs are not followed, while the cache serves with the earlier ones."""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """Annotations to write on the runtime: counters that must survive the process."""
    requeue_after: float | None = None
    """Seconds until the next deadline that no watch announces."""
    sampled: bool = False
    """Whether this pass has taken the statistics of the cache, or the cache gives none."""
    finished: bool = False
    """Whether a deletion has nothing left to wait for."""
    fault: EngineFault | None = None
    """What failed in the engine's code, which is tried again with back-off."""

    def ask(self, query: AnyQuery) -> None:
        """Asks a query once; a later pass finds its result."""
        if query not in self.queries:
            self.queries.append(query)

    def wait(self, reason: str, message: str, *, problem: bool = False) -> None:
        """Record why the pass stops here; the first reason wins."""
        self.waiting = self.waiting or Waiting(reason, message, problem)

    def wake_within(self, seconds: float) -> None:
        """Ask for another pass within that many seconds."""
        self.requeue_after = seconds if self.requeue_after is None else min(seconds, self.requeue_after)
