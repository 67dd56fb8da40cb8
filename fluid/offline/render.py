"""Rendering without a cluster: from a user's documents to the objects that the operator would make."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from fluid.engines.core.errors import InvalidSpec, NamedObject, NotYet, SpecWarning, Subject, Whose
from fluid.engines.core.faults import guarded
from fluid.engines.core.interface import Renderable
from fluid.engines.core.operation import ON_EVENT, OperationRegistration, OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.policy_check import Allowances, refuse_forbidden
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery
from fluid.engines.core.references import is_reference
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import NAMESPACE_NAME, RuntimePolicies
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.settings import RUN_AFTER_OTHERS, Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.kinds.installed import installed
from fluid.models import (
    Dataset,
    DatasetStatus,
    Namespace,
    OperationRef,
)
from fluid.naming import DATASET_ID, Identity
from fluid.offline.references import reference_objects, refuse_other_cache
from fluid.types import Key, KubeObject, alternatives

FIRST_PORT = 18000
"""Lowest of the ports that runtimes on the host network are given."""
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_QUESTIONS = 3
"""How often rendering may ask before it must have everything."""
M = TypeVar("M", bound=KubeObject)
Partner = tuple[KubeObject, EngineRegistration[KubeObject]]


def render_documents(
    objects: Sequence[KubeObject],
    settings: Settings,
    warn: Callable[[SpecWarning], None] = lambda _: None,
    registry: Registry | None = None,
    policies: RuntimePolicies | None = None,
) -> list[KubeObject]:
    """The objects that the operator would make of these, with the lowest ports, volume and claim included.

    Args:
        objects: Datasets and the runtimes of the same names; what runtimes refer to, such as profiles;
            data operations on these Datasets.
        settings: What the administrator set.
        warn: Called with what the user should know.
        registry: The engines; those that are installed if None.
        policies: What runtimes may demand; the labels of a namespace are those of its document.

    Raises:
        InvalidSpec: An object is alone, or asks for something impossible.
        EngineFault: Code of an engine or a data operation failed.
    """
    registry = registry or Registry.discover()
    engines = registry.engines
    allowed = _Allowed(settings, policies or RuntimePolicies(), _by_key(objects, Namespace), warn)
    for item in objects:
        _refuse_name(item)
    _refuse_unserved(objects, registry)
    datasets = _by_key(objects, Dataset)
    runtimes = _runtimes(objects, engines)
    rendered: list[KubeObject] = []
    for key, (runtime, registration) in runtimes.items():
        dataset = _partner(runtime, datasets.get(key), "Dataset")
        if is_reference(dataset):
            make = partial(refuse_other_cache, dataset, runtime, registration)
            guarded(registration.plugin, "rendering", make, passing=(InvalidSpec,), limited=False)
            continue
        in_namespace = allowed.in_(key.namespace)
        make = partial(_runtime_objects, runtime, registration, dataset, objects, in_namespace, warn)
        rendered += guarded(registration.plugin, "rendering", make, passing=(InvalidSpec,), limited=False)
    for dataset in datasets.values():
        if not is_reference(dataset):
            _partner(dataset, runtimes.get(dataset.key), alternatives(sorted(engines)))
            continue
        beside, _ = runtimes.get(dataset.key, (None, None))
        known = (datasets, rendered, registry, settings)
        rendered += reference_objects(dataset, _identity(dataset), beside, *known)
    rendered += _all_workloads(objects, registry, datasets, runtimes, allowed)
    return rendered


def _all_workloads(
    objects: Sequence[KubeObject],
    registry: Registry,
    datasets: Mapping[Key, Dataset],
    runtimes: Mapping[Key, Partner],
    allowed: "_Allowed",
) -> list[KubeObject]:
    """What is made of the data operations among the documents."""
    rendered: list[KubeObject] = []
    for kind in registry.operations.values():
        for operation in _by_key(objects, kind.kind).values():
            in_namespace = allowed.in_(operation.namespace)
            make = partial(_workload_objects, kind, operation, datasets, runtimes, in_namespace)
            rendered += guarded(kind.plugin, "rendering", make, passing=(InvalidSpec,), limited=False)
    return rendered


def _runtimes(
    objects: Sequence[KubeObject], engines: Mapping[str, EngineRegistration[KubeObject]]
) -> dict[Key, Partner]:
    """The runtimes among the documents, with their engines."""
    runtimes: dict[Key, Partner] = {}
    for registration in engines.values():
        for key, runtime in _by_key(objects, registration.kind).items():
            if key in runtimes:
                raise InvalidSpec(NamedObject("Dataset", key), "", "has two runtimes", "Remove one")
            runtimes[key] = runtime, registration
    return runtimes


@dataclass(frozen=True)
class _Allowed:
    """Which policies hold in a namespace, as far as the documents say."""

    settings: Settings
    policies: RuntimePolicies
    namespaces: Mapping[Key, Namespace]
    warn: Callable[[SpecWarning], None]

    def in_(self, name: str) -> Settings:
        """The settings for a namespace."""
        document = self.namespaces.get(Key("", name))
        if document is None and self.policies.reads_namespaces:
            text = (
                f"Namespace {name}: runtime policies ask for its labels, taken to have none; add its document"
            )
            self.warn(SpecWarning("NamespaceNotGiven", text))
        labels = (document.metadata.labels if document else None) or {}
        return self.settings.under(self.policies.of({**labels, NAMESPACE_NAME: name}))


def _runtime_objects(
    runtime: KubeObject,
    registration: EngineRegistration[KubeObject],
    dataset: Dataset,
    objects: Sequence[KubeObject],
    settings: Settings,
    warn: Callable[[SpecWarning], None],
) -> list[KubeObject]:
    named = {(one.kind, key) for one in registration.references for key in one.keys(runtime)}
    names = registration.ports_needed(runtime)
    snapshot = Snapshot(
        runtime=runtime,
        dataset=dataset,
        identity=_identity(dataset),
        now=datetime.now(UTC),
        references=[item for item in objects if (type(item), item.key) in named],
        ports=dict(zip(names, range(FIRST_PORT, FIRST_PORT + len(names)), strict=True)),
    )
    results = Results()
    for _ in range(_QUESTIONS):
        plan = Plan(status=blank_status(), dataset_status=DatasetStatus(conditions=[]))
        cache = registration.build(snapshot, results, plan, settings)
        if not isinstance(cache, Renderable):
            raise InvalidSpec(NamedObject.of(runtime), "", "cannot be rendered", "Leave it out")
        try:
            cache.validate()
            children = cache.render()
            volume, claim = cache.volume_objects()
        except NotYet:
            results = _assumed(plan.queries, objects)
            continue
        except InvalidSpec as error:
            error.subject = _named(error.subject, runtime, dataset)
            raise
        for notice in dict.fromkeys(plan.notices):  # each rendering tells it
            warn(SpecWarning(notice.reason, notice.message))
        return [*children, volume, claim]
    raise InvalidSpec(NamedObject.of(runtime), "", "needs a cluster to be rendered", "Leave it out")


def _named(subject: Subject, runtime: KubeObject, dataset: Dataset) -> NamedObject:
    """The object that a subject means: there may be several Datasets and runtimes."""
    if isinstance(subject, NamedObject):
        known = {one.resource.kind: NamedObject.of(one) for one in (dataset, runtime)}
        return subject if subject.key else known.get(subject.kind, subject)
    return NamedObject.of(dataset if subject is Whose.DATASET else runtime)


def _assumed(queries: Sequence[AnyQuery], objects: Sequence[KubeObject]) -> Results:
    """What is taken for the results, as nobody can be asked; the documents may say it."""
    documents = _Documents(objects)
    assumed = {query: query.assumed(documents) for query in queries}
    return Results({query: one.answer for query, one in assumed.items() if one is not None})


@dataclass(frozen=True)
class _Documents:
    """What queries may read: claims and volumes may be documents too."""

    objects: Sequence[KubeObject]

    def find(self, kind: type[M], key: Key) -> M | None:
        """The document of an object."""
        return _by_key(self.objects, kind).get(key)


def _workload_objects(
    registered: OperationRegistration[KubeObject],
    operation: KubeObject,
    datasets: Mapping[Key, Dataset],
    runtimes: Mapping[Key, Partner],
    settings: Settings,
) -> list[KubeObject]:
    me, kind, spec = NamedObject.of(operation), registered.name, registered.spec(operation)
    key = spec.dataset
    if key is None:
        raise InvalidSpec(me, "spec.dataset", "is missing", "Name the Dataset")
    if key.namespace != operation.namespace:
        raise InvalidSpec(me, "spec.dataset.namespace", "is another one", "Use the Dataset's namespace")
    if spec.policy == ON_EVENT and spec.run_after is None:
        raise InvalidSpec(
            me,
            "spec.policy",
            "is OnEvent but there is no event",
            "Set spec.runAfter, or policy Once or Cron",
        )
    _refuse_others(operation, spec.run_after, settings)
    dataset = _partner(operation, datasets.get(key), f"Dataset {key.name}")
    if is_reference(dataset):
        fix = "Name the Dataset that it refers to, in its namespace"
        raise InvalidSpec(me, "spec.dataset", f"{key.name} refers to another Dataset", fix)
    runtime, engine = _partner(operation, runtimes.get(key), f"runtime {key.name}")
    build = registered.builder(engine.operations)
    if build is None:
        raise InvalidSpec(
            me,
            "spec.dataset",
            f"{key.name} has a {runtime.resource.kind}, which has no {kind}",
            "Name another Dataset",
        )
    try:
        workload = build(OperationRequest(operation, dataset, runtime, settings))
    except InvalidSpec as error:
        error.subject = _named(error.subject, runtime, dataset)
        raise
    refuse_forbidden(me, workload, settings, Allowances.by(settings))
    return workload


def _refuse_others(operation: KubeObject, after: OperationRef | None, settings: Settings) -> None:
    """Refuse to run after operations of other namespaces, as the operator does."""
    strategy = after.affinity_strategy if after else None
    source = strategy.depend_on if strategy and strategy.policy else None
    named = [(".namespace", after), (".affinityStrategy.dependOn.namespace", source)]
    for field, one in named:
        if one is None or settings.run_after_others or (one.namespace or "") in ("", operation.namespace):
            continue
        raise InvalidSpec(
            NamedObject.of(operation),
            f"spec.runAfter{field}",
            "is another namespace",
            f"Name an operation of {operation.namespace}, or set {RUN_AFTER_OTHERS}=true for the operator",
        )


def _identity(dataset: Dataset) -> Identity:
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return Identity.of(dataset.namespace, dataset.name, dataset.uid, recorded)


def _by_key(objects: Sequence[KubeObject], kind: type[M]) -> dict[Key, M]:
    found: dict[Key, M] = {}
    for item in objects:
        if isinstance(item, kind):
            if item.key in found:
                raise InvalidSpec(
                    NamedObject(kind.__name__, item.key), "", "stands there twice", "Remove one"
                )
            found[item.key] = item
    return found


P = TypeVar("P")


def _partner(item: KubeObject, partner: P | None, what: str) -> P:
    if partner is None:
        raise InvalidSpec(NamedObject.of(item), "", f"there is no {what} for it", "Add that document")
    return partner


def _refuse_unserved(objects: Sequence[KubeObject], registry: Registry) -> None:
    """Refuse runtimes and operations that nobody here carries out."""
    kinds = installed()
    served = {*registry.engines, *registry.operations}
    for one in (*kinds.runtimes, *kinds.operations):
        kind = one.model.resource.kind
        lost = [item for item in objects if isinstance(item, one.model)] if kind not in served else []
        if lost:
            reasons = "; ".join(problem.reason for problem in registry.problems) or "none is registered"
            fix = f"Install a distribution that serves {kind}, or leave the object out"
            raise InvalidSpec(NamedObject.of(lost[0]), "", f"has no engine here ({reasons})", fix)


def _refuse_name(item: KubeObject) -> None:
    fields = [("name", item.name, _NAME), ("namespace", item.namespace, _NAMESPACE)]
    for field, value, pattern in fields if item.resource.namespaced else ():
        if not pattern.fullmatch(value):
            raise InvalidSpec(
                NamedObject(item.resource.kind),
                f"metadata.{field}",
                f"{value[:63]!r} is no {field}",
                "Use at most 63 lower-case letters, digits and dashes, a letter first",
            )
