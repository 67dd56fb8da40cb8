"""One connection pool to one API server: the only module that knows lightkube and httpx2.

lightkube finds the credentials (kubeconfig, service account, exec plugin), keeps them fresh and
speaks the exec protocol. Requests go to its HTTP client directly: its own methods know neither
bookmarks nor delete preconditions, stumble over answers without a Content-Type, and decode into
classes that are not ours.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx2

from fluid.types import Key, KubeObject

if TYPE_CHECKING:
    from fluid.kube.api import Api

M = TypeVar("M", bound=KubeObject)
JSON = "application/json"
DEADLINE = 15.0
"""Seconds that one ordinary request may take."""


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command in a container said."""

    exit_code: int
    stdout: str
    stderr: str


class Connection:
    """Speaks HTTP to the API server; every failure is a `KubeError`."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        kubeconfig: str | Path | None = None,
        user_agent: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> AsyncIterator["Connection"]:
        """Connects with `kubeconfig`, else ``$KUBECONFIG``, else the pod's service account, else ``~/.kube/config``.

        Args:
            kubeconfig: path of a kubeconfig file.
            user_agent: sent with each request; ``fluid/<version>`` by default.
            transport: replaces the network, for tests; no kubeconfig is read then.

        Raises:
            KubeError: there are no usable credentials.
        """
        raise NotImplementedError
        yield

    def api(self, model: type[M]) -> "Api[M]":
        """Typed access to one kind."""
        raise NotImplementedError

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
    ) -> bytes:
        """Sends one request and returns the body of the answer.

        Raises:
            KubeError: any failure, the deadline included.
        """
        raise NotImplementedError

    def lines(self, path: str, query: Mapping[str, str], accept: str = JSON) -> AsyncGenerator[bytes, None]:
        """The lines of an endless answer; close the generator (`aclosing`), bound each step in time.

        Raises:
            KubeError: any failure.
        """
        raise NotImplementedError

    async def exec(
        self, pod: Key, container: str, command: Sequence[str], *, timeout: float  # noqa: ASYNC109 - a wire deadline
    ) -> ExecResult:
        """Runs a command in a container, without stdin.

        Args:
            pod: the pod.
            container: its container.
            command: program and arguments; no shell is involved.
            timeout: seconds until it is given up; the command may go on running.

        Raises:
            KubeError: the command could not be run or its end not be seen. A command that ran and failed
                is a result, not an error.
        """
        raise NotImplementedError
