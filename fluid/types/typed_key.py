"""Keys that say of which type their values are, so that one mapping has values of many types."""

from typing import Generic, TypeVar, cast

A_co = TypeVar("A_co", covariant=True)


class TypedKey(Generic[A_co]):
    """A key of a mapping whose value there is an A; what writes into the mapping has to keep to it."""

    __slots__ = ()

    def read(self, value: object) -> A_co:
        """The value of this key in such a mapping, as what it is."""
        return cast("A_co", value)
