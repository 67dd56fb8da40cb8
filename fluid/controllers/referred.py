"""Which Datasets refer to which: found by an index, so that no pass looks at all Datasets."""

from collections.abc import Iterable, Sequence

from fluid.conditions import READY, find_condition
from fluid.controllers.context import BY_CLAIM, BY_REFERRED, Informers, referred_values
from fluid.controllers.snapshots import volume_of
from fluid.engines.core.references import (
    AddressError,
    Allowed,
    Referred,
    address_of,
    is_borrowed,
    is_reference,
    recorded_address,
    shown_by,
)
from fluid.engines.core.settings import Settings
from fluid.kube import Change, Entry, Malformed
from fluid.models import Dataset, PersistentVolume
from fluid.naming import ALLOWED_NAMESPACES
from fluid.types import Key


def referred_by(informers: Informers, key: Key, dataset: Dataset | None) -> Referred | None:
    """What a Dataset refers to; None for one that is no reference and never was one.

    Args:
        informers: what is known.
        key: the Dataset's.
        dataset: as this pass has read it; None if it is gone, and its volume says what it was.
    """
    if dataset is None or not is_reference(dataset):
        return Referred(None) if is_borrowed(volume_of(informers, key), key) else None
    try:
        address = address_of(dataset)
    except AddressError as error:
        return Referred(None, str(error))
    assert address is not None, "it is a reference"
    try:
        other = informers.datasets.store.get(address.dataset)
    except Malformed:
        other = None
    return Referred(address, "", other, volume_of(informers, address.dataset))


def references_to(informers: Informers, key: Key) -> list[Entry[Dataset]]:
    """The Datasets that refer to one, or did when their volumes were made, by namespace and name."""
    return sorted(informers.datasets.store.entries_by(BY_REFERRED, str(key)), key=lambda entry: entry.key)


def holds(informers: Informers, entry: Entry[Dataset], other: Key) -> bool:
    """Whether a reference has, or may have, a volume of the other Dataset's cache.

    What it refers to says nothing: its volume may be of a cache of its own, or of a third Dataset's.
    """
    if entry.key == other:
        return False
    volumes = informers.volumes.store.by(BY_CLAIM, str(entry.key))
    if volumes:
        return any(shown_by(one) == other for one in volumes)
    status, recorded = entry.object.status, recorded_address(entry.object)
    if status is None or not status.runtimes:
        return False
    return recorded.dataset == other if recorded is not None else not status.mounts


def allowed_holders(informers: Informers, dataset: Dataset, settings: Settings) -> list[Key]:
    """The references that a Dataset's deletion waits for: those that it allows and that may have readers.

    One that is not allowed holds nobody up: else whoever can write a name could.
    """
    anybody, allowed = settings.references_from_anywhere, Allowed.by(dataset)
    return [
        entry.key
        for entry in references_to(informers, dataset.key)
        if (anybody or entry.key.namespace in allowed) and holds(informers, entry, dataset.key)
    ]


def others_of(change: Change[Dataset]) -> list[Key]:
    """The Datasets that a Dataset refers to, before and after a change."""
    found = [value for entry in change.entries for value in _values(entry)]
    return [Key(*value.split("/", 1)) for value in dict.fromkeys(found)]


def concerns_others(change: Change[Dataset]) -> bool:
    """Whether a change of a Dataset concerns those that refer to it: its being, its consent, its state.

    Figures of its cache change all the time, and whoever may write a name can refer.
    """
    return change.before is None or change.after is None or _told(change.before) != _told(change.after)


def concerned(informers: Informers, change: Change[Dataset]) -> list[Key]:
    """The Datasets that refer to the one that changed."""
    return [entry.key for entry in references_to(informers, change.key)]


def listed(change: Change[Dataset]) -> list[Key]:
    """The references that a Dataset lists in its status."""
    try:
        status = change.latest.object.status
    except Malformed:
        return []
    parts = (one.partition("/") for one in (status.dataset_ref if status else None) or ())
    return [Key(namespace, name) for namespace, _, name in parts]


def lenders_of(change: Change[PersistentVolume]) -> Sequence[str]:
    """The claims, as "namespace/name", for which a volume is reserved, before and after a change."""
    found: list[str] = []
    for entry in change.entries:
        try:
            spec = entry.object.spec
        except Malformed:
            continue
        if spec is not None and spec.claim_ref is not None:
            found.append(f"{spec.claim_ref.namespace}/{spec.claim_ref.name}")
    return found


def _told(entry: Entry[Dataset]) -> object:
    try:
        dataset = entry.object
    except Malformed:
        return None
    status, annotations = dataset.status, dataset.metadata.annotations or {}
    ready = find_condition(status.conditions if status else None, READY)
    state = (
        (status.phase, status.dataset_ref, bool(status.runtimes), ready and ready.status) if status else ()
    )
    return entry.deleting, annotations.get(ALLOWED_NAMESPACES), entry.generation, *state


def _values(entry: Entry[Dataset]) -> Iterable[str]:
    try:
        return referred_values(entry)
    except Malformed:
        return ()
