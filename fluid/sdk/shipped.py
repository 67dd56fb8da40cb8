"""Short names for the kinds of this distribution, in both clients; any other kind is reached by `kind`."""

from collections.abc import Callable
from typing import TypeVar

from fluid.sdk.errors import DataLoadNotComplete, DataProcessNotComplete, OperationNotComplete
from fluid.sdk.kinds import (
    AlluxioRuntime,
    Awaiting,
    Blocking,
    Dataset,
    JindoRuntime,
    JuiceFSRuntime,
    ThinRuntime,
)
from fluid.sdk.operations import DataBackup, DataLoad, DataMigrate, DataProcess
from fluid.sdk.resources import AsyncResources, Resources
from fluid.sdk.sync_async import sync_async
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


class AsyncCollections:
    """The objects of each kind, for use with await."""

    @property
    def datasets(self: Awaiting) -> AsyncResources[Dataset]:
        """All Datasets."""
        return self.kind(Dataset)

    @property
    def alluxio_runtimes(self: Awaiting) -> AsyncResources[AlluxioRuntime]:
        """All AlluxioRuntimes."""
        return self.kind(AlluxioRuntime)

    @property
    def jindo_runtimes(self: Awaiting) -> AsyncResources[JindoRuntime]:
        """All JindoRuntimes."""
        return self.kind(JindoRuntime)

    @property
    def juicefs_runtimes(self: Awaiting) -> AsyncResources[JuiceFSRuntime]:
        """All JuiceFSRuntimes."""
        return self.kind(JuiceFSRuntime)

    @property
    def thin_runtimes(self: Awaiting) -> AsyncResources[ThinRuntime]:
        """All ThinRuntimes."""
        return self.kind(ThinRuntime)

    @property
    def data_backups(self: Awaiting) -> AsyncResources[DataBackup]:
        """All DataBackups."""
        return self.kind(DataBackup)

    @property
    def data_loads(self: Awaiting) -> AsyncResources[DataLoad]:
        """All DataLoads."""
        return self.kind(DataLoad)

    @property
    def data_migrates(self: Awaiting) -> AsyncResources[DataMigrate]:
        """All DataMigrates."""
        return self.kind(DataMigrate)

    @property
    def data_processes(self: Awaiting) -> AsyncResources[DataProcess]:
        """All DataProcesses."""
        return self.kind(DataProcess)


class Collections:
    """The objects of each kind, for blocking use."""

    @property
    def datasets(self: Blocking) -> Resources[Dataset]:
        """All Datasets."""
        return self.kind(Dataset)

    @property
    def alluxio_runtimes(self: Blocking) -> Resources[AlluxioRuntime]:
        """All AlluxioRuntimes."""
        return self.kind(AlluxioRuntime)

    @property
    def jindo_runtimes(self: Blocking) -> Resources[JindoRuntime]:
        """All JindoRuntimes."""
        return self.kind(JindoRuntime)

    @property
    def juicefs_runtimes(self: Blocking) -> Resources[JuiceFSRuntime]:
        """All JuiceFSRuntimes."""
        return self.kind(JuiceFSRuntime)

    @property
    def thin_runtimes(self: Blocking) -> Resources[ThinRuntime]:
        """All ThinRuntimes."""
        return self.kind(ThinRuntime)

    @property
    def data_backups(self: Blocking) -> Resources[DataBackup]:
        """All DataBackups."""
        return self.kind(DataBackup)

    @property
    def data_loads(self: Blocking) -> Resources[DataLoad]:
        """All DataLoads."""
        return self.kind(DataLoad)

    @property
    def data_migrates(self: Blocking) -> Resources[DataMigrate]:
        """All DataMigrates."""
        return self.kind(DataMigrate)

    @property
    def data_processes(self: Blocking) -> Resources[DataProcess]:
        """All DataProcesses."""
        return self.kind(DataProcess)


class ShippedWaits:
    """Waits for the data operations of this distribution, given as objects or by name."""

    async def _completion(
        self,
        model: type[M],
        operation: M | str,
        namespace: str | None,
        seconds: float,
        progress: Callable[[M], object] | None,
        failure: type[OperationNotComplete],
    ) -> M:
        """The operation as soon as it is Complete: `ClientMethods` has it."""
        raise NotImplementedError

    @sync_async
    async def wait_complete(
        self,
        load: DataLoad | str,
        namespace: str | None = None,
        timeout: float = 600,  # noqa: ASYNC109 - the wait is what is bounded
        progress: Callable[[DataLoad], object] | None = None,
    ) -> DataLoad:
        """Wait until a DataLoad is Complete; one on a schedule, until a run is.

        Args:
            load: The DataLoad, or its name.
            namespace: Default is its own, or the client's.
            timeout: Seconds.
            progress: Called with each state that is seen; in a synchronous client, from another thread.

        Raises:
            DataLoadNotComplete: It failed, or did not end in time.
        """
        return await self._completion(DataLoad, load, namespace, timeout, progress, DataLoadNotComplete)

    @sync_async
    async def wait_processed(
        self,
        process: DataProcess | str,
        namespace: str | None = None,
        timeout: float = 600,  # noqa: ASYNC109 - as above
        progress: Callable[[DataProcess], object] | None = None,
    ) -> DataProcess:
        """Wait until a DataProcess is Complete; one on a schedule, until a run is.

        Args:
            process: The DataProcess, or its name.
            namespace: Default is its own, or the client's.
            timeout: Seconds.
            progress: Called with each state that is seen; in a synchronous client, from another thread.

        Raises:
            DataProcessNotComplete: It failed, or did not end in time.
        """
        return await self._completion(
            DataProcess, process, namespace, timeout, progress, DataProcessNotComplete
        )
