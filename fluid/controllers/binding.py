"""Whether a runtime can serve the Dataset of its name."""

from fluid.conditions import DELETION_BLOCKED, REFERENCE_NOT_SUPPORTED
from fluid.controllers.identity import recorded_identity
from fluid.engines.core.plan import Waiting
from fluid.engines.core.references import is_reference
from fluid.models import Dataset
from fluid.types import KubeObject

NOT_FOUND = "DatasetNotFound"


def not_bindable(
    runtime: KubeObject, dataset: Dataset | None, runtime_type: str, *, carries: bool = False
) -> Waiting | None:
    """Why a runtime cannot serve the Dataset of its name now; None if it can.

    Args:
        runtime: the runtime.
        dataset: the Dataset of its name, if it exists.
        runtime_type: the type of the runtime.
        carries: whether the runtime may stand beside a Dataset that refers to another one.
    """
    kind = runtime.resource.kind
    if dataset is None:
        return Waiting(
            NOT_FOUND, f"no Dataset {runtime.key} exists; create it to bind this {runtime.resource.kind}"
        )
    if dataset.metadata.deletion_timestamp is not None or recorded_identity(dataset) is None:
        return Waiting("DatasetNotPrepared", f"Dataset {dataset.key} is being deleted or not prepared yet")
    entries = (dataset.status.runtimes if dataset.status else None) or []
    other = next((entry for entry in entries if entry.type != runtime_type), None)
    if other is not None:
        message = f"Dataset {dataset.key} is bound to a runtime of type {other.type}; delete that one first"
        return Waiting("DatasetBoundElsewhere", message, problem=True)
    if is_reference(dataset) and not carries:
        message = (
            f"Dataset {dataset.key} refers to another Dataset, which {kind} {runtime.name} cannot serve: "
            "delete the runtime, one for the reference is made then"
        )
        if entries:
            message += "; or undo the edit of spec.mounts, until then the cache goes on as it is"
        return Waiting(REFERENCE_NOT_SUPPORTED, message, problem=True)
    return None


def is_served(dataset: Dataset, runtime_type: str) -> bool:
    """Whether a runtime of this type serves the Dataset, and goes on whatever the specs say.

    A Dataset in deletion is served for as long as something blocks that.
    """
    conditions = (dataset.status.conditions if dataset.status else None) or []
    blocked = any(one.type == DELETION_BLOCKED and one.status == "True" for one in conditions)
    if dataset.metadata.deletion_timestamp is not None and not blocked:
        return False
    entries = (dataset.status.runtimes if dataset.status else None) or []
    return any(entry.type == runtime_type for entry in entries)
