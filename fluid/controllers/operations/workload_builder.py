"""Builds the workload of an operation, with affinity to the nodes of a preceding one."""

from collections.abc import Callable, Sequence
from typing import Generic

import anyio

from fluid.controllers.context import Context
from fluid.controllers.operations.affinity import inherited
from fluid.controllers.operations.dependency import Peers, affinity_source
from fluid.controllers.operations.outcomes import EXECUTION_FAILED, Blocker, Pause, Refusal
from fluid.controllers.operations.snapshot import OperationSnapshot
from fluid.controllers.operations.target import engine_of
from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.operation import OperationRegistration, OperationRequest, OperationT
from fluid.engines.core.policy_check import Allowances, RefusedByPolicy, refuse_forbidden
from fluid.engines.core.registered_code import workload_of
from fluid.engines.core.registration import EngineRegistration
from fluid.kube import Malformed, Reflector, Terminal
from fluid.models import CronJob, Job, OwnerReference, PodSpec
from fluid.types import KubeObject

SYNC_DEADLINE = 10.0
"""Seconds that the first list of the runtimes of a kind may take."""


class WorkloadBuilder(Generic[OperationT]):
    """Builds workloads for one kind of operation.

    Args:
        context: what all controllers share.
        kind: the kind.
        peers: looks up other operations, whose nodes are inherited.
        follow: called with the reflector of each runtime kind, so that a runtime's change wakes operations.
    """

    def __init__(
        self,
        context: Context,
        kind: OperationRegistration[OperationT],
        peers: Peers,
        follow: Callable[[Reflector[KubeObject]], None],
        calls: PluginCalls,
    ) -> None:
        self._calls = calls
        self._context = context
        self._kind = kind
        self._peers = peers
        self._follow = follow
        self._runtimes: dict[str, Reflector[KubeObject]] = {}

    def rest(self, seen: OperationSnapshot) -> float:
        """Seconds for which the code that builds is not called; 0 if it may be."""
        registration = engine_of(seen.dataset, self._context.registry)
        return self._calls_of(registration).rest_after_runtimes if registration is not None else 0.0

    async def build(self, operation: OperationT, seen: OperationSnapshot) -> Sequence[KubeObject] | Blocker:
        """The objects that an operation needs, or why it cannot run now."""
        dataset, registration = seen.dataset, engine_of(seen.dataset, self._context.registry)
        assert dataset is not None, "only operations with a Dataset need a workload"
        assert registration is not None, "only supported operations need a workload"
        runtime = (await self._runtimes_of(registration)).store.get(dataset.key)
        if runtime is None:
            kind = registration.kind.resource.kind
            return Pause("RuntimeNotReady", f"{kind} {dataset.key} does not exist: create it", warning=True)
        build = self._kind.builder(registration.operations)
        assert build is not None, "only supported operations need a workload"
        settings = self._context.settings_of(seen.id.namespace)
        if settings is None:
            return Pause("NamespaceNotKnown", f"{seen.id} waits for the labels of its namespace")
        try:
            request = OperationRequest(operation, dataset, runtime, settings)
            calls = self._calls_of(registration)
            objects = calls.run(
                "the workload builder",
                lambda: workload_of(self._kind, build, request),
                passing=(Terminal, Malformed),
            )
            refuse_forbidden(_named(seen), objects, settings, Allowances.by(settings))
        except Terminal as error:
            return _verdict(seen, error)
        for obj in objects:
            obj.metadata.owner_references = [_controlled_by(operation)]
            self._place(seen, obj)
        return self._taken(seen, objects) or objects

    def _calls_of(self, registration: EngineRegistration[KubeObject]) -> PluginCalls:
        """Whose code builds: the engine's, or that of the kind of operation."""
        if self._kind.name not in registration.operations:
            return self._calls
        return self._context.calls.of(registration.plugin)

    def _place(self, seen: OperationSnapshot, obj: KubeObject) -> None:
        """Adds the inherited affinity to that of the pods."""
        source = affinity_source(seen.spec, seen.id.namespace)
        strategy = seen.spec.run_after.affinity_strategy if seen.spec.run_after else None
        pod = _pod_of(obj)
        if source is not None and strategy is not None and pod is not None:
            peer = self._peers(source)
            pod.affinity = inherited(pod.affinity, strategy, peer.node_affinity if peer else None)

    def _taken(self, seen: OperationSnapshot, objects: Sequence[KubeObject]) -> Pause | None:
        """Waits while a workload of an earlier operation or of another user has a name that is needed."""
        informers = self._context.informers
        mine = {(child.resource.kind, child.key) for child in seen.children}
        for obj in objects:
            kind = obj.resource.kind
            store = {"Job": informers.jobs.store, "CronJob": informers.cron_jobs.store}.get(kind)
            if store and (kind, obj.key) not in mine and store.entry(obj.key) is not None:
                message = f"{kind} {obj.key} belongs to another object: {seen.id} waits until it is gone"
                return Pause(EXECUTION_FAILED, message, warning=True)
        return None

    async def _runtimes_of(self, registration: EngineRegistration[KubeObject]) -> Reflector[KubeObject]:
        """The runtimes of one kind; watched as soon as an operation needs them."""
        name = registration.kind.resource.kind
        if name not in self._runtimes:
            runtimes = self._context.informer_factory.of(
                registration.kind, namespace=self._context.namespace, optional=True
            )
            self._runtimes[name] = runtimes
            self._follow(runtimes)
        with anyio.fail_after(SYNC_DEADLINE):
            await self._runtimes[name].store.synced.wait()
        return self._runtimes[name]


def _verdict(seen: OperationSnapshot, error: Terminal) -> Blocker:
    """A refusal if the operation must be edited; a pause if another object is wrong, which may change."""
    own = isinstance(error, InvalidSpec) and error.subject == _named(seen)
    if own or isinstance(error, RefusedByPolicy):
        return Refusal(error.reason, error.message)
    return Pause(EXECUTION_FAILED, f"{seen.id} cannot run: {error.message}", warning=True)


def _named(seen: OperationSnapshot) -> NamedObject:
    return NamedObject(seen.id.kind, seen.id.key)


def _pod_of(obj: KubeObject) -> PodSpec | None:
    """The pod spec of a workload."""
    if isinstance(obj, CronJob):
        job = obj.spec.job_template.spec if obj.spec else None
    else:
        job = obj.spec if isinstance(obj, Job) else None
    return job.template.spec if job else None


def _controlled_by(operation: KubeObject) -> OwnerReference:
    """The owner reference of an operation's objects: it finds them, and they are deleted with it."""
    resource = operation.resource
    return OwnerReference(
        api_version=resource.api_version,
        kind=resource.kind,
        name=operation.name,
        uid=operation.uid,
        controller=True,
    )
