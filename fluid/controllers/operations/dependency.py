"""`runAfter`: whether the preceding operations are complete."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fluid.controllers.operations.operation_id import OperationId
from fluid.controllers.operations.outcomes import NOT_FOUND, WAITING, Blocker, Pause, Refusal
from fluid.engines.core.operation import OperationSpec
from fluid.engines.core.settings import RUN_AFTER_OTHERS
from fluid.models import NodeAffinity, ObjectRef, OperationRef, OperationStatus


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What an operation knows of another one.

    Attributes:
        phase: its phase; empty before its first status.
        blocked: whether it waits for other operations itself.
        predecessors: the operations that it runs after.
        node_affinity: the nodes where it ran.
    """

    phase: str = ""
    blocked: bool = False
    predecessors: tuple[OperationId, ...] = ()
    node_affinity: NodeAffinity | None = None


Peers = Callable[[OperationId], Predecessor | None]
"""Looks up an operation; None when there is none."""


def affinity_source(spec: OperationSpec, namespace: str) -> OperationId | None:
    """The operation whose nodes an operation inherits affinity to; None if it inherits none."""
    after = spec.run_after
    strategy = after.affinity_strategy if after else None
    if after is None or strategy is None or not strategy.policy:
        return None
    return _id(strategy.depend_on or after, namespace)


def predecessors(spec: OperationSpec, namespace: str) -> tuple[OperationId, ...]:
    """The operations that must be complete first: the named one and the one whose affinity is inherited."""
    if spec.run_after is None:
        return ()
    source = affinity_source(spec, namespace)
    named = _id(spec.run_after, namespace)
    return (named,) if source in (None, named) else (named, source)


def predecessor_of(namespace: str, spec: OperationSpec, status: OperationStatus | None) -> Predecessor:
    """What other operations get to know of this one."""
    first = predecessors(spec, namespace)
    phase = status.phase if status else ""
    blocked = bool(first) and phase in ("", "Pending") and not released(status)
    return Predecessor(phase, blocked, first, status.node_affinity if status else None)


def released(status: OperationStatus | None) -> bool:
    """Whether the predecessors have been complete once; later changes of them have no effect."""
    return bool(status and status.waiting_for and status.waiting_for.operation_complete is False)


def check_namespace(me: OperationId, first: Iterable[OperationId]) -> Refusal | None:
    """Refuses predecessors in another namespace, whether they exist or not; None if all are in its own.

    The status of an operation names what it waits for, so it would reveal operations of other tenants.
    """
    foreign = next((one for one in first if one.namespace != me.namespace), None)
    if foreign is None:
        return None
    return Refusal(
        "RunAfterNamespaceNotSame",
        f"{me} names {foreign} in spec.runAfter, which is in another namespace: name one of {me.namespace}, "
        f"or ask the administrator to set {RUN_AFTER_OTHERS}=true for the operator",
    )


def check(
    me: OperationId, first: Iterable[OperationId], peers: Peers, served: frozenset[str]
) -> Blocker | None:
    """Whether the operation may start, has to wait, or can never start.

    Args:
        me: the operation.
        first: the operations that have to be complete.
        peers: looks them up.
        served: kinds that this operator carries out.
    """
    verdicts = [_check(me, one, peers, served) for one in first]
    refusals = (verdict for verdict in verdicts if isinstance(verdict, Refusal))
    return next(refusals, None) or next((verdict for verdict in verdicts if verdict), None)


def _check(me: OperationId, one: OperationId, peers: Peers, served: frozenset[str]) -> Blocker | None:
    relation = f"{me} runs after {one}, which"
    if one.kind not in served:
        return Pause(NOT_FOUND, f"{relation} is of a kind that is not installed here", warning=True)
    peer = peers(one)
    if peer is None and one != me:
        return Pause(
            NOT_FOUND, f"{relation} does not exist: create that, or change spec.runAfter", warning=True
        )
    if peer is not None and peer.phase == "Complete":
        return None
    if _leads_to(me, one, peers):
        return Refusal("RunAfterCycle", f"{relation} waits for {me}: change spec.runAfter of one of them")
    if peer is not None and peer.phase == "Failed":
        return Refusal("PrecedingOperationFailed", f"{relation} failed: delete both and create them again")
    return Pause(WAITING, f"Waiting for operation {one} to complete")


def _leads_to(me: OperationId, start: OperationId, peers: Peers) -> bool:
    """Whether the chain of operations that `start` waits for contains `me`."""
    visited: set[OperationId] = set()
    ahead = [start]
    while ahead:
        one = ahead.pop()
        if one == me:
            return True
        peer = peers(one) if one not in visited else None
        visited.add(one)
        if peer is not None and peer.blocked:
            ahead.extend(peer.predecessors)
    return False


def _id(reference: OperationRef | ObjectRef, namespace: str) -> OperationId:
    return OperationId(reference.kind, reference.namespace or namespace, reference.name)
