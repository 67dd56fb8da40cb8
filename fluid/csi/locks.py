"""Locks by key (volume or target), and semaphores by key (tenant)."""

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
    """One lock for each key; a lock exists while it is held or waited for."""

    _entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        """Wait for the lock of a key, and hold it until the end of the block."""
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
class _Semaphore:
    semaphore: anyio.Semaphore
    users: int = 0


@dataclass
class KeyedSemaphores:
    """One semaphore for each key; a semaphore exists while it is held or waited for.

    Attributes:
        each: How many may hold the semaphore of one key at once.
    """

    each: int
    _entries: dict[str, _Semaphore] = field(default_factory=dict[str, _Semaphore])

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        """Wait for the semaphore of a key, and hold it until the end of the block."""
        entry = self._entries.setdefault(key, _Semaphore(anyio.Semaphore(self.each)))
        entry.users += 1
        try:
            async with entry.semaphore:
                yield
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]
