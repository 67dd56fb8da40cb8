"""DataLoad: fills the cache of a Dataset ahead of its use."""

from fluid.controllers.operations.kind import CRON, ONCE, OperationKind, OperationSpec
from fluid.models import Affinity, DataLoad, OperationStatus
from fluid.types import Key


def _spec(operation: DataLoad) -> OperationSpec:
    spec = operation.spec
    target = spec.dataset
    return OperationSpec(
        dataset=Key(target.namespace or operation.namespace, target.name) if target else None,
        policy=spec.policy or ONCE,
        schedule=spec.schedule or "",
        ttl=spec.ttl_seconds_after_finished,
        run_after=spec.run_after,
        affinity=spec.affinity,
    )


def _status(operation: DataLoad) -> OperationStatus | None:
    return operation.status


def _prepared(operation: DataLoad, affinity: Affinity | None) -> DataLoad:
    policy = CRON if operation.spec.policy == CRON else ONCE
    spec = operation.spec.model_copy(update={"policy": policy, "affinity": affinity})
    return operation.model_copy(update={"spec": spec})


def _release(operation: DataLoad) -> str:
    return f"{operation.name}-loader"


DATALOAD = OperationKind(model=DataLoad, spec=_spec, status=_status, prepared=_prepared, release=_release)
