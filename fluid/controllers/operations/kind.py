"""What the generic operation controller has to know of one kind of data operation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from fluid.controllers.operations.outcomes import Refusal
from fluid.models import OperationRef, OperationStatus
from fluid.naming import operation_finalizer
from fluid.types import Key, KubeObject

OperationT = TypeVar("OperationT", bound=KubeObject)

ONCE, CRON, ON_EVENT = "Once", "Cron", "OnEvent"


class OperationId(NamedTuple):
    """One data operation among those of all kinds."""

    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return Key(self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


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
    """

    dataset: Key | None
    policy: str = ONCE
    schedule: str = ""
    ttl: int | None = None
    run_after: OperationRef | None = None
    scripts: bool = True

    @property
    def repeats(self) -> bool:
        """Whether a CronJob starts the runs."""
        return self.policy == CRON


@dataclass(frozen=True)
class OperationKind(Generic[OperationT]):
    """One kind of data operation.

    Attributes:
        model: the kind.
        spec: reads the shared part of the spec.
        status: the status; None before the first write.
        refusal: why an operation can never run, for reasons that only this kind has; None when it can.
        workload: name of the Job or CronJob of an operation.
        config_map: name of the ConfigMap with an operation's scripts.
    """

    model: type[OperationT]
    spec: Callable[[OperationT], OperationSpec]
    status: Callable[[OperationT], OperationStatus | None]
    refusal: Callable[[OperationT], Refusal | None]
    workload: Callable[[OperationT], str]
    config_map: Callable[[OperationT], str]

    @property
    def name(self) -> str:
        """The kind's name, such as ``DataLoad``."""
        return self.model.resource.kind

    @property
    def finalizer(self) -> str:
        """The finalizer that holds an operation until its workload and its lock are gone."""
        return operation_finalizer(self.name)

    def id(self, operation: OperationT) -> OperationId:
        """The identity of an operation."""
        return OperationId(self.name, operation.namespace, operation.name)
