"""Whether a mount still answers, asked by another process: the question hangs with the client."""

import contextlib
import subprocess
import sys
import time

EVERY = 5.0
"""Seconds between two questions."""
QUESTIONS = (
    "import os, sys; os.statvfs(sys.argv[1])",
    "import os, sys; os.close(os.open(sys.argv[1], os.O_RDONLY))",
)
"""A client that hangs answers neither. One that is well may ask a slow source for either: rclone for the size
of what is stored, s3fs for the attributes of the root."""


def pulses(target: str) -> "list[Pulse]":
    """One for each question."""
    return [Pulse(target, question) for question in QUESTIONS]


class Pulse:
    """Asks a mount now and then; nothing here waits for the answer."""

    def __init__(self, target: str, question: str) -> None:
        self.target = target
        self.question = question
        self._asked_at = time.monotonic()
        self._question: subprocess.Popen[bytes] | None = None

    def silence(self) -> float:
        """Seconds for which a question has had no answer, whatever that is; 0 while there is one."""
        now = time.monotonic()
        if self._question is not None and self._question.poll() is None:
            return now - self._asked_at
        self._question = None
        if now - self._asked_at >= EVERY:
            self._asked_at = now
            ask = [sys.executable, "-S", "-c", self.question, self.target]
            self._question = subprocess.Popen(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return 0.0

    def forget(self) -> None:
        """Ask no more; a question that hangs ends with its mount."""
        if self._question is not None:
            self._question.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._question.wait(0.5)
            self._question = None
