"""What blocks the deletion of a Dataset: pods that read it, and Datasets that refer to it."""

from collections.abc import Callable, Sequence

import anyio

from fluid.controllers.claim_readers import PodLists, serves
from fluid.controllers.dataset_plan import Verdict
from fluid.kube import Change, Entry, InformerFactory, Malformed, Reflector
from fluid.models import Dataset, PersistentVolumeClaim, Pod
from fluid.naming import ALLOWED_NAMESPACES, CREATED_BY, CREATED_BY_FLUID
from fluid.types import Key

BY_CLAIM = "claim-name"
"""Index of pods: the names of the claims that they use."""
UNREADABLE = ""
"""Value of `BY_CLAIM` for pods that cannot be decoded: they count as users of every claim."""
POD_FIELDS = (
    "spec.containers[].name",
    "spec.volumes[].name",
    "spec.volumes[].persistentVolumeClaim",
    "status.phase",
)
"""What is kept of a pod: its claims, whether it has ended, and the fields that the model requires."""
_SHOWN = 5
_FINISHED = ("Succeeded", "Failed")
_PATIENCE = 10.0


def claims_of(pod: Pod) -> list[str]:
    """Names of the claims that a pod uses, unless it has finished, is in deletion, or serves the claim."""
    if pod.metadata.deletion_timestamp is not None or (pod.status and pod.status.phase in _FINISHED):
        return []
    volumes, labels = (pod.spec.volumes if pod.spec else None) or [], pod.metadata.labels or {}
    used = [one.persistent_volume_claim.claim_name for one in volumes if one.persistent_volume_claim]
    return [claim for claim in used if not serves(labels, claim)]


def is_published(claim: PersistentVolumeClaim | None) -> bool:
    """Whether Fluid created a claim."""
    return claim is not None and (claim.metadata.annotations or {}).get(CREATED_BY) == CREATED_BY_FLUID


def referrers(dataset: Dataset) -> list[str]:
    """The Datasets that refer to a Dataset according to its status, as "namespace/name"."""
    return (dataset.status.dataset_ref if dataset.status else None) or []


def blocked(dataset: Dataset, pods: Sequence[str], living: Sequence[str]) -> Verdict | None:
    """What blocks the deletion of a Dataset; None when nothing does.

    Args:
        dataset: the Dataset.
        pods: Names of the pods that use its claim.
        living: The Datasets that refer to it, are allowed to, and may have readers.
    """
    if pods:
        return Verdict(
            "VolumeInUse",
            f"can not delete dataset {dataset.key} because its volume is used by "
            f"{_some('pod', sorted(pods))}: delete them, or wait until they have finished",
        )
    if living:
        return Verdict(
            "DatasetReferenced",
            f"can not delete dataset {dataset.key} because there are datasets mounted to it, "
            f"{_some('dataset', sorted(living))}: delete them first, or remove their namespaces "
            f"from its annotation {ALLOWED_NAMESPACES}",
        )
    return None


def _some(noun: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{noun}{'s' if len(names) > 1 else ''} {shown}{rest}"


class ClaimUsers:
    """Finds the pods that use a claim, and reports when they change.

    A cluster can have many pods, so they are listed once per deletion, and watched only in a namespace where
    a deletion waits, and only as long as it waits.

    Args:
        informer_factory: where to list and watch.
        changed: Called with the key of a claim that a pod has stopped using.
    """

    def __init__(self, informer_factory: InformerFactory, changed: Callable[[Key], None]) -> None:
        self._informers = informer_factory
        self._changed = changed
        self._lists = PodLists(informer_factory)
        self._watches: dict[str, Reflector[Pod]] = {}
        self._waiting: set[Key] = set()

    async def of(self, claim: Key) -> list[str]:
        """Names of the pods that use a claim, plus a placeholder if some pods cannot be decoded."""
        watch = self._watches.get(claim.namespace)
        if watch is not None and watch.store.synced.is_set():
            unreadable = [_unread(pod.key) for pod in watch.store.entries_by(BY_CLAIM, UNREADABLE)]
            return [pod.key.name for pod in watch.store.entries_by(BY_CLAIM, claim.name)] + unreadable
        try:
            pods = await self._lists.of(claim.namespace)
        except Malformed as error:
            return [_unread(error.key)]
        return [pod.name for pod in pods if claim.name in claims_of(pod)]

    async def follow(self, claim: Key) -> list[str]:
        """Like `of`, and reports every later change until `release`."""
        self._waiting.add(claim)
        watch = self._watches.get(claim.namespace) or self._watch(claim.namespace)
        with anyio.fail_after(_PATIENCE):
            await watch.store.synced.wait()
        return await self.of(claim)

    def release(self, claim: Key) -> None:
        """Stops reporting changes of a claim."""
        self._waiting.discard(claim)
        if not any(other.namespace == claim.namespace for other in self._waiting):
            watch = self._watches.pop(claim.namespace, None)
            if watch is not None:
                self._informers.stop(watch)

    def _watch(self, namespace: str) -> Reflector[Pod]:
        watch = self._informers.of(Pod, namespace=namespace, keep=POD_FIELDS)
        watch.add_index(BY_CLAIM, _claims)
        watch.subscribe(self._notify)
        self._watches[namespace] = watch
        return watch

    def _notify(self, change: Change[Pod]) -> None:
        after = _claims(change.after)
        for name in _claims(change.before):
            for claim in self._followed(change.key.namespace, name) if name not in after else ():
                self._changed(claim)

    def _followed(self, namespace: str, name: str) -> list[Key]:
        """The followed claims that a value of the index `BY_CLAIM` stands for."""
        return [
            claim
            for claim in self._waiting
            if claim.namespace == namespace and name in (claim.name, UNREADABLE)
        ]


def _unread(pod: Key) -> str:
    return f"{pod.name} (which cannot be read)"


def _claims(pod: Entry[Pod] | None) -> list[str]:
    try:
        return claims_of(pod.object) if pod else []
    except Malformed:
        return [UNREADABLE]
