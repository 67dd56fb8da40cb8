"""What an engine makes of an example; the one place that knows how rendering is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from fluid.charts import ChartValues
from fluid.engines.core.cache import Components
from fluid.engines.core.errors import InvalidSpec, SpecWarning
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.core.steps import CacheSteps
from fluid.engines.testing.examples import Example
from fluid.models import DaemonSet, Dataset, DatasetStatus, PersistentVolume, PersistentVolumeClaim
from fluid.naming import DATASET_ID, Identity
from fluid.offline.render import render_documents
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)
Make = Callable[[], object]
"""Makes an `EngineRegistration` of any kind of runtime, as the entry point names it."""


@dataclass(frozen=True)
class Made:
    """What an engine makes of one example.

    Attributes:
        registration: The engine.
        runtime: The runtime.
        dataset: Its Dataset.
        identity: Names and labels of the Dataset.
        components: What the engine says its workloads are.
        directory: The directory of the node that is the runtime's own.
        objects: Everything that is rendered, volume and claim included.
        warnings: What the user is told.
    """

    registration: EngineRegistration[KubeObject]
    runtime: KubeObject
    dataset: Dataset
    identity: Identity
    components: Components
    directory: str
    objects: Sequence[KubeObject]
    warnings: Sequence[SpecWarning] = ()

    @property
    def children(self) -> list[KubeObject]:
        """Everything in the runtime's hands: all but volume and claim."""
        return [one for one in self.objects if not isinstance(one, PersistentVolume | PersistentVolumeClaim)]

    def find(self, kind: type[M], name: str | None) -> M | None:
        """The rendered object of a kind and name."""
        return next((one for one in self.objects if isinstance(one, kind) and one.name == name), None)

    @property
    def fuse(self) -> DaemonSet | None:
        """The DaemonSet that `components()` calls the FUSE clients."""
        return self.find(DaemonSet, self.components.fuse)

    @property
    def volume(self) -> PersistentVolume | None:
        """The volume."""
        return next((one for one in self.objects if isinstance(one, PersistentVolume)), None)


def make(registered: Make, example: Example, settings: Settings) -> Made:
    """Render an example with a registration that remembers nothing.

    Raises:
        InvalidSpec: The engine refuses it.
    """
    registration = registration_by(registered)
    warnings: list[SpecWarning] = []
    registry = Registry({registration.kind.__name__: registration})
    objects = render_documents(example.objects, settings, warnings.append, registry)
    runtime, dataset = example.the(registration.kind), example.the(Dataset)
    return Made(
        registration=registration,
        runtime=runtime,
        dataset=dataset,
        identity=_identity(dataset),
        components=built(registration, example, settings).components(),
        directory=settings.host_path(registration.runtime_type, runtime.namespace, runtime.name),
        objects=objects,
        warnings=warnings,
    )


def attempt(registered: Make, example: Example, settings: Settings) -> Made | InvalidSpec:
    """What is made of an example, or why nothing is."""
    try:
        return make(registered, example, settings)
    except InvalidSpec as refusal:
        return refusal


def _identity(dataset: Dataset) -> Identity:
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return Identity.of(dataset.namespace, dataset.name, dataset.uid, recorded)


def built(
    registration: EngineRegistration[KubeObject], example: Example, settings: Settings
) -> CacheSteps[KubeObject, ChartValues]:
    """The engine of an example before anything is there.

    Raises:
        TypeError: It is none that the kit knows.
    """
    runtime, dataset = example.the(registration.kind), example.the(Dataset)
    named = {(one.kind, key) for one in registration.references for key in one.keys(runtime)}
    snapshot = Snapshot(
        runtime=runtime,
        dataset=dataset,
        identity=_identity(dataset),
        now=datetime.now(UTC),
        references=[one for one in example.objects if (type(one), one.key) in named],
    )
    plan = Plan(status=blank_status(), dataset_status=DatasetStatus(conditions=[]))
    engine = registration.build(snapshot, Results(), plan, settings)
    if not isinstance(engine, CacheSteps):
        raise TypeError(f"{type(engine).__name__} is no fluid.engines.api.Engine; derive it from that")
    return engine  # pyright: ignore[reportUnknownVariableType] - of a kind that only its author knows


def registration_by(registered: Make) -> EngineRegistration[KubeObject]:
    """The registration that a function makes.

    Raises:
        TypeError: It makes something else.
    """
    found = registered()
    if not isinstance(found, EngineRegistration):
        raise TypeError(f"{registered} gives {type(found).__name__}; let it return an EngineRegistration")
    return found  # pyright: ignore[reportUnknownVariableType] - of a kind that only its author knows


def kinds_of(registered: Make) -> list[type[KubeObject]]:
    """The kinds of the engine's own: its runtime, and what that names."""
    registration = registration_by(registered)
    return [registration.kind, *(one.kind for one in registration.references)]
