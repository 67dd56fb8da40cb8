"""The functions of a registration, called and checked: what they give is what the interface says."""

from collections.abc import Mapping, Sequence
from itertools import islice
from types import NoneType
from typing import get_args

from fluid.engines.core.checks import UnfitError, check_objects, expect, expect_items
from fluid.engines.core.interface import EngineImplementation
from fluid.engines.core.operation import (
    Builder,
    OperationProblem,
    OperationRegistration,
    OperationRequest,
    OperationSpec,
    OperationT,
)
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.reference_steps import ReferenceSteps
from fluid.engines.core.references import has_own_cache, is_borrowed
from fluid.engines.core.registration import EngineRegistration, Reference
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.variables import read_settings
from fluid.models import ConfigMap, CronJob, Job, OperationStatus, RuntimeStatus
from fluid.types import Key, KubeObject

_MOST_PORTS = 64
_MOST_MEDIA = 16
_MOST_REFERENCES = 1024
_STEPS = frozenset(name for name in vars(EngineImplementation) if not name.startswith("_"))


def check_registration(made: EngineRegistration[KubeObject] | OperationRegistration[KubeObject]) -> None:
    """Make sure that the fields of a registration are what they have to be, before anything uses them.

    Raises:
        UnfitError: One is not.
    """
    _check_kinds([made.kind])
    if isinstance(made, EngineRegistration):
        expect_items("runtime_type and implementation", [made.runtime_type, made.implementation], str)
        _check_status(made.kind, RuntimeStatus)
        functions = [made.build, made.ports_needed, made.live_ports, made.capacities]
        expect_items("references", made.references, Reference)
        expect_items("operations", made.operations.keys(), str)
        functions += [*made.operations.values(), *(one.keys for one in made.references)]
        functions += [made.carries_references] if made.carries_references is not None else []
        if made.settings is not None:
            read_settings(made.settings, {})
    else:
        expect_items("release and scripts", [made.release, made.scripts], str)
        _check_status(made.kind, OperationStatus)
        functions = [made.spec, made.problem, *([made.build] if made.build else [])]
        _check_kinds(made.workloads)
    if not all(map(callable, functions)):
        raise UnfitError("a function of the registration", "cannot be called")


def _check_kinds(kinds: Sequence[object]) -> None:
    for one in kinds:
        if KubeObject not in getattr(one, "__mro__", ()):
            raise UnfitError("a kind of the registration", "is no KubeObject")


def _check_status(kind: type[KubeObject], wanted: type) -> None:
    field = kind.model_fields.get("status")
    types = get_args(field.annotation) or (field.annotation,) if field is not None else ()
    if not any(isinstance(one, type) and issubclass(one, wanted) for one in types):
        raise UnfitError(kind.__name__, f"has a status that is no {wanted.__name__}")


def built(
    registration: EngineRegistration[R],
    snapshot: Snapshot[R],
    results: Results,
    plan: Plan,
    settings: Settings,
) -> EngineImplementation:
    """The engine of one pass; for a reference, the steps that all references share.

    A Dataset that was edited to an address keeps the engine of the cache that it is bound to.

    Raises:
        UnfitError: It lacks a step.
    """
    refers = snapshot.referred is not None and registration.carries_references is not None
    if refers and not _goes_on(snapshot):
        return ReferenceSteps(snapshot, results, plan, settings, registration.runtime_type)
    engine = registration.build(snapshot, results, plan, settings)
    if missing := _STEPS.difference(dir(type(engine))):
        raise UnfitError("build", f"returned a {type(engine).__name__}, which has no {min(missing)}")
    return engine


def _goes_on(snapshot: Snapshot[R]) -> bool:
    """Whether a runtime has a cache of its own, to go on or to be taken away, whatever the spec says."""
    dataset, volume = snapshot.dataset, snapshot.volume
    if snapshot.runtime.metadata.deletion_timestamp is None:
        return dataset is not None and has_own_cache(dataset, volume)
    left = volume is not None or bool(snapshot.children)
    return left and not is_borrowed(volume, snapshot.runtime.key)


def ports_needed(registration: EngineRegistration[R], runtime: R) -> Sequence[str]:
    """Purposes of the host ports that a runtime needs."""
    given = registration.ports_needed(runtime)
    expect_items("ports_needed", given, str, _MOST_PORTS)
    return given


def carries_references(registration: EngineRegistration[R], runtime: R) -> bool:
    """Whether a runtime may stand beside a Dataset that refers to another one."""
    judge = registration.carries_references
    return judge is not None and expect("carries_references", judge(runtime), bool)


def live_ports(
    registration: EngineRegistration[R], key: Key, children: Sequence[KubeObject]
) -> Mapping[str, int]:
    """The ports that live objects of a runtime record."""
    return _numbers("live_ports", registration.live_ports(key, children), _MOST_PORTS)


def capacities(registration: EngineRegistration[R], runtime: R) -> Mapping[str, int]:
    """Cache bytes of one worker by medium."""
    return _numbers("capacities", registration.capacities(runtime), _MOST_MEDIA)


def named(reference: Reference[R], runtime: R) -> Sequence[Key]:
    """The objects of a kind that a runtime names: of the cluster, or of its own namespace."""
    keys = [*islice(reference.keys(runtime), _MOST_REFERENCES + 1)]
    expect_items("references.keys", keys, Key, _MOST_REFERENCES)
    for key in keys:
        if key.namespace not in ("", runtime.namespace):
            problem = f"returned {str(key)[:300]}, which is not in namespace {runtime.namespace}"
            raise UnfitError("references.keys", problem)
    return keys


def spec_of(registration: OperationRegistration[OperationT], operation: OperationT) -> OperationSpec:
    """The shared part of an operation's spec."""
    return expect("spec", registration.spec(operation), OperationSpec)


def problem_of(
    registration: OperationRegistration[OperationT], operation: OperationT
) -> OperationProblem | None:
    """Why an operation can never run, for reasons of its kind."""
    return expect("problem", registration.problem(operation), OperationProblem, NoneType)


def workload_of(
    registration: OperationRegistration[OperationT], build: Builder, request: OperationRequest[KubeObject]
) -> Sequence[KubeObject]:
    """The objects that an operation needs: one Job or CronJob, and what goes with it."""
    objects, namespace = build(request), request.operation.namespace
    check_objects("the workload builder", objects, namespace)
    main = [one for one in objects if isinstance(one, Job | CronJob)]
    if len(main) != 1:
        raise UnfitError("the workload builder", f"returned {len(main)} Jobs and CronJobs; it has to be one")
    possible = (Job, CronJob, ConfigMap, *registration.workloads)
    if other := next((one for one in objects if not isinstance(one, possible)), None):
        kind = other.resource.kind
        raise UnfitError("the workload builder", f"returned a {kind}, which `workloads` does not list")
    return objects


def _numbers(method: str, given: Mapping[str, int], most: int) -> Mapping[str, int]:
    expect(method, given, Mapping)
    expect_items(method, given.keys(), str, most)
    expect_items(method, given.values(), int, most)
    return given
