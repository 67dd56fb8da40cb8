"""Which requests for FUSE pods are granted: those of nodes on which a pod uses the claim.

A node's own credentials may set the label of a request. They may not set the label of a grant if the API
server runs the admission plugin NodeRestriction, and only the scheduler binds a pod to a node.
"""

from collections.abc import Callable, Iterable, Mapping

import structlog

from fluid.controllers.context import BY_LABEL, BY_OWNER, Context
from fluid.engines.core.upgrade import fuse_selector
from fluid.kube import Change, Entry, Malformed
from fluid.models import DaemonSet, Node, Pod
from fluid.naming import FUSE_PREFIX, requested_fuse_label, restricted_fuse_label
from fluid.types import Key, KubeObject

_TRUE = "true"
_log = structlog.get_logger("fluid.controllers.fuse_grants")
_FINISHED = ("Succeeded", "Failed")


def open_requests(labels: Mapping[str, str]) -> list[str]:
    """The keys of requests on a node that are not granted."""
    return [
        key
        for key, value in labels.items()
        if key.startswith(FUSE_PREFIX) and value == _TRUE and restricted_fuse_label(key) not in labels
    ]


def left_grants(labels: Mapping[str, str]) -> list[str]:
    """The keys of grants on a node whose request was withdrawn, or was removed with its runtime."""
    return [key for key in labels if (request := requested_fuse_label(key)) and labels.get(request) != _TRUE]


def decided(requests: Mapping[str, Iterable[Key]], used: frozenset[Key]) -> dict[str, str | None]:
    """Label changes for requests: each is granted or removed; a removed label makes a new request visible.

    Args:
        requests: The claims that each may be for.
        used: The claims that pods on the node use.
    """
    changes: dict[str, str | None] = {}
    for label, claims in requests.items():
        if used.isdisjoint(claims):
            changes[label] = None
        else:
            changes[restricted_fuse_label(label)] = _TRUE
    return changes


class FuseGrants:
    """Decides about the requests of nodes, one node at a time.

    Args:
        context: what all controllers share.
        asked_by: The runtimes whose FUSE pods a label on nodes asks for.
    """

    def __init__(self, context: Context, asked_by: Callable[[str], Iterable[Entry[KubeObject]]]) -> None:
        self._context = context
        self._watched = context.informers
        self._asked_by = asked_by

    async def decide(self, node: Node, changes: Mapping[str, str | None]) -> dict[str, str | None]:
        """Label changes for a node's requests for FUSE pods that need a grant.

        Raises:
            KubeError: the node's pods cannot be listed.
        """
        after = {key: value for key, value in {**(node.metadata.labels or {}), **changes}.items() if value}
        decisions: dict[str, str | None] = dict.fromkeys(left_grants(after))
        requests = {label: claims for label in open_requests(after) if (claims := self._waiting_for(label))}
        if requests:
            found = decided(requests, await self._claims_used_on(node.name))
            if refused := [label for label, value in found.items() if value is None]:
                _log.warning("no pod there uses what a node asks for", node=node.name, labels=refused)
            decisions |= found
        return decisions

    def askers(self, change: Change[DaemonSet]) -> Iterable[Key]:
        """When FUSE pods begin to need grants: the nodes that have requested them."""
        if change.before is not None or change.after is None:
            return
        for label in _selector(change.after):
            for node in self._watched.nodes.store.entries_by(BY_LABEL, requested_fuse_label(label)):
                yield node.key

    def _waiting_for(self, label: str) -> list[Key]:
        """The keys of the claims, also of references, for whose FUSE pods this request needs a grant."""
        found = [
            runtime.key
            for runtime in self._asked_by(label)
            for fuses in self._watched.daemonsets.store.entries_by(BY_OWNER, runtime.uid)
            if restricted_fuse_label(label) in _selector(fuses)
        ]
        return [*found, *(claim for key in found for claim in self._listed(key))]

    def _listed(self, key: Key) -> list[Key]:
        """The references that may read a Dataset, according to its status."""
        try:
            dataset = self._watched.datasets.store.get(key)
        except Malformed:
            return []
        listed = (dataset.status.dataset_ref if dataset is not None and dataset.status else None) or ()
        return [Key(namespace, name) for namespace, _, name in (one.partition("/") for one in listed)]

    async def _claims_used_on(self, node: str) -> frozenset[Key]:
        """The claims of pods that are bound to a node and have not finished."""
        api, namespace = self._context.informer_factory.api(Pod), self._context.namespace
        pods = await api.list(namespace=namespace, fields=f"spec.nodeName={node}")
        return frozenset(claim for pod in pods for claim in _claims(pod, node))


def _selector(fuses: Entry[DaemonSet]) -> Mapping[str, str]:
    try:
        return fuse_selector(fuses.object)
    except Malformed:
        return {}


def _claims(pod: Pod, node: str) -> Iterable[Key]:
    finished = pod.status is not None and pod.status.phase in _FINISHED
    if pod.spec is None or pod.spec.node_name != node or finished or pod.metadata.deletion_timestamp:
        return
    for volume in pod.spec.volumes or ():
        if volume.persistent_volume_claim is not None:
            yield Key(pod.namespace, volume.persistent_volume_claim.claim_name)
