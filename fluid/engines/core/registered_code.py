"""The functions of a registration, called and checked: what they give is what the interface says."""

from collections.abc import Mapping, Sequence
from itertools import islice
from types import NoneType

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
from fluid.engines.core.registration import EngineRegistration, Reference
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import ConfigMap, CronJob, Job
from fluid.types import Key, KubeObject

_MOST_PORTS = 64
_MOST_MEDIA = 16
_MOST_REFERENCES = 1024
_STEPS = frozenset(name for name in vars(EngineImplementation) if not name.startswith("_"))


def built(
    registration: EngineRegistration[R],
    snapshot: Snapshot[R],
    results: Results,
    plan: Plan,
    settings: Settings,
) -> EngineImplementation:
    """The engine of one pass.

    Raises:
        UnfitError: It lacks a step.
    """
    engine = registration.build(snapshot, results, plan, settings)
    if missing := _STEPS.difference(dir(type(engine))):
        raise UnfitError("build", f"returned a {type(engine).__name__}, which has no {min(missing)}")
    return engine


def ports_needed(registration: EngineRegistration[R], runtime: R) -> Sequence[str]:
    """Purposes of the host ports that a runtime needs."""
    given = registration.ports_needed(runtime)
    expect_items("ports_needed", given, str, _MOST_PORTS)
    return given


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
