"""What one pass over an operation reads, and what it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fluid.controllers.operations.dependency import Peers
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.outcomes import Blocker, Refusal
from fluid.controllers.operations.progress import Progress
from fluid.controllers.operations.workload import cron_job_of, current
from fluid.engines.core.operation import OperationSpec
from fluid.engines.core.plan import Notice
from fluid.models import ConfigMap, CronJob, Dataset, Job, OperationStatus
from fluid.types import KubeObject


@dataclass(frozen=True)
class OperationSnapshot:
    """Everything that one pass reads from the stores, before it decides.

    Attributes:
        id: the operation.
        generation: its metadata.generation.
        deleting: whether its deletion was asked for.
        spec: the shared part of its spec.
        status: its status; empty phase before the first write.
        dataset: the Dataset that it names.
        supported: whether the Dataset's engine carries out this kind.
        peers: looks up other operations.
        served: kinds of operations that this operator carries out.
        now: the time.
        children: live objects that the operation controls.
        runs: live Jobs that its CronJob controls.
        progress: what the pod of the current Job reports.
        node_labels: labels of the node where that pod ran; empty if unknown.
        refusal: why its kind says that it can never run as it is written.
        anywhere: whether it may run after operations of other namespaces.
        workload: the objects that it needs, or why there are none; None while nobody has asked.
    """

    id: OperationId
    generation: int
    deleting: bool
    spec: OperationSpec
    status: OperationStatus
    dataset: Dataset | None
    supported: bool
    peers: Peers
    served: frozenset[str]
    now: datetime
    children: Sequence[KubeObject] = ()
    runs: Sequence[Job] = ()
    progress: Progress = field(default_factory=Progress)
    node_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: Refusal | None = None
    anywhere: bool = False
    workload: Sequence[KubeObject] | Blocker | None = None

    @property
    def cron_job(self) -> CronJob | None:
        """The live CronJob."""
        return cron_job_of(self.children)

    @property
    def job(self) -> Job | None:
        """The current Job: the newest run of the CronJob, else the only one."""
        return current(self.children, self.runs)

    @property
    def jobs(self) -> list[Job]:
        """All live Jobs: the operation's own, and the runs of its CronJob."""
        return [*(one for one in self.children if isinstance(one, Job)), *self.runs]

    @property
    def beside(self) -> list[KubeObject]:
        """Live objects other than Jobs, CronJobs and ConfigMaps; they are needed only while a Job runs."""
        return [one for one in self.children if not isinstance(one, Job | CronJob | ConfigMap)]

    @property
    def edited(self) -> bool:
        """Whether the spec has changed since the last status."""
        return self.status.observed_generation not in (None, self.generation)


@dataclass(frozen=True)
class Decision:
    """What one pass decided.

    Attributes:
        status: the status as it should be.
        adopt: add the finalizer and the Dataset as owner.
        locked: whether the Dataset should record the operation as running: while a Job of it is live.
        needs_workload: decide again with `OperationSnapshot.workload` filled in.
        apply: the objects to be live, in place of any other Job or CronJob; empty to leave them alone.
        delete: live objects to delete.
        expire: delete the operation itself.
        release: remove the finalizer.
        notices: events to record.
        requeue_after: seconds until the next deadline.
    """

    status: OperationStatus
    adopt: bool = False
    locked: bool = False
    needs_workload: bool = False
    apply: Sequence[KubeObject] = ()
    delete: Sequence[KubeObject] = ()
    expire: bool = False
    release: bool = False
    notices: Sequence[Notice] = field(default_factory=tuple[Notice, ...])
    requeue_after: float | None = None
