"""One method, two ways to call it: awaited on an asynchronous object, blocking on a synchronous one.

The body is written once, as a coroutine. Type checkers see what users get.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from anyio.from_thread import BlockingPortal

P = ParamSpec("P")
R = TypeVar("R")


class Asynchronous:
    """Marks objects whose methods are awaited."""


class Synchronous(Protocol):
    """Objects whose methods run in the event loop behind their portal, and block."""

    @property
    def portal(self) -> BlockingPortal:
        """A portal into the event loop."""
        ...


class sync_async(Generic[P, R]):  # noqa: N801 - a decorator
    """Makes a coroutine method blocking on synchronous objects."""

    def __init__(self, function: Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Asynchronous, owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __get__(self, instance: Synchronous, owner: type) -> Callable[P, R]: ...
    def __get__(
        self, instance: Asynchronous | Synchronous | None, owner: type
    ) -> Self | Callable[P, Coroutine[Any, Any, R]] | Callable[P, R]:
        """The method as users of the object call it."""
        if instance is None:
            return self
        if isinstance(instance, Asynchronous):
            return partial(self._function, instance)
        return partial(_blocking, instance.portal, partial(self._function, instance))


def _blocking(
    portal: BlockingPortal, function: Callable[P, Coroutine[Any, Any, R]], *args: P.args, **kwargs: P.kwargs
) -> R:
    return portal.call(partial(function, *args, **kwargs))
