"""Objects that runtimes name in their specs, such as profiles; a change wakes the runtimes that name it."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Generic

from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registered_code import named
from fluid.engines.core.registration import Reference
from fluid.engines.core.snapshot import R
from fluid.kube import Change, InformerFactory, Malformed, Reflector
from fluid.kube.controller import Controller
from fluid.types import Key, KubeObject

SOON = 0.05
"""Seconds over which changes are gathered into one pass."""


class References(Generic[R]):
    """The objects that the runtimes of one kind name; watched as soon as such a runtime exists.

    Args:
        informer_factory: where to watch.
        references: what the engine says of it.
        calls: calls the engine's code.
    """

    def __init__(
        self, informer_factory: InformerFactory, references: Sequence[Reference[R]], calls: PluginCalls
    ) -> None:
        self._calls = calls
        self._sources: list[tuple[Reference[R], Reflector[KubeObject]]] = [
            (reference, informer_factory.of(reference.kind)) for reference in references
        ]

    def of(self, runtime: R, faults: list[EngineFault]) -> list[KubeObject]:
        """The live objects that a runtime names; a malformed object counts as absent.

        Args:
            runtime: the runtime.
            faults: what fails in the engine's code is added.
        """
        found: list[KubeObject] = []
        for reference, reflector in self._sources:
            for key in self._calls.attempt("references.keys", partial(named, reference, runtime), (), faults):
                try:
                    item = reflector.store.get(key)
                except Malformed:
                    continue
                if item is not None:
                    found.append(item)
        return found

    def subscribe(self, controller: Controller, runtimes: Reflector[R]) -> None:
        """Makes a change of an object, malformed or not, wake the runtimes that name it."""
        for reference, reflector in self._sources:
            controller.watches(reflector, partial(self._naming, reference, runtimes), delay=SOON)

    def _naming(
        self, reference: Reference[R], runtimes: Reflector[R], change: Change[KubeObject]
    ) -> Iterable[Key]:
        """The runtimes that name an object; also those of which the engine fails to say what they name."""
        for entry in runtimes.store.entries():
            try:
                found = self._calls.run("references.keys", partial(named, reference, entry.object))
            except Malformed:
                continue
            except EngineFault:  # its pass tells of it
                yield entry.key
            else:
                if change.key in found:
                    yield entry.key
