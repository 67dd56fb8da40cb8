"""Writing `status.operationRef` of a Dataset."""

import anyio

from fluid.controllers.operations.kind import OperationId
from fluid.controllers.operations.lock import lock_patch
from fluid.controllers.world import World
from fluid.kube import Conflict, NotFound
from fluid.models import Dataset

ATTEMPTS = 5
"""How often one record is tried while others write the Dataset's status."""


class DatasetLock:
    """Records which operations run on a Dataset; one writer at a time, so that they do not conflict."""

    def __init__(self, world: World) -> None:
        self._datasets = world.watched.datasets.store
        self._api = world.informers.api(Dataset)
        self._turn = anyio.Lock()

    async def record(self, operation: OperationId, dataset: Dataset | None, *, held: bool) -> None:
        """Add an operation to its Dataset, or remove it; nothing to do when the Dataset is gone.

        Raises:
            Conflict: others wrote all the time.
        """
        if dataset is None:
            return
        async with self._turn:
            current = self._datasets.get(dataset.key)
            for attempt in range(1, ATTEMPTS + 1):
                if current is None or current.uid != dataset.uid:
                    return
                patch = lock_patch(current, operation.kind, operation.name, held=held)
                if patch is None:
                    return
                try:
                    await self._api.merge(dataset.key, patch, subresource="status")
                except NotFound:
                    return
                except Conflict:
                    if attempt == ATTEMPTS:
                        raise
                    current = await self._api.find(dataset.key)
                else:
                    return
