"""The operation reconciler: one for all kinds of data operation.

A pass reads a snapshot from the stores, lets `operation_plan` decide, and carries the decision out. Nothing
is polled: the Dataset, the runtime, preceding operations, Jobs and CronJobs are watched.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Generic, TypeVar

from pydantic import JsonValue

from fluid.controllers.operation_plan import plan
from fluid.controllers.operations import pod_logs
from fluid.controllers.operations.building import WorkloadBuilder
from fluid.controllers.operations.children import live_children, live_runs, operation_above
from fluid.controllers.operations.dataload import DATALOAD
from fluid.controllers.operations.dataprocess import DATAPROCESS
from fluid.controllers.operations.dependency import Peer, peer_of, predecessors
from fluid.controllers.operations.kind import OperationId, OperationKind, OperationSpec, OperationT
from fluid.controllers.operations.locking import DatasetLock
from fluid.controllers.operations.making import make, refused_for_now
from fluid.controllers.operations.pod_logs import PodLogs
from fluid.controllers.operations.progress import Progress
from fluid.controllers.operations.record import finished, status_patch
from fluid.controllers.operations.snapshot import Decision, Observed
from fluid.controllers.operations.target import engine_of
from fluid.controllers.operations.workload import current
from fluid.controllers.world import BY_OWNER, World
from fluid.engines.operations import builder_of
from fluid.kube import (
    DONE,
    Change,
    Conflict,
    Controller,
    Entry,
    Forbidden,
    NamespaceEnding,
    Reflector,
    Result,
    amend_metadata,
    remove_finalizer,
)
from fluid.models import Dataset, Job, OperationStatus, PolicyRule
from fluid.naming import GROUP
from fluid.types import Key, KubeObject

KINDS = (DATALOAD, DATAPROCESS)
"""All kinds of data operation that are carried out."""
BY_DATASET = "dataset"
"""Index of operations: "namespace/name" of the Dataset that they work on."""
BY_PREDECESSOR = "predecessor"
"""Index of operations: the operations that they wait for."""
BY_WORKLOAD = "workload"
"""Index of operations: "namespace/name" of the Job or CronJob that is made for them."""
BURST = 0.02
"""Seconds over which changes of a Job are gathered into one pass."""

_PLURALS = [kind.model.resource.plural for kind in KINDS]
_WORKLOAD_VERBS = ["list", "watch", "create", "patch", "delete"]
RULES = (
    PolicyRule(api_groups=[GROUP], resources=_PLURALS, verbs=["get", "list", "watch", "patch", "delete"]),
    PolicyRule(api_groups=[GROUP], resources=[f"{plural}/status" for plural in _PLURALS], verbs=["patch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets"], verbs=["get", "list", "watch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets/status"], verbs=["patch"]),
    PolicyRule(api_groups=["batch"], resources=["jobs", "cronjobs"], verbs=_WORKLOAD_VERBS),
    PolicyRule(api_groups=[""], resources=["configmaps"], verbs=_WORKLOAD_VERBS),
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list", "watch"]),
    *pod_logs.RULES,
)
"""What this controller asks of the API server; engines declare the watch of their runtimes."""

_OtherT = TypeVar("_OtherT", bound=KubeObject)


class OperationReconciler(Generic[OperationT]):
    """Reconciles all operations of one kind.

    Args:
        world: what all controllers share.
        kind: the kind.
        workers: how many operations at once.
        logs: reads how far running Jobs are; those that nobody runs read nothing.
    """

    def __init__(
        self,
        world: World,
        kind: OperationKind[OperationT],
        *,
        workers: int = 16,
        logs: PodLogs | None = None,
    ) -> None:
        self._world = world
        self._kind = kind
        self._api = world.informers.api(kind.model)
        self._operations = world.informers.of(kind.model, namespace=world.namespace, optional=True)
        self._operations.add_index(BY_DATASET, self._dataset_of)
        self._operations.add_index(BY_PREDECESSOR, self._predecessors_of)
        self._operations.add_index(BY_WORKLOAD, self._workload_of)
        self._peers: dict[str, Callable[[Key], Peer | None]] = {}
        self._lock = DatasetLock(world)
        self._logs = logs or PodLogs(world.connection)
        self._controller = Controller(
            kind.name.lower(), self.reconcile, workers=workers, metrics=world.metrics, recorder=world.recorder
        )
        self._builder = WorkloadBuilder(world, kind, self._peer, self._follow_runtimes)

    def controller(self) -> Controller:
        """The controller with its sources."""
        watched, model = self._world.watched, self._kind.model
        self._controller.for_(self._operations)
        self._controller.owns(watched.jobs, kind=model, delay=BURST)
        self._controller.owns(watched.cron_jobs, kind=model, delay=BURST)
        self._controller.owns(watched.config_maps, kind=model, delay=BURST)
        self._controller.watches(watched.jobs, self._of_workload, delay=BURST)
        self._controller.watches(watched.pods, self._of_workload, delay=BURST)
        self._controller.watches(watched.jobs, self._in_the_way_of, delay=BURST)
        self._controller.watches(watched.cron_jobs, self._in_the_way_of, delay=BURST)
        self._controller.watches(watched.datasets, self._unfinished)
        self._follow_kind(DATALOAD)
        self._follow_kind(DATAPROCESS)
        return self._controller

    async def reconcile(self, key: Key) -> Result:
        """One pass over one operation."""
        operation = self._operations.store.get(key)
        if operation is None:
            self._logs.leave(OperationId(self._kind.name, *key))
            return DONE
        seen = self._observe(operation)
        if seen.deleting and self._kind.finalizer not in (operation.metadata.finalizers or ()):
            return DONE
        decision = plan(seen)
        if decision.needs_workload:
            seen = replace(seen, workload=await self._builder.build(operation, seen))
            decision = plan(seen)
        return await self._carry_out(operation, seen, decision)

    # ── Observe ──────────────────────────────────────────────────────────────────────────────────────

    def _observe(self, operation: OperationT) -> Observed:
        spec = self._kind.spec(operation)
        status = self._kind.status(operation) or OperationStatus(phase="", duration="", conditions=[])
        dataset = self._dataset(operation, spec, status)
        registration = engine_of(dataset, self._world.registry)
        children = live_children(self._world.watched, operation, self._kind.config_map(operation))
        runs = live_runs(self._world.watched, children)
        return Observed(
            id=self._kind.id(operation),
            generation=operation.metadata.generation or 0,
            deleting=operation.metadata.deletion_timestamp is not None,
            spec=spec,
            status=status,
            dataset=dataset,
            supported=registration is not None and builder_of(registration, self._kind.name) is not None,
            peers=self._peer,
            served=frozenset(self._peers),
            now=self._world.clock(),
            children=children,
            runs=runs,
            progress=self._progress(operation.key, current(children, runs)),
            refusal=self._kind.refusal(operation),
        )

    def _dataset(self, operation: OperationT, spec: OperationSpec, status: OperationStatus) -> Dataset | None:
        """The Dataset that the spec names; once the operation runs, the one that it started on."""
        store = self._world.watched.datasets.store
        owners = [one for one in operation.metadata.owner_references or () if one.kind == Dataset.__name__]
        if owners and status.phase not in ("", "Pending"):
            return store.get(Key(operation.namespace, owners[-1].name))
        return store.get(spec.dataset) if spec.dataset else None

    def _progress(self, key: Key, job: Job | None) -> Progress:
        pods = self._world.watched.pods.store.by(BY_OWNER, job.uid) if job else ()
        me = OperationId(self._kind.name, *key)
        return self._logs.listen(me, job, pods, lambda: self._controller.enqueue(key))

    def _peer(self, one: OperationId) -> Peer | None:
        reader = self._peers.get(one.kind)
        return reader(one.key) if reader else None

    # ── Act ──────────────────────────────────────────────────────────────────────────────────────────

    async def _carry_out(self, operation: OperationT, seen: Observed, decision: Decision) -> Result:
        """Send what was decided, so ordered that an end at any point loses nothing."""
        if decision.adopt:
            operation = await amend_metadata(
                self._api, operation, finalizer=self._kind.finalizer, owner=seen.dataset, controlling=False
            )
        if decision.apply:
            try:
                refusal = await make(operation, seen, decision.apply, self._world.informers)
            except Forbidden as error:  # tried again, with back-off: a quota may have room by then
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
            await self._world.informers.api(type(obj)).delete(obj.key, uid=obj.uid)
        except Conflict:
            return  # another object of that name by now: not ours to delete

    async def _report(self, operation: OperationT, decision: Decision) -> None:
        patch = status_patch(self._kind.status(operation), decision.status)
        if patch is not None:
            version: dict[str, JsonValue] = {"resourceVersion": operation.metadata.resource_version}
            await self._api.merge(operation.key, {"metadata": version, "status": patch}, subresource="status")
        for notice in decision.notices:
            self._world.recorder.event(operation, notice.type, notice.reason, notice.message)

    # ── Wake ─────────────────────────────────────────────────────────────────────────────────────────

    def _follow_kind(self, kind: OperationKind[_OtherT]) -> None:
        """Let operations of another kind, or of our own, be run after."""
        others = self._world.informers.of(kind.model, namespace=self._world.namespace, optional=True)

        def peer(key: Key) -> Peer | None:
            other = others.store.get(key)
            return peer_of(key.namespace, kind.spec(other), kind.status(other)) if other else None

        def followers(change: Change[_OtherT]) -> Iterable[Key]:
            value = str(OperationId(kind.name, *change.key))
            return [entry.key for entry in self._operations.store.entries_by(BY_PREDECESSOR, value)]

        self._peers[kind.name] = peer
        self._controller.watches(others, followers)

    def _dataset_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        dataset = self._kind.spec(entry.object).dataset
        return [str(dataset)] if dataset else []

    def _predecessors_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        return [str(one) for one in predecessors(self._kind.spec(entry.object), entry.key.namespace)]

    def _workload_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        return [str(Key(entry.key.namespace, self._kind.workload(entry.object)))]

    def _of_workload(self, change: Change[_OtherT]) -> Iterable[Key]:
        """The operation for which a Job or a pod was made."""
        return operation_above(self._world.watched, change.latest, self._kind.name)

    def _in_the_way_of(self, change: Change[_OtherT]) -> Iterable[Key]:
        """The operation that needs the name of a Job or CronJob, whoever made that, once it is gone."""
        gone = change.after is None
        return [one.key for one in self._operations.store.entries_by(BY_WORKLOAD, str(change.key)) if gone]

    def _follow_runtimes(self, runtimes: Reflector[KubeObject]) -> None:
        self._controller.watches(runtimes, self._unfinished)

    def _unfinished(self, change: Change[_OtherT]) -> Iterable[Key]:
        """The operations for which a change of their Dataset or its runtime matters."""
        for operation in self._operations.store.by(BY_DATASET, str(change.key)):
            status = self._kind.status(operation)
            over = status is not None and finished(status) and not self._kind.spec(operation).repeats
            edited = status is None or status.observed_generation != operation.metadata.generation
            if edited or not over:
                yield operation.key
