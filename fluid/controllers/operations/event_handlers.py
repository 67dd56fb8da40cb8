"""Maps changes to operations: of the operation, of its workload, and of objects that it waits for."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from fluid.controllers.context import Context
from fluid.controllers.event_handlers import EVENTUALLY
from fluid.controllers.operations.children import operation_above
from fluid.controllers.operations.dependency import Predecessor, predecessor_of, predecessors
from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.record import finished
from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.operation import OperationRegistration, OperationSpec, OperationT, status_of
from fluid.engines.core.registered_code import spec_of
from fluid.kube import Change, Entry, Malformed, Reflector
from fluid.kube.controller import Controller
from fluid.types import Key, KubeObject

BY_DATASET = "dataset"
"""Index of operations: "namespace/name" of the Dataset that they work on."""
BY_PREDECESSOR = "predecessor"
"""Index of operations: the operations that they wait for."""
BY_WORKLOAD = "workload"
"""Index of operations: "namespace/name" of their Job or CronJob."""
BURST = 0.02
"""Seconds over which changes of a Job are gathered into one pass."""

_OtherT = TypeVar("_OtherT", bound=KubeObject)


class OperationEventHandlers(Generic[OperationT]):
    """Subscribes the controller of one kind of operation to everything that its operations depend on.

    Args:
        context: what all controllers share.
        kind: the kind.
        operations: all operations of the kind.
        controller: the controller that changes wake.
        calls: calls the kind's code; an operation's own pass tells what fails in it.
    """

    def __init__(
        self,
        context: Context,
        kind: OperationRegistration[OperationT],
        operations: Reflector[OperationT],
        controller: Controller,
        calls: PluginCalls,
    ) -> None:
        self._calls = calls
        self._context = context
        self._kind = kind
        self._operations = operations
        self._controller = controller
        self._unfiled: set[Key] = set()
        self._peers: dict[str, Callable[[Key], Predecessor | None]] = {}
        operations.add_index(BY_DATASET, self._dataset_of)
        operations.add_index(BY_PREDECESSOR, self._predecessors_of)
        operations.add_index(BY_WORKLOAD, self._workload_of)

    @property
    def served(self) -> frozenset[str]:
        """Kinds of operations that `runAfter` can name."""
        return frozenset(self._peers)

    def file(self, key: Key) -> None:
        """Files an operation in the indexes, if the code of the kind failed to say where it belongs."""
        if key in self._unfiled:
            self._unfiled.discard(key)
            self._operations.store.file_again(key)

    def peer(self, one: OperationId) -> Predecessor | None:
        """What the stores say of another operation; None if it does not exist."""
        reader = self._peers.get(one.kind)
        return reader(one.key) if reader else None

    def subscribe(self) -> None:
        """Subscribes to every source except other operations, with the delay for its changes."""
        informers, model = self._context.informers, self._kind.kind
        self._controller.for_(self._operations, delay=_of_operation)
        self._controller.owns(informers.jobs, kind=model, delay=BURST)
        self._controller.owns(informers.cron_jobs, kind=model, delay=BURST)
        self._controller.owns(informers.config_maps, kind=model, delay=BURST)
        for reflector in informers.of_kinds(self._kind.workloads):
            self._controller.owns(reflector, kind=model, delay=BURST)
        self._controller.watches(informers.jobs, self._of_workload, delay=BURST)
        self._controller.watches(informers.pods, self._of_workload, delay=BURST)
        self._controller.watches(informers.jobs, self._in_the_way_of, delay=BURST)
        self._controller.watches(informers.cron_jobs, self._in_the_way_of, delay=BURST)
        self._controller.watches(informers.datasets, self._unfinished)

    def follow_kind(self, kind: OperationRegistration[_OtherT]) -> None:
        """Lets `runAfter` name operations of a kind: their changes wake the operations that wait for them."""
        others = self._context.informer_factory.of(
            kind.kind, namespace=self._context.namespace, optional=True
        )

        def peer(key: Key) -> Predecessor | None:
            try:
                other = others.store.get(key)
            except Malformed:
                return Predecessor()  # it exists and has not run; its own pass reports what to correct
            return self._as_peer(kind, other) if other else None

        def followers(change: Change[_OtherT]) -> Iterable[Key]:
            value = str(OperationId(kind.name, *change.key))
            return [entry.key for entry in self._operations.store.entries_by(BY_PREDECESSOR, value)]

        self._peers[kind.name] = peer
        self._controller.watches(others, followers)

    def _as_peer(self, kind: OperationRegistration[_OtherT], other: _OtherT) -> Predecessor:
        """What its status says where code of its kind fails to read its spec: its own pass tells of it."""
        try:
            spec = self._context.calls.of(kind.plugin).run("spec", lambda: spec_of(kind, other))
        except EngineFault:
            spec = OperationSpec(None)
        return predecessor_of(other.namespace, spec, status_of(other))

    def _dataset_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        spec = self._spec_to_file(entry)
        return [str(spec.dataset)] if spec and spec.dataset else []

    def _predecessors_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        spec = self._spec_to_file(entry)
        return [str(one) for one in predecessors(spec, entry.key.namespace)] if spec else []

    def _spec_to_file(self, entry: Entry[OperationT]) -> OperationSpec | None:
        """The spec; an operation without one is filed by its own pass, which comes as soon as it may."""
        spec = self._spec(entry.object)
        if spec is None:
            self._unfiled.add(entry.key)
        return spec

    def _workload_of(self, entry: Entry[OperationT]) -> Iterable[str]:
        return [str(Key(entry.key.namespace, self._kind.workload(entry.object)))]

    def _of_workload(self, change: Change[_OtherT]) -> Iterable[Key]:
        """The operation that a Job or a pod was created for."""
        return operation_above(self._context.informers, change.latest, self._kind.name)

    def _in_the_way_of(self, change: Change[_OtherT]) -> Iterable[Key]:
        """After the deletion of any Job or CronJob: the operation that needs its name."""
        gone = change.after is None
        return [one.key for one in self._operations.store.entries_by(BY_WORKLOAD, str(change.key)) if gone]

    def follow_runtimes(self, runtimes: Reflector[KubeObject]) -> None:
        """Makes a change of these runtimes wake the operations on their Datasets."""
        self._controller.watches(runtimes, self._unfinished)

    def _unfinished(self, change: Change[_OtherT]) -> Iterable[Key]:
        """The operations for which a change of their Dataset or its runtime matters."""
        for operation in self._operations.store.by(BY_DATASET, str(change.key)):
            status = status_of(operation)
            spec = self._spec(operation)
            over = status is not None and finished(status) and spec is not None and not spec.repeats
            edited = status is None or status.observed_generation != operation.metadata.generation
            if edited or not over:
                yield operation.key

    def _spec(self, operation: OperationT) -> OperationSpec | None:
        """The shared part of a spec; None where the kind's code fails to read it."""
        try:
            return self._calls.run("spec", lambda: spec_of(self._kind, operation))
        except EngineFault:
            return None


def _of_operation(change: Change[_OtherT]) -> float:
    """Debounces status updates: they are the operator's own, and would outrun a failure's back-off."""
    return EVENTUALLY if change.only_status else 0.0
