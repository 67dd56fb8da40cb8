"""The last known state of the API server: the read side of an informer."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import anyio

from fluid.kube.entry import Change, Entry
from fluid.kube.errors import Malformed
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
Indexer = Callable[[Entry[M]], Iterable[str]]
Subscriber = Callable[[Change[M]], None]


class Store(Generic[M]):
    """Objects of one kind by key, with indexes. Only the reflector writes to it.

    Attributes:
        synced: set once the first complete list is in.
    """

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.synced: anyio.Event = anyio.Event()
        self._entries: dict[Key, Entry[M]] = {}
        self._indexers: dict[str, Indexer[M]] = {}
        self._indexes: dict[str, dict[str, dict[Key, Entry[M]]]] = {}
        self._filed: dict[str, dict[Key, frozenset[str]]] = {}
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
        """The objects under `value` in the index that fit the model."""
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
        """Files each object under the values that `indexer` returns; adding it again does nothing.

        An object stays where it was filed until it changes or goes, whatever `indexer` would return by then;
        see `file_again`.
        """
        if name not in self._indexers:
            self._indexers[name] = indexer
            self._indexes[name], self._filed[name] = {}, {}
            for entry in self._entries.values():
                self._file(name, entry)

    def file_again(self, key: Key) -> None:
        """Files an object anew, for an index whose function could not tell the values before."""
        entry = self._entries.get(key)
        if entry is not None:
            self._unfile(entry)
            for name in self._indexers:
                self._file(name, entry)

    def replace(self, entries: "Iterable[Entry[M]]", version: int) -> None:
        """Takes a complete list made at `version`; objects missing from it are announced as deleted.

        The process's own writes that are newer than the list stay: the watch will report them. They do not
        stay if the list is older than the store: the API server was then restored from a backup, and its
        versions go back.
        """
        fresh = {entry.key: entry for entry in entries}
        if version >= self._seen:
            for key, old in self._entries.items():
                new = fresh.get(key)
                if old.version > version or (new is not None and old.version == new.version):
                    fresh[key] = old
        self._take_over(fresh, version)

    def clear(self) -> None:
        """Forgets everything, own writes included: the kind is not installed, so it has no objects."""
        self._take_over({}, 0)

    def _take_over(self, fresh: dict[Key, Entry[M]], version: int) -> None:
        before = self._entries
        self._entries, self._seen = fresh, version
        self._reindex(before)
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
        """Takes the result of the process's own write, unless the watch is already past it."""
        if self.synced.is_set() and entry.version > self._seen:
            old = self._entries.get(entry.key)
            if old is None or entry.version > old.version:
                self._put(old, entry)

    def advance(self, version: int) -> None:
        """Records the version that the watch has reached."""
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

    def _values(self, name: str, entry: Entry[M]) -> frozenset[str]:
        try:
            return frozenset(self._indexers[name](entry))
        except Malformed:
            return frozenset()

    def _file(self, name: str, entry: Entry[M], values: frozenset[str] | None = None) -> None:
        filed = self._values(name, entry) if values is None else values
        self._filed[name][entry.key] = filed
        for value in filed:
            self._indexes[name].setdefault(value, {})[entry.key] = entry

    def _unfile(self, entry: Entry[M]) -> None:
        for name, index in self._indexes.items():
            for value in self._filed[name].pop(entry.key, ()):
                bucket = index.get(value, {})
                bucket.pop(entry.key, None)
                if not bucket:
                    index.pop(value, None)

    def _reindex(self, before: dict[Key, Entry[M]]) -> None:
        """Builds the indexes; what has not changed stays where it was filed."""
        for name, filed in self._filed.items():
            self._indexes[name], self._filed[name] = {}, {}
            for key, entry in self._entries.items():
                self._file(name, entry, filed.get(key) if before.get(key) is entry else None)


def _readable(entries: Iterable[Entry[M]]) -> list[M]:
    found: list[M] = []
    for entry in entries:
        try:
            found.append(entry.object)
        except Malformed:  # the reflector has logged it
            continue
    return found
