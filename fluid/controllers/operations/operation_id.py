"""The identity of a data operation."""

from typing import NamedTuple

from fluid.types import Key, KubeObject


class OperationId(NamedTuple):
    """One data operation among those of all kinds."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, operation: KubeObject) -> "OperationId":
        """The identity of an operation."""
        return cls(operation.resource.kind, operation.namespace, operation.name)

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return Key(self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
