"""Everything that is rendered for one runtime, remembered while nothing that goes into it changes."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from fluid.charts import ChartValues
from fluid.engines.errors import SpecWarning
from fluid.engines.observed import Observed, R
from fluid.models import PersistentVolume, PersistentVolumeClaim
from fluid.types import KubeObject

V = TypeVar("V", bound=ChartValues)
Fingerprint = tuple[object, ...]


class Transformed(NamedTuple, Generic[V]):
    """A chart's values, and what the user should know."""

    values: V
    warnings: list[SpecWarning]


@dataclass(frozen=True)
class Rendering(Generic[V]):
    """What a runtime's values give; shared between passes, so nobody may change it."""

    values: V
    warnings: Sequence[SpecWarning]
    children: Sequence[KubeObject]
    volume: PersistentVolume
    claim: PersistentVolumeClaim


@dataclass
class RenderedCache(Generic[V]):
    """The newest renderings; losing one costs the time to make it again.

    Attributes:
        size: how many are kept.
        settled_size: how many of them are of runtimes that were bound already.
    """

    size: int = 128
    settled_size: int = 16
    _kept: OrderedDict[str, tuple[Fingerprint, Rendering[V]]] = field(
        default_factory=OrderedDict[str, tuple[Fingerprint, Rendering[V]]]
    )
    _settled: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])

    def render(
        self, observed: Observed[R], beyond: Fingerprint, make: Callable[[], Rendering[V]]
    ) -> Rendering[V]:
        """The rendering of a snapshot, made anew only when something that goes into it is another.

        Args:
            observed: the snapshot.
            beyond: what goes into the values and is not part of the snapshot, such as answers.
            make: renders; whatever it raises is passed on.
        """
        uid, fingerprint = observed.runtime.uid, (*_fingerprint(observed), *beyond)
        if not uid:  # a document that never was in a cluster
            return make()
        known = self._kept.get(uid)
        if known is None or known[0] != fingerprint:
            known = (fingerprint, make())
        self._keep(uid, known, observed.registered)
        return known[1]

    def _keep(self, uid: str, known: tuple[Fingerprint, Rendering[V]], settled: bool) -> None:
        """Setup looks at a rendering many times in a few seconds; what is settled hardly ever does."""
        self._kept[uid] = known
        self._kept.move_to_end(uid)
        if settled:
            self._settled[uid] = None
            self._settled.move_to_end(uid)
        if len(self._settled) > self.settled_size:
            self._kept.pop(self._settled.popitem(last=False)[0], None)
        if len(self._kept) > self.size:
            self._kept.popitem(last=False)


def _fingerprint(observed: Observed[R]) -> Fingerprint:
    runtime, dataset = observed.runtime.metadata, observed.dataset.metadata if observed.dataset else None
    return (
        runtime.generation,
        _frozen(runtime.annotations),
        dataset.uid if dataset else None,
        dataset.generation if dataset else None,
        _frozen(dataset.annotations) if dataset else None,
        observed.identity,
        _frozen(observed.ports),
        frozenset(
            (item.uid, item.metadata.generation, _frozen(item.metadata.annotations))
            for item in observed.references
        ),
    )


def _frozen(mapping: Mapping[str, object] | None) -> frozenset[tuple[str, object]]:
    return frozenset((mapping or {}).items())
