"""`status.operationRef` of a Dataset: the names of the operations that run on it, by kind.

The field is a record and no mutex: several operations of a kind may run at once. Only the operation
controller writes it, with the Dataset's resourceVersion, so that no name is lost.
"""

from pydantic import JsonValue

from fluid.models import Dataset


def holders(dataset: Dataset, kind: str) -> list[str]:
    """Names of the operations of a kind that are recorded."""
    recorded = (dataset.status.operation_ref if dataset.status else None) or {}
    return [name for name in recorded.get(kind, "").split(",") if name]


def is_worked_on(dataset: Dataset | None) -> bool:
    """Whether an operation is recorded; the empty names that an older installation leaves do not count."""
    recorded = (dataset.status.operation_ref if dataset and dataset.status else None) or {}
    return any(name for names in recorded.values() for name in names.split(","))


def lock_patch(dataset: Dataset, kind: str, name: str, *, held: bool) -> dict[str, JsonValue] | None:
    """The merge patch that records an operation or removes the record; None if nothing has to change."""
    names = holders(dataset, kind)
    if held == (name in names):
        return None
    rest = [*names, name] if held else [one for one in names if one != name]
    return {
        "metadata": {"resourceVersion": dataset.metadata.resource_version},
        "status": {"operationRef": {kind: ",".join(rest) or None}},
    }
