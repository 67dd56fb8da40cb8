"""Top-level kinds: what every object at the API server has."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import JsonValue

from fluid.types.metadata import ObjectMeta
from fluid.types.model import KubeModel
from fluid.types.resource import Resource
from fluid.types.updates import Update


class Key(NamedTuple):
    """The identity of an object among those of its kind."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """``namespace/name``, or the name alone for cluster-wide kinds."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class KubeObject(KubeModel):
    """An object with a kind, a name and a life of its own at the API server."""

    resource: ClassVar[Resource]
    """Where the API server keeps objects of this kind."""
    updates: ClassVar[Mapping[str, Update]] = {}
    """Update policies by path, where they are others than that of the field around: see `update_at`."""

    if TYPE_CHECKING:  # each generated kind declares these fields, with its own literals
        api_version: str
        kind: str
        metadata: ObjectMeta

    @property
    def name(self) -> str:
        """Name; empty when the API server still has to generate it."""
        return self.metadata.name or ""

    @property
    def namespace(self) -> str:
        """Namespace; empty for cluster-wide kinds."""
        return self.metadata.namespace or ""

    @property
    def uid(self) -> str:
        """The one identity that is never used again; empty before the object was created."""
        return self.metadata.uid or ""

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return Key(self.namespace, self.name)

    @classmethod
    def with_status(cls, metadata: ObjectMeta, status: KubeModel) -> Self:
        """An object with nothing but metadata and status, whatever else its kind requires: for a write."""
        return cls.model_construct(metadata=metadata, status=status)

    @classmethod
    def with_nothing(cls, metadata: ObjectMeta) -> Self:
        """An object with an empty spec, whatever its kind requires of it: enough to delete the object."""
        spec = cls.model_fields["spec"].annotation if "spec" in cls.model_fields else None
        if isinstance(spec, type) and issubclass(spec, KubeModel):
            return cls.model_construct(metadata=metadata, spec=spec.model_construct())
        return cls.model_construct(metadata=metadata)

    def to_wire(self) -> dict[str, JsonValue]:
        """The fields that were set, with apiVersion and kind."""
        wire = {"apiVersion": self.resource.api_version, "kind": self.resource.kind, **super().to_wire()}
        spec = getattr(self, "spec", None)
        if "spec" not in wire and isinstance(spec, KubeModel) and spec.model_fields_set:
            wire["spec"] = spec.to_wire()  # it came into being empty and was filled in place
        return wire
