"""The runtime reconciler: one for all kinds of runtime.

A pass reads a snapshot (`snapshots`), lets the engine decide (`core.passes`) and applies the plan
(`plan_applier`). Queries to the cache itself run in the background (`query_runner`).
"""

from collections.abc import Sequence
from typing import Generic

from fluid.controllers.binding import NOT_FOUND, is_served, not_bindable
from fluid.controllers.context import BY_OWNER, Context
from fluid.controllers.event_handlers import EventHandlers
from fluid.controllers.identity import recorded_identity
from fluid.controllers.operations.lock import is_worked_on
from fluid.controllers.plan_applier import PlanApplier
from fluid.controllers.ports import DEFAULT_RANGE, PortAllocator, RecordedPorts
from fluid.controllers.query_runner import Asker, QueryRunner
from fluid.controllers.references import References
from fluid.controllers.referred import allowed_holders, referred_by
from fluid.controllers.runtime_engine import RuntimeEngine
from fluid.controllers.sampling import SHORTEST, Sampler
from fluid.controllers.snapshots import children_of, observe, volume_of
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.queries import Results
from fluid.engines.core.references import Referred, has_own_cache
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.snapshot import R, Snapshot
from fluid.kube import KubeError, Malformed, Reflector, Terminal, amend_metadata, remove_finalizer
from fluid.kube.controller import DONE, Controller, Result
from fluid.kube.errors import first_of
from fluid.models import Dataset, PolicyRule, RuntimeStatus
from fluid.naming import DATASET_ID, GROUP
from fluid.types import Key, KubeObject
from fluid.types.time import remaining

PATIENCE = 5.0
"""Seconds for which a runtime waits for its Dataset before it reports the wait."""
_NOT_THE_ENGINES = (KubeError, Malformed, Terminal, TimeoutError, OSError)
"""What sending a plan may raise whatever is in it."""
_CHILD_VERBS = ["list", "watch", "create", "patch", "delete"]
RULES = (
    PolicyRule(api_groups=["apps"], resources=["statefulsets", "daemonsets"], verbs=_CHILD_VERBS),
    PolicyRule(api_groups=[""], resources=["services", "configmaps"], verbs=_CHILD_VERBS),
    PolicyRule(
        api_groups=[""],
        resources=["persistentvolumes", "persistentvolumeclaims"],
        verbs=["get", "list", "watch", "create", "delete"],
    ),
    PolicyRule(api_groups=[""], resources=["persistentvolumeclaims"], verbs=["patch"]),  # their protection
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list", "watch", "patch", "delete"]),
    PolicyRule(api_groups=[""], resources=["nodes"], verbs=["list", "watch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets"], verbs=["list", "watch", "patch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets/status"], verbs=["patch"]),
)
"""Rights that runtimes of every kind need; `rules` adds those of each kind."""


def rules(registrations: Sequence[EngineRegistration[KubeObject]]) -> tuple[PolicyRule, ...]:
    """The rights that the reconcilers of these runtime kinds need, and those that the engines ask for."""
    found = [*RULES]
    for one in registrations:
        kind = one.kind.resource
        found.append(_rule(kind.group, kind.plural, ["get", "list", "watch", "patch"]))
        found.append(_rule(kind.group, f"{kind.plural}/status", ["patch"]))
        named = [reference.kind.resource for reference in one.references]
        found += [_rule(other.group, other.plural, ["list", "watch"]) for other in named]
        found += [_rule(child.resource.group, child.resource.plural, _CHILD_VERBS) for child in one.children]
        found += one.rules
    return tuple(found)


def _rule(group: str, resource: str, verbs: list[str]) -> PolicyRule:
    return PolicyRule(api_groups=[group], resources=[resource], verbs=verbs)


class RuntimeReconciler(Generic[R]):
    """Reconciles all runtimes of one kind."""

    def __init__(
        self,
        context: Context,
        registration: EngineRegistration[R],
        runtimes: Reflector[R],
        query_runner: QueryRunner,
        *,
        workers: int = 16,
        stats_interval: float = SHORTEST,
        ports: range = DEFAULT_RANGE,
    ) -> None:
        self.context = context
        self.registration = registration
        self.runtimes = runtimes
        self.query_runner = query_runner
        self.workers = workers
        self.sampler: Sampler = Sampler(shortest=stats_interval)
        self.engine: RuntimeEngine[R] = RuntimeEngine(
            registration, context.settings, context.calls.of(registration.plugin)
        )
        self.recorded_ports: RecordedPorts[R] = RecordedPorts(
            context.informers, registration, runtimes, self.engine.calls
        )
        self.allocator: PortAllocator = PortAllocator(self.recorded_ports.all, ports)
        self.applier: PlanApplier = PlanApplier(
            context.informer_factory, context.informers, context.recorder, registration.children
        )
        self.references: References[R] = References(
            context.informer_factory, registration.references, self.engine.calls
        )
        self.without_ports: set[Key] = set()
        self._controller: Controller | None = None

    def controller(self) -> Controller:
        """The controller with all its sources."""
        context = self.context
        controller = Controller(
            self.registration.kind.__name__.lower(),
            self.reconcile_internal,
            workers=self.workers,
            metrics=context.metrics,
            recorder=context.recorder,
        )
        EventHandlers(self.context.informers, self.registration, self.runtimes).subscribe(controller)
        self.references.subscribe(controller, self.runtimes)
        if context.policies is not None:
            context.policies.subscribe(controller, self.runtimes)
        self._controller = controller
        return controller

    async def reconcile_internal(self, key: Key) -> Result:
        """One pass of one runtime; none while the engine rests."""
        if rest := self.engine.calls.rest:
            return Result(rest)
        runtime = self._read(key)
        if runtime is None:
            self.remove_engine(key)
            return DONE
        if runtime.metadata.deletion_timestamp is not None:
            return await self.reconcile_runtime_deletion(runtime)
        dataset = self.get_dataset(runtime)
        runtime_type = self.registration.runtime_type
        waiting = not_bindable(
            runtime, dataset, runtime_type, carries=self._carries_reference(runtime, dataset)
        )
        if waiting is not None and (dataset is None or not is_served(dataset, runtime_type)):
            return self._wait_for_dataset(runtime, waiting)
        assert dataset is not None, "an absent Dataset is not bindable"
        runtime = await self.add_finalizer_and_requeue(runtime, dataset)
        return await self.reconcile_runtime(runtime, waiting if waiting and waiting.problem else None)

    def get_dataset(self, runtime: R) -> Dataset | None:
        """The Dataset of the same name, if it exists."""
        return self.context.informers.datasets.store.get(runtime.key)

    def remove_engine(self, key: Key, uid: str = "") -> None:
        """Forgets the in-memory state of a runtime, and wakes runtimes that waited for its ports."""
        self.query_runner.forget(self._asker(key))
        self.sampler.forget(key)
        self.engine.forget(key)
        self.without_ports.discard(key)
        if uid:
            self.allocator.release(uid)
            self.recorded_ports.forget(uid)
            self.applier.forget(uid)
        while self.without_ports and self._controller is not None:
            self._controller.enqueue(self.without_ports.pop())

    async def add_finalizer_and_requeue(self, runtime: R, dataset: Dataset) -> R:
        """Adds finalizer, owner and dataset id in one request, whose watch event requeues the key."""
        identity = recorded_identity(dataset)
        assert identity is not None, "only a Dataset with an identity is bindable"
        return await amend_metadata(
            self.context.informer_factory.api(self.registration.kind),
            runtime,
            finalizer=self.registration.finalizer,
            labels={DATASET_ID: identity.dataset_id},
            owner=dataset,
            controlling=False,
        )

    async def reconcile_runtime(self, runtime: R, rejection: Waiting | None = None) -> Result:
        """Setup until the Dataset is bound, then volume and sync; a rejection allows only `sync_degraded`."""
        key, live = runtime.key, self.registration.status_of(runtime)
        settings = self.context.settings_of(key.namespace)
        if settings is None:
            return DONE  # the labels of the namespace wake it
        faults: list[EngineFault] = []
        snapshot = self._observe(runtime, faults)
        results = self.query_runner.results(self._asker(key))
        try:
            if (needed := self.engine.ports_needed(runtime, faults)) is not None:
                snapshot = snapshot.with_ports(
                    self.allocator.allocate(runtime.uid, key, needed, dict(snapshot.ports))
                )
        except Terminal as error:
            self.without_ports.add(key)
            rejection = Waiting(error.reason, error.message, problem=True)
        except EngineFault as fault:
            faults.append(fault)
        plan = self.engine.decide(snapshot, live, results, settings, rejection, faults)
        plan = await self._apply(snapshot, live, plan, results)
        result = self._settle(snapshot, plan)
        if plan.fault is not None:
            raise plan.fault
        return result

    async def reconcile_runtime_deletion(self, runtime: R) -> Result:
        """Withdraws the volume, cleans up, then removes the finalizer."""
        if self.registration.finalizer not in (runtime.metadata.finalizers or ()):
            return DONE
        key, live = runtime.key, self.registration.status_of(runtime)
        faults: list[EngineFault] = []
        snapshot = self._observe(runtime, faults)
        results = self.query_runner.results(self._asker(key))
        stopped = [one for one in faults if one.stopped]  # for any other the engine may still clean up
        plan = self.engine.decide(snapshot, live, results, self.context.settings, faults=stopped)
        plan = await self._apply(snapshot, live, plan, results)
        if plan.finished:
            await remove_finalizer(
                self.context.informer_factory.api(type(runtime)), runtime, self.registration.finalizer
            )
            self.remove_engine(key, runtime.uid)
            return DONE
        self._ask(key, plan)
        if plan.fault is not None:
            raise plan.fault
        return Result(plan.requeue_after)

    async def _apply(
        self, snapshot: Snapshot[R], live: RuntimeStatus | None, plan: Plan, results: Results
    ) -> Plan:
        """Carries a plan out, or one without the engine where its own cannot even be written down."""
        try:
            await self.applier.apply(snapshot, live, plan)
        except Exception as error:
            cause = first_of(error)
            if plan.fault is not None or isinstance(cause, _NOT_THE_ENGINES):
                raise
            plan = self.engine.plan_without(snapshot, live, results, cause)
            await self.applier.apply(snapshot, live, plan)
        return plan

    def _read(self, key: Key) -> R | None:
        """The runtime; a malformed one can still be deleted."""
        entry = self.runtimes.store.entry(key)
        try:
            return entry.object if entry else None
        except Malformed:
            if entry is None or not entry.deleting:
                raise
            return entry.bare()

    def _observe(self, runtime: R, faults: list[EngineFault]) -> Snapshot[R]:
        """The snapshot of a runtime; what the engine fails to say for it is added to `faults`."""
        dataset = self.get_dataset(runtime)
        loading = is_worked_on(dataset)
        children = children_of(self.context.informers, runtime.uid)
        for further in self.applier.further:
            children += further.store.by(BY_OWNER, runtime.uid)
        return observe(
            self.context.informers,
            runtime,
            self.context.clock(),
            children,
            self.engine.live_ports(runtime, children, faults),
            implementation=self.registration.implementation,
            sample_due=self.sampler.due(runtime.key, loading),
            references=self.references.of(runtime, faults),
            referred=self._referred(runtime.key, dataset),
            referrers=allowed_holders(self.context.informers, dataset, self.context.settings)
            if dataset is not None and runtime.metadata.deletion_timestamp is not None
            else (),
        )

    def _referred(self, key: Key, dataset: Dataset | None) -> Referred | None:
        """What the Dataset of a runtime refers to, if runtimes of this kind stand beside references."""
        if self.registration.carries_references is None:
            return None
        return referred_by(self.context.informers, key, dataset)

    def _carries_reference(self, runtime: R, dataset: Dataset | None) -> bool:
        """Whether a runtime may stand beside its Dataset if that refers to another: not with an own cache."""
        volume = volume_of(self.context.informers, runtime.key)
        if dataset is not None and has_own_cache(dataset, volume):
            return False
        return self.engine.carries_references(runtime)

    def _settle(self, snapshot: Snapshot[R], plan: Plan) -> Result:
        """Hands the queries over, plans the next sample, and returns when to requeue."""
        key = snapshot.runtime.key
        bound = plan.dataset_status.phase == "Bound"
        keep = not snapshot.registered and not bound
        self._ask(key, plan, keep=keep)
        if not snapshot.registered:
            return Result(plan.requeue_after)
        sample = self.sampler.conclude(
            key,
            plan.status.cache_states,
            due=snapshot.sample_due,
            taken=plan.sampled,
            loading=snapshot.load_running,
        )
        return Result(min((one for one in (sample, plan.requeue_after) if one is not None), default=None))

    def _wait_for_dataset(self, runtime: R, waiting: Waiting) -> Result:
        created = runtime.metadata.creation_timestamp
        left = remaining(PATIENCE, created, self.context.clock()) if created else 0.0
        if waiting.problem or (waiting.reason == NOT_FOUND and not left):
            self.context.recorder.event(runtime, "Warning", "ErrorProcessRuntime", waiting.message)
            return DONE
        return Result(left) if waiting.reason == NOT_FOUND else DONE

    def _ask(self, key: Key, plan: Plan, *, keep: bool = False) -> None:
        self.query_runner.ask(
            self._asker(key),
            plan.queries,
            lambda: self._wake(key),
            keep=keep,
            partial=plan.partial,
            useless=plan.useless,
        )

    def _asker(self, key: Key) -> Asker:
        """The asker, with its kind: a reconciler of another kind forgets keys that it has no object for."""
        return Asker(self.registration.kind.__name__, key)

    def _wake(self, key: Key) -> None:
        if self._controller is not None:
            self._controller.enqueue(key)
