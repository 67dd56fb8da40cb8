"""The Dataset controller: a Dataset's identity, what it waits for, and its deletion."""

from collections.abc import Iterable
from contextlib import suppress

from fluid.conditions import find_condition
from fluid.controllers.context import Context
from fluid.controllers.dataset_plan import (
    READY,
    REFUSALS,
    Verdict,
    outlook,
    plan_blocked,
    plan_status,
    refusal,
    status_patch,
)
from fluid.controllers.deletion import (
    ClaimUsers,
    blocked,
    is_published,
)
from fluid.controllers.identity import BY_JOINED, Claimant, Identities, by_joined, label_rivals
from fluid.controllers.lazy_start import RuntimeKinds
from fluid.controllers.reference_datasets import ReferenceDatasets
from fluid.controllers.referred import lenders_of
from fluid.engines.core.dataset_status import RUNTIME_DELETED
from fluid.engines.core.references import is_reference
from fluid.kube import Change, Conflict, Entry, Malformed, amend_metadata, remove_finalizer
from fluid.kube.controller import DONE, Controller, Result
from fluid.models import Dataset, DatasetStatus, PersistentVolume, PersistentVolumeClaim, PolicyRule
from fluid.naming import DATASET_FINALIZER, DATASET_ID, GROUP, joined
from fluid.types import Key, KubeObject
from fluid.types.time import remaining

MANAGER = "fluid-dataset"
"""Field manager of this controller's part of a Dataset's status."""
RULES = (
    PolicyRule(api_groups=[GROUP], resources=["datasets"], verbs=["get", "list", "watch", "patch"]),
    PolicyRule(api_groups=[GROUP], resources=["datasets/status"], verbs=["patch"]),
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list", "watch"]),
    PolicyRule(api_groups=[""], resources=["persistentvolumes"], verbs=["list", "watch"]),
    PolicyRule(api_groups=[""], resources=["persistentvolumeclaims"], verbs=["list", "watch"]),
)

_REFUSED = 60.0
"""Seconds until the runtime of a reference is tried again that the API server did not take."""
_BURST = 0.05
"""Seconds over which changes of references are gathered into one pass of the Dataset that they name."""


class DatasetController:
    """Gives each Dataset a finalizer and an identity, reports what it waits for, and completes its deletion.

    A deletion completes when nothing uses the Dataset any more.

    Args:
        context: what all controllers share.
        kinds: the runtime kinds.
        workers: How many Datasets at once.
        settle: seconds after which a new runtime has normally written its own status.
    """

    def __init__(
        self, context: Context, kinds: RuntimeKinds, *, workers: int = 16, settle: float = 10.0
    ) -> None:
        self._context = context
        self._settle = settle
        self._kinds = kinds
        self._datasets = context.informers.datasets
        self._datasets.add_index(BY_JOINED, by_joined)
        self._api = context.informer_factory.api(Dataset)
        self._identities = Identities()
        self._references = ReferenceDatasets(context)
        self._controller = Controller(
            "dataset", self.reconcile, workers=workers, metrics=context.metrics, recorder=context.recorder
        )
        self._users = ClaimUsers(context.informer_factory, self._controller.enqueue)

    def controller(self) -> Controller:
        """The controller with its sources."""
        self._kinds.subscribe(self._notice)
        informers = self._context.informers
        return (
            self._controller.for_(self._datasets)
            .watches(self._datasets, self._references.related, _BURST)
            .watches(informers.claims, self._deletion_of_claim)
            .watches(informers.volumes, self._published)
        )

    async def reconcile(self, key: Key) -> Result:
        """One pass over one Dataset."""
        await self._kinds.synced()
        result = DONE
        dataset = self._datasets.store.get(key)
        if dataset is None:
            self._forget(key)
        elif dataset.metadata.deletion_timestamp is not None:
            await self._delete(dataset)
        elif (verdict := refusal(dataset)) is not None:
            await self._refuse(dataset, verdict)
        else:
            dataset = await self._identify(dataset)
            if is_reference(dataset):
                result = await self._serve_reference(dataset)
            else:
                await self._explain(dataset)
        if dataset is not None:
            await self._references.tell(dataset)
        return result

    async def _serve_reference(self, dataset: Dataset) -> Result:
        """Makes the runtime of a reference once it may be served; reports what stands in the way."""
        result = DONE
        runtimes = [*self._kinds.of(dataset.key)]
        verdict = self._references.in_the_way(dataset, runtimes) or self._references.verdict(dataset)
        if verdict is None and not runtimes:
            verdict = await self._references.ensure_runtime(dataset)
            result = Result(_REFUSED) if verdict is not None else DONE
        living = [entry.model.resource.kind for entry in runtimes if not entry.deleting]
        verdict = verdict or outlook(dataset, living or self._references.kinds, self._kinds.names)
        now, leaving = self._context.clock(), self._leaving(dataset)
        if await self._write(dataset, plan_status(dataset, verdict, now, leaving=leaving)):
            self._tell_refusal(dataset, verdict)
        return result

    def _tell_refusal(self, dataset: Dataset, verdict: Verdict) -> None:
        if verdict.reason in REFUSALS:
            message = f"Failed to create dataset because err: {verdict.message}"
            self._context.recorder.event(dataset, "Warning", "ErrorCreateDataset", message)

    async def _explain(self, dataset: Dataset) -> None:
        """Reports what the Dataset waits for, as long as no runtime reports it."""
        runtimes = [entry for entry in self._kinds.of(dataset.key) if not entry.deleting]
        new = any(map(self._is_new, runtimes)) and not self._misses_one(dataset.key)
        if dataset.status and dataset.status.phase and new:
            self._controller.enqueue(dataset.key, self._settle)
            return  # the new runtime will soon report a more precise reason
        verdict = outlook(dataset, [entry.model.resource.kind for entry in runtimes], self._kinds.names)
        now, leaving = self._context.clock(), self._leaving(dataset)
        await self._write(dataset, plan_status(dataset, verdict, now, leaving=leaving))

    def _leaving(self, dataset: Dataset) -> bool:
        return any(runtime.deleting for runtime in self._kinds.of(dataset.key))

    def _is_new(self, runtime: Entry[KubeObject]) -> bool:
        created = runtime.object.metadata.creation_timestamp
        return created is not None and remaining(self._settle, created, self._context.clock()) > 0

    async def _identify(self, dataset: Dataset) -> Dataset:
        """Decides the dataset id and records it, together with the finalizer."""
        spelling = joined(*dataset.key)
        claimants = self._claimants(spelling)
        mine = next(claimant for claimant in claimants if claimant.key == dataset.key)
        if mine.label is None:  # a recorded id is never changed
            engines = [one.implementation for one in self._context.registry.engines.values()]
            claimants += [
                rival for other in label_rivals(spelling, engines) for rival in self._claimants(other)
            ]
        volume = self._context.informers.volumes.store.get(Key("", spelling))
        decided = self._identities.decide(mine, claimants, volume)
        return await amend_metadata(
            self._api, dataset, finalizer=DATASET_FINALIZER, labels={DATASET_ID: decided}
        )

    def _claimants(self, spelling: str) -> list[Claimant]:
        return [Claimant.of(entry) for entry in self._datasets.store.entries_by(BY_JOINED, spelling)]

    async def _refuse(self, dataset: Dataset, verdict: Verdict) -> None:
        status = plan_status(dataset, verdict, self._context.clock(), leaving=self._leaving(dataset))
        if await self._write(dataset, status):
            self._tell_refusal(dataset, verdict)

    async def _delete(self, dataset: Dataset) -> None:
        if DATASET_FINALIZER not in (dataset.metadata.finalizers or ()):
            return
        living = self._references.living(dataset)
        living += [one for one in self._references.unwatched(dataset) if await self._exists(one)]
        verdict = blocked(dataset, await self._readers(dataset.key), living)
        if verdict is not None:
            await self._report_block(dataset, verdict)
            return
        self._users.release(dataset.key)
        for runtime in self._kinds.of(dataset.key):
            if _is_owned(runtime, dataset) and not runtime.deleting:
                await self._delete_runtime(runtime)
        await remove_finalizer(self._api, dataset, DATASET_FINALIZER)

    async def _readers(self, key: Key) -> list[str]:
        """Names of the pods that use the Dataset's claim; while there are any, their changes wake its key."""
        if not is_published(self._context.informers.claims.store.get(key)):
            return []
        return await self._users.of(key) and await self._users.follow(key)

    async def _exists(self, referrer: str) -> bool:
        namespace, _, name = referrer.partition("/")
        key = Key(namespace, name)
        if self._datasets.store.entry(key) is not None:
            return True
        return bool(namespace and name) and await self._api.find(key) is not None

    async def _report_block(self, dataset: Dataset, verdict: Verdict) -> None:
        now, leaving = self._context.clock(), self._leaving(dataset)
        plan = plan_blocked(dataset, verdict, now, leaving=leaving)
        if plan is None:
            return
        status, news = plan
        if await self._write(dataset, status) and news:
            message = f"Failed to delete dataset because err: {verdict.message}"
            self._context.recorder.event(dataset, "Warning", "ErrorDeleteDataset", message)

    async def _delete_runtime(self, runtime: Entry[KubeObject]) -> None:
        with suppress(Conflict):  # never delete another object of the same name
            await self._context.informer_factory.api(runtime.model).delete(runtime.key, uid=runtime.uid)

    async def _write(self, dataset: Dataset, status: DatasetStatus | None) -> bool:
        """Applies this controller's part of the status, and returns whether it was written."""
        if status is None:
            return False
        try:
            await self._api.apply_status(status_patch(dataset, status), manager=MANAGER)
        except Conflict:
            return False  # the object changed meanwhile, and that watch event wakes the key
        return True

    def _forget(self, key: Key) -> None:
        self._identities.forget(key)
        self._users.release(key)

    def _notice(self, change: Change[KubeObject]) -> None:
        if not _came_or_went(change):
            return
        replaced = change.before is None and self._misses_one(change.key)
        left = change.after is None and self._is_reference(change.key)
        self._controller.enqueue(change.key, 0.0 if replaced or left else self._settle)

    def _is_reference(self, key: Key) -> bool:
        """Whether a Dataset gets its runtime from this controller, which may have waited for an older one."""
        try:
            dataset = self._datasets.store.get(key)
        except Malformed:
            return False
        return dataset is not None and is_reference(dataset)

    def _misses_one(self, key: Key) -> bool:
        """Whether a Dataset's status asks for a runtime in place of a deleted one, which is then outdated."""
        try:
            dataset = self._datasets.store.get(key)
        except Malformed:
            return False
        ready = find_condition(dataset.status.conditions, READY) if dataset and dataset.status else None
        return ready is not None and ready.reason == RUNTIME_DELETED

    def _published(self, change: Change[PersistentVolume]) -> Iterable[Key]:
        """The Dataset of a volume that came or went, and those that refer to it or that it refers to."""
        if change.before is not None and change.after is not None:
            return
        for claim in lenders_of(change):
            key = Key(*claim.split("/", 1))
            yield key
            entry = self._datasets.store.entry(key)
            if entry is not None:
                yield from self._references.related(Change(entry, None))

    def _deletion_of_claim(self, change: Change[PersistentVolumeClaim]) -> Iterable[Key]:
        dataset = self._datasets.store.entry(change.key)
        return [change.key] if dataset is not None and dataset.deleting else []


def _is_owned(runtime: Entry[KubeObject], dataset: Dataset) -> bool:
    """Whether a runtime belongs to a Dataset; one that cannot be read is left to the garbage collector."""
    try:
        owners = runtime.object.metadata.owner_references or ()
    except Malformed:
        return False
    return any(owner.uid == dataset.uid for owner in owners)


def _came_or_went(change: Change[KubeObject]) -> bool:
    before, after = change.before, change.after
    return before is None or after is None or before.deleting != after.deleting
