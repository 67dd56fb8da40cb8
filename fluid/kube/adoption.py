"""Takes over fields that others wrote without apply, so that they are removed once Fluid stops applying them.

Server-side apply removes a field only if no other manager owns it. Fields that a former controller wrote
with POST, PUT or PATCH keep that owner for ever (operation Update in ``managedFields``): a condition that no
longer holds, a variable that was removed from the spec. This module transfers such fields, once per object.
The answer to an apply shows whether there are any, so objects without foreign fields cost no extra request.
"""

from collections.abc import Collection, Sequence
from typing import TypeVar

from fluid.kube.api import Api, status_wire
from fluid.kube.entry import Entry
from fluid.kube.wire import Wire, canonical, decode
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
_LEAF: Wire = {".": {}}


async def find_namesake(api: Api[M], obj: M) -> M | None:
    """The object that has the name already, or None; found by a list, for which the rights suffice."""
    found = await api.list(namespace=obj.namespace, fields=f"metadata.name={obj.name}")
    return next((one for one in found if one.name == obj.name), None)


async def apply_over(api: Api[M], key: Key, wire: Wire, mark: str, *, manager: str) -> Entry[M]:
    """Applies an object over one that was never applied; `manager` becomes the only owner of shared fields.

    Fields outside `wire` stay as they are. The last request writes the mark, so that after a crash in between
    the transfer starts again.

    Args:
        api: access to the kind.
        key: the object.
        wire: what to apply.
        mark: Annotation in `wire` that says that it was applied.
        manager: field manager.

    Raises:
        KubeError: a request failed; Conflict when the object changed meanwhile.
    """
    metadata: Wire = wire["metadata"]
    annotations = {name: value for name, value in metadata["annotations"].items() if name != mark}
    unmarked = {**wire, "metadata": {**metadata, "annotations": annotations}}
    raw = decode(await api.apply_body(key, unmarked, manager=manager))
    managed = without_shared(_managed(raw), manager)
    if managed is not None:
        await api.hand_over(key, raw["metadata"]["resourceVersion"], managed)
    return await api.apply_wire(key, wire, manager=manager)


async def adopt_status(api: Api[M], obj: M, *, manager: str, fields: Collection[str] | None = None) -> M:
    """Like `Api.apply_status`, and takes fields over for good from those who wrote them without apply.

    That needs the right to patch the object itself: requests for a subresource leave its managedFields alone.

    Args:
        api: access to the kind.
        obj: the object with the status to be.
        manager: field manager.
        fields: The fields of the status, as on the wire, that nobody else has to write; None for all.

    Raises:
        KubeError: a request failed; Conflict when the object changed meanwhile.
    """
    wire = status_wire(obj)
    body = await api.apply_body(obj.key, wire, manager=manager, subresource="status")
    raw = decode(body)
    managed = with_inherited(raw, manager, fields)
    if managed is None:
        return api.written(body).object
    await api.hand_over(obj.key, raw["metadata"]["resourceVersion"], managed)
    wire["metadata"].pop("resourceVersion", None)
    return api.written(await api.apply_body(obj.key, wire, manager=manager, subresource="status")).object


def without_shared(managed: Sequence[Wire], manager: str) -> list[Wire] | None:
    """`managed` where `manager` alone owns what it applied; None if nobody wrote any of it without apply.

    What it wrote itself without apply counts as applied: the next apply takes back what it leaves out.
    """
    ours = next((entry for entry in managed if _is_applied(entry, manager, "")), None)
    if ours is None:
        return None
    applied: Wire = ours["fieldsV1"]
    others = [one for one in managed if not (_is_plain(one, "") and one["manager"] == manager)]
    owned = applied
    for one in managed:
        owned = owned if one in others else _union(owned, one["fieldsV1"])
    entries = [_less(one, applied) if _is_plain(one, "") else one for one in others]
    return _changed(managed, [{**one, "fieldsV1": owned} if one is ours else one for one in entries])


def with_inherited(raw: Wire, manager: str, fields: Collection[str] | None) -> list[Wire] | None:
    """Managed fields where `manager` owns what others wrote without apply of fields of the status; or None.

    Args:
        raw: The object as the API server answered the apply of its status.
        manager: who inherits.
        fields: what; None for all.
    """
    managed = _managed(raw)
    ours = next((entry for entry in managed if _is_applied(entry, manager, "status")), None)
    if ours is None:
        return None
    names = None if fields is None else {f"f:{field}" for field in fields}
    owned: Wire = ours["fieldsV1"]
    entries: list[Wire] = []
    for entry in managed:
        status: Wire = entry["fieldsV1"].get("f:status", {}) if _is_plain(entry, "", "status") else {}
        taken: Wire = {
            name: part for name, part in status.items() if name != "." and (names is None or name in names)
        }
        if taken:
            mine: Wire = owned.get("f:status", {})
            whole = {
                name: part or _items(mine.get(name), raw.get("status", {}), name)
                for name, part in taken.items()
            }
            owned = _union(owned, {"f:status": whole})
            entry = _less(entry, {"f:status": taken})
        entries.append(entry)
    return _changed(managed, [{**one, "fieldsV1": owned} if one is ours else one for one in entries])


def _items(mine: Wire | None, status: Wire, name: str) -> Wire:
    """The items of a list that was one field as a whole when it was written, and has keys by now."""
    sample = next((key for key in mine or () if key.startswith("k:")), None)
    if sample is None:
        return {}
    keys = decode(sample.removeprefix("k:").encode())
    items: list[Wire] = status.get(name.removeprefix("f:")) or []
    return {f"k:{canonical({key: item.get(key) for key in keys}).decode()}": _LEAF for item in items}


def _managed(raw: Wire) -> list[Wire]:
    return raw["metadata"].get("managedFields") or []


def _is_applied(entry: Wire, manager: str, subresource: str) -> bool:
    """Whether an entry has what a manager applied."""
    who = (entry["manager"], entry["operation"], entry.get("subresource", ""))
    return who == (manager, "Apply", subresource)


def _is_plain(entry: Wire, *subresources: str) -> bool:
    """Whether an entry has what somebody wrote without apply to the object or to one of its subresources."""
    return entry["operation"] == "Update" and entry.get("subresource", "") in subresources


def _less(entry: Wire, fields: Wire) -> Wire:
    return {**entry, "fieldsV1": _difference(entry["fieldsV1"], fields)}


def _changed(before: Sequence[Wire], after: Sequence[Wire]) -> list[Wire] | None:
    """What to send: an entry without a field is none, and nothing is sent when nothing changed."""
    kept = [entry for entry in after if entry["fieldsV1"]]
    return None if kept == list(before) else kept


# A set of fields is a tree. A leaf is a field; one that has others in it says through the key "." that it is
# a field itself.


def _difference(fields: Wire, taken: Wire) -> Wire:
    rest: Wire = {}
    for name, inner in fields.items():
        if name not in taken:
            rest[name] = inner
        elif inner or taken[name]:
            left = _difference(inner or _LEAF, taken[name] or _LEAF)
            rest.update({name: {} if left == _LEAF else left} if left else {})
    return rest


def _union(one: Wire, other: Wire) -> Wire:
    both: Wire = {**one}
    for name, inner in other.items():
        if name not in one:
            both[name] = inner
        elif inner != one[name]:
            both[name] = _union(one[name] or _LEAF, inner or _LEAF)
    return both
