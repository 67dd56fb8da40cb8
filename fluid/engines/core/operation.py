"""The registration of a kind of data operation: one record, which an entry point announces.

The record says what kind it is, what its specs have in common with those of other kinds, what can never
run, and who builds the workload. The phases of an operation are the same for all kinds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from fluid.charts import ChartValues
from fluid.engines.core.demands import Demands
from fluid.engines.core.distributions import Crd
from fluid.engines.core.faults import Plugin
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R
from fluid.models import Dataset, OperationRef, OperationStatus
from fluid.naming import operation_finalizer
from fluid.types import Key, KubeObject

OperationT = TypeVar("OperationT", bound=KubeObject)
ONCE, CRON, ON_EVENT = "Once", "Cron", "OnEvent"
"""Policies: when an operation runs."""


@dataclass(frozen=True)
class OperationRequest(Generic[R]):
    """What is needed to build the workload of one data operation; policy OnEvent runs once, like Once.

    Attributes:
        operation: The operation, of the kind that the builder was registered for.
        dataset: The Dataset that it works on.
        runtime: The runtime of that Dataset.
        settings: What the administrator set.
    """

    operation: KubeObject
    dataset: Dataset
    runtime: R
    settings: Settings


Builder = Callable[[OperationRequest[KubeObject]], list[KubeObject]]
"""Makes the objects that an operation needs: one Job or CronJob, and what goes with it.

Guarantees that it has to keep: it does no IO, and the same request gives the same objects, all in the
namespace of the operation. It raises `InvalidSpec` for what can never run.
"""


class CommonFields(Protocol):
    """The fields that the specs of all kinds of operation have."""

    @property
    def policy(self) -> str | None:
        """Once, Cron or OnEvent; Once if empty."""
        ...

    @property
    def schedule(self) -> str | None:
        """Cron expression."""
        ...

    @property
    def ttl_seconds_after_finished(self) -> int | None:
        """Seconds after the end until the operation is deleted."""
        ...

    @property
    def run_after(self) -> OperationRef | None:
        """The operation that has to be complete first."""
        ...


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """The part of a spec that all kinds share.

    Attributes:
        dataset: the Dataset that the operation works on; None when the spec names none.
        policy: Once, Cron or OnEvent.
        schedule: cron expression; empty when there is none.
        ttl: seconds after the end until the operation is deleted; None for never.
        run_after: the operation that has to be complete first.
        scripts: whether the pods need a ConfigMap that is made with the workload.
        beside: kinds of further objects that this operation needs beside its Job, as `workloads` of its
            registration lists them.
    """

    dataset: Key | None
    policy: str = ONCE
    schedule: str = ""
    ttl: int | None = None
    run_after: OperationRef | None = None
    scripts: bool = True
    beside: tuple[type[KubeObject], ...] = ()

    @classmethod
    def of(
        cls,
        spec: CommonFields,
        dataset: Key | None,
        *,
        scripts: bool = True,
        beside: tuple[type[KubeObject], ...] = (),
    ) -> "OperationSpec":
        """What a spec says."""
        return cls(
            dataset=dataset,
            policy=spec.policy or ONCE,
            schedule=spec.schedule or "",
            ttl=spec.ttl_seconds_after_finished,
            run_after=spec.run_after,
            scripts=scripts,
            beside=beside,
        )

    @property
    def repeats(self) -> bool:
        """Whether a CronJob starts the runs."""
        return self.policy == CRON


class OperationProblem(NamedTuple):
    """Why an operation can never run as it is written.

    Attributes:
        reason: CamelCase word for the condition.
        path: Field that is wrong.
        message: What is wrong, as the rest of a sentence after the path.
        fix: Next step.
    """

    reason: str
    path: str
    message: str
    fix: str


def nothing_wrong(_: KubeObject) -> OperationProblem | None:
    """For kinds whose specs only the engine can judge, when it builds the workload."""
    return None


@dataclass(frozen=True)
class OperationRegistration(Generic[OperationT]):
    """One kind of data operation; an entry point of the group `fluid.operations` makes it.

    Attributes:
        kind: The model; its `status` has to be an `OperationStatus`.
        spec: Reads the shared part of the spec.
        release: What the names of an operation's objects have after its own, such as "loader": its Job or
            CronJob is NAME-loader-job.
        scripts: What the name of the ConfigMap with its scripts has after that, such as "scripts".
        problem: Why an operation can never run, for reasons that only this kind has; None when it can.
        interface: The version of the interface that it was written for, such as "1.0": see
            `fluid.engines.core.distributions`.
        build: Builds the workload whatever the engine is; None where each engine has a builder of its own.
        workloads: Kinds of further objects that builders may make, such as StatefulSet, beside the Job or
            CronJob and its ConfigMaps. They need the label `fluid.io/managed-by: fluid`, are made before the
            Job, brought back while it runs, and deleted when it has ended.
        values: Values models of its charts, by the name in Chart.yaml.
        crds: CRD of the kind; without any, what `fluid codegen` wrote to the folder `crds` of its package.
        demands: What specs demand of nodes, beside and in place of what `spec_demands` finds in the model.
        job: What the name of its Job or CronJob ends with.
        distribution: Name and version of the distribution that brings it; the registry fills it in.
    """

    kind: type[OperationT]
    spec: Callable[[OperationT], OperationSpec]
    release: str
    scripts: str
    interface: str
    problem: Callable[[OperationT], OperationProblem | None] = nothing_wrong
    build: Builder | None = None
    workloads: Sequence[type[KubeObject]] = ()
    values: Mapping[str, type[ChartValues]] = field(default_factory=dict[str, type[ChartValues]])
    crds: Sequence[Crd] = ()
    demands: Demands = field(default_factory=Demands)
    job: str = "job"
    distribution: str = ""

    @property
    def plugin(self) -> Plugin:
        """Whose code it is, for what is told when that fails."""
        of = f" of {self.distribution}" if self.distribution else ""
        return Plugin(f"data operation {self.name}{of}", self.kind.__module__.partition(".")[0])

    @property
    def name(self) -> str:
        """The kind's name."""
        return self.kind.resource.kind

    @property
    def kinds(self) -> list[type[KubeObject]]:
        """The kind alone."""
        return [self.kind]

    @property
    def finalizer(self) -> str:
        """The finalizer that holds an operation until its workload and its lock are gone."""
        return operation_finalizer(self.name)

    def workload(self, operation: OperationT) -> str:
        """Name of the Job or CronJob of an operation."""
        return f"{operation.name}-{self.release}-{self.job}"

    def config_map(self, operation: OperationT) -> str:
        """Name of the ConfigMap with an operation's scripts."""
        return f"{operation.name}-{self.release}-{self.scripts}"

    def builder(self, operations: Mapping[str, Builder]) -> Builder | None:
        """What builds the workload for an engine with these builders of its own; None if nothing does."""
        return operations.get(self.name) or self.build


def status_of(operation: KubeObject) -> OperationStatus | None:
    """The status of an operation of any kind; None before the first write."""
    status = getattr(operation, "status", None)
    return status if isinstance(status, OperationStatus) else None
