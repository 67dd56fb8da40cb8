"""An API server in memory, for tests without a cluster: storage, watches, patches and faults to order.

It plays what controllers depend on (versions, conflicts, finalizers, server-side apply, watches with
bookmarks and 410), not validation or admission: those belong to the real control plane.
"""

import itertools
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2

from fluid.kube import Connection
from fluid.kube.selector import label_selector
from tests.harness.patches import json_patch, merge, merge_keyed, without

Json = dict[str, Any]
Fault = Callable[[httpx2.Request], httpx2.Response | None]


def status(code: int, reason: str, message: str = "", *, cause: str = "") -> httpx2.Response:
    """A failure as the API server words it; `cause` is the word that says it in detail."""
    body: Json = {
        "kind": "Status",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message or reason,
    }
    if cause:
        body["details"] = {"causes": [{"reason": cause, "message": message or reason}]}
    return httpx2.Response(code, json=body)


@dataclass(frozen=True)
class Target:
    """What a URL speaks of."""

    collection: str
    namespace: str
    name: str
    subresource: str

    @classmethod
    def of(cls, path: str) -> "Target":
        parts = path.strip("/").split("/")
        root, rest = (parts[:2], parts[2:]) if parts[0] == "api" else (parts[:3], parts[3:])
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        rest += [""] * (3 - len(rest))
        return cls("/".join([*root[1:], rest[0]]), namespace, rest[1], rest[2])


@dataclass
class FakeServer:
    """The server; `connect` gives a Connection to it.

    Attributes:
        requests: ``METHOD path`` of everything that was asked.
        faults: asked first; an answer of theirs is the answer.
        missing: collections (``v1/pods``) that are not installed.
    """

    requests: list[str] = field(default_factory=list[str])
    faults: list[Fault] = field(default_factory=list[Fault])
    missing: set[str] = field(default_factory=set[str])
    objects: dict[str, dict[tuple[str, str], Json]] = field(
        default_factory=dict[str, dict[tuple[str, str], Json]]
    )
    version: int = 100

    def __post_init__(self) -> None:
        self._log: list[tuple[int, str, str, Json]] = []
        self._compacted = 0
        self._changed = anyio.Event()
        self._epoch = 0
        self._applied: dict[tuple[str, str], Json] = {}
        self._uids = itertools.count(1)

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        return Connection.open(transport=httpx2.MockTransport(self.answer))

    def writes(self) -> list[str]:
        return [line for line in self.requests if not line.startswith("GET")]

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        for fault in self.faults:
            if (response := fault(request)) is not None:
                return response
        target = Target.of(request.url.path)
        if target.collection in self.missing:
            return httpx2.Response(404, text="404 page not found\n")
        body = json.loads(request.content) if request.content else None
        handler = getattr(self, f"_{request.method.lower()}")
        return handler(target, request, body)

    # What tests do behind the controllers' backs.

    def put(self, collection: str, obj: Json) -> Json:
        """Creates or replaces, status included."""
        metadata = obj["metadata"]
        key = (metadata.get("namespace") or "", metadata["name"])
        old = self.objects.setdefault(collection, {}).get(key)
        fresh = deepcopy(obj)
        if old is not None:
            fresh["metadata"] = {**old["metadata"], **fresh["metadata"]}
        return self._store(collection, key, old, fresh)

    def remove(self, collection: str, namespace: str, name: str) -> None:
        """Deletes at once, finalizers or not."""
        old = self.objects[collection].pop((namespace, name))
        self._emit("DELETED", collection, self._bumped(old))

    def get(self, collection: str, namespace: str, name: str) -> Json | None:
        return self.objects.get(collection, {}).get((namespace, name))

    def compact(self) -> None:
        """Forgets history: watches from before get 410."""
        self._compacted = self.version
        self._log.clear()
        self._wake()

    def restore(self, version: int) -> None:
        """Goes back to an empty state of long ago, as when etcd is restored from a backup."""
        self.objects.clear()
        self._log.clear()
        self.version = version
        self.drop_watches()

    def drop_watches(self) -> None:
        """Ends all open watches."""
        self._epoch += 1
        self._wake()

    def bookmark(self) -> None:
        """Sends a bookmark to every watch."""
        self.version += 1
        self._emit("BOOKMARK", "*", {"metadata": {"resourceVersion": str(self.version)}})

    # Verbs.

    def _get(self, target: Target, request: httpx2.Request, _body: None) -> httpx2.Response:
        if target.name:
            found = self.get(target.collection, target.namespace, target.name)
            return httpx2.Response(200, json=found) if found else self._not_found(target)
        if request.url.params.get("watch"):
            return self._watch(target, request)
        items = [
            o for o in self.objects.get(target.collection, {}).values() if self._selected(target, request, o)
        ]
        start = int(request.url.params.get("continue", 0))
        end = start + int(request.url.params.get("limit", len(items) or 1))
        metadata: Json = {"resourceVersion": str(self.version)}
        if end < len(items):
            metadata["continue"] = str(end)
        return httpx2.Response(200, json={"kind": "List", "metadata": metadata, "items": items[start:end]})

    def _post(self, target: Target, _request: httpx2.Request, body: Json) -> httpx2.Response:
        key = (target.namespace, body["metadata"]["name"])
        if key in self.objects.setdefault(target.collection, {}):
            return status(409, "AlreadyExists", f"{target.collection} {key[1]!r} already exists")
        return httpx2.Response(201, json=self._store(target.collection, key, None, body))

    def _delete(self, target: Target, _request: httpx2.Request, body: Json | None) -> httpx2.Response:
        old = self.get(target.collection, target.namespace, target.name)
        if old is None:
            return self._not_found(target)
        preconditions: Json = (body or {}).get("preconditions") or {}
        wanted = preconditions.get("uid")
        if wanted and wanted != old["metadata"]["uid"]:
            return status(409, "Conflict", "the UID in the precondition does not match")
        fresh = deepcopy(old)
        fresh["metadata"].setdefault("deletionTimestamp", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return httpx2.Response(
            200, json=self._store(target.collection, (target.namespace, target.name), old, fresh)
        )

    def _patch(self, target: Target, request: httpx2.Request, body: Any) -> httpx2.Response:
        key, kind = (target.namespace, target.name), request.headers["Content-Type"]
        old = self.get(target.collection, *key)
        if old is None and not kind.startswith("application/apply-patch"):
            return self._not_found(target)
        try:
            if kind.startswith("application/apply-patch"):
                fresh = self._apply(target, old, body, request.url.params["fieldManager"])
            elif kind.startswith("application/json-patch"):
                fresh = json_patch(old, body)
            else:
                fresh = merge(old, body)
        except ValueError as error:
            return status(422, "Invalid", str(error))
        asked = _version(body)
        if asked and (old is None or asked != _version(old)):
            return status(409, "Conflict", "the object has been modified")
        uid = _metadata(body).get("uid")
        if uid and (old is None or uid != old["metadata"]["uid"]):
            return status(409, "Conflict", "uid mismatch: the object is another one")
        if target.subresource == "scale":
            fresh = merge(old, {"spec": {"replicas": body["spec"]["replicas"]}})
        elif target.subresource == "status":
            fresh = {**(old or {}), "status": fresh.get("status", {})}
        elif old is not None and "status" in old:
            fresh = {**fresh, "status": old["status"]}
        return httpx2.Response(200 if old else 201, json=self._store(target.collection, key, old, fresh))

    def _apply(self, target: Target, old: Json | None, body: Json, manager: str) -> Json:
        owner = (f"{target.collection}/{target.namespace}/{target.name}/{target.subresource}", manager)
        base = without(deepcopy(old or {}), self._applied.get(owner, {}), body)
        self._applied[owner] = deepcopy(body)
        wanted = deepcopy(body)
        wanted["metadata"].pop("resourceVersion", None)
        return merge_keyed(base, wanted)

    # Storage.

    def _store(self, collection: str, key: tuple[str, str], old: Json | None, fresh: Json) -> Json:
        """Writes if anything changed; an object that is being deleted and has no finalizer left goes."""
        if old is not None and fresh == old:
            return old
        fresh = deepcopy(fresh)
        metadata = fresh["metadata"]
        if key[0]:
            metadata["namespace"] = key[0]
        metadata.setdefault("uid", str(uuid.UUID(int=next(self._uids))))
        metadata.setdefault("creationTimestamp", "2026-01-01T00:00:00Z")
        changed = old is None or fresh.get("spec") != old.get("spec")
        metadata["generation"] = metadata.get("generation", 0) + (1 if changed else 0)
        fresh = self._bumped(fresh)
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            self.objects[collection].pop(key, None)
            self._emit("DELETED", collection, fresh)
            return fresh
        self.objects.setdefault(collection, {})[key] = fresh
        self._emit("MODIFIED" if old else "ADDED", collection, fresh)
        return fresh

    def _bumped(self, obj: Json) -> Json:
        self.version += 1
        return {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}

    def _emit(self, kind: str, collection: str, obj: Json) -> None:
        self._log.append((self.version, kind, collection, obj))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    # Watches.

    def _watch(self, target: Target, request: httpx2.Request) -> httpx2.Response:
        since = request.url.params.get("resourceVersion")
        if since is not None and int(since) < self._compacted:
            return status(410, "Expired", "too old resource version")
        return httpx2.Response(200, stream=_Lines(self._lines(target, request, since)))

    async def _lines(
        self, target: Target, request: httpx2.Request, since: str | None
    ) -> AsyncIterator[bytes]:
        epoch, seen = self._epoch, int(since or self.version)
        if since is None:
            for obj in [*self.objects.get(target.collection, {}).values()]:
                if self._selected(target, request, obj):
                    yield _line("ADDED", obj)
        while epoch == self._epoch:
            if seen < self._compacted:
                yield _line(
                    "ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
                )
                return
            changed = self._changed
            for version, kind, collection, obj in [*self._log]:
                if version > seen:
                    seen = version
                    mine = collection == target.collection and self._selected(target, request, obj)
                    if mine or kind == "BOOKMARK":
                        yield _line(kind, obj)
            if changed is self._changed:
                await changed.wait()

    @staticmethod
    def _selected(target: Target, request: httpx2.Request, obj: Json) -> bool:
        metadata = obj["metadata"]
        if target.namespace and metadata.get("namespace") != target.namespace:
            return False
        selector = request.url.params.get("labelSelector")
        return not selector or label_selector(selector)(metadata.get("labels") or {})

    @staticmethod
    def _not_found(target: Target) -> httpx2.Response:
        return status(404, "NotFound", f"{target.collection} {target.name!r} not found")


class _Lines(httpx2.AsyncByteStream):
    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._lines


def _line(kind: str, obj: Json) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def _metadata(body: Json | list[Json] | None) -> Json:
    return (body.get("metadata") or {}) if isinstance(body, dict) else {}


def _version(body: Json | list[Json] | None) -> str | None:
    return _metadata(body).get("resourceVersion")
