"""The operation reconciler: one for all kinds of data operation.

A pass reads a snapshot from the stores, calls `operation_plan` for a decision, and executes the decision.
Nothing is polled: the Dataset, the runtime, preceding operations, Jobs and CronJobs are watched.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Generic, NoReturn

from pydantic import JsonValue

from fluid.controllers.context import BY_OWNER, Context
from fluid.controllers.operation_plan import plan
from fluid.controllers.operations import job_observer, record
from fluid.controllers.operations.children import live_children, live_runs, node_labels
from fluid.controllers.operations.clients import with_clients
from fluid.controllers.operations.event_handlers import OperationEventHandlers
from fluid.controllers.operations.job_observer import JobObserver
from fluid.controllers.operations.locking import DatasetLock
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.outcomes import Refusal
from fluid.controllers.operations.progress import Progress
from fluid.controllers.operations.record import status_patch
from fluid.controllers.operations.snapshot import Decision, OperationSnapshot
from fluid.controllers.operations.target import engine_of
from fluid.controllers.operations.workload import current
from fluid.controllers.operations.workload_builder import WorkloadBuilder
from fluid.controllers.operations.workload_creation import make, refused_for_now
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.operation import OperationRegistration, OperationSpec, OperationT, status_of
from fluid.engines.core.plan import Notice
from fluid.engines.core.registered_code import problem_of, spec_of
from fluid.kube import Conflict, Forbidden, Invalid, NamespaceEnding, amend_metadata, remove_finalizer
from fluid.kube.controller import DONE, Controller, Result
from fluid.models import Dataset, Job, OperationStatus, PolicyRule
from fluid.naming import GROUP
from fluid.types import Key, KubeObject, Resource

_WORKLOAD_VERBS = ["list", "watch", "create", "patch", "delete"]
RULES = (
    PolicyRule(api_groups=[GROUP], resources=["datasets"], verbs=["get", "list", "watch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets/status"], verbs=["patch"]),
    PolicyRule(api_groups=["batch"], resources=["jobs", "cronjobs"], verbs=_WORKLOAD_VERBS),
    PolicyRule(api_groups=[""], resources=["configmaps"], verbs=_WORKLOAD_VERBS),
    PolicyRule(api_groups=[""], resources=["pods", "nodes"], verbs=["list", "watch"]),
    *job_observer.RULES,
)
"""Rights that operations of every kind need; `rules` adds those of each kind."""


def rules(kinds: Iterable[OperationRegistration[KubeObject]]) -> tuple[PolicyRule, ...]:
    """The rights that the reconcilers of these kinds need; engines declare the watch of their runtimes."""
    found = [*RULES]
    for kind in kinds:
        resource, verbs = kind.kind.resource, ["get", "list", "watch", "patch", "delete"]
        group, plural = [resource.group], resource.plural
        found.append(PolicyRule(api_groups=group, resources=[plural], verbs=verbs))
        found.append(PolicyRule(api_groups=group, resources=[f"{plural}/status"], verbs=["patch"]))
        found += [_workload_rule(one.resource) for one in kind.workloads]
    return tuple(found)


def _workload_rule(resource: Resource) -> PolicyRule:
    return PolicyRule(api_groups=[resource.group], resources=[resource.plural], verbs=_WORKLOAD_VERBS)


class OperationReconciler(Generic[OperationT]):
    """Reconciles all operations of one kind.

    Args:
        context: what all controllers share.
        kind: the kind.
        workers: how many operations at once.
        job_observer: observes the progress of running Jobs; it reports nothing unless it is run.
    """

    def __init__(
        self,
        context: Context,
        kind: OperationRegistration[OperationT],
        *,
        workers: int = 16,
        job_observer: JobObserver | None = None,
    ) -> None:
        self._context = context
        self._kind = kind
        self._api = context.informer_factory.api(kind.kind)
        self._operations = context.informer_factory.of(kind.kind, namespace=context.namespace, optional=True)
        self._lock = DatasetLock(context)
        self._listening = job_observer or JobObserver.over(context.connection)
        self._controller = Controller(
            kind.name.lower(),
            self.reconcile,
            workers=workers,
            metrics=context.metrics,
            recorder=context.recorder,
        )
        self._calls = context.calls.of(kind.plugin)
        self._wakes = OperationEventHandlers(context, kind, self._operations, self._controller, self._calls)
        self._builder = WorkloadBuilder(
            context, kind, self._wakes.peer, self._wakes.follow_runtimes, self._calls
        )

    def controller(self) -> Controller:
        """The controller with its sources."""
        self._wakes.subscribe()
        for kind in self._context.registry.operations.values():
            self._wakes.follow_kind(kind)
        if self._context.policies is not None:
            self._context.policies.subscribe(self._controller, self._operations)
        return self._controller

    async def reconcile(self, key: Key) -> Result:
        """One pass over one operation."""
        operation = self._operations.store.get(key)
        if operation is None:
            self._listening.leave(OperationId(self._kind.name, *key))
            return DONE
        if rest := self._calls.rest:
            return Result(rest)
        self._wakes.file(key)
        faults: list[EngineFault] = []
        seen = self._observe(operation, faults)
        if seen.deleting and self._kind.finalizer not in (operation.metadata.finalizers or ()):
            return DONE
        if faults and not seen.deleting:
            await self._explain(operation, seen, faults[0])
        decision = plan(seen)
        if decision.needs_workload:
            if rest := self._builder.rest(seen):
                return Result(rest)
            try:
                seen = replace(seen, workload=await self._builder.build(operation, seen))
            except EngineFault as fault:
                await self._explain(operation, seen, fault)
            decision = plan(seen)
        return await self._carry_out(operation, seen, decision)

    async def _explain(self, operation: OperationT, seen: OperationSnapshot, fault: EngineFault) -> NoReturn:
        """Reports a fault of the code of the kind or of an engine, which is tried again with back-off."""
        status = record.faulty(seen, fault.reason, f"{seen.id}: {fault.message}")
        news = (Notice("Warning", fault.reason, f"{seen.id}: {fault.message}"),)
        notices = () if seen.status.conditions == status.conditions else news
        await self._report(operation, Decision(status, notices=notices))
        raise fault

    # ── Observe ──────────────────────────────────────────────────────────────────────────────────────

    def _observe(self, operation: OperationT, faults: list[EngineFault]) -> OperationSnapshot:
        """What is there; what the kind's code fails to say of the operation is added to `faults`."""
        spec = self._calls.attempt(
            "spec", lambda: spec_of(self._kind, operation), OperationSpec(None), faults
        )
        status = status_of(operation) or OperationStatus(phase="", duration="", conditions=[])
        dataset = self._dataset(operation, spec, status)
        registration = engine_of(dataset, self._context.registry)
        children = live_children(self._context.informers, operation, self._kind)
        runs = live_runs(self._context.informers, children)
        job = current(children, runs)
        return OperationSnapshot(
            id=OperationId.of(operation),
            generation=operation.metadata.generation or 0,
            deleting=operation.metadata.deletion_timestamp is not None,
            spec=spec,
            status=status,
            dataset=dataset,
            supported=registration is not None and self._kind.builder(registration.operations) is not None,
            peers=self._wakes.peer,
            served=self._wakes.served,
            now=self._context.clock(),
            children=children,
            runs=runs,
            progress=self._progress(operation.key, job, status, dataset),
            node_labels=node_labels(self._context.informers, job),
            refusal=self._refusal(operation, faults),
            anywhere=self._context.settings.run_after_others,
        )

    def _refusal(self, operation: OperationT, faults: list[EngineFault]) -> Refusal | None:
        problem = self._calls.attempt("problem", lambda: problem_of(self._kind, operation), None, faults)
        if problem is None:
            return None
        words = f"{OperationId.of(operation)}: {problem.path} {problem.message}: {problem.fix}"
        return Refusal(problem.reason, words)

    def _dataset(self, operation: OperationT, spec: OperationSpec, status: OperationStatus) -> Dataset | None:
        """The Dataset that the spec names; for a running operation, the Dataset that it started on."""
        store = self._context.informers.datasets.store
        owners = [one for one in operation.metadata.owner_references or () if one.kind == Dataset.__name__]
        if owners and status.phase not in ("", "Pending"):
            return store.get(Key(operation.namespace, owners[-1].name))
        return store.get(spec.dataset) if spec.dataset else None

    def _progress(
        self, key: Key, job: Job | None, status: OperationStatus, dataset: Dataset | None
    ) -> Progress:
        informers, now = self._context.informers, self._context.clock()
        pods = self._context.informers.pods.store.by(BY_OWNER, job.uid) if job else ()
        me = OperationId(self._kind.name, *key)
        heard = self._listening.listen(me, job, pods, status, lambda: self._controller.enqueue(key))
        return with_clients(
            heard, dataset, engine_of(dataset, self._context.registry), job, pods, informers, now
        )

    # ── Act ──────────────────────────────────────────────────────────────────────────────────────────

    async def _carry_out(self, operation: OperationT, seen: OperationSnapshot, decision: Decision) -> Result:
        """Sends the decision's requests in an order in which a crash at any point loses nothing."""
        if decision.adopt:
            operation = await amend_metadata(
                self._api, operation, finalizer=self._kind.finalizer, owner=seen.dataset, controlling=False
            )
        if decision.apply:
            try:
                refusal = await make(operation, seen, decision.apply, self._context.informer_factory)
            except (Forbidden, Invalid) as error:  # retried with back-off: a quota may have room by then
                if not isinstance(error, NamespaceEnding):
                    await self._report(operation, plan(replace(seen, workload=refused_for_now(seen, error))))
                raise
            if refusal is not None:
                decision = plan(replace(seen, workload=refusal))
        if decision.locked:
            await self._lock.record(seen.id, seen.dataset, held=True)
        await self._report(operation, decision)
        if not decision.locked:
            await self._lock.record(seen.id, seen.dataset, held=False)
        return await self._clear_away(operation, decision)

    async def _clear_away(self, operation: OperationT, decision: Decision) -> Result:
        for child in decision.delete:
            await self._delete(child)
        if decision.expire:
            await self._delete(operation)
        if decision.release:
            await remove_finalizer(self._api, operation, self._kind.finalizer)
        return Result(decision.requeue_after)

    async def _delete(self, obj: KubeObject) -> None:
        try:
            await self._context.informer_factory.api(type(obj)).delete(obj.key, uid=obj.uid)
        except Conflict:
            return  # the name belongs to another object by now: do not delete it

    async def _report(self, operation: OperationT, decision: Decision) -> None:
        patch = status_patch(status_of(operation), decision.status)
        if patch is not None:
            version: dict[str, JsonValue] = {"resourceVersion": operation.metadata.resource_version}
            await self._api.merge(operation.key, {"metadata": version, "status": patch}, subresource="status")
        for notice in decision.notices:
            self._context.recorder.event(operation, notice.type, notice.reason, notice.message)
