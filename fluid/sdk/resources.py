"""All objects of one kind, typed: apply, get, list, watch, delete, scale."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from time import monotonic
from typing import Generic, NamedTuple, TypedDict, TypeVar, Unpack

from anyio.from_thread import BlockingPortal

from fluid.kube import Connection, Forbidden, WatchEvent
from fluid.models import Dataset
from fluid.sdk.dependents import wait_dependents
from fluid.sdk.dialects import refuse_foreign_words
from fluid.sdk.errors import explained
from fluid.sdk.sync_async import Asynchronous, sync_async
from fluid.sdk.waiting import wait_deleted
from fluid.sdk.watching import ObjectWatch, follow
from fluid.types import AuthoringError, Key, KubeObject

M = TypeVar("M", bound=KubeObject)
FIELD_MANAGER = "fluid-sdk"
"""The field manager of everything that the SDK applies."""
_THE_SERVERS = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)


class Where(TypedDict, total=False):
    """Which objects of a kind are meant.

    Attributes:
        namespace: Default is the client's.
        all_namespaces: Look everywhere.
        labels: Label selector as kubectl writes it.
        fields: Field selector as kubectl writes it.
    """

    namespace: str | None
    all_namespaces: bool
    labels: str | None
    fields: str | None


class Source(NamedTuple):
    """The namespace, None for all of them, and the selectors."""

    namespace: str | None
    labels: str | None
    fields: str | None


class Session(NamedTuple):
    """An open connection, and the namespace of objects that name none."""

    connection: Connection
    namespace: str

    def key(self, model: type[KubeObject], name: str, namespace: str | None) -> Key:
        """The key of an object; cluster-wide kinds have no namespace."""
        return Key((namespace or self.namespace) if model.resource.namespaced else "", name)


class ResourceMethods(Generic[M]):
    """Methods for the objects of one kind; every failure is an AuthoringError or a KubeError."""

    def __init__(self, session: Session, model: type[M]) -> None:
        self._session = session
        self._model = model
        self._api = session.connection.api(model)

    @sync_async
    async def apply(
        self, obj: M, *, force: bool = False, dry_run: bool = False, wait: float | None = 30
    ) -> M:
        """Create the object, or make the existing one what this one says (server-side apply).

        Status and fields that the API server fills in are not sent, so an object can be applied as it was
        read. An object of that name that is being deleted is not changed: the change would be lost with it.

        Args:
            obj: The object; without a namespace, it is put into the client's.
            force: Take over fields that somebody else has set.
            dry_run: Let the API server check and default it, and store nothing.
            wait: Seconds to wait until an object of that name that is being deleted is gone. With None it is
                applied to that one, to take finalizers away.

        Returns:
            The object as the API server has it now.

        Raises:
            AuthoringError: A field is unknown or malformed, or a source is written in words that the
                runtime of the Dataset does not read.
            Conflict: Somebody else has set a field to another value, and not `force`.
            NotDeleted: An object of that name is still being deleted; the message says what blocks it.
        """
        ready = _authored(obj, self._session.key(self._model, obj.name, obj.namespace))
        await refuse_foreign_words(self._session.connection, ready)
        began = monotonic()
        while True:
            with explained("apply", self._model.resource, ready.key):
                leaving = None if dry_run or wait is None else await self._leaving(ready.key)
                if leaving is None:
                    made = await self._api.apply(ready, manager=FIELD_MANAGER, force=force, dry_run=dry_run)
                    if dry_run or wait is None or made.metadata.deletion_timestamp is None:
                        return made
                    leaving = made  # its deletion was asked for between the two requests
            left = max(0.0, began + (wait or 0.0) - monotonic())
            await wait_deleted(self._session.connection, self._model, ready.key, leaving.uid, left)

    async def _leaving(self, key: Key) -> M | None:
        """The object of that name that is being deleted; None without one or without the right."""
        try:
            found = await self._api.find(key)
        except Forbidden:
            return None
        return found if found is not None and found.metadata.deletion_timestamp is not None else None

    @sync_async
    async def get(self, name: str, *, namespace: str | None = None) -> M:
        """The object.

        Raises:
            NotFound: It does not exist.
        """
        key = self._session.key(self._model, name, namespace)
        with explained("get", self._model.resource, key):
            return await self._api.get(key)

    @sync_async
    async def find(self, name: str, *, namespace: str | None = None) -> M | None:
        """The object, or None if it does not exist."""
        key = self._session.key(self._model, name, namespace)
        with explained("get", self._model.resource, key):
            return await self._api.find(key)

    @sync_async
    async def list(self, **where: Unpack[Where]) -> list[M]:
        """The objects that match."""
        source = self._source(where)
        with explained("list", self._model.resource, Key(source.namespace or "", "")):
            return await self._api.list(**source._asdict())

    @asynccontextmanager
    async def _watch(self, where: Where) -> AsyncGenerator[ObjectWatch[M]]:
        """Events of the objects that match; a first list raises at once if the API server refuses it."""
        source = self._source(where)
        with explained("list", self._model.resource, Key(source.namespace or "", "")):
            await self._api.list(**source._asdict())
        async with follow(self._session.connection, self._model, **source._asdict()) as events:
            yield events

    @sync_async
    async def delete(
        self, name: str, *, namespace: str | None = None, missing_ok: bool = True, wait: float | None = None
    ) -> None:
        """Ask for deletion.

        With `wait`, a Dataset is gone when its runtime, its data operations and the pods that serve it are
        gone too. Then a Dataset of the same name can be created.

        Args:
            name: The object.
            namespace: Default is the client's.
            missing_ok: An object that is gone already is success.
            wait: Seconds to wait until it is gone; None does not wait.

        Raises:
            NotFound: It does not exist, and not `missing_ok`.
            NotDeleted: It is still there after that time; the message says what blocks it.
        """
        key = self._session.key(self._model, name, namespace)
        with explained("delete", self._model.resource, key):
            found = await self._api.find(key) if wait is not None else None
            await self._api.delete(key, missing_ok=missing_ok)
        if wait is None:
            return
        began, connection = monotonic(), self._session.connection
        if found is not None:
            await wait_deleted(connection, self._model, key, found.uid, wait)
        if issubclass(self._model, Dataset):
            left = max(0.0, began + wait - monotonic())
            await wait_dependents(connection, key, found if isinstance(found, Dataset) else None, left)

    @sync_async
    async def scale(self, name: str, replicas: int, *, namespace: str | None = None) -> None:
        """Set the number of replicas; for a runtime, that of its workers.

        Raises:
            NotFound: It does not exist, or its kind has no replicas.
        """
        key = self._session.key(self._model, name, namespace)
        with explained("scale", self._model.resource, key):
            await self._api.scale(key, replicas)

    def _source(self, where: Where) -> Source:
        everywhere = where.get("all_namespaces") or not self._model.resource.namespaced
        namespace = None if everywhere else where.get("namespace") or self._session.namespace
        return Source(namespace, where.get("labels"), where.get("fields"))


class AsyncResources(ResourceMethods[M], Asynchronous):
    """The objects of one kind, for use with await."""

    def watch(self, **where: Unpack[Where]) -> AbstractAsyncContextManager[AsyncIterator[WatchEvent[M]]]:
        """Follow changes: first ``ADDED`` for what exists, then each change, until the block is left.

        Broken connections are resumed; when the API server has forgotten the position, everything is listed
        again and compared: no deletion is missed, and nothing is told twice.
        """
        return self._watch(where)


class Resources(ResourceMethods[M]):
    """The objects of one kind, for blocking use."""

    def __init__(self, session: Session, model: type[M], portal: BlockingPortal) -> None:
        super().__init__(session, model)
        self.portal = portal

    @contextmanager
    def watch(self, **where: Unpack[Where]) -> Generator[Iterator[WatchEvent[M]]]:
        """Follow changes: like `AsyncResources.watch`, with ``with`` and ``for``."""
        with self.portal.wrap_async_context_manager(self._watch(where)) as events:
            yield iter(partial(self.portal.call, events.__anext__), None)


def _authored(obj: M, key: Key) -> M:
    """The object to send, checked, with a namespace.

    Raises:
        AuthoringError: A field is unknown or malformed, or there is no name.
    """
    if not key.name:
        raise AuthoringError([f"metadata.name: is missing: name the {obj.resource.kind}"])
    wire = obj.to_wire()
    wire.pop("status", None)
    metadata = wire["metadata"]
    if isinstance(metadata, dict):
        kept = {name: value for name, value in metadata.items() if name not in _THE_SERVERS}
        if obj.uid:
            kept.pop("finalizers", None)  # controllers write them
        wire["metadata"] = kept | ({"namespace": key.namespace} if key.namespace else {})
    return type(obj).author(wire)
