"""`python -m cluster.node.relay FD PORT`: hand connections over to 127.0.0.1:PORT.

The listening socket is inherited from outside the namespace, while connections are opened inside: a socket
belongs to the network namespace in which it was opened. So no process has to enter or leave a namespace.
"""

import asyncio
import contextlib
import socket
import sys


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 18):
            target.write(data)
            await target.drain()
        target.write_eof()


async def _serve(listener: socket.socket, port: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(inner_writer):
                await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    server = await asyncio.start_server(connected, sock=listener)
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    descriptor, port = map(int, sys.argv[1:])
    asyncio.run(_serve(socket.socket(fileno=descriptor), port))


if __name__ == "__main__":
    main()
