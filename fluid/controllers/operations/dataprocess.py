"""DataProcess: runs a script or a pod of the user on the files of a Dataset."""

from fluid.controllers.operations.kind import ONCE, OperationKind, OperationSpec
from fluid.controllers.operations.outcomes import Refusal
from fluid.engines.operations.dataprocess import problem_of
from fluid.models import DataProcess, OperationStatus
from fluid.types import Key


def _spec(operation: DataProcess) -> OperationSpec:
    spec = operation.spec
    if spec is None:
        return OperationSpec(dataset=None)
    target = spec.dataset
    return OperationSpec(
        dataset=Key(target.namespace or operation.namespace, target.name),
        policy=spec.policy or ONCE,
        schedule=spec.schedule or "",
        ttl=spec.ttl_seconds_after_finished,
        run_after=spec.run_after,
        scripts=spec.processor.script is not None,
    )


def _status(operation: DataProcess) -> OperationStatus | None:
    return operation.status


def _refusal(operation: DataProcess) -> Refusal | None:
    problem = problem_of(operation.spec) if operation.spec else None
    if problem is None:
        return None
    me = DATAPROCESS.id(operation)
    return Refusal(problem.reason, f"{me}: {problem.path} {problem.message}: {problem.fix}")


def _workload(operation: DataProcess) -> str:
    return f"{operation.name}-processor-job"


def _config_map(operation: DataProcess) -> str:
    return f"{operation.name}-processor-scripts"


DATAPROCESS = OperationKind(
    model=DataProcess,
    spec=_spec,
    status=_status,
    refusal=_refusal,
    workload=_workload,
    config_map=_config_map,
)
