"""Writing `status.operationRef` of a Dataset."""

from weakref import WeakValueDictionary

import anyio
from pydantic import JsonValue

from fluid.controllers.context import Context
from fluid.controllers.operations.lock import lock_patch
from fluid.controllers.operations.operation_id import OperationId
from fluid.kube import Conflict, NotFound
from fluid.models import Dataset
from fluid.types import Key

ATTEMPTS = 5
"""Attempts to write one record while other writers change the Dataset's status."""


class DatasetLock:
    """Records which operations run on a Dataset; writes to one Dataset are serialised to avoid conflicts.

    Args:
        context: what all controllers share.
    """

    def __init__(self, context: Context) -> None:
        self._datasets = context.informers.datasets.store
        self._api = context.informer_factory.api(Dataset)
        self._turns: WeakValueDictionary[Key, anyio.Lock] = WeakValueDictionary()  # held or awaited

    async def record(self, operation: OperationId, dataset: Dataset | None, *, held: bool) -> None:
        """Records an operation on its Dataset, or removes the record; does nothing if the Dataset is gone.

        Raises:
            Conflict: every attempt met a write of somebody else.
        """
        if dataset is None or self._patch(operation, dataset, self._current(dataset), held) is None:
            return
        turn = self._turns.get(dataset.key) or anyio.Lock()
        self._turns[dataset.key] = turn
        async with turn:
            await self._write(operation, dataset, held)

    async def _write(self, operation: OperationId, dataset: Dataset, held: bool) -> None:
        current = self._current(dataset)
        for attempt in range(1, ATTEMPTS + 1):
            patch = self._patch(operation, dataset, current, held)
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

    def _current(self, dataset: Dataset) -> Dataset | None:
        """The Dataset of that name in the store, which shows the operator's own writes at once."""
        return self._datasets.get(dataset.key)

    @staticmethod
    def _patch(
        operation: OperationId, dataset: Dataset, current: Dataset | None, held: bool
    ) -> dict[str, JsonValue] | None:
        if current is None or current.uid != dataset.uid:
            return None
        return lock_patch(current, operation.kind, operation.name, held=held)
