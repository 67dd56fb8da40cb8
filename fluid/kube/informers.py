"""One shared reflector per kind and selector."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar, cast

import anyio
from anyio.abc import TaskGroup

from fluid.kube.api import Api
from fluid.kube.connection import Connection
from fluid.kube.entry import Entry
from fluid.kube.listwatch import ListWatch
from fluid.kube.reflector import Counts, Reflector
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


class _Selection(NamedTuple):
    model: type[KubeObject]
    labels: str | None
    namespace: str | None
    fields: str | None
    metadata_only: bool
    keep: tuple[str, ...] | None
    owners: tuple[str, ...] | None


class InformerFactory:
    """Creates, shares and runs reflectors.

    Args:
        connection: where to list and watch.
        metrics: where to count; None counts nothing.
        namespace: the only namespace to watch; None means all.
    """

    def __init__(
        self, connection: Connection, *, metrics: Counts | None = None, namespace: str | None = None
    ) -> None:
        self.connection = connection
        self._metrics = metrics
        self._namespace = namespace
        self._reflectors: dict[_Selection, Reflector[Any]] = {}
        self._by_model: dict[type[KubeObject], list[Reflector[Any]]] = {}
        self._running: TaskGroup | None = None
        self._scopes: dict[Reflector[Any], anyio.CancelScope] = {}

    def of(
        self,
        model: type[M],
        *,
        labels: str | None = None,
        namespace: str | None = None,
        fields: str | None = None,
        metadata_only: bool = False,
        keep: tuple[str, ...] | None = None,
        owners: tuple[str, ...] | None = None,
        optional: bool = False,
    ) -> Reflector[M]:
        """The reflector for this kind and selector, created at the first call and shared afterwards.

        May be called while running.

        Args:
            model: the kind.
            labels: label selector as kubectl writes it.
            namespace: None means all that these informers watch.
            fields: field selector as kubectl writes it.
            metadata_only: asks the API server for metadata alone; nothing else of an object is set.
            keep: dotted paths (``spec.nodeName``) to keep beside short metadata; None keeps all.
            owners: API groups (or ``group/Kind``) of controllers whose objects are kept whole, or as `keep`
                says; of other objects only short metadata is kept. None keeps objects of all owners.
            optional: a kind that is not installed counts as synced; it is reported as a problem, and watched
                once it is installed.
        """
        if model.resource.namespaced:
            namespace = namespace or self._namespace
        selection = _Selection(model, labels, namespace, fields, metadata_only, keep, owners)
        if selection not in self._reflectors:
            source = ListWatch(self.connection, model.resource, namespace, labels, fields, metadata_only)
            reflector = Reflector(
                model, source, keep=keep, owners=owners, optional=optional, metrics=self._metrics
            )
            self._reflectors[selection] = reflector
            self._by_model.setdefault(model, []).append(reflector)
            if self._running is not None:
                self._running.start_soon(self._follow, reflector)
        return cast("Reflector[M]", self._reflectors[selection])

    def stop(self, reflector: Reflector[M]) -> None:
        """Ends a reflector that is no longer needed; its store keeps its content and gets no more updates."""
        self._reflectors = {key: one for key, one in self._reflectors.items() if one is not reflector}
        self._by_model[reflector.store.model].remove(reflector)
        if (scope := self._scopes.pop(reflector, None)) is not None:
            scope.cancel()

    def api(self, model: type[M]) -> Api[M]:
        """Like `Connection.api`, and the stores get the results of its writes at once."""
        return Api(self.connection, model, self._observe)

    def observe(self, obj: KubeObject) -> None:
        """Passes the result of the process's own write to the stores of this kind."""
        for reflector in self._by_model.get(type(obj), ()):
            reflector.observe(obj)

    def problems(self) -> list[str]:
        """The kinds that are not synced, not permitted or not reachable, one sentence each."""
        return [*self._problems(), *self.connection.request_failures.problems()]

    async def synced(self) -> None:
        """Returns when every reflector made so far has its first complete list."""
        for reflector in [*self._reflectors.values()]:
            await reflector.store.synced.wait()

    async def run(self) -> None:
        """Runs all reflectors, those added later too, until cancelled."""
        async with anyio.create_task_group() as group:
            self._running = group
            for reflector in self._reflectors.values():
                group.start_soon(self._follow, reflector)
            try:
                await anyio.sleep_forever()
            finally:
                self._running = None

    async def _follow(self, reflector: Reflector[Any]) -> None:
        if not any(one is reflector for one in self._by_model[reflector.store.model]):
            return  # stopped before it began
        with anyio.CancelScope() as self._scopes[reflector]:
            await reflector.run()

    def _observe(self, entry: Entry[Any]) -> None:
        for reflector in self._by_model.get(entry.model, ()):
            reflector.observe_entry(entry)

    def _problems(self) -> Iterator[str]:
        for selection, reflector in [*self._reflectors.items()]:
            if reflector.problem is not None:
                selector = f" ({selection.labels})" if selection.labels else ""
                yield f"{selection.model.resource}{selector}: {reflector.problem}"
