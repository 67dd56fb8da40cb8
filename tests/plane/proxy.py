"""A network between the operator and the API server that a test can cut, or make swallow everything."""

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

_CHUNK = 65536


class Proxy:
    """Forwards TCP connections of a local port to a server; TLS passes through untouched.

    Args:
        target: URL of the server.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._through = threading.Event()
        self._through.set()
        self._accepting = self._serve()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._through.set()
        self.cut()

    def cut(self) -> None:
        """Refuse connections and break those that are open."""
        with contextlib.suppress(OSError):  # it may be cut already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        self.drop()

    def mend(self) -> None:
        """Accept connections again after `cut`."""
        self._listener = _listen(self.port)
        self._accepting = self._serve()

    def drop(self) -> None:
        """Break the connections that are open; new ones are welcome."""
        for one in [*self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Pass nothing on, as a frozen server does; connections stay open."""
        self._through.clear()

    def release(self) -> None:
        """Pass on again, and what was kept back first."""
        self._through.set()

    def _serve(self) -> threading.Thread:
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        thread.start()
        return thread

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed by `cut`
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        with client, socket.create_connection((self._target.hostname, self._target.port)) as server:
            ends = {client, server}
            self._open |= ends
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server)
            back.join()
            self._open -= ends

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._through.wait()
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), reuse_port=False)
