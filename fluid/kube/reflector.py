"""List, then watch, for ever: keeps one store equal to what the API server has."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from fluid.kube.connection import Connection
from fluid.kube.store import Change, Entry, Store
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


class Reflector(Generic[M]):
    """Feeds one store.

    Attributes:
        store: what is known.
        problem: why the store may be stale, in words for a human; None while all is well.
    """

    store: Store[M]
    problem: str | None

    def subscribe(self, fn: Callable[[Change[M]], None]) -> None:
        """Calls `fn` after each change, and now once for each object already known."""
        raise NotImplementedError

    def add_index(self, name: str, fn: Callable[[Entry[M]], Iterable[str]]) -> None:
        """Makes ``store.by(name, value)`` work; adding the same name again does nothing."""
        raise NotImplementedError

    def observe(self, obj: M) -> None:
        """Injects the result of an own write if it is newer than all that list and watch have said."""
        raise NotImplementedError

    async def run(self) -> None:
        """Runs until cancelled; failures are logged and retried."""
        raise NotImplementedError
