"""One object of a store at one version, and one change of it.

Objects are kept as plain JSON and become typed at the first read, once per version. So a thousand children
are cheap, and a malformed object does not affect others.
"""

from collections.abc import Iterator, Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from fluid.kube.errors import Invalid, Malformed
from fluid.kube.wire import Wire, key_of, version_of
from fluid.models import ObjectMeta
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
M_co = TypeVar("M_co", bound=KubeObject, covariant=True)
_NOTHING: Mapping[str, str] = {}
_LONGEST = 600  # characters of a problem: the object's author chooses the field names in it


class Owner(NamedTuple):
    """The owner reference that says ``controller: true``."""

    kind: str
    name: str
    uid: str


class Entry(Generic[M_co]):
    """One object at one version: metadata without decoding, the typed object on demand.

    Attributes:
        key: namespace and name.
        version: resourceVersion as a number.
        raw: the JSON of the object, without apiVersion, kind and managedFields; never change it.
        verdicts: results of `converge` for exactly this version, by desired hash: True (nothing to send) or
            the refusal.
    """

    __slots__ = ("_model", "_object", "_partial", "_problem", "key", "raw", "verdicts", "version")

    def __init__(self, model: type[M_co], raw: Wire, *, partial: bool = False) -> None:
        self._model = model
        self._object: M_co | None = None
        self._problem: str | None = None
        self._partial = partial
        self.key: Key = key_of(raw)
        self.raw: Wire = raw
        self.version: int = version_of(raw)
        self.verdicts: dict[str, Invalid | Literal[True]] = {}

    @property
    def model(self) -> type[M_co]:
        """The type of `object`."""
        return self._model

    @property
    def uid(self) -> str:
        """The uid; empty if there is none."""
        return self.raw["metadata"].get("uid", "")

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels; empty if there are none."""
        return self.raw["metadata"].get("labels") or _NOTHING

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations; empty if there are none."""
        return self.raw["metadata"].get("annotations") or _NOTHING

    @property
    def generation(self) -> int:
        """Counts changes of the spec; 0 for kinds that do not count."""
        return self.raw["metadata"].get("generation", 0)

    @property
    def deleting(self) -> bool:
        """Whether deletion has been asked for."""
        return "deletionTimestamp" in self.raw["metadata"]

    @property
    def controller(self) -> Owner | None:
        """The controlling owner, if any."""
        for reference in self.raw["metadata"].get("ownerReferences") or ():
            if reference.get("controller"):
                return Owner(reference["kind"], reference["name"], reference["uid"])
        return None

    @property
    def object(self) -> M_co:
        """The typed object, shared by all readers: copy before changing.

        Raises:
            Malformed: it does not fit the model.
        """
        if self._object is None:
            if self._problem is None:
                self._decode()
            if self._object is None:
                raise Malformed(self.key, self._problem or "unreadable")
        return self._object

    def bare(self) -> M_co:
        """The object with an empty spec: enough to delete an object that cannot be read."""
        return self._model.with_nothing(ObjectMeta.model_validate(self.raw["metadata"]))

    def _decode(self) -> None:
        try:
            if self._partial:
                self._object = _metadata_only(self._model, self.raw)
            else:
                self._object = self._model.model_validate(self.raw)
        except ValidationError as error:
            self._problem = explain(error)


def _metadata_only(model: type[M], raw: Wire) -> M:
    """The model with nothing but its metadata, whatever else it requires."""
    metadata = ObjectMeta.model_validate(raw["metadata"])
    return model.model_construct(metadata=metadata)


def explain(error: ValidationError) -> str:
    """``path: message`` of the first three problems that pydantic found."""
    found = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:3]]
    return "; ".join(found)[:_LONGEST]


def _without_status(raw: Wire) -> Wire:
    metadata = {name: value for name, value in raw["metadata"].items() if name != "resourceVersion"}
    return {name: value for name, value in raw.items() if name != "status"} | {"metadata": metadata}


class Change(Generic[M]):
    """One object before and after; ``before`` is None when added, ``after`` is None when deleted."""

    __slots__ = ("after", "before")

    def __init__(self, before: Entry[M] | None, after: Entry[M] | None) -> None:
        self.before: Entry[M] | None = before
        self.after: Entry[M] | None = after

    @property
    def entries(self) -> Iterator[Entry[M]]:
        """The one or two versions that exist: an event handler usually reads both."""
        return (entry for entry in (self.before, self.after) if entry is not None)

    @property
    def latest(self) -> Entry[M]:
        """The newest version that is known."""
        entry = self.after or self.before
        assert entry is not None, "a change has at least one side"
        return entry

    @property
    def key(self) -> Key:
        """The object that changed."""
        return self.latest.key

    @property
    def only_status(self) -> bool:
        """Whether only the status differs; false if the object was added or deleted."""
        if self.before is None or self.after is None:
            return False
        return _without_status(self.before.raw) == _without_status(self.after.raw)

    @property
    def old(self) -> M | None:
        """The typed object before; raises Malformed like `Entry.object`."""
        return self.before.object if self.before else None

    @property
    def new(self) -> M | None:
        """The typed object after; raises Malformed like `Entry.object`."""
        return self.after.object if self.after else None
