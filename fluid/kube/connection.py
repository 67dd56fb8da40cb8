"""One connection pool to one API server.

lightkube finds the credentials (kubeconfig, service account, exec plugin), keeps them fresh and
speaks the exec protocol.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx2

from fluid._version import __version__
from fluid.kube import credentials
from fluid.kube.api import Api
from fluid.kube.exec import OUTPUT, ExecResult, run_command
from fluid.kube.http import DEADLINE, Http
from fluid.kube.transport import KeepAliveTransport
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
_LIMITS = httpx2.Limits(max_connections=256, max_keepalive_connections=64, keepalive_expiry=60)


class Connection(Http):
    """The API server: HTTP, typed access to each kind, and commands in containers.

    Every failure is a `KubeError`.
    """

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
            transport = KeepAliveTransport(tls)  # supports no proxy
        async with _client(access, user_agent, transport) as http:
            yield cls(http, namespace)

    def api(self, model: type[M]) -> Api[M]:
        """Typed access to one kind."""
        return Api(self, model)

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
            timeout: seconds to wait for the end; the command may go on running afterwards.
            limit: bytes that it may print, stdout and stderr together; above it the connection is closed and
                the call fails.

        Raises:
            KubeError: the command could not be run, or its end was not seen. A command that ran and failed
                is a result, not an error.
        """
        return await run_command(self.requests, pod, container, command, timeout, limit)


def _client(
    access: credentials.Access, user_agent: str | None, transport: httpx2.AsyncBaseTransport | None
) -> httpx2.AsyncClient:
    headers = {"User-Agent": user_agent or f"fluid/{__version__}", "Accept-Encoding": "identity"}
    settings: credentials.Access = {"base_url": "http://simulated", **access}
    return httpx2.AsyncClient(
        **settings, transport=transport, timeout=httpx2.Timeout(DEADLINE), limits=_LIMITS, headers=headers
    )
