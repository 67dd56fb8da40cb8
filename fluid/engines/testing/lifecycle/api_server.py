"""The API server of a simulated cluster: objects, versions, finalizers, and the time.

Objects are replaced and never changed in place.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from fluid.engines.testing.lifecycle.there import there
from fluid.models import PersistentVolume, PersistentVolumeClaim, Pod
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
START = datetime(2026, 1, 1, tzinfo=UTC)
_UIDS = itertools.count(1)  # never twice in a process: renderings are remembered by UID


@dataclass
class ApiServer:
    """The objects of a cluster.

    Attributes:
        now: The time; one second passes with every step.
        objects: What is there, by kind and key.
        writes: What the operator sent.
        owners: Field managers of the Datasets' statuses, by UID and field.
        version: Version of the newest change.
    """

    now: datetime = START
    objects: dict[type[KubeObject], dict[Key, KubeObject]] = field(
        default_factory=dict[type[KubeObject], dict[Key, KubeObject]]
    )
    writes: list[str] = field(default_factory=list[str])
    owners: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    version: int = 0

    def advance(self, time: timedelta) -> None:
        """Let time pass."""
        self.now = self.now + time

    def get(self, kind: type[M], key: Key) -> M | None:
        """The object of a kind and key."""
        found = self.objects.get(kind, {}).get(key)
        return found if isinstance(found, kind) else None

    def all(self, kind: type[M]) -> list[M]:
        """All objects of a kind."""
        return [one for one in self.objects.get(kind, {}).values() if isinstance(one, kind)]

    def everything(self) -> Iterator[KubeObject]:
        """All objects."""
        return (obj for kind in list(self.objects) for obj in list(self.objects[kind].values()))

    def put(self, obj: M) -> M:
        """Store an object as it is, with a new version."""
        self.version += 1
        stored = obj.model_copy(update={"metadata": obj.metadata.model_copy()})
        stored.metadata.resource_version = str(self.version)
        self.objects.setdefault(type(obj), {})[obj.key] = stored
        return stored

    def create(self, obj: M) -> M:
        """Store a new object, with a UID."""
        created = obj.model_copy(update={"metadata": obj.metadata.model_copy()})
        created.metadata.uid = f"uid-{next(_UIDS)}"
        created.metadata.generation = 1
        created.metadata.creation_timestamp = self.now
        if isinstance(obj, PersistentVolume):
            created.metadata.finalizers = ["kubernetes.io/pv-protection"]
        if isinstance(obj, PersistentVolumeClaim):
            created.metadata.finalizers = ["kubernetes.io/pvc-protection"]
        return self.put(created)

    def change(self, obj: M, *, metadata: Mapping[str, object] | None = None, **changes: object) -> M:
        """Replace parts of an object and of its metadata; a new spec is a new generation."""
        live = there(self.get(type(obj), obj.key))
        next_one: Mapping[str, object] = (
            {"generation": there(live.metadata.generation) + 1} if "spec" in changes else {}
        )
        copy = live.model_copy(update=changes)
        copy.metadata = live.metadata.model_copy(update={**next_one, **(metadata or {})})
        return self.put(copy)

    def delete(self, obj: KubeObject) -> None:
        """Ask for a deletion; finalizers and pods hold it up."""
        live = self.get(type(obj), obj.key)
        if live is None or live.uid != obj.uid:
            return
        graceful = live.metadata.finalizers or isinstance(live, Pod)
        if not graceful:
            self.remove(live)
        elif live.metadata.deletion_timestamp is None:
            self.change(live, metadata={"deletion_timestamp": self.now})

    def drop_finalizer(self, obj: KubeObject, name: str) -> None:
        """Take a finalizer off; the last one lets a deletion end."""
        live = self.get(type(obj), obj.key)
        if live is None or live.uid != obj.uid:
            return
        left = [one for one in live.metadata.finalizers or () if one != name]
        self.change(live, metadata={"finalizers": left})
        if not left and live.metadata.deletion_timestamp is not None:
            self.remove(live)

    def remove(self, obj: KubeObject) -> None:
        """Take an object away, whatever its finalizers."""
        self.version += 1
        del self.objects[type(obj)][obj.key]
