"""The Dataset that an operation works on, and whether it can."""

from fluid.controllers.operations.kind import OperationId
from fluid.controllers.operations.verdict import NOT_SUPPORTED, Pause, Refusal
from fluid.models import Dataset, Runtime
from fluid.types import Key


def accelerator(dataset: Dataset | None) -> Runtime | None:
    """The runtime that a Dataset records as its cache."""
    runtimes = (dataset.status.runtimes if dataset and dataset.status else None) or ()
    return next((one for one in runtimes if one.category in (None, "", "Accelerate")), None)


def check_target(me: OperationId, key: Key, dataset: Dataset | None, *, supported: bool) -> Pause | Refusal | None:
    """Why the operation cannot run on its Dataset now; None when it can.

    A Dataset is Bound only while its cache is healthy, so nobody has to ask the cache once more.
    """
    if dataset is None:
        return Pause("TargetDatasetNotFound", f"Dataset {key} does not exist: create it, or delete {me}", True)
    if dataset.metadata.deletion_timestamp is not None:
        return Pause("RuntimeNotReady", f"Dataset {key} is being deleted: {me} will be deleted with it")
    runtime = accelerator(dataset)
    phase = (dataset.status.phase if dataset.status else None) or "new"
    if runtime is None:
        return Pause("RuntimeNotReady", f"Dataset {key} has no runtime yet: create one of the same name")
    if not supported:
        kind = runtime.type or "unknown"
        return Refusal(NOT_SUPPORTED, f"runtime type {kind} of Dataset {key} does not support {me.kind}", NOT_SUPPORTED)
    if phase != "Bound":
        return Pause("RuntimeNotReady", f"Dataset {key} is {phase}, not Bound: its condition Ready says why")
    return None
