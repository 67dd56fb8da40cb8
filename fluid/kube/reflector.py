"""Lists, then watches, for ever: keeps one store equal to the state of the API server."""

import random
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Generic, Protocol, TypeVar

import anyio

from fluid.kube.entry import Change, Entry
from fluid.kube.errors import Forbidden, Gone, KubeError, NotFound, Throttled, Unauthorized, Unavailable
from fluid.kube.listwatch import WINDOW, ListWatch, RawEvent
from fluid.kube.log import Log
from fluid.kube.queue import Backoff
from fluid.kube.selector import label_selector
from fluid.kube.store import Store
from fluid.kube.trimming import Trimmer, brief
from fluid.kube.wire import Wire, prune, slim, version_number, version_of
from fluid.types import KubeObject, Resource

M = TypeVar("M", bound=KubeObject)
_IDLE = WINDOW + 10.0
_BRIEF = 1.0
_STUBBORN = 5
"""Answers in a row after which a watch counts as impossible to continue, or a kind as no longer installed: an
API server that has just started may answer so for any kind for a while."""
_log = Log("fluid.kube.reflector")


class Counts(Protocol):
    """Counts what goes wrong with watches, as `fluid.kube.metrics.Metrics` does."""

    def skipped(self, resource: Resource) -> None:
        """Counts an object that could not be read at all."""
        ...

    def relisted(self, resource: Resource) -> None:
        """Counts a watch that had to list again."""
        ...


class Reflector(Generic[M]):
    """Feeds one store.

    Args:
        model: the kind.
        source: lists and watches.
        keep: dotted paths to keep beside short metadata; None keeps all.
        owners: Controllers whose objects are kept whole; of all others only short metadata. None keeps all.
        optional: a kind that is not installed counts as synced, without objects. It is reported as a
            problem nevertheless.
        metrics: the counters; None counts nothing.
        backoff: pauses between failures, in seconds.
        idle: seconds of silence, bookmarks included, after which a watch counts as dead.

    Attributes:
        store: the objects.
        problem: why the store may be stale, as a message for people; None while it is current.
    """

    def __init__(
        self,
        model: type[M],
        source: ListWatch,
        *,
        keep: Iterable[str] | None = None,
        owners: Sequence[str] | None = None,
        optional: bool = False,
        metrics: Counts | None = None,
        backoff: Backoff | None = None,
        idle: float = _IDLE,
    ) -> None:
        self.store: Store[M] = Store(model)
        self.problem: str | None = "not listed yet"
        self._source = source
        self._keep = None if keep is None else [path.split(".") for path in keep]
        self._trimmer = None if owners is None else Trimmer(owners)
        self._optional = optional
        self._metrics = metrics
        self._backoff = backoff or Backoff(base=0.8, cap=30.0)
        self._idle = idle
        self._failures = 0
        self._refusals = 0
        self._absences = 0
        self._version: str | None = None
        self._selects = label_selector(source.labels) if source.labels else None
        self._log = _log.bind(resource=str(model.resource), namespace=source.namespace, labels=source.labels)

    def subscribe(self, fn: Callable[[Change[M]], None]) -> None:
        """Calls `fn` after each change, and now once for each object already known."""
        self.store.subscribe(fn)

    def add_index(self, name: str, fn: Callable[[Entry[M]], Iterable[str]]) -> None:
        """Makes ``store.by(name, value)`` work; adding the same name again does nothing."""
        self.store.add_index(name, fn)

    def observe(self, obj: M) -> None:
        """Stores the result of the process's own write if it is newer than the state of list and watch."""
        self.observe_entry(Entry(self.store.model, slim(obj.to_wire())))

    def observe_entry(self, entry: Entry[M]) -> None:
        """`observe` for an object in wire form."""
        source = self._source
        if source.fields or (source.namespace and source.namespace != entry.key.namespace):
            return
        if self._selects is not None and not self._selects(entry.labels):
            return
        kept = self._trimmer is None or self._trimmer.keeps(entry.raw)
        if source.metadata_only or self._keep is not None or not kept:
            entry = self._entry(entry.raw)
        self.store.observe(entry)

    async def run(self) -> None:
        """Runs until cancelled; failures are logged and retried."""
        while True:
            try:
                if self._version is None:
                    await self._list()
                await self._watch()
            except KubeError as error:
                self._fail(error)
            if self._failures:
                delay = self._backoff.delay(self._failures - 1)
                await anyio.sleep(delay * random.uniform(0.5, 1))

    async def _list(self) -> None:
        if self._trimmer is not None:
            self._trimmer.begin()
        listed, version = await self._source.list(self._readable)
        self._version, self._refusals, self._absences = version, 0, 0
        self.store.replace([entry for entry in listed if entry is not None], version_number(version))
        self._recover()

    async def _watch(self) -> None:
        """Follows one watch to its normal end; a watch that ends at once is a failure."""
        started, quiet = monotonic(), True
        async with self._source.watch(self._version) as events:
            self._recover()
            while True:
                try:
                    with anyio.fail_after(self._idle):
                        event = await anext(events)
                except StopAsyncIteration:
                    break
                except TimeoutError as error:
                    raise Unavailable(0, "Timeout", f"the watch was silent for {self._idle:g} s") from error
                quiet = False
                self._take(event)
        if quiet:
            if monotonic() - started < _BRIEF:
                raise Unavailable(0, "Closed", "the watch was closed at once")
            await self._doubt()

    async def _doubt(self) -> None:
        """Checks whether the version of a watch without any event or bookmark exists at the API server.

        The API server accepts a watch from a version ahead of its own; it sends nothing and ends normally.

        Raises:
            Gone: the version is ahead of the API server's.
        """
        present = await self._source.present_version()
        if self._version is not None and version_number(present) < version_number(self._version):
            raise Gone(410, "Expired", f"the API server is at {present}, this watch was at {self._version}")

    def _take(self, event: RawEvent) -> None:
        kind, raw = event
        try:
            version = raw["metadata"]["resourceVersion"]
        except (KeyError, TypeError):
            self._skip(raw, "no metadata.resourceVersion")
            return
        self._version, self._refusals = version, 0
        if kind == "BOOKMARK":
            self.store.advance(version_of(raw))
        elif (entry := self._readable(raw)) is not None:
            if kind == "DELETED":
                self.store.remove(entry)
                if self._trimmer is not None:
                    self._trimmer.forget(entry.raw)
            else:
                self.store.upsert(entry)

    def _readable(self, raw: Wire) -> Entry[M] | None:
        """The entry; None if the object has no name. An object that does not fit its model is kept."""
        try:
            return self._entry(slim(raw))
        except (KeyError, TypeError, AttributeError) as error:
            self._skip(raw, repr(error))
            return None

    def _entry(self, raw: Wire) -> Entry[M]:
        if self._trimmer is not None and not self._trimmer.keeps(raw):
            return Entry(self.store.model, {"metadata": brief(raw["metadata"])}, partial=True)
        if self._source.metadata_only:
            raw = prune(raw, ())
        elif self._keep is not None:
            raw = prune({**raw, "metadata": brief(raw["metadata"])}, self._keep)
        return Entry(self.store.model, raw, partial=self._source.metadata_only)

    def _skip(self, raw: Wire, problem: str) -> None:
        if self._metrics is not None:
            self._metrics.skipped(self.store.model.resource)
        self._log.error("object skipped", object=str(raw)[:200], problem=problem)

    def _fail(self, error: KubeError) -> None:
        if isinstance(error, Gone) or self._refused_for_long(error):
            self._version = None
            if self._metrics is not None:
                self._metrics.relisted(self.store.model.resource)
        if isinstance(error, Gone) and not self._failures:
            self._failures = 1  # normal: reported only if the list fails as well
            return
        self._failures += 1
        if isinstance(error, NotFound):
            self._version = None
            self._miss()
        problem = self._explain(error)
        if problem != self.problem:
            self._log.warning("cannot follow a kind", problem=problem, reason=error.reason)
        self.problem = problem

    def _miss(self) -> None:
        """Handles a kind that is not installed: an optional kind then counts as synced, without objects."""
        self._absences += 1
        if self._optional and (not self.store.synced.is_set() or self._absences >= _STUBBORN):
            self.store.clear()

    def _refused_for_long(self, error: KubeError) -> bool:
        """Whether the API server answers, but has refused to continue from this version for long.

        An outage is no evidence about the version, and many lists after it could cause another outage.
        """
        if self._version is None or error.status == 0 or isinstance(error, Throttled):
            return False
        self._refusals += 1
        return self._refusals >= _STUBBORN

    def _explain(self, error: KubeError) -> str:
        resource = self.store.model.resource
        if isinstance(error, NotFound):
            return f"the kind {resource} is not installed: apply its CRD (fluid manifests --crds)"
        if isinstance(error, Forbidden):
            return f"no permission to list and watch {resource}: {error.message}"
        if isinstance(error, Unauthorized):
            return f"the API server refuses the credentials for {resource}: {error.message}"
        return f"cannot list or watch {resource}: {error.message}"

    def _recover(self) -> None:
        if self.problem is not None and self.store.synced.is_set():
            if self._failures:
                self._log.info("following again", was=self.problem)
            self.problem = None
        self._failures = 0
