"""A pass whose engine fails: what is decided without it.

Nothing of the engine is called here. What runs stays as it is, health and phase follow from the live objects,
runtime and Dataset say what failed, and a deletion comes to its end.
"""

from collections.abc import Sequence
from typing import Generic

from fluid.charts import ChartValues
from fluid.conditions import NOT_READY, C, drop_condition, find_condition, set_condition
from fluid.engines.core import dataset_status
from fluid.engines.core.cache import Components
from fluid.engines.core.checks import UnfitError, check_objects, expect, expect_items
from fluid.engines.core.faults import ENGINE_FAULT, EngineFault, guarded, lasting_words
from fluid.engines.core.passes import TemplateEngine, blank_plan, decide, plan_deletion, refuse
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.pod_pages import refuse_strangers
from fluid.engines.core.queries import Results
from fluid.engines.core.query import AnyQuery, Query
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.render import RenderedCache, Transformed
from fluid.engines.core.runtime_status import withdraw_condition
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.steps import CacheSteps
from fluid.engines.core.teardown import Teardown
from fluid.engines.core.volumes import FuseMount
from fluid.models import DaemonSet, DatasetStatus, RuntimeCondition, RuntimeStatus, StatefulSet


def decide_or_explain(
    registration: EngineRegistration[R],
    snapshot: Snapshot[R],
    live_status: RuntimeStatus | None,
    results: Results,
    settings: Settings,
    rejection: Waiting | None = None,
    faults: Sequence[EngineFault] = (),
    *,
    seconds: float | None = None,
) -> Plan:
    """Like `decide`, for an engine that may do anything: a fault of it is in the plan, and on its objects.

    Args:
        registration: the engine.
        snapshot: the snapshot.
        live_status: the runtime's status as it is.
        results: to the queries of earlier passes.
        settings: what the administrator set.
        rejection: why the specs cannot be followed, whatever the engine would say; None if they can.
        faults: what has failed already: then nothing more of the engine is called.
        seconds: what is left for the engine of the time that a pass may take; None for all of it.
    """
    try:
        if faults:
            raise faults[0]
        return guarded(
            registration.plugin,
            "a step",
            lambda: _checked(
                snapshot, decide(registration, snapshot, live_status, results, settings, rejection)
            ),
            seconds=seconds,
        )
    except EngineFault as fault:
        return without_engine(registration, snapshot, live_status, results, settings, fault)


def show_fault(
    snapshot: Snapshot[R], live_status: RuntimeStatus | None, plan: Plan, fault: EngineFault
) -> None:
    """Tell of a fault that leaves a pass as it is.

    The pass has withdrawn what stood there of faults. It is put back first: made anew, it would have another
    time and be written in every pass.
    """
    live = live_status.conditions if live_status else None
    plan.status.conditions = _put_back(plan.status.conditions, live, ENGINE_FAULT)
    words = _words(snapshot, plan.status, fault)
    _show(snapshot, plan, fault, words)
    if snapshot.dataset is not None and snapshot.registered:
        told = dataset_status.owned_part(snapshot.dataset).conditions
        plan.dataset_status.conditions = _put_back(plan.dataset_status.conditions, told, NOT_READY)
        dataset_status.record_condition(
            plan.dataset_status, NOT_READY, ENGINE_FAULT, words, "True", snapshot.dataset, snapshot.now
        )


def _put_back(conditions: Sequence[C] | None, live: Sequence[C] | None, kind: str) -> list[C]:
    """Conditions with the live one of a type in its place, if that tells of a fault."""
    standing = find_condition(live, kind)
    if standing is None or standing.reason != ENGINE_FAULT:
        return list(conditions or ())
    places = {one.type: place for place, one in enumerate(live or ())}
    present = [*drop_condition(conditions, kind), standing]
    return sorted(present, key=lambda one: places.get(one.type, len(places)))


def _checked(snapshot: Snapshot[R], plan: Plan) -> Plan:
    """A plan that can be carried out: engines may write into it what they like."""
    namespace = snapshot.runtime.namespace
    expect("a step", plan.status, RuntimeStatus)
    expect("a step", plan.dataset_status, DatasetStatus)
    check_objects("a step", plan.children, namespace)
    expect_items("a step", plan.queries, Query)
    for query in plan.queries:
        if _namespace_of(query) != namespace:
            raise UnfitError("a step", f"asks about {query.about[:300]}, not in namespace {namespace}")
    refuse_strangers(plan.queries, snapshot.pods)
    withdraw_condition(plan.status, ENGINE_FAULT)
    return plan


def _namespace_of(query: AnyQuery) -> str:
    """The namespace of a query. What runs it reads the other facts: if one cannot be read, it shows here."""
    _ = hash(query), query.pool, query.in_background, query.lasting
    return query.namespace


def without_engine(
    registration: EngineRegistration[R],
    snapshot: Snapshot[R],
    live_status: RuntimeStatus | None,
    results: Results,
    settings: Settings,
    fault: EngineFault,
) -> Plan:
    """The plan of a pass that calls nothing of the engine, and tells of a fault."""
    plan = blank_plan(snapshot, live_status)
    deleting = snapshot.runtime.metadata.deletion_timestamp is not None
    words = _words(snapshot, plan.status, fault, _outlook(registration, snapshot) if deleting else "")
    steps = LiveSteps(registration, snapshot, results, plan, settings, words)
    engine = TemplateEngine(steps)
    if deleting:
        plan_deletion(engine, snapshot, plan, results)
    else:
        refuse(engine, snapshot, plan, Waiting(ENGINE_FAULT, words, problem=True), ENGINE_FAULT)
    _show(snapshot, plan, fault, words)
    return plan


def _outlook(registration: EngineRegistration[R], snapshot: Snapshot[R]) -> str:
    """How a deletion ends whose engine fails, as the end of a sentence."""
    about = f"{snapshot.runtime.resource.kind} {snapshot.runtime.key}"
    return (
        "; the deletion goes on without the engine soon, and at once when finalizer"
        f" {registration.finalizer} of {about} is removed"
    )


def _words(snapshot: Snapshot[R], status: RuntimeStatus, fault: EngineFault, outlook: str = "") -> str:
    """What is told of a fault, with what comes of it: what stands there, for a while, if that says so too."""
    standing = find_condition(status.conditions, ENGINE_FAULT)
    if standing is not None and not (standing.message or "").endswith(outlook):
        standing = None
    words = f"{fault.message}{outlook}"
    return lasting_words(words, standing, snapshot.runtime.metadata.generation, snapshot.now)


def _show(snapshot: Snapshot[R], plan: Plan, fault: EngineFault, words: str) -> None:
    generation = snapshot.runtime.metadata.generation
    new = RuntimeCondition(
        type=ENGINE_FAULT, status="True", reason=ENGINE_FAULT, message=words, observed_generation=generation
    )
    plan.status.conditions = set_condition(plan.status.conditions, new, snapshot.now)
    plan.fault = fault


class LiveSteps(CacheSteps[R, ChartValues], Generic[R]):
    """The steps of a pass that calls nothing of the engine.

    Args:
        registration: the engine.
        snapshot: the snapshot.
        results: to queries of the steps.
        plan: what the steps fill in.
        settings: what the administrator set.
        problem: what is told of the engine, as a sentence without a full stop.
    """

    def __init__(
        self,
        registration: EngineRegistration[R],
        snapshot: Snapshot[R],
        results: Results,
        plan: Plan,
        settings: Settings,
        problem: str,
    ) -> None:
        super().__init__(snapshot, results, plan, settings, RenderedCache[ChartValues]())
        self.implementation: str = registration.implementation
        self.runtime_type: str = registration.runtime_type
        self.problem = problem

    def components(self) -> Components:
        """The workloads that are there; of those that were there, the names that they mostly have."""
        live, status, name = self.snapshot.children, self.plan.status, self.snapshot.runtime.name
        stateful = [one for one in live if isinstance(one, StatefulSet)]
        masters = [one.name for one in stateful if _is_master(one)]
        others = [one.name for one in stateful if not _is_master(one)]
        return Components(
            fuse=next((one.name for one in live if isinstance(one, DaemonSet)), f"{name}-fuse"),
            master=next(iter(masters), f"{name}-master" if status.master_phase else None),
            workers=next(iter(others), f"{name}-worker" if status.worker_phase else None),
        )

    def values(self) -> Transformed[ChartValues]:
        """Nothing is rendered without the engine."""
        raise AssertionError("nothing is rendered")

    def fuse_mount(self, values: ChartValues) -> FuseMount:
        """Nothing is published without the engine."""
        raise AssertionError("nothing is published")

    def shutdown(self) -> bool:
        """Give the cache up after some attempts, as where it does not let itself be cleaned."""
        return Teardown(self.snapshot, self.results, self.plan).run_without(self.problem)


def _is_master(workload: StatefulSet) -> bool:
    """Whether the label `role` of a workload's pods says so, as in all charts."""
    template = workload.spec.template.metadata if workload.spec else None
    return ((template.labels if template else None) or {}).get("role", "").endswith("master")
