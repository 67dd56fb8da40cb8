"""What the API server has, as far as we have heard: the read side of an informer.

Objects are kept as plain JSON and become typed when somebody reads them, once per version. That
keeps a thousand children cheap, and one object that does not fit its model harms no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

import anyio
from pydantic import ValidationError

from fluid.kube.errors import Invalid, Malformed
from fluid.kube.wire import Wire, key_of, version_of
from fluid.models import ObjectMeta
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
M_co = TypeVar("M_co", bound=KubeObject, covariant=True)
_NOTHING: Mapping[str, str] = {}


class Owner(NamedTuple):
    """The owner reference that says ``controller: true``."""

    kind: str
    name: str
    uid: str


class Entry(Generic[M_co]):
    """One object at one version: its metadata at no cost, the typed object when asked for.

    Attributes:
        key: namespace and name.
        version: resourceVersion as a number.
        raw: the JSON of the object, without apiVersion, kind and managedFields; never change it.
        verdicts: what `converge` found out about this very version, by desired hash: True (nothing to
            send) or the refusal.
    """

    __slots__ = ("_model", "_object", "_partial", "_problem", "key", "raw", "verdicts", "version")

    def __init__(self, model: type[M_co], raw: Wire, *, partial: bool = False) -> None:
        self._model = model
        self._object: M_co | None = None
        self._problem: str | None = None
        self._partial = partial
        self.key = key_of(raw)
        self.raw = raw
        self.version = version_of(raw)
        self.verdicts: dict[str, Invalid | Literal[True]] = {}

    @property
    def model(self) -> type[M_co]:
        """The type of `object`."""
        return self._model

    @property
    def uid(self) -> str:
        """The uid; empty if there is none."""
        return self.raw["metadata"].get("uid", "")

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels; empty if there are none."""
        return self.raw["metadata"].get("labels") or _NOTHING

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations; empty if there are none."""
        return self.raw["metadata"].get("annotations") or _NOTHING

    @property
    def generation(self) -> int:
        """Counts changes of the spec; 0 for kinds that do not count."""
        return self.raw["metadata"].get("generation", 0)

    @property
    def deleting(self) -> bool:
        """Whether deletion has been asked for."""
        return "deletionTimestamp" in self.raw["metadata"]

    @property
    def controller(self) -> Owner | None:
        """The controlling owner, if any."""
        for reference in self.raw["metadata"].get("ownerReferences") or ():
            if reference.get("controller"):
                return Owner(reference["kind"], reference["name"], reference["uid"])
        return None

    @property
    def object(self) -> M_co:
        """The typed object, shared by all readers: copy before changing.

        Raises:
            Malformed: it does not fit the model.
        """
        if self._object is None:
            if self._problem is None:
                self._decode()
            if self._object is None:
                raise Malformed(self.key, self._problem or "unreadable")
        return self._object

    def _decode(self) -> None:
        try:
            if self._partial:
                self._object = _metadata_only(self._model, self.raw)
            else:
                self._object = self._model.model_validate(self.raw)
        except ValidationError as error:
            self._problem = explain(error)


def _metadata_only(model: type[M], raw: Wire) -> M:
    """The model with nothing but its metadata, whatever else it requires."""
    metadata = ObjectMeta.model_validate(raw["metadata"])
    return model.model_construct(metadata=metadata)


def explain(error: ValidationError) -> str:
    """``path: message`` of the first three problems that pydantic found."""
    found = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:3]]
    return "; ".join(found)


class Change(Generic[M]):
    """One object before and after; ``before`` is None when added, ``after`` is None when deleted."""

    __slots__ = ("after", "before")

    def __init__(self, before: Entry[M] | None, after: Entry[M] | None) -> None:
        self.before = before
        self.after = after

    @property
    def entries(self) -> Iterator[Entry[M]]:
        """The one or two versions that exist: a mapping usually looks at both."""
        return (entry for entry in (self.before, self.after) if entry is not None)

    @property
    def latest(self) -> Entry[M]:
        """The newest version that is known."""
        entry = self.after or self.before
        assert entry is not None, "a change has at least one side"
        return entry

    @property
    def key(self) -> Key:
        """The object that changed."""
        return self.latest.key

    @property
    def old(self) -> M | None:
        """The typed object before; raises Malformed like `Entry.object`."""
        return self.before.object if self.before else None

    @property
    def new(self) -> M | None:
        """The typed object after; raises Malformed like `Entry.object`."""
        return self.after.object if self.after else None


Indexer = Callable[[Entry[M]], Iterable[str]]
Subscriber = Callable[[Change[M]], None]


class Store(Generic[M]):
    """Objects of one kind by key, with indexes. Only the reflector writes to it.

    Attributes:
        synced: set once the first complete list is in.
    """

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.synced = anyio.Event()
        self._entries: dict[Key, Entry[M]] = {}
        self._indexers: dict[str, Indexer[M]] = {}
        self._indexes: dict[str, dict[str, dict[Key, Entry[M]]]] = {}
        self._subscribers: list[Subscriber[M]] = []
        self._seen = 0

    def __len__(self) -> int:
        return len(self._entries)

    def keys(self) -> list[Key]:
        """The keys of all objects."""
        return list(self._entries)

    def entry(self, key: Key) -> Entry[M] | None:
        """The object with its metadata at hand, readable or not."""
        return self._entries.get(key)

    def entries(self) -> list[Entry[M]]:
        """All objects, readable or not."""
        return list(self._entries.values())

    def get(self, key: Key) -> M | None:
        """The object, or None.

        Raises:
            Malformed: it does not fit the model.
        """
        entry = self._entries.get(key)
        return entry.object if entry else None

    def list(self) -> list[M]:
        """All objects that fit the model."""
        return _readable(self._entries.values())

    def by(self, index: str, value: str) -> "list[M]":
        """The objects that fit the model and that the index files under `value`."""
        return _readable(self.entries_by(index, value))

    def entries_by(self, index: str, value: str) -> "list[Entry[M]]":
        """Like `by`, untyped and complete.

        Raises:
            KeyError: there is no such index.
        """
        return [*self._indexes[index].get(value, {}).values()]

    # The rest is for the reflector.

    def subscribe(self, subscriber: Subscriber[M]) -> None:
        """Calls `subscriber` after each change, and now once for each object already here."""
        self._subscribers.append(subscriber)
        for entry in self.entries():
            subscriber(Change(None, entry))

    def add_index(self, name: str, indexer: Indexer[M]) -> None:
        """Files each object under the values that `indexer` returns; adding it again does nothing."""
        if name not in self._indexers:
            self._indexers[name] = indexer
            self._indexes[name] = {}
            for entry in self._entries.values():
                self._file(name, entry)

    def replace(self, entries: "Iterable[Entry[M]]", version: int) -> None:
        """Takes over a complete list made at `version`; what vanished is announced as deleted.

        Own writes newer than the list stay: the watch will speak of them.
        """
        fresh = {entry.key: entry for entry in entries}
        before = self._entries
        for key, old in before.items():
            new = fresh.get(key)
            if (old.version > version) if new is None else (old.version >= new.version):
                fresh[key] = old
        self._entries, self._seen = fresh, max(self._seen, version)
        self._reindex()
        self.synced.set()
        for key, new in fresh.items():
            if before.get(key) is not new:
                self._announce(before.get(key), new)
        for key, old in before.items():
            if key not in fresh:
                self._announce(old, None)

    def upsert(self, entry: Entry[M]) -> None:
        """Takes an added or modified object from the watch."""
        self.advance(entry.version)
        old = self._entries.get(entry.key)
        if old is None or entry.version > old.version or not entry.version:
            self._put(old, entry)

    def remove(self, entry: Entry[M]) -> None:
        """Takes a deletion from the watch; a newer object of the same name stays."""
        self.advance(entry.version)
        old = self._entries.get(entry.key)
        if old is not None and (old.version <= entry.version or not entry.version):
            del self._entries[entry.key]
            self._unfile(old)
            self._announce(old, None)

    def observe(self, entry: Entry[M]) -> None:
        """Takes the result of an own write ahead of the watch, unless the watch is already past it."""
        if self.synced.is_set() and entry.version > self._seen:
            old = self._entries.get(entry.key)
            if old is None or entry.version > old.version:
                self._put(old, entry)

    def advance(self, version: int) -> None:
        """Notes how far the watch has come."""
        self._seen = max(self._seen, version)

    def _put(self, old: Entry[M] | None, new: Entry[M]) -> None:
        if old is not None:
            self._unfile(old)
        self._entries[new.key] = new
        for name in self._indexers:
            self._file(name, new)
        self._announce(old, new)

    def _announce(self, old: Entry[M] | None, new: Entry[M] | None) -> None:
        change = Change(old, new)
        for subscriber in self._subscribers:
            subscriber(change)

    def _values(self, name: str, entry: Entry[M]) -> Iterable[str]:
        try:
            return {*self._indexers[name](entry)}
        except Malformed:
            return ()

    def _file(self, name: str, entry: Entry[M]) -> None:
        for value in self._values(name, entry):
            self._indexes[name].setdefault(value, {})[entry.key] = entry

    def _unfile(self, entry: Entry[M]) -> None:
        for name, index in self._indexes.items():
            for value in self._values(name, entry):
                bucket = index.get(value, {})
                bucket.pop(entry.key, None)
                if not bucket:
                    index.pop(value, None)

    def _reindex(self) -> None:
        for name in self._indexers:
            self._indexes[name] = {}
            for entry in self._entries.values():
                self._file(name, entry)


def _readable(entries: Iterable[Entry[M]]) -> list[M]:
    found: list[M] = []
    for entry in entries:
        try:
            found.append(entry.object)
        except Malformed:  # the reflector has logged it
            continue
    return found
