"""Who builds the workload of a data operation: the Dataset's engine, or, where no engine matters, we."""

from collections.abc import Callable, Mapping

from fluid.engines.core.registry import EngineRegistration, OperationRequest
from fluid.engines.operations.dataprocess import process_objects
from fluid.types import KubeObject

Builder = Callable[[OperationRequest[KubeObject]], list[KubeObject]]

COMMON: Mapping[str, Builder] = {"DataProcess": process_objects}
"""Builders by operation kind that serve every engine: they use the volume of the Dataset, as any pod does."""


def builder_of(registration: EngineRegistration[KubeObject], kind: str) -> Builder | None:
    """What builds the workload of an operation of this kind; None when the engine does not support it."""
    return registration.operations.get(kind) or COMMON.get(kind)
