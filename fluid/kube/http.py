"""HTTP to one API server: requests, endless answers, and their failures.

Requests go to lightkube's HTTP client directly: lightkube's own methods support neither bookmarks nor delete
preconditions, fail on answers without a Content-Type, and decode into lightkube's classes.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager

import anyio
import httpx2
from lightkube.core.exceptions import ConfigError

from fluid.kube.errors import KubeError, Unavailable
from fluid.kube.request_failures import RequestFailures
from fluid.kube.requests import Requests
from fluid.kube.response_bodies import LARGEST, beginning, body_of, lines_of
from fluid.kube.status import refusal

JSON = "application/json"
DEADLINE = 15.0
"""Seconds that one ordinary request may take, including retries."""
_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})  # Fluid's requests with these methods are idempotent
_ATTEMPTS = 3
_LONGEST_PAUSE = 5.0


class Http:
    """Speaks HTTP to the API server; every failure is a `KubeError`.

    Args:
        http: the client, which knows address and credentials.
        namespace: of the kubeconfig's current context, or of the operator's pod.

    Attributes:
        request_failures: requests that are refused or not answered at present.
        requests: sends requests and counts them.
    """

    def __init__(self, http: httpx2.AsyncClient, namespace: str = "default") -> None:
        self.namespace = namespace
        self.request_failures: RequestFailures = RequestFailures()
        self.requests: Requests = Requests(http)

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

        A dropped connection, and 429 or 503 with Retry-After, are retried within the deadline.

        Raises:
            TooLarge: the body has more than `limit` bytes.
            KubeError: any other failure, the deadline included.
        """
        headers = {"accept": accept}
        if body is not None:
            headers["content-type"] = content_type
        with self._noted(method, path), _failures(method, path), anyio.fail_after(deadline):
            for attempt in range(1, _ATTEMPTS + 1):
                request = self.requests.build(method, path, query=query, content=body, headers=headers)
                last = attempt == _ATTEMPTS
                try:
                    response, content = await self._exchange(request, limit)
                except (httpx2.RemoteProtocolError, httpx2.ReadError):
                    if last or method not in _REPEATABLE:
                        raise
                    continue
                if response.is_success:
                    self.request_failures.succeeded(method, path)
                    return content
                pause = None if last else _retry_after(response)
                if pause is None:
                    raise _refusal(response, content)
                await anyio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _exchange(self, request: httpx2.Request, limit: int) -> tuple[httpx2.Response, bytes]:
        """Sends one request and reads the answer up to the limit."""
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
        request = self.requests.build("GET", path, query=query, headers={"accept": accept}, timeout=timeout)
        with self._noted("GET", path), _failures("GET", path):
            with anyio.fail_after(DEADLINE):
                response = await self.requests.send(request, stream=True)
            try:
                if not response.is_success:
                    raise _refusal(response, await beginning(response))
                self.request_failures.succeeded("GET", path)
                async with aclosing(lines_of(response)) as lines:
                    yield lines
            finally:
                await response.aclose()

    @contextmanager
    def _noted(self, method: str, path: str) -> Generator[None]:
        try:
            yield
        except KubeError as error:
            self.request_failures.failed(method, path, error)
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
    """Seconds to wait at the API server's request; None if it does not ask, or asks for too long a wait."""
    seconds = response.headers.get("Retry-After", "")
    if response.status_code not in {429, 503} or not seconds.isdecimal():
        return None
    return float(seconds) if int(seconds) <= _LONGEST_PAUSE else None
