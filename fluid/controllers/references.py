"""Objects that runtimes name in their specs, such as profiles; a change wakes the runtimes that name it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic

from fluid.engines.core.registration import Reference
from fluid.engines.core.snapshot import R
from fluid.kube import Change, InformerFactory, Malformed, Reflector
from fluid.kube.controller import Controller
from fluid.types import Key, KubeObject

SOON = 0.05
"""Seconds over which changes are gathered into one pass."""


class References(Generic[R]):
    """The objects that the runtimes of one kind name; watched as soon as such a runtime exists."""

    def __init__(self, informer_factory: InformerFactory, references: Sequence[Reference[R]]) -> None:
        self._sources: list[tuple[Reference[R], Reflector[KubeObject]]] = [
            (reference, informer_factory.of(reference.kind)) for reference in references
        ]

    def of(self, runtime: R) -> list[KubeObject]:
        """The live objects that a runtime names; a malformed object counts as absent."""
        found: list[KubeObject] = []
        for reference, reflector in self._sources:
            for key in reference.keys(runtime):
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
            controller.watches(reflector, _naming(reference, runtimes), delay=SOON)


def _naming(reference: Reference[R], runtimes: Reflector[R]) -> Callable[[Change[KubeObject]], Iterable[Key]]:
    """Maps a change to the keys of the runtimes that name the object."""

    def keys(change: Change[KubeObject]) -> Iterable[Key]:
        for entry in runtimes.store.entries():
            try:
                named = change.key in reference.keys(entry.object)
            except Malformed:
                continue
            if named:
                yield entry.key

    return keys
