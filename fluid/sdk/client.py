"""The clients: `with Client() as client`, or `async with AsyncClient() as client`."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from fluid._version import __version__
from fluid.kube import Connection
from fluid.sdk import waiting
from fluid.sdk.errors import DataLoadNotComplete, DataProcessNotComplete, WaitError
from fluid.sdk.kinds import Dataset, JindoRuntime, ThinRuntime
from fluid.sdk.operations import DataLoad, DataProcess
from fluid.sdk.resources import AsyncResources, Resources, Session
from fluid.sdk.sync_async import Asynchronous, sync_async
from fluid.sdk.waiting import OperationT
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)
Connect = Callable[[], AbstractAsyncContextManager[Connection]]


class ClientMethods:
    """What both clients do.

    Args:
        kubeconfig: A kubeconfig file. Default: ``$KUBECONFIG``, the pod's account, ``~/.kube/config``.
        namespace: Of objects that name none. Default: the kubeconfig's, or the pod's own.
        connect: Connects in place of that, for tests.
    """

    def __init__(
        self,
        *,
        kubeconfig: str | Path | None = None,
        namespace: str | None = None,
        connect: Connect | None = None,
    ) -> None:
        self._kubeconfig = kubeconfig
        self._wanted_namespace = namespace
        self._connect = connect
        self._opened: Session | None = None

    @property
    def namespace(self) -> str:
        """The namespace of objects that name none."""
        return self._session.namespace

    @sync_async
    async def wait_bound(self, name: str, namespace: str | None = None, timeout: float = 60) -> Dataset:  # noqa: ASYNC109 - the wait is what is bounded
        """Wait until a Dataset is Bound, with its spec as it is now.

        Args:
            name: The Dataset.
            namespace: Default is the client's.
            timeout: Seconds.

        Raises:
            DatasetNotBound: It cannot become Bound before somebody does something, or did not in time.
        """
        key = self._session.key(Dataset, name, namespace)
        return await waiting.wait_bound(self._session.connection, Dataset, key, timeout)

    @sync_async
    async def wait_complete(
        self,
        load: DataLoad | str,
        namespace: str | None = None,
        timeout: float = 600,  # noqa: ASYNC109 - as above
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

    @sync_async
    async def wait_deleted(self, obj: KubeObject, timeout: float = 60) -> None:  # noqa: ASYNC109 - as above
        """Wait until an object is gone.

        Args:
            obj: The object; when it was read, one of the same name that comes after it does not count.
            timeout: Seconds.

        Raises:
            NotDeleted: It is still there, or nobody asked for its deletion; the message says what blocks it.
        """
        key = self._session.key(type(obj), obj.name, obj.namespace)
        await waiting.wait_deleted(self._session.connection, type(obj), key, obj.uid, timeout)

    async def _completion(
        self,
        model: type[OperationT],
        operation: OperationT | str,
        namespace: str | None,
        seconds: float,
        progress: Callable[[OperationT], object] | None,
        failure: type[WaitError],
    ) -> OperationT:
        """The data operation, given itself or by its name, as soon as it is Complete."""
        name, own = (operation, None) if isinstance(operation, str) else (operation.name, operation.namespace)
        key = self._session.key(model, name, namespace or own)
        return await waiting.wait_complete(self._session.connection, model, key, seconds, progress, failure)

    @property
    def _session(self) -> Session:
        if self._opened is None:
            opening = "async with AsyncClient()" if isinstance(self, Asynchronous) else "with Client()"
            raise RuntimeError(f"the client is not open: use it inside of `{opening} as client:`")
        return self._opened

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[Session]:
        agent = f"fluid-sdk/{__version__}"
        connect = self._connect or (lambda: Connection.open(kubeconfig=self._kubeconfig, user_agent=agent))
        async with connect() as connection:
            yield Session(connection, self._wanted_namespace or connection.namespace)


class AsyncClient(ClientMethods, Asynchronous):
    """Fluid's objects at one API server, for use with await."""

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        self._opened = await self._stack.enter_async_context(self._open())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened = None
        await self._stack.__aexit__(kind, error, trace)

    @property
    def datasets(self) -> AsyncResources[Dataset]:
        """All Datasets."""
        return self.kind(Dataset)

    @property
    def jindo_runtimes(self) -> AsyncResources[JindoRuntime]:
        """All JindoRuntimes."""
        return self.kind(JindoRuntime)

    @property
    def thin_runtimes(self) -> AsyncResources[ThinRuntime]:
        """All ThinRuntimes."""
        return self.kind(ThinRuntime)

    @property
    def data_loads(self) -> AsyncResources[DataLoad]:
        """All DataLoads."""
        return self.kind(DataLoad)

    @property
    def data_processes(self) -> AsyncResources[DataProcess]:
        """All DataProcesses."""
        return self.kind(DataProcess)

    def kind(self, model: type[M]) -> AsyncResources[M]:
        """All objects of any kind, such as ``fluid.models.PersistentVolumeClaim``."""
        return AsyncResources(self._session, model)


class Client(ClientMethods):
    """Fluid's objects at one API server, for blocking use, from any thread.

    An event loop in a thread of its own does the work; it ends with the block.
    """

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._portal = stack.enter_context(start_blocking_portal())
            self._opened = stack.enter_context(self._portal.wrap_async_context_manager(self._open()))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened = None
        self._stack.__exit__(kind, error, trace)

    @property
    def portal(self) -> BlockingPortal:
        """The way into the client's event loop."""
        assert self._session, "an open client has a portal"
        return self._portal

    @property
    def datasets(self) -> Resources[Dataset]:
        """All Datasets."""
        return self.kind(Dataset)

    @property
    def jindo_runtimes(self) -> Resources[JindoRuntime]:
        """All JindoRuntimes."""
        return self.kind(JindoRuntime)

    @property
    def thin_runtimes(self) -> Resources[ThinRuntime]:
        """All ThinRuntimes."""
        return self.kind(ThinRuntime)

    @property
    def data_loads(self) -> Resources[DataLoad]:
        """All DataLoads."""
        return self.kind(DataLoad)

    @property
    def data_processes(self) -> Resources[DataProcess]:
        """All DataProcesses."""
        return self.kind(DataProcess)

    def kind(self, model: type[M]) -> Resources[M]:
        """All objects of any kind, such as ``fluid.models.PersistentVolumeClaim``."""
        return Resources(self._session, model, self._portal)
