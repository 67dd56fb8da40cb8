"""Everything that is rendered for one JindoRuntime, remembered while nothing that goes into it changes."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fluid.engines.errors import InvalidSpec, NotYet, SpecWarning
from fluid.engines.interface import Answers, Observed, Plan, ReadConfigMap
from fluid.engines.jindo.children import children
from fluid.engines.jindo.transform import transform
from fluid.engines.jindo.values import JindoValues, Ports
from fluid.engines.settings import Settings
from fluid.engines.volume import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import JindoRuntime, PersistentVolume, PersistentVolumeClaim
from fluid.types import Key, KubeObject

Fingerprint = tuple[object, ...]
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True)
class Rendering:
    """What a runtime's values give; shared between passes, so nobody may change it."""

    values: JindoValues
    warnings: Sequence[SpecWarning]
    children: Sequence[KubeObject]
    volume: PersistentVolume
    claim: PersistentVolumeClaim


@dataclass
class RenderedCache:
    """The newest renderings; losing one costs the time to make it again.

    Attributes:
        size: how many are kept.
        settled_size: how many of them are of runtimes that were bound already.
    """

    size: int = 128
    settled_size: int = 16
    _kept: OrderedDict[str, tuple[Fingerprint, Rendering]] = field(
        default_factory=OrderedDict[str, tuple[Fingerprint, Rendering]]
    )
    _settled: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])

    def render(
        self, observed: Observed[JindoRuntime], answers: Answers, plan: Plan, settings: Settings
    ) -> Rendering:
        """The rendering of a snapshot.

        Raises:
            InvalidSpec: the spec can never work.
            NotYet: a question has to be answered first.
        """
        hadoop = _hadoop_keys(observed, answers, plan)
        uid, fingerprint = observed.runtime.uid, _fingerprint(observed, hadoop)
        known = self._kept.get(uid)
        if known is None or known[0] != fingerprint:
            known = (fingerprint, _render(observed, settings, hadoop))
        self._keep(uid, known, observed.registered)
        return known[1]

    def _keep(self, uid: str, known: tuple[Fingerprint, Rendering], settled: bool) -> None:
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


def _hadoop_keys(observed: Observed[JindoRuntime], answers: Answers, plan: Plan) -> frozenset[str] | None:
    """Keys of the ConfigMap that the user names; None when none is named or it does not exist."""
    name = observed.runtime.spec.hadoop_config
    if not name:
        return None
    if not _NAME.fullmatch(name):
        raise InvalidSpec("spec.hadoopConfig", f"{name[:63]!r} is no name of a ConfigMap", "Correct it")
    question = ReadConfigMap(Key(observed.runtime.namespace, name))
    plan.ask(question)
    if question not in answers.config_maps:
        raise NotYet("ReadingHadoopConfig", f"reading ConfigMap {question.key}")
    keys = answers.config_maps[question]
    if keys is None:
        raise InvalidSpec(
            "spec.hadoopConfig", f"ConfigMap {question.key} cannot be read", "Create it, or name another"
        )
    return keys


def _fingerprint(observed: Observed[JindoRuntime], hadoop: frozenset[str] | None) -> Fingerprint:
    runtime, dataset = observed.runtime.metadata, observed.dataset.metadata if observed.dataset else None
    return (
        runtime.generation,
        _frozen(runtime.annotations),
        dataset.uid if dataset else None,
        dataset.generation if dataset else None,
        _frozen(dataset.annotations) if dataset else None,
        observed.identity,
        _frozen(observed.ports),
        hadoop,
    )


def _frozen(mapping: Mapping[str, object] | None) -> frozenset[tuple[str, object]]:
    return frozenset((mapping or {}).items())


def _render(observed: Observed[JindoRuntime], settings: Settings, hadoop: frozenset[str] | None) -> Rendering:
    assert observed.dataset is not None, "a runtime is rendered for its Dataset"
    runtime, dataset, identity = observed.runtime, observed.dataset, observed.identity
    ports = Ports.model_validate(dict(observed.ports))
    transformed = transform(runtime, dataset, identity, ports, settings, hadoop_keys=hadoop)
    mount = FuseMount(
        runtime=runtime,
        mount_type="jindo",
        path=f"{transformed.values.fuse.host_path}/jindofs-fuse",
        node_selector=(runtime.spec.fuse.node_selector if runtime.spec.fuse else None) or {},
    )
    return Rendering(
        values=transformed.values,
        warnings=transformed.warnings,
        children=children(transformed.values, identity, observed.owner_reference()),
        volume=persistent_volume(identity, dataset, mount),
        claim=persistent_volume_claim(identity, dataset, mount),
    )
