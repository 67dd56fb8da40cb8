"""Brings live objects to their desired state: creates, applies what differs, deletes the rest.

An object is created with POST, which is cheaper than an apply and refuses a name that is taken. Its first
change transfers its fields to apply (`fluid.kube.adoption`), so that fields no longer desired are removed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from weakref import ReferenceType, ref

import anyio

from fluid.kube.adoption import apply_over, find_namesake
from fluid.kube.api import FIELD_MANAGER, Api
from fluid.kube.diff import covers, digest, without_repeats
from fluid.kube.entry import Entry
from fluid.kube.errors import AlreadyExists, Conflict, Forbidden, Invalid, KubeError, NamespaceEnding
from fluid.kube.ownership import belongs, controller_of
from fluid.kube.wire import Wire, slim
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
DESIRED_HASH = "data.fluid.io/desired-hash"
"""Annotation on every object sent: a digest of the desired object, after `_MADE` until the first apply."""
_MADE = "made:"
NAME_TAKEN = "NameTaken"
"""Reason of a refusal: the name that an object needs belongs to a foreign object."""
Live = Entry[KubeObject]
_Identity = tuple[type[KubeObject], Key]


class Apis(Protocol):
    """Gives `converge` access to kinds: a `Connection` or `InformerFactory`."""

    def api(self, model: type[M]) -> Api[M]:
        """Typed access to one kind."""
        ...


@dataclass(slots=True)
class Report:
    """What `converge` did.

    Attributes:
        applied: desired objects that were sent.
        pruned: live objects whose deletion was asked for.
        unchanged: desired objects that needed no request.
        refused: desired objects that the API server does not accept over the live one (for example because of
            an immutable field), or whose name belongs to a foreign object; the live one stays. `Forbidden`
            means that a right, a quota or a webhook refuses it, which can change without a watch event: retry
            with back-off.
        kept: live objects whose deletion the API server does not allow.
    """

    applied: list[KubeObject] = field(default_factory=list[KubeObject])
    pruned: list[Live] = field(default_factory=list[Live])
    unchanged: list[KubeObject] = field(default_factory=list[KubeObject])
    refused: list[tuple[KubeObject, Invalid | Forbidden]] = field(
        default_factory=list[tuple[KubeObject, Invalid | Forbidden]]
    )
    kept: list[tuple[Live, Invalid | Forbidden]] = field(
        default_factory=list[tuple[Live, Invalid | Forbidden]]
    )

    @property
    def changed(self) -> bool:
        """Whether `converge` changed anything at the API server."""
        return bool(self.applied or self.pruned)


async def converge(
    desired: Sequence[KubeObject],
    live: Sequence[Live | KubeObject],
    *,
    apis: Apis,
    owner_uid: str | None = None,
    manager: str = FIELD_MANAGER,
    concurrency: int = 4,
    stamps: "Stamps | None" = None,
) -> Report:
    """Applies what differs and prunes live objects that are not desired.

    No request is sent for an object whose live form covers the desired one. Entries of a store cache the
    result of the comparison, so a pass over unchanged objects is cheap.

    Args:
        desired: complete objects with owner references and labels, as they should be.
        live: existing objects; entries (`Store.entries_by`) cost less than typed objects.
        apis: access to the API server; with `InformerFactory` the stores get the results at once.
        owner_uid: prune only objects whose controlling owner has this uid; None prunes nothing.
        manager: field manager.
        concurrency: number of concurrent requests.
        stamps: caches the wire form of desired objects that are passed again unchanged.

    Raises:
        KubeError: a request failed in a way that a retry may help; all other requests were sent nevertheless.
    """
    present = {(entry.model, entry.key): entry for entry in map(_entry, live)}
    work = _Work(apis, manager, anyio.Semaphore(concurrency))
    async with anyio.create_task_group() as group:
        for obj in desired:
            stamped = stamps.of(obj) if stamps is not None else _stamp(obj)
            known = present.get((type(obj), obj.key))
            if not work.settled(obj, stamped, known):
                group.start_soon(work.apply, obj, stamped, known)
        for entry in _left_over(present, desired, owner_uid):
            group.start_soon(work.prune, entry)
    if work.failures:
        raise work.failures[0]
    return work.report


@dataclass(slots=True)
class _Work:
    """One run of `converge`."""

    apis: Apis
    manager: str
    slots: anyio.Semaphore
    report: Report = field(default_factory=Report)
    failures: list[KubeError] = field(default_factory=list[KubeError])

    def settled(self, obj: KubeObject, stamped: Wire, live: Live | None) -> bool:
        """Whether no request is needed: the live object matches, or this version refused the same before."""
        if live is None:
            return False
        verdict = live.verdicts.get(_hash(stamped))
        noted = live.annotations.get(DESIRED_HASH, "")
        if verdict is None and noted.removeprefix(_MADE) == _hash(stamped):
            wanted = _made(stamped) if noted.startswith(_MADE) else stamped
            if covers(live.raw, wanted):
                verdict = live.verdicts[_hash(stamped)] = True
        if isinstance(verdict, Invalid):
            self.report.refused.append((obj, verdict))
        elif verdict:
            self.report.unchanged.append(obj)
        return verdict is not None

    async def apply(self, obj: KubeObject, stamped: Wire, live: Live | None) -> None:
        async with self.slots:
            try:
                answer = await self._send(obj, stamped, live)
            except NamespaceEnding as error:
                self.failures.append(error)
                return
            except (Invalid, Forbidden) as error:
                self.report.refused.append((obj, error))
                if live is not None and isinstance(error, Invalid):
                    live.verdicts[_hash(stamped)] = error
                return
            except KubeError as error:
                self.failures.append(error)
                return
        self.report.applied.append(obj)
        # The API server's result is final: sending the same again to this version changes nothing.
        answer.verdicts[_hash(stamped)] = True
        if live is not None and live.version == answer.version:
            live.verdicts[_hash(stamped)] = True

    async def _send(self, obj: KubeObject, stamped: Wire, live: Live | None) -> Live:
        """Creates or applies; an object that Fluid never applied is adopted, or refused if foreign."""
        api = self.apis.api(type(obj))
        if live is None:
            try:
                return await api.create_wire(obj.key, _made(stamped), manager=self.manager)
            except AlreadyExists:
                live = await self._namesake(api, obj)
        meant = _this(live, stamped)
        if live.annotations.get(DESIRED_HASH, _MADE).startswith(_MADE):
            return await apply_over(api, obj.key, meant, DESIRED_HASH, manager=self.manager)
        return await api.apply_wire(obj.key, meant, manager=self.manager)

    async def _namesake(self, api: Api[M], obj: M) -> Live:
        """The object that has the name of a new one: an earlier process or a former controller made it."""
        found = await find_namesake(api, obj)
        if found is None:
            raise Conflict(409, "Conflict", f"{obj.resource.kind} {obj.key} was there, and is gone again")
        if not belongs(found, obj):
            raise Invalid(409, NAME_TAKEN, _taken(found))
        return _entry(found)

    async def prune(self, entry: Live) -> None:
        async with self.slots:
            try:
                await self.apis.api(entry.model).delete(entry.key, uid=entry.uid)
            except Conflict:
                return  # the name belongs to another object by now: do not delete it
            except (Invalid, Forbidden) as error:
                self.report.kept.append((entry, error))
                return
            except KubeError as error:
                self.failures.append(error)
                return
        self.report.pruned.append(entry)


class Stamps:
    """Caches the wire form of desired objects for their lifetime; the objects must not change any more."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ReferenceType[KubeObject], Wire]] = {}

    def of(self, obj: KubeObject) -> Wire:
        """The object in wire form with the digest of itself."""
        number = id(obj)
        known = self._known.get(number)
        if known is not None and known[0]() is obj:
            return known[1]
        stamped = _stamp(obj)
        self._known[number] = (ref(obj, lambda _: self._forget(number)), stamped)
        return stamped

    def _forget(self, number: int) -> None:
        """Drops a dead object's entry, unless another object already reuses its id."""
        known = self._known.get(number)
        if known is not None and known[0]() is None:
            del self._known[number]


def _entry(live: Live | KubeObject) -> Live:
    return live if isinstance(live, Entry) else Entry(type(live), slim(live.to_wire()))


def _stamp(obj: KubeObject) -> Wire:
    """The object in wire form with the digest of itself."""
    wire: Wire = {
        name: without_repeats(value, name) for name, value in obj.to_wire().items() if name != "status"
    }
    metadata: Wire = wire["metadata"]
    annotations: dict[str, str] = {**(metadata.get("annotations") or {}), DESIRED_HASH: digest(wire)}
    return {**wire, "metadata": {**metadata, "annotations": annotations}}


def _this(live: Live, stamped: Wire) -> Wire:
    """The wire form with the live object's UID, so that the write cannot reach a later one of its name."""
    return {**stamped, "metadata": {**stamped["metadata"], "uid": live.uid}} if live.uid else stamped


def _taken(found: KubeObject) -> str:
    holder = controller_of(found)
    whose = f"{holder.kind} {found.namespace}/{holder.name}" if holder else "somebody else"
    if found.metadata.deletion_timestamp is not None:
        return f"its name belongs to an object of {whose}, which is being deleted: wait until that is gone"
    return f"its name belongs to an object of {whose}: delete that, or choose other names"


def _made(stamped: Wire) -> Wire:
    metadata: Wire = stamped["metadata"]
    annotations = {**metadata["annotations"], DESIRED_HASH: _MADE + _hash(stamped)}
    return {**stamped, "metadata": {**metadata, "annotations": annotations}}


def _hash(stamped: Wire) -> str:
    return stamped["metadata"]["annotations"][DESIRED_HASH]


def _left_over(
    present: Mapping[_Identity, Live], desired: Sequence[KubeObject], owner_uid: str | None
) -> list[Live]:
    wanted = {(type(obj), obj.key) for obj in desired}
    return [
        entry
        for identity, entry in present.items()
        if owner_uid and identity not in wanted and not entry.deleting and _owned(entry, owner_uid)
    ]


def _owned(entry: Live, uid: str) -> bool:
    owner = entry.controller
    return owner is not None and owner.uid == uid
