"""One connection pool to one API server: the only module that knows lightkube and httpx2.

lightkube finds the credentials (kubeconfig, service account, exec plugin), keeps them fresh and
speaks the exec protocol. Requests go to its HTTP client directly: its own methods know neither
bookmarks nor delete preconditions, stumble over answers without a Content-Type, and decode into
classes that are not ours.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import httpx2
from lightkube.core.exceptions import ConfigError

from fluid._version import __version__
from fluid.kube import credentials
from fluid.kube.bodies import LARGEST, beginning, body_of, lines_of
from fluid.kube.errors import KubeError, Unavailable
from fluid.kube.exec import OUTPUT, ExecResult, run_command
from fluid.kube.requests import Requests
from fluid.kube.status import refusal
from fluid.kube.transport import KeepAliveTransport
from fluid.kube.troubles import Troubles
from fluid.types import Key, KubeObject

if TYPE_CHECKING:
    from fluid.kube.api import Api

M = TypeVar("M", bound=KubeObject)
JSON = "application/json"
DEADLINE = 15.0
"""Seconds that one ordinary request may take, its repetitions included."""
_LIMITS = httpx2.Limits(max_connections=256, max_keepalive_connections=64, keepalive_expiry=60)
_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})  # all that Fluid sends with these may arrive twice
_ATTEMPTS = 3
_LONGEST_PAUSE = 5.0


class Connection:
    """Speaks HTTP to the API server; every failure is a `KubeError`.

    Args:
        http: the client, which knows address and credentials.
        namespace: of the kubeconfig's current context, or of our pod.

    Attributes:
        troubles: what is refused or not answered just now.
        requests: what is sent, counted.
    """

    def __init__(self, http: httpx2.AsyncClient, namespace: str = "default") -> None:
        self.namespace = namespace
        self.troubles: Troubles = Troubles()
        self.requests: Requests = Requests(http)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        kubeconfig: str | Path | None = None,
        user_agent: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> AsyncGenerator["Connection"]:
        """Connects, and disconnects at the end of the block.

        Args:
            kubeconfig: path of a kubeconfig file; without it ``$KUBECONFIG``, the pod's service account and
                ``~/.kube/config`` are tried in this order.
            user_agent: sent with each request; ``fluid/<version>`` by default.
            transport: replaces the network, for tests; no kubeconfig is read then.

        Raises:
            KubeError: there are no usable credentials.
        """
        access: credentials.Access = {}
        namespace = "default"
        if transport is None:
            config = credentials.configuration(kubeconfig)
            access, namespace = credentials.access(config), config.namespace
        tls = access.get("verify")
        if tls is not None and not credentials.proxied(access.get("base_url", "")):
            transport = KeepAliveTransport(tls)  # which speaks to no proxy
        async with _client(access, user_agent, transport) as http:
            yield cls(http, namespace)

    def api(self, model: type[M]) -> "Api[M]":
        """Typed access to one kind."""
        from fluid.kube.api import Api

        return Api(self, model)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        deadline: float = DEADLINE,
        limit: int = LARGEST,
    ) -> bytes:
        """Sends one request and returns the body of the answer.

        A dropped connection, and 429 or 503 with Retry-After, are tried again within the deadline.

        Raises:
            TooLarge: the body has more than `limit` bytes.
            KubeError: any other failure, the deadline included.
        """
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        with self._noted(method, path), _failures(method, path), anyio.fail_after(deadline):
            for attempt in range(1, _ATTEMPTS + 1):
                request = self.requests.http.build_request(
                    method, path, params=query, content=body, headers=headers
                )
                last = attempt == _ATTEMPTS
                try:
                    response, content = await self._exchange(request, limit)
                except (httpx2.RemoteProtocolError, httpx2.ReadError):
                    if last or method not in _REPEATABLE:
                        raise
                    continue
                if response.is_success:
                    self.troubles.succeeded(method, path)
                    return content
                pause = None if last else _retry_after(response)
                if pause is None:
                    raise _refusal(response, content)
                await anyio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _exchange(self, request: httpx2.Request, limit: int) -> tuple[httpx2.Response, bytes]:
        """One request, and as much of the answer as may be read."""
        response = await self.requests.send(request, stream=True)
        try:
            read = body_of(response, limit) if response.is_success else beginning(response)
            return response, await read
        finally:
            await response.aclose()

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str], accept: str = JSON
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Opens an endless answer and yields its lines; bound each step in time.

        An incomplete last line is dropped: the connection broke there.

        Raises:
            KubeError: any failure, also while reading inside the block.
        """
        timeout = httpx2.Timeout(DEADLINE, read=None)
        request = self.requests.http.build_request(
            "GET", path, params=query, headers={"Accept": accept}, timeout=timeout
        )
        with self._noted("GET", path), _failures("GET", path):
            with anyio.fail_after(DEADLINE):
                response = await self.requests.send(request, stream=True)
            try:
                if not response.is_success:
                    raise _refusal(response, await beginning(response))
                self.troubles.succeeded("GET", path)
                async with aclosing(lines_of(response)) as lines:
                    yield lines
            finally:
                await response.aclose()

    async def exec(
        self,
        pod: Key,
        container: str,
        command: Sequence[str],
        *,
        timeout: float,  # noqa: ASYNC109 - bounds the remote command
        limit: int = OUTPUT,
    ) -> ExecResult:
        """Runs a command in a container, without stdin.

        Args:
            pod: the pod.
            container: its container.
            command: program and arguments; no shell is involved.
            timeout: seconds until it is given up; the command may go on running.
            limit: bytes that it may print, on both outputs together; the connection is closed when it prints
                more, and that is an error.

        Raises:
            KubeError: the command could not be run or its end not be seen. A command that ran and failed
                is a result, not an error.
        """
        return await run_command(self.requests, pod, container, command, timeout, limit)

    @contextmanager
    def _noted(self, method: str, path: str) -> Generator[None]:
        try:
            yield
        except KubeError as error:
            self.troubles.failed(method, path, error)
            raise


@contextmanager
def _failures(method: str, path: str) -> Generator[None]:
    """Turns everything that the HTTP client raises into `Unavailable`."""
    try:
        yield
    except TimeoutError as error:
        raise Unavailable(0, "Timeout", f"{method} {path}: no answer in time") from error
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ConfigError, OSError) as error:
        message = f"{method} {path}: {error or type(error).__name__}"
        raise Unavailable(0, type(error).__name__, message) from error


def _refusal(response: httpx2.Response, body: bytes) -> KubeError:
    where = f"{response.request.method} {response.request.url.path}"
    return refusal(where, response.status_code, body)


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait as the API server asks to; None when it does not, or asks for too much."""
    seconds = response.headers.get("Retry-After", "")
    if response.status_code not in {429, 503} or not seconds.isdecimal():
        return None
    return float(seconds) if int(seconds) <= _LONGEST_PAUSE else None


def _client(
    access: credentials.Access, user_agent: str | None, transport: httpx2.AsyncBaseTransport | None
) -> httpx2.AsyncClient:
    headers = {"User-Agent": user_agent or f"fluid/{__version__}", "Accept-Encoding": "identity"}
    settings: credentials.Access = {"base_url": "http://simulated", **access}
    return httpx2.AsyncClient(
        **settings, transport=transport, timeout=httpx2.Timeout(DEADLINE), limits=_LIMITS, headers=headers
    )
