"""Changes metadata without overwriting changes by others: finalizers, labels, owners."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import JsonValue

from fluid.kube.api import Api
from fluid.kube.errors import Conflict, Invalid, NotFound
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


async def amend_metadata(
    api: Api[M],
    obj: M,
    *,
    finalizer: str | None = None,
    labels: Mapping[str, str] | None = None,
    owner: KubeObject | None = None,
    controlling: bool = True,
) -> M:
    """Adds a finalizer, labels and an owner in one request; sends no request if all are present.

    The request carries the resourceVersion of `obj`: a merge patch replaces lists in metadata as a whole, so
    it must fail if they changed meanwhile. After a conflict it is retried once with the fresh object.

    Args:
        api: access to the kind.
        obj: the object as last seen.
        finalizer: to add.
        labels: to add or overwrite.
        owner: becomes an owner; an older reference to the same kind and name is replaced.
        controlling: whether it becomes the controlling owner; otherwise only garbage collection follows it.

    Returns:
        The object as it is now.

    Raises:
        NotFound: the object is gone, or its name belongs to another one now.
        Conflict: it changed twice meanwhile.
    """
    metadata = _amendment(obj, finalizer, labels or {}, owner, controlling)
    if not metadata:
        return obj
    try:
        return await api.merge(
            obj.key, {"metadata": {**metadata, "resourceVersion": obj.metadata.resource_version}}
        )
    except Conflict:
        fresh = await _refetch(api, obj)
        metadata = _amendment(fresh, finalizer, labels or {}, owner, controlling)
        if not metadata:
            return fresh
        version = fresh.metadata.resource_version
        return await api.merge(obj.key, {"metadata": {**metadata, "resourceVersion": version}})


async def add_finalizer(api: Api[M], obj: M, finalizer: str) -> M:
    """Adds one finalizer; sends no request if it is present. Raises like `amend_metadata`."""
    return await amend_metadata(api, obj, finalizer=finalizer)


async def remove_finalizer(api: Api[M], obj: M, finalizer: str) -> M | None:
    """Removes one finalizer and leaves all others.

    Returns:
        The object as it is now; None when it is gone.

    Raises:
        Invalid: its finalizers changed twice meanwhile.
    """
    try:
        try:
            return await _remove(api, obj, finalizer)
        except (Invalid, Conflict):
            return await _remove(api, await _refetch(api, obj), finalizer)
    except NotFound:
        return None


async def _remove(api: Api[M], obj: M, finalizer: str) -> M:
    """Removes by index, and only if that index still holds the finalizer and the object is the same."""
    present = obj.metadata.finalizers or []
    if finalizer not in present:
        return obj
    path = f"/metadata/finalizers/{present.index(finalizer)}"
    return await api.json_patch(
        obj.key,
        [
            {"op": "test", "path": "/metadata/uid", "value": obj.uid},
            {"op": "test", "path": path, "value": finalizer},
            {"op": "remove", "path": path},
        ],
    )


async def _refetch(api: Api[M], obj: M) -> M:
    fresh = await api.get(obj.key)
    if fresh.uid != obj.uid:
        kind = api.model.resource.kind
        raise NotFound(404, "NotFound", f"{kind} {obj.key} was replaced by another of the same name")
    return fresh


def _amendment(
    obj: KubeObject,
    finalizer: str | None,
    labels: Mapping[str, str],
    owner: KubeObject | None,
    controlling: bool,
) -> dict[str, JsonValue]:
    """The part of the metadata that has to change."""
    amendment: dict[str, JsonValue] = {}
    finalizers = obj.metadata.finalizers or []
    if finalizer is not None and finalizer not in finalizers:
        amendment["finalizers"] = [*finalizers, finalizer]
    present = obj.metadata.labels or {}
    missing: dict[str, JsonValue] = {
        name: value for name, value in labels.items() if present.get(name) != value
    }
    if missing:
        amendment["labels"] = missing
    references = [reference.to_wire() for reference in obj.metadata.owner_references or []]
    if owner is not None and not any(reference["uid"] == owner.uid for reference in references):
        mine = controller_reference(owner) if controlling else owner_reference(owner)
        amendment["ownerReferences"] = [*_others(references, owner), mine]
    return amendment


def _others(references: list[dict[str, JsonValue]], owner: KubeObject) -> list[dict[str, JsonValue]]:
    """The references to other owners, without those to an older object of the owner's kind and name."""
    mine = (owner.resource.kind, owner.name)
    return [reference for reference in references if (reference["kind"], reference["name"]) != mine]


def owner_reference(owner: KubeObject) -> dict[str, JsonValue]:
    """The owner reference in wire form: for garbage collection, without blocking the owner's deletion."""
    return {
        "apiVersion": owner.resource.api_version,
        "kind": owner.resource.kind,
        "name": owner.name,
        "uid": owner.uid,
    }


def controller_reference(owner: KubeObject) -> dict[str, JsonValue]:
    """The owner reference, in wire form, that makes `owner` the controlling owner."""
    return {**owner_reference(owner), "controller": True, "blockOwnerDeletion": True}
