"""The Dataset that an operation works on, and whether the operation can run on it."""

from contextlib import suppress

from fluid.conditions import NOT_READY, NOT_SET_UP, find_condition
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.outcomes import NOT_SUPPORTED, Blocker, Pause, Refusal
from fluid.engines.core.references import AddressError, address_of, is_reference
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.models import Dataset, Runtime
from fluid.types import Key, KubeObject


def accelerator(dataset: Dataset | None) -> Runtime | None:
    """The runtime that a Dataset records as its cache."""
    runtimes = (dataset.status.runtimes if dataset and dataset.status else None) or ()
    return next((one for one in runtimes if one.category in (None, "", "Accelerate")), None)


def engine_of(dataset: Dataset | None, registry: Registry) -> EngineRegistration[KubeObject] | None:
    """The engine behind a Dataset; None while it has no runtime, or one of a type that is not installed."""
    runtime = accelerator(dataset)
    return registry.of_type(runtime.type or "") if runtime else None


def check_target(me: OperationId, key: Key, dataset: Dataset | None, *, supported: bool) -> Blocker | None:
    """Why the operation cannot run on its Dataset now; None when it can.

    A Dataset is Bound only while its cache is healthy, so the cache itself is not asked.
    """
    if dataset is None:
        return Pause("TargetDatasetNotFound", f"{me} works on Dataset {key}: create that", warning=True)
    if is_reference(dataset):
        return Refusal(NOT_SUPPORTED, f"{me} works on {_elsewhere(dataset)}", NOT_SUPPORTED)
    if dataset.metadata.deletion_timestamp is not None:
        return Pause("RuntimeNotReady", f"Dataset {key} is being deleted: delete {me} too")
    runtime = accelerator(dataset)
    phase = (dataset.status.phase if dataset.status else None) or "new"
    problem = find_condition(dataset.status.conditions if dataset.status else None, NOT_READY)
    if phase != "Bound" and problem is not None and problem.status == "True":
        why = problem.message or problem.reason or "its condition NotReady says no more"
        return Pause(NOT_SET_UP, f"{me} waits for Dataset {key}, which is {phase}: {why}", warning=True)
    if runtime is None:
        return Pause("RuntimeNotReady", f"Dataset {key} has no runtime yet: create one of the same name")
    if not supported:
        message = f"runtime type {runtime.type} of Dataset {key} does not support {me.kind}"
        return Refusal(NOT_SUPPORTED, message, NOT_SUPPORTED)
    if phase != "Bound":
        return Pause("RuntimeNotReady", f"Dataset {key} is {phase}, not Bound: its condition Ready says why")
    return None


def _elsewhere(dataset: Dataset) -> str:
    """What is told of an operation on a Dataset without a cache of its own."""
    with suppress(AddressError):
        if (address := address_of(dataset)) is not None:
            other = address.dataset
            return (
                f"Dataset {dataset.key}, which refers to Dataset {other} and has no cache of its own: "
                f"create it in namespace {other.namespace}, for Dataset {other.name}"
            )
    return f"Dataset {dataset.key}, which refers to another Dataset: correct its spec.mounts"
