"""The clients: `with Client() as client`, or `async with AsyncClient() as client`."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from fluid._version import __version__
from fluid.kinds.installed import installed
from fluid.kube import Connection
from fluid.sdk import waiting
from fluid.sdk.errors import OperationNotComplete
from fluid.sdk.kinds import Dataset
from fluid.sdk.resources import AsyncResources, Resources, Session
from fluid.sdk.shipped import AsyncCollections, Collections, ShippedWaits
from fluid.sdk.sync_async import Asynchronous, sync_async
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)
Connect = Callable[[], AbstractAsyncContextManager[Connection]]


class ClientMethods(ShippedWaits):
    """What both clients have in common.

    Args:
        kubeconfig: A kubeconfig file. Default: ``$KUBECONFIG``, the pod's account, ``~/.kube/config``.
        namespace: Of objects that name none. Default: the kubeconfig's, or the pod's own.
        connect: Opens the connection in tests.
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
            DatasetNotBound: It cannot become Bound until a person acts, or the time is up.
        """
        key = self._session.key(Dataset, name, namespace)
        return await waiting.wait_bound(self._session.connection, Dataset, key, timeout)

    @sync_async
    async def wait_operation(
        self,
        operation: M,
        timeout: float = 600,  # noqa: ASYNC109 - as above
        progress: Callable[[M], object] | None = None,
    ) -> M:
        """Wait until a data operation of any kind is Complete; one on a schedule, until a run is.

        Args:
            operation: The operation; without a namespace, in the client's.
            timeout: Seconds.
            progress: Called with each state that is seen; in a synchronous client, from another thread.

        Raises:
            OperationNotComplete: It failed, or did not end in time.
        """
        model = type(operation)
        return await self._completion(model, operation, None, timeout, progress, OperationNotComplete)

    @sync_async
    async def wait_deleted(self, obj: KubeObject, timeout: float = 60) -> None:  # noqa: ASYNC109 - as above
        """Wait until an object is gone.

        Args:
            obj: The object; if it was read, a later object of the same name does not count.
            timeout: Seconds.

        Raises:
            NotDeleted: It still exists, or is not being deleted; the message says what blocks it.
        """
        key = self._session.key(type(obj), obj.name, obj.namespace)
        await waiting.wait_deleted(self._session.connection, type(obj), key, obj.uid, timeout)

    async def _completion(
        self,
        model: type[M],
        operation: M | str,
        namespace: str | None,
        seconds: float,
        progress: Callable[[M], object] | None,
        failure: type[OperationNotComplete],
    ) -> M:
        """The data operation, given as an object or by name, as soon as it is Complete."""
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


class AsyncClient(ClientMethods, AsyncCollections, Asynchronous):
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

    def kind(self, model: type[M]) -> AsyncResources[M]:
        """All objects of any kind, such as ``fluid.models.PersistentVolumeClaim``."""
        return AsyncResources(self._session, model)

    def named(self, name: str) -> AsyncResources[KubeObject]:
        """All objects of an installed kind that is known by its name or plural, such as ``Dataset``.

        Raises:
            LookupError: No such kind is installed; the message lists those that are.
        """
        return self.kind(model_named(name))


class Client(ClientMethods, Collections):
    """Fluid's objects at one API server, for blocking use, from any thread.

    The requests run in an event loop in a thread of its own, which ends with the block.
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
        """The portal into the client's event loop."""
        assert self._session, "an open client has a portal"
        return self._portal

    def kind(self, model: type[M]) -> Resources[M]:
        """All objects of any kind, such as ``fluid.models.PersistentVolumeClaim``."""
        return Resources(self._session, model, self._portal)

    def named(self, name: str) -> Resources[KubeObject]:
        """All objects of an installed kind that is known by its name or plural, such as ``Dataset``.

        Raises:
            LookupError: No such kind is installed; the message lists those that are.
        """
        return self.kind(model_named(name))


def model_named(name: str) -> type[KubeObject]:
    """The model of an installed kind; see `Client.named`."""
    kinds = installed()
    if (found := kinds.named(name)) is not None:
        return found
    known = ", ".join(sorted(kind for _, kind in kinds.models))
    problems = [one.reason for one in kinds.problems]
    raise LookupError("; ".join([f"no kind {name!r} is installed, but {known}", *problems]))
