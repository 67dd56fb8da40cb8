"""What keeps a Dataset from being deleted: pods that read it, and Datasets that refer to it."""

from collections.abc import Callable, Iterable, Sequence

import anyio

from fluid.controllers.claim_readers import PodLists, serves
from fluid.controllers.dataset_plan import Verdict
from fluid.kube import Change, Entry, InformerFactory, Malformed, Reflector
from fluid.models import Dataset, PersistentVolumeClaim, Pod
from fluid.naming import CREATED_BY, CREATED_BY_FLUID
from fluid.types import Key

BY_CLAIM = "claim-name"
"""Index of pods: the names of the claims that they use."""
UNREADABLE = ""
"""In that index: pods of which nobody can tell what they use; they count as users of every claim."""
BY_REFERRER = "referrer"
"""Index of Datasets: those that refer to them, as "namespace/name"."""
POD_FIELDS = (
    "spec.containers[].name",
    "spec.volumes[].name",
    "spec.volumes[].persistentVolumeClaim",
    "status.phase",
)
"""What is kept of a pod: the claims that it uses, whether it has ended, and the names that none lacks."""
_SHOWN = 5
_FINISHED = ("Succeeded", "Failed")
_PATIENCE = 10.0


def claims_of(pod: Pod) -> list[str]:
    """Names of the claims that a pod uses, unless it has finished or is going, or serves the claim."""
    if pod.metadata.deletion_timestamp is not None or (pod.status and pod.status.phase in _FINISHED):
        return []
    volumes, labels = (pod.spec.volumes if pod.spec else None) or [], pod.metadata.labels or {}
    used = [one.persistent_volume_claim.claim_name for one in volumes if one.persistent_volume_claim]
    return [claim for claim in used if not serves(labels, claim)]


def is_published(claim: PersistentVolumeClaim | None) -> bool:
    """Whether a claim was made by Fluid."""
    return claim is not None and (claim.metadata.annotations or {}).get(CREATED_BY) == CREATED_BY_FLUID


def referrers(dataset: Dataset) -> list[str]:
    """The Datasets that are recorded to refer to a Dataset, as "namespace/name"."""
    return (dataset.status.dataset_ref if dataset.status else None) or []


def by_referrer(entry: Entry[Dataset]) -> Iterable[str]:
    """The values of the index `BY_REFERRER`."""
    return referrers(entry.object) if entry.deleting else ()


def blocked(dataset: Dataset, pods: Sequence[str], living: Sequence[str]) -> Verdict | None:
    """What blocks the deletion of a Dataset; None when nothing does.

    Args:
        dataset: the Dataset.
        pods: Names of the pods that use its claim.
        living: The Datasets that refer to it and still exist.
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
            f"{_some('dataset', sorted(living))}: delete them first",
        )
    return None


def _some(noun: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{noun}{'s' if len(names) > 1 else ''} {shown}{rest}"


class ClaimUsers:
    """Tells which pods use a claim, and when that changes.

    Real clusters are full of pods: they are listed once when a deletion asks, and watched, in that namespace
    only, while a deletion waits there.

    Args:
        informer_factory: where to list and watch.
        changed: Told the key of a claim that a pod has stopped using.
    """

    def __init__(self, informer_factory: InformerFactory, changed: Callable[[Key], None]) -> None:
        self._informers = informer_factory
        self._changed = changed
        self._lists = PodLists(informer_factory)
        self._watches: dict[str, Reflector[Pod]] = {}
        self._waiting: set[Key] = set()

    async def of(self, claim: Key) -> list[str]:
        """Names of the pods that use a claim, and of one at least that may, as it cannot be read."""
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
        """Like `of`, and tells of every later change until `release`."""
        self._waiting.add(claim)
        watch = self._watches.get(claim.namespace) or self._watch(claim.namespace)
        with anyio.fail_after(_PATIENCE):
            await watch.store.synced.wait()
        return await self.of(claim)

    def release(self, claim: Key) -> None:
        """No longer tells of a claim."""
        self._waiting.discard(claim)
        if not any(other.namespace == claim.namespace for other in self._waiting):
            watch = self._watches.pop(claim.namespace, None)
            if watch is not None:
                self._informers.stop(watch)

    def _watch(self, namespace: str) -> Reflector[Pod]:
        watch = self._informers.of(Pod, namespace=namespace, keep=POD_FIELDS)
        watch.add_index(BY_CLAIM, _claims)
        watch.subscribe(self._tell)
        self._watches[namespace] = watch
        return watch

    def _tell(self, change: Change[Pod]) -> None:
        after = _claims(change.after)
        for name in _claims(change.before):
            for claim in self._meant(change.key.namespace, name) if name not in after else ():
                self._changed(claim)

    def _meant(self, namespace: str, name: str) -> list[Key]:
        """The claims that are waited for among those that a value of the index stands for."""
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
