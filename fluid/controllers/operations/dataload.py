"""DataLoad: fills the cache of a Dataset ahead of its use."""

from fluid.controllers.operations.kind import ONCE, OperationKind, OperationSpec
from fluid.controllers.operations.outcomes import Refusal
from fluid.models import DataLoad, OperationStatus
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
    )


def _status(operation: DataLoad) -> OperationStatus | None:
    return operation.status


def _refusal(_: DataLoad) -> Refusal | None:
    return None  # what can be loaded depends on the engine, which says it itself


def _workload(operation: DataLoad) -> str:
    return f"{operation.name}-loader-job"


def _config_map(operation: DataLoad) -> str:
    return f"{operation.name}-loader-data-load-script"


DATALOAD = OperationKind(
    model=DataLoad,
    spec=_spec,
    status=_status,
    refusal=_refusal,
    workload=_workload,
    config_map=_config_map,
)
