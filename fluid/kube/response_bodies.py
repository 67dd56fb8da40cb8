"""Reads the bodies of answers up to a limit."""

from collections.abc import AsyncGenerator

import httpx2

from fluid.kube.errors import TooLarge

LARGEST = 32 * 1024 * 1024
"""Bytes of an answer: one object has a few MiB at most, and lists are asked for again in smaller pages."""
REFUSAL = 1024 * 1024
"""Bytes that are read of a refusal."""


async def body_of(response: httpx2.Response, limit: int = LARGEST) -> bytes:
    """The body of a streamed answer.

    Raises:
        TooLarge: it has more than `limit` bytes; the bytes read are dropped.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > limit:
            request = response.request
            where = f"{request.method} {request.url.path}"
            raise TooLarge(200, "TooLarge", f"{where}: the answer has more than {limit} bytes")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def beginning(response: httpx2.Response, limit: int = REFUSAL) -> bytes:
    """The body of a refusal, or its first `limit` bytes."""
    found = bytearray()
    async for part in response.aiter_bytes():
        found += part[: limit - len(found)]
        if len(found) >= limit:
            break
    return bytes(found)


async def lines_of(response: httpx2.Response, limit: int = LARGEST) -> AsyncGenerator[bytes]:
    """The lines of an endless answer, without line ends; an incomplete last line is dropped.

    Raises:
        TooLarge: a line has more than `limit` bytes.
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        *complete, rest = chunk.split(b"\n")
        for line in complete:
            whole = b"".join([*parts, line])
            parts, size = [], 0
            if whole:
                yield whole
        parts.append(rest)
        size += len(rest)
        if size > limit:
            where = f"{response.request.method} {response.request.url.path}"
            raise TooLarge(200, "TooLarge", f"{where}: a line has more than {limit} bytes")
