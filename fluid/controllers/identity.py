"""Who may use the joined spelling ``<namespace>-<name>``, which two Datasets can share.

The first holder keeps it: the Dataset whose live volume has that name, else the one that has it recorded
in its label ``fluid.io/dataset-id``, else the older one. Any other Dataset is identified by its UID. A
decision is recorded in that label and is permanent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fluid.kube import Entry, Malformed
from fluid.models import Dataset, PersistentVolume
from fluid.naming import DATASET_ID, LABEL_LIMIT, Identity, joined
from fluid.types import Key, KubeObject

BY_JOINED = "joined"
"""Index of Datasets: the joined spelling of namespace and name."""
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def by_joined(entry: Entry[Dataset]) -> Iterable[str]:
    """The value of the index `BY_JOINED`."""
    return (joined(*entry.key),)


def label_rivals(spelling: str, engines: Iterable[str]) -> list[str]:
    """Other joined spellings that lead to the same label key on nodes.

    The common label of Dataset `mycache/a-b` has the same key as the label that engine mycache gives to
    Dataset `a/b`. Names in namespace `h` can collide with the capacity labels in the same way.
    """
    marks = [mark for engine in engines for mark in (engine, *(f"h-{engine}-{tier}" for tier in "mdt"))]
    longer = [joined(mark, spelling) for mark in marks]
    return longer + [spelling.removeprefix(f"{mark}-") for mark in marks if spelling.startswith(f"{mark}-")]


@dataclass(frozen=True, slots=True)
class Claimant:
    """The fields of a Dataset that decide its identity.

    Attributes:
        key: Namespace and name.
        uid: UID.
        created: Time of creation.
        label: The recorded dataset id; None when none is recorded, or one that is not this Dataset's.
        deleting: Whether deletion was asked for.
    """

    key: Key
    uid: str
    created: datetime
    label: str | None = None
    deleting: bool = False

    @classmethod
    def of(cls, entry: Entry[Dataset]) -> "Claimant":
        """The claimant behind a stored Dataset; one that does not fit its model counts as old."""
        try:
            created = entry.object.metadata.creation_timestamp or _BEFORE_ALL
        except Malformed:
            created = _BEFORE_ALL
        label = _valid(entry.labels.get(DATASET_ID), entry.key, entry.uid)
        return cls(entry.key, entry.uid, created, label, entry.deleting)

    @property
    def joined(self) -> str:
        """The spelling ``<namespace>-<name>``."""
        return joined(*self.key)


def _valid(label: str | None, key: Key, uid: str) -> str | None:
    """The recorded id if it can belong to this Dataset: a copy of an object copies its labels too."""
    return label if label in (joined(*key), uid) else None


def recorded_identity(dataset: Dataset) -> Identity | None:
    """The identity that a Dataset's label records; None until it is decided."""
    label = _valid((dataset.metadata.labels or {}).get(DATASET_ID), dataset.key, dataset.uid)
    return Identity.of(*dataset.key, dataset.uid, label) if label else None


def runtime_identity(runtime: KubeObject) -> Identity | None:
    """The identity of the Dataset that a runtime serves, from the runtime alone: the Dataset may be gone.

    None until the runtime carries the dataset id and refers to its Dataset as an owner.
    """
    owners = runtime.metadata.owner_references or ()
    uid = next((owner.uid for owner in owners if owner.kind == "Dataset" and owner.name == runtime.name), "")
    label = _valid((runtime.metadata.labels or {}).get(DATASET_ID), runtime.key, uid)
    return Identity.of(*runtime.key, uid, label) if uid and label else None


class Identities:
    """Decides each dataset id once.

    Remembers decisions until the store shows them: otherwise another worker could assign the same id.
    """

    def __init__(self) -> None:
        self._given: dict[Key, tuple[str, str]] = {}

    def decide(self, dataset: Claimant, rivals: Sequence[Claimant], volume: PersistentVolume | None) -> str:
        """The dataset id of a Dataset.

        Args:
            dataset: the Dataset that needs an id.
            rivals: all Datasets of the same joined spelling, and while nothing is recorded those that
                would share a label on nodes (`label_rivals`); `dataset` may be among them.
            volume: the live volume whose name is the joined spelling, if any.
        """
        decided = self._decided(dataset)
        if decided == dataset.uid or len(dataset.joined) >= LABEL_LIMIT:
            chosen = dataset.uid
        else:
            others = [rival for rival in rivals if rival.key != dataset.key]
            chosen = (
                dataset.joined if self._holder([dataset, *others], volume) == dataset.key else dataset.uid
            )
        self._given[dataset.key] = (dataset.uid, chosen)
        return chosen

    def forget(self, key: Key) -> None:
        """Forgets a Dataset that is gone."""
        self._given.pop(key, None)

    def _decided(self, claimant: Claimant) -> str | None:
        uid, given = self._given.get(claimant.key, ("", ""))
        return given if uid == claimant.uid and given else claimant.label

    def _holder(self, claimants: Sequence[Claimant], volume: PersistentVolume | None) -> Key:
        if (user := _user_of(volume)) is not None:
            return user  # its Dataset may be gone: the name stays taken as long as the volume exists
        candidates = [one for one in claimants if self._claims(one)] or claimants
        return min(candidates, key=self._rank).key

    def _rank(self, claimant: Claimant) -> tuple[bool, bool, datetime, Key]:
        own_decision = self._given.get(claimant.key, ("", ""))[0] == claimant.uid
        return not own_decision, self._decided(claimant) is None, claimant.created, claimant.key

    def _claims(self, claimant: Claimant) -> bool:
        decided = self._decided(claimant)
        return decided == claimant.joined or (decided is None and not claimant.deleting)


def _user_of(volume: PersistentVolume | None) -> Key | None:
    reference = volume.spec.claim_ref if volume is not None and volume.spec else None
    return Key(reference.namespace or "", reference.name or "") if reference else None
