"""What is to be known of a kind without its engine.

A distribution announces its kinds as entry points of the group `fluid.kinds`. What an entry point names is
a record of this module, or a model alone: one with the status of a runtime or of a data operation stands for
the record with all defaults, any other is a kind that documents and charts may have. The module behind an
entry point is loaded by the SDK and on every node: it may import models and this package, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from fluid.models import OperationStatus, RuntimeStatus
from fluid.types import KubeObject

_SUFFIX = "Runtime"


@dataclass(frozen=True)
class RuntimeKind:
    """A kind of runtime.

    The node plugin reads `spec.fuse.cleanPolicy` of its objects, and of the profile that `spec.profileName`
    names if the runtime says nothing.

    Attributes:
        model: The model; its `status` is a `RuntimeStatus`.
        runtime_type: The `type` in a Dataset's `status.runtimes`; empty for the kind without "Runtime", in
            lower case.
        profile: The cluster-wide kind of what `spec.profileName` names; None if it has no such field.
        unread_options: Beginnings of mount options that no client of this kind reads, and whose words they
            are. The SDK refuses a Dataset with them. What a profile accepts all the same is in its annotation
            `data.fluid.io/accepted-options`.
    """

    model: type[KubeObject]
    runtime_type: str = ""
    profile: type[KubeObject] | None = None
    unread_options: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if not self.runtime_type:
            default = self.model.resource.kind.removesuffix(_SUFFIX).lower()
            object.__setattr__(self, "runtime_type", default)  # it is frozen for everybody else


@dataclass(frozen=True)
class OperationKind:
    """A kind of data operation.

    Attributes:
        model: The model; its `status` is an `OperationStatus`.
    """

    model: type[KubeObject]


Record = RuntimeKind | OperationKind | type[KubeObject]
"""What an entry point names, with the plain models of runtimes and operations made into records."""


def record_of(announced: object) -> Record:
    """The record that an entry point stands for.

    Raises:
        TypeError: It names something else.
    """
    if isinstance(announced, RuntimeKind | OperationKind):
        return announced
    if not (isinstance(announced, type) and issubclass(announced, KubeObject)):
        raise TypeError(f"{announced!r} is neither a model nor a record of fluid.kinds.record")
    field_info = announced.model_fields.get("status")
    found = (field_info.annotation, *get_args(field_info.annotation)) if field_info else ()
    if RuntimeStatus in found:
        return RuntimeKind(announced)
    return OperationKind(announced) if OperationStatus in found else announced
