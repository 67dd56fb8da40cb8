"""Waits until the objects that are deleted with a Dataset are gone: runtime, data operations, their pods.

Kubernetes deletes the Dataset before them. A user who creates objects of the same names too early can apply
changes to an old object that is being deleted: the apply succeeds, and is lost with the object.
"""

from collections.abc import AsyncGenerator, Callable
from time import monotonic

from fluid.kinds.installed import installed
from fluid.kube import Connection, Forbidden, NotFound
from fluid.models import Dataset, Pod
from fluid.naming import MANAGED_BY
from fluid.sdk.waiting import wait_gone
from fluid.types import Key, KubeObject


async def wait_dependents(connection: Connection, key: Key, dataset: Dataset | None, seconds: float) -> None:
    """Returns as soon as all dependents of a deleted Dataset are gone.

    Objects that the caller has no right to read are not waited for.

    Args:
        connection: Where to look.
        key: The Dataset.
        dataset: The Dataset before its deletion. With None, if it was gone already, runtimes of its name
            that are being deleted are waited for.
        seconds: How long, in all.

    Raises:
        NotDeleted: An object still exists; the message says what blocks its deletion.
    """
    began = monotonic()
    async for follower in _dependents(connection, key, dataset):
        left = max(0.0, began + seconds - monotonic())
        await wait_gone(connection, type(follower), follower.key, follower.uid, left)


async def _dependents(
    connection: Connection, key: Key, dataset: Dataset | None
) -> AsyncGenerator[KubeObject]:
    """Runtime and operations first, as pods go after them."""
    kinds = installed()
    runtimes = [one.model for one in kinds.runtimes]

    def goes(obj: KubeObject) -> bool:
        owners = obj.metadata.owner_references or ()
        leaves = obj.name == key.name and obj.metadata.deletion_timestamp is not None
        owned = dataset is not None and bool(owners) and all(one.uid == dataset.uid for one in owners)
        return owned or (leaves and isinstance(obj, tuple(runtimes)))

    for model in (*runtimes, *(one.model for one in kinds.operations)):
        for obj in await _seen(connection, model, key.namespace, None, goes):
            yield obj
    if dataset is not None:
        labels = f"{MANAGED_BY}=fluid,app.kubernetes.io/instance={key.name}"
        for obj in await _seen(connection, Pod, key.namespace, labels, lambda _: True):
            yield obj


async def _seen(
    connection: Connection,
    model: type[KubeObject],
    namespace: str,
    labels: str | None,
    wanted: Callable[[KubeObject], bool],
) -> list[KubeObject]:
    try:
        found = await connection.api(model).list(namespace=namespace or None, labels=labels)
    except (Forbidden, NotFound):  # the kind is not installed, or the caller has no right to read it
        return []
    return [one for one in found if wanted(one)]
