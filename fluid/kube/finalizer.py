"""Changes of an object's metadata that must not tread on anybody else's: finalizers, labels, owners."""

from collections.abc import Mapping
from typing import TypeVar

from fluid.kube.api import Api
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


async def amend_metadata(
    api: Api[M],
    obj: M,
    *,
    finalizer: str | None = None,
    labels: Mapping[str, str] | None = None,
    owner: KubeObject | None = None,
) -> M:
    """Adds a finalizer, labels and a (controlling) owner reference in one request; none when all are there.

    Args:
        api: access to the kind.
        obj: the object as last seen.
        finalizer: to add.
        labels: to add or overwrite.
        owner: becomes the controlling owner; an older reference to the same kind and name is replaced.

    Returns:
        The object as it is now.

    Raises:
        NotFound: the object is gone.
        Conflict: it changed twice meanwhile.
    """
    raise NotImplementedError


async def add_finalizer(api: Api[M], obj: M, finalizer: str) -> M:
    """Adds one finalizer; no request when it is there."""
    return await amend_metadata(api, obj, finalizer=finalizer)


async def remove_finalizer(api: Api[M], obj: M, finalizer: str) -> M | None:
    """Removes one finalizer and leaves all others; None when the object is gone."""
    raise NotImplementedError
