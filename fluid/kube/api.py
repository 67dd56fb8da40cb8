"""Typed access to one kind of object."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar
from urllib.parse import quote

import anyio
import msgspec
from pydantic import JsonValue

from fluid.kube.entry import Entry
from fluid.kube.errors import Gone, Invalid, Malformed, NotFound, Unavailable
from fluid.kube.http import Http
from fluid.kube.listwatch import ListWatch, collection
from fluid.kube.log import Log
from fluid.kube.trimming import brief
from fluid.kube.wire import Wire, decode, encode, prune, slim
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
FIELD_MANAGER = "fluid"
"""The field manager of everything that Fluid applies."""
Propagation = Literal["Background", "Foreground", "Orphan"]
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_PAUSE = 1.0
_IDENTITY = frozenset({"name", "namespace", "uid", "resourceVersion"})
_log = Log("fluid.kube")


class WatchEvent(NamedTuple, Generic[M]):
    """One event of a watch."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: M


class Api(Generic[M]):
    """Reads and writes objects of one kind. Every call has a deadline and raises `KubeError` on failure.

    Args:
        connection: where to.
        model: the kind.
        observer: called with each object that the API server returned from a write.
    """

    def __init__(
        self, connection: Http, model: type[M], observer: Callable[[Entry[M]], None] | None = None
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
        return self._entry(await self._connection.request("GET", self._path(key))).object

    async def find(self, key: Key) -> M | None:
        """The object, or None."""
        try:
            return await self.get(key)
        except NotFound:
            return None

    async def list(
        self,
        *,
        namespace: str | None = None,
        labels: str | None = None,
        fields: str | None = None,
        strict: bool = False,
        keep: Sequence[str] | None = None,
        most: int | None = None,
    ) -> list[M]:
        """All objects that match; objects that do not fit the model are logged and left out.

        Args:
            namespace: None means all namespaces.
            labels: label selector as kubectl writes it.
            fields: field selector as kubectl writes it.
            strict: raise instead of leaving objects out, for callers that need a complete answer.
            keep: dotted paths to keep beside short metadata, for large lists; None keeps all.
            most: number of objects after which no further page is read; None reads all.

        Raises:
            Malformed: `strict`, and an object does not fit the model.
        """
        source = ListWatch(self._connection, self.model.resource, namespace, labels, fields)
        paths = None if keep is None else [path.split(".") for path in keep]

        def take(raw: Wire) -> M | None:
            if paths is not None:
                raw = prune({**raw, "metadata": brief(raw["metadata"])}, paths)
            return self._typed(raw) if strict else self._readable(raw)

        return [obj for obj in (await source.list(take, most))[0] if obj is not None]

    async def watch(
        self, *, namespace: str | None = None, labels: str | None = None, fields: str | None = None
    ) -> AsyncGenerator[WatchEvent[M]]:
        """First every object that exists (``ADDED``), then each change, until the caller stops.

        Close the generator (`contextlib.aclosing`) and bound each step in time. When the API server no longer
        has the watch's resourceVersion, the watch restarts and sends ``ADDED`` again for what exists.

        Raises:
            KubeError: the watch could not be started or broke.
        """
        source = ListWatch(self._connection, self.model.resource, namespace, labels, fields)
        version: str | None = None
        while True:
            quiet = True
            try:
                async with source.watch(version) as events:
                    async for kind, raw in events:
                        quiet, version = False, raw["metadata"]["resourceVersion"]
                        if kind != "BOOKMARK" and (obj := self._readable(raw)) is not None:
                            yield WatchEvent(kind, obj)
            except Gone:
                version = None
            if quiet:
                await anyio.sleep(_PAUSE)

    async def create(self, obj: M) -> M:
        """Creates the object.

        Raises:
            AlreadyExists: the name is taken.
            Invalid: the API server refuses a field.
        """
        return (await self.create_wire(obj.key, obj.to_wire())).object

    async def create_wire(self, key: Key, wire: Wire, *, manager: str = FIELD_MANAGER) -> Entry[M]:
        """`create` for an object in wire form, whose answer becomes typed only if it is read."""
        path = collection(self.model.resource, key.namespace)
        body = await self._connection.request(
            "POST", path, query={"fieldManager": manager}, body=encode(wire)
        )
        return self.written(body)

    async def apply(
        self, obj: M, *, manager: str = FIELD_MANAGER, force: bool = False, dry_run: bool = False
    ) -> M:
        """Server-side apply: `manager` owns the fields set in `obj`; fields no longer sent are removed.

        Raises:
            Conflict: another manager owns a field, and not `force`.
            Invalid: a field is refused, or cannot be changed any more.
        """
        return (
            await self.apply_wire(obj.key, obj.to_wire(), manager=manager, force=force, dry_run=dry_run)
        ).object

    async def apply_wire(
        self, key: Key, wire: Wire, *, manager: str = FIELD_MANAGER, force: bool = True, dry_run: bool = False
    ) -> Entry[M]:
        """`apply` for an object in wire form, whose answer becomes typed only if it is read."""
        body = await self.apply_body(key, wire, manager=manager, force=force, dry_run=dry_run)
        return self._entry(body) if dry_run else self.written(body)

    async def apply_body(
        self,
        key: Key,
        wire: Wire,
        *,
        manager: str = FIELD_MANAGER,
        force: bool = True,
        dry_run: bool = False,
        subresource: str | None = None,
    ) -> bytes:
        """`apply_wire` that returns the raw answer, managedFields included; the stores are not updated."""
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        return await self._patch(self._path(key, subresource), _APPLY, wire, query)

    async def apply_status(self, obj: M, *, manager: str = FIELD_MANAGER, force: bool = True) -> M:
        """Server-side apply of the status alone; only the identity and the status of `obj` are sent.

        Raises:
            Conflict: `obj` has a uid, and its name belongs to another object by now; or `obj` has a stale
                resourceVersion.
        """
        body = await self.apply_body(
            obj.key, status_wire(obj), manager=manager, force=force, subresource="status"
        )
        return self.written(body).object

    async def merge(self, key: Key, patch: Mapping[str, JsonValue], *, subresource: str | None = None) -> M:
        """JSON merge patch (RFC 7386)."""
        return self.written(await self._patch(self._path(key, subresource), _MERGE, patch)).object

    async def json_patch(self, key: Key, operations: Sequence[Mapping[str, JsonValue]]) -> M:
        """JSON patch (RFC 6902); a failed ``test`` operation raises `Invalid`."""
        return self.written(await self._patch(self._path(key), _JSON_PATCH, operations)).object

    async def delete(
        self,
        key: Key,
        *,
        uid: str | None = None,
        missing_ok: bool = True,
        propagation: Propagation = "Background",
    ) -> None:
        """Asks for deletion.

        Args:
            key: the object.
            uid: delete only the object with this UID; `Conflict` if the name belongs to another one.
            missing_ok: an object that is gone already is success.
            propagation: what happens to its dependents.
        """
        options: Wire = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            await self._connection.request("DELETE", self._path(key), body=encode(options))
        except NotFound:
            if not missing_ok:
                raise

    async def scale(self, key: Key, replicas: int) -> None:
        """Sets the replicas through the scale subresource."""
        await self._patch(self._path(key, "scale"), _MERGE, {"spec": {"replicas": replicas}})

    async def hand_over(self, key: Key, version: str, managed: Sequence[Wire]) -> None:
        """Replaces ``managedFields``, which say who owns which field, those of subresources included.

        Raises:
            Conflict: the object has another resourceVersion by now.
        """
        operations: list[Wire] = [
            {"op": "replace", "path": "/metadata/managedFields", "value": managed},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        ]
        await self._patch(self._path(key), _JSON_PATCH, operations)

    def written(self, body: bytes) -> Entry[M]:
        """The object that the API server returned from a write; the stores are updated with it."""
        entry = self._entry(body)
        if self._observer is not None:
            self._observer(entry)
        return entry

    def _path(self, key: Key, subresource: str | None = None) -> str:
        path = f"{collection(self.model.resource, _segment(key.namespace))}/{_segment(key.name)}"
        return f"{path}/{subresource}" if subresource else path

    async def _patch(
        self, path: str, kind: str, patch: object, query: Mapping[str, str] | None = None
    ) -> bytes:
        return await self._connection.request(
            "PATCH", path, query=query, body=encode(patch), content_type=kind
        )

    def _entry(self, body: bytes) -> Entry[M]:
        try:
            return Entry(self.model, slim(decode(body)))
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            message = f"an answer about {self.model.resource} cannot be read: {error!r}"
            raise Unavailable(200, "BadAnswer", message) from error

    def _typed(self, raw: Wire) -> M:
        return Entry(self.model, slim(raw)).object

    def _readable(self, raw: Wire) -> M | None:
        try:
            return self._typed(raw)
        except Malformed as error:
            _log.warning(
                "object left out", kind=self.model.resource.kind, key=str(error.key), problem=error.message
            )
            return None


def status_wire(obj: KubeObject) -> Wire:
    """What an apply of a status sends: identity and status alone."""
    wire: Wire = obj.to_wire()
    identity = {name: value for name, value in wire["metadata"].items() if value and name in _IDENTITY}
    return {**{name: value for name, value in wire.items() if name != "spec"}, "metadata": identity}


def _segment(name: str) -> str:
    """A name quoted as one path segment: names from users' specs must not change the path."""
    if name in (".", ".."):
        raise Invalid(400, "Invalid", f"{name!r} is no name of an object")
    return quote(name, safe="")
