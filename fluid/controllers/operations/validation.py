"""What an operation's spec must satisfy beyond its schema."""

from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.outcomes import Refusal
from fluid.engines.core.operation import ON_EVENT, OperationSpec
from fluid.models import AffinityStrategy

REQUIRE, PREFER = "Require", "Prefer"


def validate(operation: OperationId, spec: OperationSpec) -> Refusal | None:
    """Why the operation can never run as it is written; None when it can.

    An empty `spec.dataset.namespace` means the operation's own. Policy OnEvent knows one event, the
    completion of `spec.runAfter`, after which the operation runs once; without `runAfter` it would never run.
    """
    if spec.dataset is None or not spec.dataset.name:
        return Refusal("TargetDatasetNotSpecified", f"{operation} names no Dataset: set spec.dataset.name")
    if spec.dataset.namespace != operation.namespace:
        return Refusal(
            "TargetDatasetNamespaceNotSame",
            f"{operation} is not in the namespace of Dataset {spec.dataset}: create it there",
        )
    if spec.repeats and not spec.schedule.strip():
        return Refusal(
            "ScheduleNotSpecified",
            f'{operation} has policy Cron without a schedule: set spec.schedule, such as "0 2 * * *"',
        )
    if spec.policy == ON_EVENT and spec.run_after is None:
        return Refusal(
            "PolicyNotSupported",
            f"{operation} has policy OnEvent but no event: set spec.runAfter, or policy Once or Cron",
        )
    strategy = spec.run_after.affinity_strategy if spec.run_after else None
    return _validate_strategy(operation, strategy) if strategy else None


def _validate_strategy(operation: OperationId, strategy: AffinityStrategy) -> Refusal | None:
    field = "spec.runAfter.affinityStrategy"
    if strategy.policy not in (None, "", REQUIRE, PREFER):
        problem = f"{field}.policy is {strategy.policy!r}: use {REQUIRE}, {PREFER} or leave it empty"
    elif any(not 1 <= prefer.weight <= 100 for prefer in strategy.prefers or ()):
        problem = f"{field}.prefers has a weight that is not between 1 and 100"
    else:
        return None
    return Refusal("AffinityStrategyNotValid", f"{operation}: {problem}")
