"""Datasets that refer to another one: addresses, consent, and what stands between the two.

A *reference* has one source, ``dataset://namespace/name[/folder]``. It has no cache: its volume is that of
the Dataset it names, or of a folder in it, under a handle of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fluid.conditions import (
    INVALID_MOUNTS,
    REFERENCE_NOT_ALLOWED,
    REFERENCE_TO_REFERENCE,
    REFERENCED_NOT_FOUND,
    REFERENCED_NOT_READY,
)
from fluid.engines.core.plan import Waiting
from fluid.engines.core.settings import REFERENCES_FROM_ANYWHERE, Settings
from fluid.models import Dataset, PersistentVolume
from fluid.naming import ALLOWED_NAMESPACES, VOLUME_RUNTIME_NAME, VOLUME_RUNTIME_NAMESPACE
from fluid.types import Key

SCHEME = "dataset://"
EVERYBODY = "*"
LONGEST = 4096
"""Characters of an address that are read; the CRD allows no more."""
LONGEST_CONSENT = 65536
"""Characters of the annotation by which an owner allows references: some thousand namespaces."""
_LONGEST_WORD = 63
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SHOWN = 200
_MOST_SHOWN = 5


class AddressError(ValueError):
    """An address names no Dataset; the message is the rest of a sentence after the field."""


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of a reference names.

    Attributes:
        dataset: The other Dataset.
        sub_path: Folder in it, without a slash at either end; empty for all of it.
    """

    dataset: Key
    sub_path: str = ""

    def __str__(self) -> str:
        """The address."""
        folder = f"/{self.sub_path}" if self.sub_path else ""
        return f"{SCHEME}{self.dataset.namespace}/{self.dataset.name}{folder}"


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference refers to, as one pass finds it.

    Attributes:
        address: What its spec names; None if that is no address, or none any more.
        problem: What is wrong with the spec, as a sentence; empty if nothing is.
        dataset: The other Dataset, if it exists.
        volume: The other Dataset's volume, if Fluid has made it.
    """

    address: Address | None
    problem: str = ""
    dataset: Dataset | None = None
    volume: PersistentVolume | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a reference is not served.

    Attributes:
        waiting: Reason and message, for the reference's status.
        forbids: Whether what was published before has to be withdrawn.
    """

    waiting: Waiting
    forbids: bool


def parse_address(text: str) -> Address:
    """Read an address such as ``dataset://namespace/name/some/folder``; a slash at the end says nothing.

    Raises:
        AddressError: It is malformed. A folder is written in its one clean way: nothing is cleaned, so nobody
            is surprised by what is left.
    """
    if len(text) > LONGEST:
        raise AddressError(f"has more than {LONGEST} characters: shorten it")
    namespace, _, rest = text.removeprefix(SCHEME).partition("/")
    name, _, folder = rest.partition("/")
    if not text.startswith(SCHEME) or not _NAMESPACE.fullmatch(namespace) or not _NAME.fullmatch(name):
        raise AddressError(
            f"{text[:_SHOWN]!r} names no Dataset: write dataset://NAMESPACE/NAME or "
            "dataset://NAMESPACE/NAME/FOLDER"
        )
    parts = folder.removesuffix("/").split("/") if folder else []
    if any(part in ("", ".", "..") or not part.isprintable() for part in parts):
        raise AddressError(
            f"{text[:_SHOWN]!r} has a folder with an empty part, '.', '..' or a character that cannot be "
            "seen: write it without them"
        )
    return Address(Key(namespace, name), "/".join(parts))


def is_reference(dataset: Dataset) -> bool:
    """Whether a Dataset has a source that is another Dataset, however it is written."""
    return any(mount.mount_point[: len(SCHEME)].lower() == SCHEME for mount in dataset.spec.mounts or ())


def address_of(dataset: Dataset) -> Address | None:
    """What a Dataset refers to; None if it is no reference.

    Raises:
        AddressError: It has a source that is a reference and cannot be followed; the message is a sentence.
    """
    if not is_reference(dataset):
        return None
    mounts = dataset.spec.mounts or []
    found = next(i for i, one in enumerate(mounts) if one.mount_point[: len(SCHEME)].lower() == SCHEME)
    where = f"spec.mounts[{found}].mountPoint"
    if len(mounts) > 1:
        raise AddressError(
            f"{where} refers to another Dataset, so it has to be the only mount: "
            "remove it, or remove the other mounts"
        )
    try:
        return parse_address(mounts[found].mount_point)
    except AddressError as error:
        raise AddressError(f"{where}: {error}") from None


def recorded_address(dataset: Dataset) -> Address | None:
    """What the volume of a reference was made for, according to its status; None if none was."""
    mounts = (dataset.status.mounts if dataset.status else None) or []
    try:
        return parse_address(mounts[0].mount_point) if mounts else None
    except AddressError:
        return None


def allowed_namespaces(dataset: Dataset) -> frozenset[str]:
    """The namespaces that a Dataset allows to refer to it, beside its own; other words are left out.

    An annotation that is too long to be read allows whoever is listed in the status already, and nobody new:
    nobody loses a volume because one more namespace was added.
    """
    text = _annotation(dataset)
    if len(text) > LONGEST_CONSENT:
        listed = (dataset.status.dataset_ref if dataset.status else None) or ()
        return frozenset(one.partition("/")[0] for one in listed)
    return frozenset(word for word in _words(text) if _is_namespace(word))


def ignored_consent(dataset: Dataset) -> tuple[str, str] | None:
    """Reason and message about what is not followed of the annotation; None if all of it is."""
    text = _annotation(dataset)
    if len(text) > LONGEST_CONSENT:
        return "TooLong", (
            f"annotation {ALLOWED_NAMESPACES} has {len(text)} characters and is not read, as it may have"
            f" {LONGEST_CONSENT}: references in status.datasetRef stay allowed, no other is; shorten it, or"
            f" write {EVERYBODY} to allow every namespace"
        )
    bad = [word for word in dict.fromkeys(_words(text)) if word and not _is_namespace(word)]
    if not bad:
        return None
    shown = ", ".join(repr(word[:_LONGEST_WORD]) for word in bad[:_MOST_SHOWN])
    more = f" and {len(bad) - _MOST_SHOWN} more" if len(bad) > _MOST_SHOWN else ""
    return "NoNamespaces", (
        f"annotation {ALLOWED_NAMESPACES} has words that are no namespaces and allow nobody: {shown}{more};"
        f" write names of namespaces with commas between them, or {EVERYBODY} for all"
    )


def _annotation(dataset: Dataset) -> str:
    return (dataset.metadata.annotations or {}).get(ALLOWED_NAMESPACES, "")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _is_namespace(word: str) -> bool:
    return word == EVERYBODY or _NAMESPACE.fullmatch(word) is not None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The namespaces from which a Dataset may be referred to, read once for any number of questions.

    Attributes:
        own: That of the Dataset.
        words: What its owner allows beside it.
    """

    own: str
    words: frozenset[str]

    @classmethod
    def by(cls, dataset: Dataset) -> "Allowed":
        """What the owner of a Dataset allows."""
        return cls(dataset.namespace, allowed_namespaces(dataset))

    def __contains__(self, namespace: str) -> bool:
        """Whether references from a namespace are allowed."""
        return namespace == self.own or namespace in self.words or EVERYBODY in self.words


def consents(dataset: Dataset, namespace: str) -> bool:
    """Whether the owner of a Dataset allows references from a namespace; for several, ask `Allowed`."""
    return namespace == dataset.namespace or namespace in Allowed.by(dataset)


def is_borrowed(volume: PersistentVolume | None, key: Key) -> bool:
    """Whether the volume of a Dataset shows the cache of another one."""
    return shown_by(volume) not in (None, key)


def is_allowed(dataset: Dataset, namespace: str, settings: Settings) -> bool:
    """Whether references from a namespace may read a Dataset: its owner consents, or nobody is asked."""
    return settings.references_from_anywhere or consents(dataset, namespace)


def shown_by(volume: PersistentVolume | None) -> Key | None:
    """The runtime whose cache a volume shows, with empty names if it names none; None without a volume."""
    csi = volume.spec.csi if volume is not None and volume.spec is not None else None
    found = (csi.volume_attributes if csi else None) or {}
    return Key(found.get(VOLUME_RUNTIME_NAMESPACE, ""), found.get(VOLUME_RUNTIME_NAME, "")) if found else None


def has_own_cache(dataset: Dataset, volume: PersistentVolume | None) -> bool:
    """Whether a Dataset is bound to a cache of its own, whatever its spec has become by now.

    Args:
        dataset: The Dataset.
        volume: The volume that Fluid made for it; without one, the sources in its status tell.
    """
    status = dataset.status
    if status is None or not status.runtimes:
        return False
    if volume is not None:
        return not is_borrowed(volume, dataset.key)
    return bool(status.mounts) and recorded_address(dataset) is None


def obstacle(key: Key, referred: Referred, settings: Settings) -> Obstacle | None:
    """Why a reference cannot be served now; None if it can.

    Whoever is not allowed is told the same whether or not there is such a Dataset.

    Args:
        key: the reference.
        referred: what it refers to.
        settings: what the administrator set.
    """
    address, other = referred.address, referred.dataset
    if address is None:
        words = referred.problem or "its source is no other Dataset any more"
        return _forbidden(INVALID_MOUNTS, words)
    asked = address.dataset.namespace != key.namespace and not settings.references_from_anywhere
    if asked and (other is None or not consents(other, key.namespace)):
        return _forbidden(REFERENCE_NOT_ALLOWED, _not_allowed(address.dataset, key.namespace))
    if other is None:
        words = f"there is no Dataset {address.dataset}: create it, or correct spec.mounts[0].mountPoint"
        return _forbidden(REFERENCED_NOT_FOUND, words)
    refers = is_reference(other) and not has_own_cache(other, referred.volume)
    if address.dataset == key or refers or is_borrowed(referred.volume, address.dataset):
        words = (
            f"Dataset {address.dataset} refers to another Dataset itself: "
            "name the one that has the data in spec.mounts[0].mountPoint"
        )
        return _forbidden(REFERENCE_TO_REFERENCE, words)
    if not (other.status and other.status.runtimes) or referred.volume is None:
        words = f"Dataset {address.dataset} is not Bound yet: its condition Ready says why"
        return Obstacle(Waiting(REFERENCED_NOT_READY, words), forbids=False)
    return None


def named_references(keys: Sequence[Key]) -> str:
    """References as the subject of a sentence that ends with what they refer to."""
    shown = ", ".join(map(str, keys[:_MOST_SHOWN]))
    more = f" and {len(keys) - _MOST_SHOWN} more" if len(keys) > _MOST_SHOWN else ""
    return f"Datasets {shown}{more} refer" if len(keys) > 1 else f"Dataset {shown} refers"


def _forbidden(reason: str, message: str) -> Obstacle:
    return Obstacle(Waiting(reason, message, problem=True), forbids=True)


def _not_allowed(other: Key, namespace: str) -> str:
    return (
        f"Dataset {other} does not exist, or does not allow references from namespace {namespace}: its owner"
        f" has to add {namespace} to its annotation {ALLOWED_NAMESPACES}"
    )


def without_consent(settings: Settings) -> tuple[str, str]:
    """Reason and end of the sentence about references that are not allowed and read nevertheless."""
    if settings.references_from_anywhere:
        why = (
            f"because the operator's setting {REFERENCES_FROM_ANYWHERE} asks for no consent: add the"
            f" namespaces to annotation {ALLOWED_NAMESPACES} before that setting is withdrawn"
        )
        return "AllowedBySetting", why
    why = (
        "until the last pods end, although the namespaces are not allowed any more: no new pod can use"
        f" them; end these pods, or add the namespaces to annotation {ALLOWED_NAMESPACES}"
    )
    return "Revoked", why
