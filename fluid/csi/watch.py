"""Tells when the mounts of our namespace change, which the kernel tells us."""

import select
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from fluid.csi.mountinfo import SELF


@dataclass
class MountWatch:
    """Wakes whoever waits for a change of the mount table.

    A FUSE process that dies changes no table: its mount stays, dead. What is announced is the next mount.

    Attributes:
        path: The table.
    """

    path: Path = SELF
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> None:
        """Watch, until cancelled."""
        with self.path.open("rb") as table, select.epoll() as poll:
            # The table is always readable, so the loop's own poll of it would never rest; this one asks for
            # changes (POLLPRI) alone, and is itself readable when there was one.
            poll.register(table.fileno(), select.EPOLLPRI)
            while True:
                await anyio.wait_readable(poll.fileno())
                poll.poll(0)
                self.wake()

    def wake(self) -> None:
        """Wake all who wait, as a change does."""
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def next_change(self) -> anyio.Event:
        """Set at the next change after this call: ask first, look at the table, then wait."""
        return self._changed

    async def wait(self, change: anyio.Event, seconds: float) -> None:
        """Wait for a change, but no longer than this."""
        with anyio.move_on_after(seconds):
            await change.wait()
