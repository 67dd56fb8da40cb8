"""One holder at a time for each volume and each target, and few for each tenant."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


@dataclass
class _Entry:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    users: int = 0


@dataclass
class Locks:
    """Locks by key, which exist while somebody holds or waits for them."""

    _entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        """Wait for a key, and have it until the end of the block."""
        entry = self._entries.setdefault(key, _Entry())
        entry.users += 1
        try:
            async with entry.lock:
                yield
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]


@dataclass
class _Share:
    turns: anyio.Semaphore
    users: int = 0


@dataclass
class Shares:
    """Turns by key, of which each has a number, however many ask for them.

    Attributes:
        each: How many.
    """

    each: int
    _entries: dict[str, _Share] = field(default_factory=dict[str, _Share])

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        """Wait for a turn of a key, and have it until the end of the block."""
        entry = self._entries.setdefault(key, _Share(anyio.Semaphore(self.each)))
        entry.users += 1
        try:
            async with entry.turns:
                yield
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]
