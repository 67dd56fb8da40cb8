"""What an engine gives is of the types that its interface names: checked once, where it comes in."""

from collections.abc import Collection, Iterable
from types import NoneType
from typing import TypeVar

from fluid.types import KubeObject

T = TypeVar("T")
MOST_OBJECTS = 512
"""Objects that one runtime or operation may consist of."""
MOST_QUERIES = 8192
"""Queries of one pass: a Dataset has 256 mounts at most."""
_LONGEST_NAME = 253


class UnfitError(TypeError):
    """A method gave something else than its interface says.

    Attributes:
        method: The method.
        problem: What it gave, as the rest of a sentence after the method.
    """

    def __init__(self, method: str, problem: str) -> None:
        super().__init__(f"{method} {problem}")
        self.method = method
        self.problem = problem


def expect(method: str, given: T, *wanted: type) -> T:
    """What a method gave, which has to be of one of some types.

    Raises:
        UnfitError: It is something else.
    """
    if not isinstance(given, wanted):
        raise UnfitError(method, f"returned {_called(given)} and no {_names(wanted)}")
    return given


def expect_field(field: str, given: object, *wanted: type) -> None:
    """Make sure that a field has one of some types.

    Raises:
        UnfitError: It has another.
    """
    if not isinstance(given, wanted):
        raise UnfitError(field, f"is {_called(given)} and no {_names(wanted)}")


def expect_items(field: str, given: Iterable[object], wanted: type, most: int = MOST_QUERIES) -> None:
    """Make sure that a collection has items of one type, and not too many.

    Raises:
        UnfitError: It is no collection, is too large, or has something else in it.
    """
    if not isinstance(given, Collection) or isinstance(given, str):
        raise UnfitError(field, f"is {_called(given)} and no list")
    if len(given) > most:
        raise UnfitError(field, f"has {len(given)} items; {most} are possible")
    for item in given:
        if not isinstance(item, wanted):
            raise UnfitError(field, f"has {_called(item)} in it and no {wanted.__name__}")


def check_objects(method: str, given: Iterable[object], namespace: str) -> None:
    """Make sure that objects can be made for a runtime or an operation in a namespace.

    Raises:
        UnfitError: They are too many, or one is no object, is in another namespace or has no name.
    """
    expect_items(method, given, KubeObject, MOST_OBJECTS)
    for item in given:
        if not isinstance(item, KubeObject):
            continue
        what = f"returned {item.resource.kind} {str(item.key)[:300]!r}"
        if not item.resource.namespaced or item.namespace != namespace:
            raise UnfitError(method, f"{what}, which is not in namespace {namespace}")
        if not 0 < len(item.name) <= _LONGEST_NAME:
            raise UnfitError(method, f"{what}, whose name has not 1 to {_LONGEST_NAME} characters")


def _names(types: Iterable[type]) -> str:
    return " or ".join("None" if one is NoneType else one.__name__ for one in types)


def _called(given: object) -> str:
    return "None" if given is None else f"a {type(given).__name__[:80]}"
