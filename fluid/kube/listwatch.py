"""The list and the watch of an informer, for one kind and selector, as plain JSON."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import msgspec

from fluid.kube.errors import TooLarge, Unavailable
from fluid.kube.http import JSON, Http
from fluid.kube.status import watch_error
from fluid.kube.wire import Wire, decode
from fluid.types import Resource

PAGE = 500
"""Objects of a page at first; if an answer is too large, a tenth of it, and so on."""
WINDOW = 290
"""Seconds after which the API server ends a watch."""
_METADATA = "application/json;as={kind};g=meta.k8s.io;v=v1,application/json"


T = TypeVar("T")


class RawEvent(NamedTuple):
    """One event of a watch."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: Wire


class _Line(msgspec.Struct):
    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


_line = msgspec.json.Decoder(_Line)


def collection(resource: Resource, namespace: str | None = None) -> str:
    """The path of all objects of a kind, or of those in one namespace."""
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    inside = f"/namespaces/{namespace}" if resource.namespaced and namespace else ""
    return f"{root}{inside}/{resource.plural}"


@dataclass(frozen=True, slots=True)
class ListWatch:
    """Lists and watches one kind.

    Args:
        connection: where to.
        resource: the kind.
        namespace: None means all namespaces.
        labels: label selector as kubectl writes it.
        fields: field selector as kubectl writes it.
        metadata_only: asks for metadata alone.
    """

    connection: Http
    resource: Resource
    namespace: str | None = None
    labels: str | None = None
    fields: str | None = None
    metadata_only: bool = False

    async def list(self, take: Callable[[Wire], T], most: int | None = None) -> tuple[list[T], str]:
        """What `take` makes of all objects, and the resourceVersion of the list.

        Read in pages, of which no more than one is in memory at a time.

        Args:
            take: called once for each object; only its return value is kept.
            most: number of objects after which no further page is read; None reads all.

        Raises:
            KubeError: any failure; Gone when the pages took too long.
        """
        query = {**self._selectors(), "limit": str(PAGE)}
        found: list[T] = []
        while True:
            page = await self._next(query)
            found += map(take, page.get("items") or ())
            metadata = page["metadata"]
            if not metadata.get("continue") or (most is not None and len(found) >= most):
                return found, metadata["resourceVersion"]
            query["continue"] = metadata["continue"]

    async def _next(self, query: dict[str, str]) -> Wire:
        """The next page; smaller from now on if the objects are large."""
        while True:
            try:
                return _page(
                    await self.connection.request("GET", self._path, query=query, accept=self._accept(True))
                )
            except TooLarge:
                if query["limit"] == "1":
                    raise
                query["limit"] = str(max(1, int(query["limit"]) // 10))

    async def present_version(self) -> str:
        """The API server's current resourceVersion, from a list of one object, which is cheap.

        Raises:
            KubeError: any failure.
        """
        query = {**self._selectors(), "limit": "1"}
        body = await self.connection.request("GET", self._path, query=query, accept=self._accept(True))
        return _page(body)["metadata"]["resourceVersion"]

    @asynccontextmanager
    async def watch(self, version: str | None) -> AsyncGenerator[AsyncIterator[RawEvent]]:
        """Opens a watch and yields its events until the API server ends it; bound each step in time.

        Args:
            version: the resourceVersion to continue from; None starts with the existing objects.

        Raises:
            Gone: the version is too old; list again.
            Unavailable: a line is no JSON, or the connection broke.
            KubeError: any other failure.
        """
        query = {
            **self._selectors(),
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(random.randint(WINDOW * 9 // 10, WINDOW)),
        }
        if version is not None:
            query["resourceVersion"] = version
        async with self.connection.stream(self._path, query, self._accept(False)) as lines:
            yield (_event(line) async for line in lines)

    @property
    def _path(self) -> str:
        return collection(self.resource, self.namespace)

    def _accept(self, many: bool) -> str:
        kind = "PartialObjectMetadataList" if many else "PartialObjectMetadata"
        return _METADATA.format(kind=kind) if self.metadata_only else JSON

    def _selectors(self) -> dict[str, str]:
        wanted = {"labelSelector": self.labels, "fieldSelector": self.fields}
        return {name: value for name, value in wanted.items() if value}


def _page(body: bytes) -> Wire:
    try:
        page = decode(body)
        if not isinstance(page["metadata"]["resourceVersion"], str):
            raise TypeError("resourceVersion")
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise Unavailable(200, "BadAnswer", f"a list cannot be read: {error!r}") from error
    return page


def _event(data: bytes) -> RawEvent:
    try:
        line = _line.decode(data)
        if line.type == "ERROR":
            raise watch_error(bytes(line.object))
        return RawEvent(line.type, decode(bytes(line.object)))
    except msgspec.MsgspecError as error:
        raise Unavailable(200, "BadAnswer", f"a line of a watch cannot be read: {error}") from error
