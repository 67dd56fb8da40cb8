"""What the controller of Datasets does for references: their runtime, and what both sides are told.

Which Datasets refer to one is derived from an index. `status.datasetRef` shows those that may read it, for
existing tools and for the node plugin, which publishes for no others.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from fluid.conditions import (
    CONSENT_IGNORED,
    REFERENCE_NOT_SUPPORTED,
    REFERENCE_REFUSED,
    WITHOUT_CONSENT,
    drop_condition,
    find_condition,
    says_the_same,
    set_condition,
)
from fluid.controllers.context import Context
from fluid.controllers.dataset_plan import Verdict, status_patch
from fluid.controllers.deletion import referrers
from fluid.controllers.identity import recorded_identity
from fluid.controllers.referred import (
    allowed_holders,
    concerned,
    concerns_others,
    holds,
    others_of,
    references_to,
    referred_by,
)
from fluid.controllers.snapshots import volume_of
from fluid.engines.core.references import (
    Allowed,
    consents,
    has_own_cache,
    ignored_consent,
    is_reference,
    named_references,
    obstacle,
    without_consent,
)
from fluid.engines.core.registered_code import carries_references
from fluid.engines.core.registration import EngineRegistration
from fluid.kube import (
    AlreadyExists,
    Change,
    Conflict,
    Entry,
    Forbidden,
    Invalid,
    Malformed,
    NamespaceEnding,
    NotFound,
    adopt_status,
)
from fluid.models import Dataset, DatasetCondition, DatasetStatus
from fluid.naming import DATASET_ID
from fluid.types import Key, KubeObject, fit

MANAGER = "fluid-references"
"""Field manager of `status.datasetRef` and of the conditions about consent."""
_EVENTS = {WITHOUT_CONSENT: "ReferenceWithoutConsent", CONSENT_IGNORED: CONSENT_IGNORED}
"""Reasons of events by type of condition."""
_WORDS = 600
"""Characters of what the API server says that are told."""


class ReferenceDatasets:
    """The part of the Dataset controller that is about Datasets that refer to each other.

    Args:
        context: what all controllers share.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._datasets = context.informers.datasets
        self._api = context.informer_factory.api(Dataset)

    def verdict(self, dataset: Dataset) -> Verdict | None:
        """Why a reference cannot be served now; None if it can, or if the Dataset is no reference."""
        if not is_reference(dataset):
            return None
        referred = referred_by(self._context.informers, dataset.key, dataset)
        assert referred is not None, "it is a reference"
        found = obstacle(dataset.key, referred, self._context.settings)
        if found is not None:
            return Verdict(found.waiting.reason, found.waiting.message)
        if self._carrier is None:
            message = (
                "no engine is installed whose runtimes carry references: install one, such as that of Fluid"
            )
            return Verdict(REFERENCE_NOT_SUPPORTED, message)
        return None

    @property
    def kinds(self) -> list[str]:
        """The kind of the runtime that stands beside references, if one is installed."""
        return [self._carrier.kind.resource.kind] if self._carrier is not None else []

    def in_the_way(self, dataset: Dataset, runtimes: Sequence[Entry[KubeObject]]) -> Verdict | None:
        """A runtime of a reference's name that has a cache of its own; None if there is none."""
        for entry in runtimes:
            kind = entry.model.resource.kind
            if not self._carries(kind, entry):
                message = (
                    f"Dataset {dataset.key} refers to another Dataset, which {kind} {dataset.name} cannot "
                    "serve: delete the runtime, one for the reference is made then"
                )
                return Verdict(REFERENCE_NOT_SUPPORTED, message)
        return None

    def _carries(self, kind: str, entry: Entry[KubeObject]) -> bool:
        registration = self._context.registry.engines[kind]
        try:
            judge = partial(carries_references, registration, entry.object)
        except Malformed:
            return True  # its own controller tells
        calls = self._context.calls.of(registration.plugin)
        return calls.attempt("carries_references", judge, True, [])

    async def ensure_runtime(self, dataset: Dataset) -> Verdict | None:
        """Make the runtime that stands beside a reference; one of its name that is there stays as it is.

        Returns:
            What the API server says against it; None if it says nothing.
        """
        carrier, identity = self._carrier, recorded_identity(dataset)
        if carrier is None or identity is None:
            return None  # the id that was just given is in the store soon, which wakes the key
        runtime = carrier.kind.model_validate(
            {
                "metadata": {
                    "name": dataset.name,
                    "namespace": dataset.namespace,
                    "labels": {DATASET_ID: identity.dataset_id},
                    "ownerReferences": [_owner(dataset)],
                },
                "spec": {},
            }
        )
        try:
            await self._context.informer_factory.api(carrier.kind).create(runtime)
        except (AlreadyExists, NamespaceEnding):
            return None
        except (Forbidden, Invalid) as error:
            message = (
                f"the API server does not take {carrier.kind.resource.kind} {dataset.key}, which a reference"
                f" needs: {fit(error.message, _WORDS).rstrip(' ,')}; ask the administrator to allow it"
            )
            return Verdict(REFERENCE_REFUSED, message)
        return None

    def living(self, dataset: Dataset) -> list[str]:
        """The references that a Dataset's deletion waits for, as "namespace/name"."""
        return [str(key) for key in allowed_holders(self._context.informers, dataset, self._context.settings)]

    def unwatched(self, dataset: Dataset) -> list[str]:
        """The recorded references in namespaces that this operator does not watch."""
        only = self._context.namespace
        return [one for one in referrers(dataset) if only is not None and one.partition("/")[0] != only]

    async def tell(self, dataset: Dataset) -> None:
        """Write who may read a Dataset, on both sides what is read without consent, and what is ignored."""
        listed = self._listed(dataset)
        found = {WITHOUT_CONSENT: self._condition(dataset), CONSENT_IGNORED: _ignored(dataset)}
        status = dataset.status or DatasetStatus(conditions=[])
        standing = {kind: find_condition(status.conditions, kind) for kind in found}
        news = [kind for kind, one in found.items() if not _is_told(standing[kind], one)]
        if not news and listed == (status.dataset_ref or []):
            return
        wanted = DatasetStatus(conditions=[one for one in standing.values() if one is not None])
        if listed or status.dataset_ref:
            wanted.dataset_ref = listed
        for kind, one in found.items():
            before = wanted.conditions
            wanted.conditions = set_condition(before, one, self._now) if one else drop_condition(before, kind)
        fields = ("datasetRef",)
        with suppress(Conflict, NotFound):  # it changed meanwhile, which wakes the key
            await adopt_status(self._api, status_patch(dataset, wanted), manager=MANAGER, fields=fields)
            for kind in news:
                if (one := found[kind]) is not None:
                    self._context.recorder.event(dataset, "Warning", _EVENTS[kind], one.message or "")

    def related(self, change: Change[Dataset]) -> Iterable[Key]:
        """The Datasets that a change of one concerns: those it refers to, and those that refer to it."""
        yield from others_of(change)
        if concerns_others(change):
            yield from concerned(self._context.informers, change)

    @property
    def _carrier(self) -> EngineRegistration[KubeObject] | None:
        """The kind of runtime that stands beside references: the first, should several be installed."""
        engines = self._context.registry.engines
        found = (engines[kind] for kind in sorted(engines))
        return next((one for one in found if one.carries_references is not None), None)

    @property
    def _now(self) -> datetime:
        return self._context.clock()

    def _listed(self, dataset: Dataset) -> list[str]:
        """The references that may read a Dataset: in the order in which they are there, then by name."""
        if self._reads_another(dataset):
            return []
        informers, settings = self._context.informers, self._context.settings
        anybody, allowed = settings.references_from_anywhere, Allowed.by(dataset)
        ready = bool(dataset.status and dataset.status.runtimes)
        found = [
            str(entry.key)
            for entry in references_to(informers, dataset.key)
            if (anybody or entry.key.namespace in allowed)
            and (
                holds(informers, entry, dataset.key)
                or (ready and not entry.deleting and self._reads_another(entry.object))
            )
        ]
        found += self.unwatched(dataset)
        before = [one for one in referrers(dataset) if one in found]
        return [*dict.fromkeys([*before, *found])]

    def _condition(self, dataset: Dataset) -> DatasetCondition | None:
        """What is told of references without consent: on a Dataset that is read, and on one that reads."""
        reason, why = without_consent(self._context.settings)
        if self._reads_another(dataset):
            referred = referred_by(self._context.informers, dataset.key, dataset)
            other = referred.dataset if referred is not None else None
            entry = self._datasets.store.entry(dataset.key)
            if other is None or entry is None or consents(other, dataset.namespace):
                return None
            if not self._context.settings.references_from_anywhere or not holds(
                self._context.informers, entry, other.key
            ):
                return None  # its Ready says that it is not allowed
            return _told(dataset, reason, f"Dataset {dataset.key} can read Dataset {other.key} {why}")
        found = self._denied(dataset)
        return (
            _told(dataset, reason, f"{named_references(found)} to it and can be read {why}")
            if found
            else None
        )

    def _reads_another(self, dataset: Dataset) -> bool:
        """Whether a Dataset is a reference, and not merely edited to one while its own cache goes on."""
        volume = volume_of(self._context.informers, dataset.key)
        return is_reference(dataset) and not has_own_cache(dataset, volume)

    def _denied(self, dataset: Dataset) -> Sequence[Key]:
        informers = self._context.informers
        allowed, found = Allowed.by(dataset), references_to(informers, dataset.key)
        return [
            one.key
            for one in found
            if one.key.namespace not in allowed and holds(informers, one, dataset.key)
        ]


def _is_told(standing: DatasetCondition | None, found: DatasetCondition | None) -> bool:
    if standing is None or found is None:
        return standing is found
    return says_the_same(standing, found)


def _ignored(dataset: Dataset) -> DatasetCondition | None:
    found = ignored_consent(dataset)
    return _told(dataset, *found, kind=CONSENT_IGNORED) if found is not None else None


def _told(dataset: Dataset, reason: str, message: str, kind: str = WITHOUT_CONSENT) -> DatasetCondition:
    return DatasetCondition(
        type=kind,
        status="True",
        reason=reason,
        message=message,
        observed_generation=dataset.metadata.generation,
    )


def _owner(dataset: Dataset) -> dict[str, str | bool]:
    resource = dataset.resource
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": dataset.name,
        "uid": dataset.uid,
        "controller": True,
    }
