"""What goes with a Dataset: its runtime, its data operations, and the pods that serve it.

Kubernetes lets a Dataset go before them. Whoever makes one of the same name too early meets what still goes:
an apply on it succeeds, and what was applied vanishes with it.
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
    """Returns as soon as everything is gone that went with a Dataset which is gone.

    What the caller may not see is not waited for.

    Args:
        connection: Where to look.
        key: The Dataset.
        dataset: As it was; None if it was gone already: then runtimes of its name in deletion are waited for.
        seconds: How long, in all.

    Raises:
        NotDeleted: Something is still there; the message says what blocks it.
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
    except (Forbidden, NotFound):  # nothing of a kind that is not installed, or is not ours to see
        return []
    return [one for one in found if wanted(one)]
