"""What a snapshot reads of the informers' stores; whatever has such stores can be observed."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from fluid.models import Dataset, Node, PersistentVolume, PersistentVolumeClaim, Pod
from fluid.types import Key, KubeObject

M_co = TypeVar("M_co", bound=KubeObject, covariant=True)


class ReadableStore(Protocol[M_co]):
    """The objects of one kind."""

    def get(self, key: Key) -> M_co | None:
        """The object of a key."""
        ...

    def by(self, index: str, value: str) -> Sequence[M_co]:
        """The objects with a value in an index."""
        ...


class Stored(Protocol[M_co]):
    """What has a store, such as a reflector."""

    @property
    def store(self) -> ReadableStore[M_co]:
        """The store."""
        ...


class Observable(Protocol):
    """The stores that a snapshot is taken from, as `Informers` has them."""

    @property
    def datasets(self) -> Stored[Dataset]:
        """Datasets."""
        ...

    @property
    def owned(self) -> Sequence[Stored[KubeObject]]:
        """What engines and operations create, with the index `BY_OWNER`."""
        ...

    @property
    def pods(self) -> Stored[Pod]:
        """Pods of their workloads, with the index `BY_OWNER`."""
        ...

    @property
    def volumes(self) -> Stored[PersistentVolume]:
        """Volumes of Datasets, with the index `BY_CLAIM`."""
        ...

    @property
    def claims(self) -> Stored[PersistentVolumeClaim]:
        """Claims of Datasets."""
        ...

    @property
    def nodes(self) -> Stored[Node]:
        """Nodes, with the index `BY_LABEL`."""
        ...
