"""The objects that come from a runtime's chart, its values ConfigMap, and a memory of what was rendered."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from pydantic import JsonValue

from fluid.charts import ChartError, ChartValues, Release, load_chart
from fluid.charts.text import to_yaml
from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import ConfigMap, ObjectMeta, OwnerReference, PersistentVolume, PersistentVolumeClaim
from fluid.naming import DATASET_ID, MANAGED_BY, Identity
from fluid.types import Key, KubeObject
from fluid.types.yaml import load_yaml

V = TypeVar("V", bound=ChartValues)
Fingerprint = tuple[object, ...]


class Transformed(NamedTuple, Generic[V]):
    """A chart's values, and what the user should know."""

    values: V
    warnings: list[SpecWarning]


@dataclass(frozen=True)
class Rendering(Generic[V]):
    """The rendered objects of a runtime; passes share them, so they must not be changed."""

    values: V
    warnings: Sequence[SpecWarning]
    children: Sequence[KubeObject]
    volume: PersistentVolume
    claim: PersistentVolumeClaim


@dataclass
class RenderedCache(Generic[V]):
    """The newest renderings; a lost one is rendered again.

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
        self, snapshot: Snapshot[R], beyond: Fingerprint, make: Callable[[], Rendering[V]]
    ) -> Rendering[V]:
        """The rendering of a snapshot, made anew only when something that goes into it is another.

        Args:
            snapshot: the snapshot.
            beyond: what goes into the values and is not part of the snapshot, such as results.
            make: renders; whatever it raises is passed on.
        """
        uid, fingerprint = snapshot.runtime.uid, (*_fingerprint(snapshot), *beyond)
        if not uid:  # a document that never was in a cluster
            return make()
        known = self._kept.get(uid)
        if known is None or known[0] != fingerprint:
            known = (fingerprint, make())
        self._keep(uid, known, snapshot.registered)
        return known[1]

    def _keep(self, uid: str, known: tuple[Fingerprint, Rendering[V]], settled: bool) -> None:
        """Keeps more renderings of runtimes in setup, which read them often, than of settled ones."""
        self._kept[uid] = known
        self._kept.move_to_end(uid)
        if settled:
            self._settled[uid] = None
            self._settled.move_to_end(uid)
        if len(self._settled) > self.settled_size:
            self._kept.pop(self._settled.popitem(last=False)[0], None)
        if len(self._kept) > self.size:
            self._kept.popitem(last=False)


def _fingerprint(snapshot: Snapshot[R]) -> Fingerprint:
    runtime, dataset = snapshot.runtime.metadata, snapshot.dataset.metadata if snapshot.dataset else None
    return (
        runtime.generation,
        _frozen(runtime.annotations),
        dataset.uid if dataset else None,
        dataset.generation if dataset else None,
        _frozen(dataset.annotations) if dataset else None,
        snapshot.identity,
        _frozen(snapshot.ports),
        frozenset(
            (item.uid, item.metadata.generation, _frozen(item.metadata.annotations))
            for item in snapshot.references
        ),
    )


def _frozen(mapping: Mapping[str, object] | None) -> frozenset[tuple[str, object]]:
    return frozenset((mapping or {}).items())


_LONGEST = 1024  # more than any image's address has
_PLAIN = re.compile(r"[A-Za-z0-9._:/@-]+")
# Numbers to YAML 1.2 and to Go's reader, though text to YAML 1.1: `1e3`, `0o17`, `.5`.
_NUMBER = re.compile(r"-?(0[box][0-9a-f]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e-?[0-9]+)?)", re.IGNORECASE)
# Only YAML 1.1 of the letter takes these for booleans; readers differ.
_LETTERS = frozenset("yYnN")


def values_name(runtime: str, implementation: str) -> str:
    """Name of the ConfigMap with all values, which `status.valueFile` records."""
    return f"{runtime}-{implementation}-values"


def chart_objects(
    chart: str,
    implementation: str,
    values: ChartValues,
    identity: Identity,
    owner: OwnerReference | None,
    kind: str,
) -> list[KubeObject]:
    """All objects in the runtime's namespace, each controlled by the runtime.

    Args:
        chart: Name of the chart.
        implementation: Name of the engine implementation.
        values: The chart's values; the workers' replicas are those in it.
        identity: Names and labels of the Dataset.
        owner: Controller reference to the runtime; None where there is no cluster.
        kind: Kind of the runtime, for messages.

    Raises:
        InvalidSpec: What the user adds collides with what is there, such as two volumes at one path.
    """
    release = Release(identity.name, identity.namespace)
    try:
        rendered = load_chart(chart).render(values, release)
        objects = [*rendered, values_config_map(implementation, values, identity)]
    except ChartError as error:
        runtime = NamedObject(kind, Key(identity.namespace, identity.name))
        raise InvalidSpec(runtime, "", str(error), "Change its spec") from None
    if owner is not None:
        for item in objects:
            item.metadata.owner_references = [owner]
    return objects


def values_config_map(implementation: str, values: ChartValues, identity: Identity) -> ConfigMap:
    """The ConfigMap with the values; tools read the lines `image:` and `imageTag:` of it."""
    return ConfigMap(
        metadata=ObjectMeta(
            name=values_name(identity.name, implementation),
            namespace=identity.namespace,
            labels={DATASET_ID: identity.dataset_id, MANAGED_BY: "fluid"},
        ),
        data={"data": "".join(f"{key}: {_scalar(value)}\n" for key, value in values.to_values().items())},
    )


def _scalar(value: JsonValue) -> str:
    """A value on one line, without quotes where they can be spared: the tools cut lines at the colon."""
    return value if isinstance(value, str) and _needs_no_quotes(value) else to_yaml(value)


def _needs_no_quotes(text: str) -> bool:
    """Whether every reader of YAML takes these characters as they are for the same text."""
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text) or _NUMBER.fullmatch(text) or text in _LETTERS:
        return False
    try:
        return load_yaml(f"key: {text}\n") == [{"key": text}]
    except ValueError:
        return False
