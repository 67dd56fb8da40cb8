"""A client's process and its mount."""

import contextlib
import os
import pty
import subprocess
import threading
import time
from pathlib import Path

import configuration
import words

MOUNTED_WITHIN = 10.0
"""Seconds in which a client has to mount."""
LOUDEST = 10
"""Lines of a client that are printed in a second, at most."""
LONGEST = 8000
"""Characters of a client's output that are looked through for the point of it."""


class Running:
    """A client that was started.

    Attributes:
        process: Its process.
        mounted_at: When it had mounted, by the monotonic clock; 0 before.
        doubted: Whether its sources are to be looked at; set when it speaks of an error.
        killed: Whether it was killed; one that waits for its source in the kernel may live on.
    """

    def __init__(self, command: list[str]) -> None:
        ours, theirs = pty.openpty()  # a program that writes to a terminal keeps no line back
        self.process = subprocess.Popen(command, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.mounted_at = 0.0
        self.doubted = False
        self.killed = False
        self._recent = ""
        self._heard = threading.Thread(target=self._hear, args=[ours], daemon=True)
        self._heard.start()

    def mounts(self, target: str) -> bool:
        """Wait until it has mounted; False if it has ended, or takes too long."""
        deadline = time.monotonic() + MOUNTED_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            if is_mounted(target):
                self.mounted_at = time.monotonic()
                return True
            time.sleep(0.05)
        return False

    def kill(self) -> None:
        """End it without asking it."""
        self.killed = True
        self.process.kill()

    def last_words(self) -> str:
        """The point of what it said before it ended."""
        self._heard.join(1)
        return words.point_of(self._recent)

    def _hear(self, output: int) -> None:
        """Print what it writes, and doubt its source if that speaks of an error; until it ends."""
        second, printed = 0, 0
        with contextlib.suppress(OSError), open(output, errors="replace") as lines:  # a terminal ends so
            for line in map(str.strip, lines):
                self._recent = f"{self._recent}\n{line}"[-LONGEST:]
                self.doubted = self.doubted or words.ERROR.search(line) is not None
                second, printed = int(time.monotonic()), printed + 1 if second == int(time.monotonic()) else 0
                if line and printed < LOUDEST:
                    said = words.server_error(line) or line[:500]
                    words.log(words.without(configuration.secrets(), said))


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that may not want to."""
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()


def is_mounted(target: str) -> bool:
    """By the mount table: a look at a dead mount can hang."""
    return any(line.split()[4] == target for line in Path("/proc/self/mountinfo").read_text().splitlines())


def unmount(target: str) -> None:
    """Take the mount away, however dead it is, and others below it."""
    while is_mounted(target):
        if subprocess.run(["umount", "-l", target], timeout=10).returncode != 0:
            return
