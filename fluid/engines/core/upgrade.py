"""What stays as it is in the cluster: powers and nodes of pods, and facts that are in messages alone.

New pods get no token of a ServiceAccount, and workers no privileges unless they are asked for. A workload
that is there keeps what it was made with: an upgrade changes no template. Likewise a FUSE DaemonSet keeps the
label of its nodes. Where no node can give itself a FUSE pod, the label that the node plugin sets
(``fluid.io/f-…``) is a request; the operator grants it with one under ``node-restriction.kubernetes.io/``,
once a pod on that node uses the claim.
"""

import re
from datetime import datetime
from typing import TypeVar

from fluid.kube.diff import covers
from fluid.models import DaemonSet, Job, ObjectMeta, Pod, PodSpec, SecurityContext, StatefulSet
from fluid.naming import restricted_fuse_label

W = TypeVar("W", StatefulSet, DaemonSet)


def keep_powers(child: W, live: StatefulSet | DaemonSet | None) -> W:
    """The workload with the token and the privileges that its live form has, where nobody asks otherwise.

    Args:
        child: The workload as it would be made.
        live: The workload that is there; None if there is none.
    """
    wanted, there = _pod(child), _pod(live)
    if wanted is None or there is None:
        return child
    token = wanted.automount_service_account_token is False and _mounts_token(there)
    powers = _privileged(there) - _decided(wanted)
    if not token and not powers:
        return child
    copy = child.model_copy(deep=True)
    pod = _pod(copy)
    assert pod is not None, "it was there before the copy"
    if token:
        pod.automount_service_account_token = None
    for container in pod.containers:
        if container.name in powers:
            context = container.security_context or SecurityContext()
            container.security_context = context.model_copy(update={"privileged": True})
    return copy


def keep_claims(child: StatefulSet, live: StatefulSet | None) -> StatefulSet:
    """The StatefulSet with the templates of claims that it was made with, which nobody can change."""
    if child.spec is None or live is None or live.spec is None or not kept_claims(child, live):
        return child
    spec = child.spec.model_copy(update={"volume_claim_templates": live.spec.volume_claim_templates})
    return child.model_copy(update={"spec": spec})


def keep_selector(child: W, live: StatefulSet | DaemonSet | None) -> W:
    """The workload with the selector that it was made with, which nobody can change, and its labels in pods.

    Args:
        child: The workload as it would be made.
        live: The workload that is there; None if there is none.
    """
    there = (live.spec.selector.match_labels if live is not None and live.spec else None) or {}
    if child.spec is None or live is None or live.spec is None:
        return child
    if not there or child.spec.selector.match_labels == there:
        return child
    copy = child.model_copy(deep=True)
    assert copy.spec is not None, "it was there before the copy"
    copy.spec.selector = live.spec.selector
    metadata = copy.spec.template.metadata or ObjectMeta()
    copy.spec.template.metadata = metadata.model_copy(update={"labels": {**(metadata.labels or {}), **there}})
    return copy


def kept_claims(child: StatefulSet, live: StatefulSet | None) -> str | None:
    """What to tell where a StatefulSet has other templates of claims than its specs say; None otherwise."""
    wanted = (child.spec.volume_claim_templates if child.spec else None) or []
    there = (live.spec.volume_claim_templates if live is not None and live.spec else None) or []
    same = len(wanted) == len(there) and all(
        covers(one.to_wire(), other.to_wire()) for one, other in zip(there, wanted, strict=True)
    )
    if live is None or same:
        return None
    return (
        f"StatefulSet {live.key} keeps its volumeClaimTemplates, which cannot be changed: delete the runtime"
        " and create it again for others"
    )


def _pod(workload: StatefulSet | DaemonSet | None) -> PodSpec | None:
    return workload.spec.template.spec if workload and workload.spec else None


def _mounts_token(pod: PodSpec) -> bool:
    return pod.automount_service_account_token is not False


def _privileged(pod: PodSpec) -> set[str]:
    """Names of the privileged containers."""
    return {one.name for one in pod.containers if one.security_context and one.security_context.privileged}


def _decided(pod: PodSpec) -> set[str]:
    """Names of the containers about whose privileges something is said."""
    contexts = {one.name: one.security_context for one in pod.containers}
    return {name for name, context in contexts.items() if context and context.privileged is not None}


# Until 0.2: release 0.1 wrote what the API server says of refused pods into messages alone: into that of a
# runtime's condition `PodsRefused`, of several workloads joined by "; ", and into that of an operation.
def refusal_in(message: str | None, workload: StatefulSet | DaemonSet | Job) -> str:
    """The sentence of release 0.1 about a workload whose pods are refused; "" if there is none."""
    begin = f"the API server refuses pods of {workload.resource.kind} {workload.key}: "
    parts = re.split(r"(?:^|; )(?=the API server refuses pods of )", message or "")
    return next((part for part in parts if part.startswith(begin)), "")


# Until 0.2: release 0.1 wrote into the message of a runtime's condition `UfsMounted` in which life of a
# master the mounts were made, and for which generation of the Dataset. A master that has not been restarted
# since has no record; from 0.2 on `status.mountTime` alone tells that it is older than its mounts.
def mounted_by(message: str, pod: Pod, started: datetime, generation: int | None) -> bool:
    """Whether a message of release 0.1 tells of mounts in this life of a master.

    Args:
        message: The message.
        pod: The master's pod.
        started: When its container started.
        generation: Generation of the Dataset that the mounts have to be of; None for any.
    """
    wanted = generation is None or f" of generation {generation} " in message
    return wanted and f"{pod.uid}@{started}" in message


def fuse_selector(workload: DaemonSet | None) -> dict[str, str]:
    """The labels of nodes to which a DaemonSet's pods go."""
    spec = workload.spec.template.spec if workload and workload.spec else None
    return (spec.node_selector if spec else None) or {}


def is_granted(workload: DaemonSet | None, label: str) -> bool:
    """Whether FUSE pods wait until the request `label` is granted."""
    return restricted_fuse_label(label) in fuse_selector(workload)


def with_granted_label(child: DaemonSet, live: DaemonSet | None, label: str, *, wanted: bool) -> DaemonSet:
    """The DaemonSet with the selector that it has in the cluster; a new one has the one that is wanted.

    With another selector, all its pods would be ended at once, under those who read.
    """
    if label not in fuse_selector(child) or not (is_granted(live, label) if live else wanted):
        return child
    copy = child.model_copy(deep=True)
    if copy.spec and copy.spec.template.spec:
        selector = fuse_selector(child)
        copy.spec.template.spec.node_selector = {
            restricted_fuse_label(key) if key == label else key: value for key, value in selector.items()
        }
    return copy
