"""/healthz, /readyz and /metrics on a plain HTTP server in a daemon thread.

The server has its own thread, so that it can report a stuck event loop.
"""

import re
import socket
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import (
    CollectorRegistry,
    make_wsgi_app,  # pyright: ignore[reportUnknownVariableType] - untyped upstream
)

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Check = Callable[[], list[str]]
"""Returns the problems, one sentence each; empty if there are none. Called from another thread."""
OFF = "none"
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\[\]]*:[^\[\]]*)\]|(?P<host>[^:\[\]\s]*)):(?P<port>[0-9]{1,5})")


class HealthServer:
    """Serves health, readiness and metrics.

    Args:
        address: ``HOST:PORT``; port 0 takes a free one (see `port`); ``none`` serves nothing.
        healthy: for /healthz; None leaves the path out, as with the others.
        ready: for /readyz.
        registry: for /metrics.

    Raises:
        ValueError: the address is not ``HOST:PORT``.
    """

    def __init__(
        self,
        address: str,
        *,
        healthy: Check | None = None,
        ready: Check | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._address = None if address == OFF else parse_address(address)
        self._server: WSGIServer | None = None
        self._pages: dict[str, WSGIApplication] = {}
        if healthy is not None:
            self._pages["/healthz"] = _verdict(healthy)
        if ready is not None:
            self._pages["/readyz"] = _verdict(ready)
        if registry is not None:
            self._pages["/metrics"] = make_wsgi_app(registry)

    @property
    def port(self) -> int:
        """The port in use; 0 when nothing is served."""
        return self._server.server_port if self._server else 0

    def start(self) -> None:
        """Starts to listen.

        Raises:
            OSError: the address cannot be used.
        """
        if self._address is None:
            return
        host, port = self._address
        try:
            server = _ServerV6 if ":" in host else _Server
            self._server = make_server(host, port, _router(self._pages), server, _Handler)
        except (OSError, UnicodeError) as error:  # IDNA refuses an invalid host name
            where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            reason = error.strerror if isinstance(error, OSError) else error
            raise OSError(f"cannot listen on {where}: {reason}") from error
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()

    def stop(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def parse_address(address: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; an empty host means every IPv4 interface, IPv6 stands in brackets.

    Raises:
        ValueError: it is something else.
    """
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > 65535:
        raise ValueError(
            f"{address!r} is not HOST:PORT (IPv6 in brackets, port 0 takes a free one) or {OFF!r}"
        )
    return parts["v6"] or parts["host"] or "", int(parts["port"])


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = 10  # a silent client must not hold a thread

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the inherited name
        """Does not log probes."""


def _router(pages: "Mapping[str, WSGIApplication]") -> "WSGIApplication":
    def route(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        page = pages.get(environ.get("PATH_INFO", "/"))
        if page is not None:
            return page(environ, start)
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [("there is " + ", ".join(pages) + "\n").encode()]

    return route


def _verdict(check: Check) -> "WSGIApplication":
    def answer(_environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        problems = check()
        start(
            "503 Service Unavailable" if problems else "200 OK",
            [("Content-Type", "text/plain; charset=utf-8")],
        )
        return [("\n".join(problems or ["ok"]) + "\n").encode()]

    return answer
