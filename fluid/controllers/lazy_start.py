"""An unused runtime kind costs one metadata watch; its first object starts its controller."""

from collections.abc import Callable, Sequence

import anyio
import structlog

from fluid.controllers.context import Context
from fluid.engines.core.registration import EngineRegistration
from fluid.kube import Change, Entry, Reflector
from fluid.models import PolicyRule
from fluid.types import Key, KubeObject

Start = Callable[[EngineRegistration[KubeObject], Reflector[KubeObject]], None]
"""Starts the full controller of a runtime kind over the reflector of its complete objects."""
Hosts = Callable[[EngineRegistration[KubeObject]], bool]
Listener = Callable[[Change[KubeObject]], None]
_PATIENCE = 5.0
_log = structlog.get_logger("fluid.controllers.lazy_start")


def rules(registrations: Sequence[EngineRegistration[KubeObject]]) -> tuple[PolicyRule, ...]:
    """The rights to watch the runtime kinds, to delete runtimes, and to make those of references."""
    found: list[PolicyRule] = []
    for one in registrations:
        kind, verbs = one.kind.resource, ["get", "list", "watch", "delete"]
        verbs += ["create"] if one.carries_references is not None else []
        found.append(PolicyRule(api_groups=[kind.group], resources=[kind.plural], verbs=verbs))
    return tuple(found)


class RuntimeKind:
    """One runtime kind: metadata is watched until the first object appears, complete objects afterwards."""

    def __init__(
        self, context: Context, registration: EngineRegistration[KubeObject], listener: Listener
    ) -> None:
        self.registration = registration
        self.appeared: anyio.Event = anyio.Event()
        self._context = context
        self._listener = listener
        self.metadata_reflector: Reflector[KubeObject] = context.informer_factory.of(
            registration.kind, namespace=context.namespace, metadata_only=True, optional=True
        )
        self.current = self.metadata_reflector
        self.metadata_reflector.subscribe(self._notice)

    async def run(self, start: Start) -> None:
        """Waits for the first object, starts the controller, and ends the metadata watch."""
        await self.appeared.wait()
        kind = self.registration.kind.resource.kind
        _log.info("the first runtime of a kind is there: its controller starts", kind=kind)
        complete: Reflector[KubeObject] = self._context.informer_factory.of(
            self.registration.kind, namespace=self._context.namespace, optional=True
        )
        complete.subscribe(self._listener)
        start(self.registration, complete)
        await complete.store.synced.wait()
        self.current: Reflector[KubeObject] = complete
        self._context.informer_factory.stop(self.metadata_reflector)

    def _notice(self, change: Change[KubeObject]) -> None:
        if change.after is not None:
            self.appeared.set()
        self._listener(change)


class RuntimeKinds:
    """All runtime kinds that have an engine: lists their runtimes and notifies listeners of changes."""

    def __init__(self, context: Context) -> None:
        self._listeners: list[Listener] = []
        self.kinds: list[RuntimeKind] = [
            RuntimeKind(context, one, self._notify) for one in context.registry.engines.values()
        ]

    @property
    def names(self) -> list[str]:
        """The kinds, such as ``MyCacheRuntime``."""
        return [kind.registration.kind.resource.kind for kind in self.kinds]

    def of(self, key: Key) -> list[Entry[KubeObject]]:
        """The runtimes of a name, of whatever kind."""
        found = [kind.current.store.entry(key) for kind in self.kinds]
        return [entry for entry in found if entry is not None]

    def subscribe(self, listener: Listener) -> None:
        """Calls `listener` after each change of a runtime."""
        self._listeners.append(listener)

    async def synced(self) -> None:
        """Returns when all existing runtimes are known, or when a kind cannot be listed soon."""
        with anyio.move_on_after(_PATIENCE):
            for kind in self.kinds:
                await kind.metadata_reflector.store.synced.wait()

    async def run(self, start: Start, hosts: Hosts) -> None:
        """Starts the controller of each kind when its first object appears, also of a kind installed later.

        Args:
            start: starts one controller.
            hosts: whether this process runs the controller of a kind; for others it watches metadata only.
        """
        async with anyio.create_task_group() as group:
            for kind in self.kinds:
                if hosts(kind.registration):
                    group.start_soon(kind.run, start)

    def _notify(self, change: Change[KubeObject]) -> None:
        for listener in self._listeners:
            listener(change)
