"""Typed access to one kind of object."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import JsonValue

from fluid.kube.connection import Connection
from fluid.kube.store import Entry
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
FIELD_MANAGER = "fluid"
"""The field manager of everything that Fluid applies."""
Propagation = Literal["Background", "Foreground", "Orphan"]


class WatchEvent(NamedTuple, Generic[M]):
    """One event of a watch."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: M


class Api(Generic[M]):
    """Reads and writes objects of one kind. Every call has a deadline and raises `KubeError` on failure.

    Args:
        connection: where to.
        model: the kind.
        observer: told of each object that the API server returned from a write.
    """

    def __init__(
        self, connection: Connection, model: type[M], observer: Callable[[Entry[M]], None] | None = None
    ) -> None:
        self.model = model
        self._connection = connection
        self._observer = observer

    async def get(self, key: Key) -> M:
        """The object.

        Raises:
            NotFound: it does not exist.
            Malformed: it does not fit the model.
        """
        raise NotImplementedError

    async def find(self, key: Key) -> M | None:
        """The object, or None."""
        raise NotImplementedError

    async def list(
        self, *, namespace: str | None = None, labels: str | None = None, fields: str | None = None
    ) -> list[M]:
        """All objects that match; objects that do not fit the model are logged and left out.

        Args:
            namespace: None means all namespaces.
            labels: label selector as kubectl writes it.
            fields: field selector as kubectl writes it.
        """
        raise NotImplementedError

    def watch(
        self, *, namespace: str | None = None, labels: str | None = None, fields: str | None = None
    ) -> AsyncGenerator[WatchEvent[M], None]:
        """First every object that exists (``ADDED``), then each change, until the caller stops.

        Close the generator (`contextlib.aclosing`) and bound each step in time. A restart, when the API
        server has forgotten where we were, sends ``ADDED`` again for what exists.
        """
        raise NotImplementedError

    async def create(self, obj: M) -> M:
        """Creates the object.

        Raises:
            AlreadyExists: the name is taken.
            Invalid: the API server refuses a field.
        """
        raise NotImplementedError

    async def apply(self, obj: M, *, manager: str = FIELD_MANAGER, force: bool = False, dry_run: bool = False) -> M:
        """Server-side apply: the fields that are set in `obj` become ours, those we no longer set go.

        Raises:
            Conflict: another manager owns a field, and not `force`.
            Invalid: a field is refused, or cannot be changed any more.
        """
        raise NotImplementedError

    async def apply_status(self, obj: M, *, manager: str = FIELD_MANAGER, force: bool = True) -> M:
        """Server-side apply of the status alone; only name, namespace and status of `obj` are sent.

        A resourceVersion in `obj` is sent too and makes the apply fail with Conflict when it is stale.
        """
        raise NotImplementedError

    async def merge(self, key: Key, patch: Mapping[str, JsonValue], *, subresource: str | None = None) -> M:
        """JSON merge patch (RFC 7386)."""
        raise NotImplementedError

    async def json_patch(self, key: Key, operations: Sequence[Mapping[str, JsonValue]]) -> M:
        """JSON patch (RFC 6902); a failed ``test`` operation raises `Invalid`."""
        raise NotImplementedError

    async def delete(
        self, key: Key, *, uid: str | None = None, missing_ok: bool = True, propagation: Propagation = "Background"
    ) -> None:
        """Asks for deletion.

        Args:
            key: the object.
            uid: only if it is still this one; otherwise `Conflict`.
            missing_ok: an object that is gone already is success.
            propagation: what happens to its dependents.
        """
        raise NotImplementedError

    async def scale(self, key: Key, replicas: int) -> None:
        """Sets the replicas through the scale subresource."""
        raise NotImplementedError
