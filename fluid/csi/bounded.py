"""Runs the helper program within a deadline, whatever the file system does."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from anyio import CapacityLimiter, Semaphore, to_thread

Value = int | str
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fluid.csi.helper import main; main()"
_ROOT = str(Path(__file__).parents[2])
_AFTER_KILL = 1.0
"""Seconds for a killed helper to end; one in an uninterruptible wait does not."""
_AT_ONCE, _AT_ONCE_IN_ONE = 16, 8
"""Helpers that may run, in all and in one file system."""
_MOST = 24
"""Helpers that may hang in all."""
_MOST_HANGING = 4
"""Helpers that may hang in one file system. More than one: who lost a request may still answer the next."""
_RESERVE = 8
"""Helpers more that may hang if they ask no file system: without them nothing could be taken away."""
WORST = _MOST + _RESERVE - 1 + _AT_ONCE
"""Helpers that there can be: all that run when one fewer hangs than may come to hang as well, which makes 47.

A helper has 7.4 MB for itself: 350 MB in all, and 100 MB for the plugin and its keeper, of the 512 MiB that
its container may have (`manifests`). Of more memory the kernel would kill, the plugin perhaps.
"""
_LINK = "a symbolic link is in the way, which is not followed; put a directory there on the node"
DEAD = frozenset({errno.ENOTCONN, errno.ESHUTDOWN, errno.ECONNABORTED})
"""What every look at a FUSE mount gives once its process is gone."""


class HelperError(Exception):
    """An operation failed.

    Attributes:
        number: The errno of the kernel's answer; 0 when it gave none, because the helper did not come so far.
    """

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class HungError(HelperError):
    """An operation had no end within its deadline."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.ETIMEDOUT, message)


class ChangedError(HelperError):
    """What an operation was about is not what it was: look again."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EAGAIN, message)


class TooManyError(HelperError):
    """An operation was not started, because too many hang on this node."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EAGAIN, message)


@dataclass
class _Queue:
    """Who asks one file system; it exists while somebody does."""

    turns: Semaphore = field(default_factory=lambda: Semaphore(_AT_ONCE_IN_ONE))
    users: int = 0
    hung: int = 0


@dataclass(frozen=True, slots=True)
class _Lost:
    process: subprocess.Popen[bytes]
    device: str


@dataclass
class Helpers:
    """Starts helpers, and remembers those that not even SIGKILL could end.

    Attributes:
        deadline: Seconds that one operation may take.
        most: How many may hang in all before no more are started.
        killed: How many took longer.
    """

    deadline: float = 5.0
    most: int = _MOST
    killed: int = 0
    _queues: dict[str, _Queue] = field(default_factory=dict[str, _Queue])
    _lost: list[_Lost] = field(default_factory=list[_Lost])
    _limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))

    @property
    def hanging(self) -> int:
        """Helpers that still wait in the kernel; they end when the file system answers or is aborted."""
        return len(self._hanging())

    async def run(
        self, operation: str, *arguments: str, device: str = "", descriptors: Collection[int] = ()
    ) -> Mapping[str, Value]:
        """Carry one operation out. Whom a scope of anyio cancels waits for its end, so that locks hold.

        A task's own `cancel` is no such scope: the thread would go on alone. `rpc` keeps calls from that.

        Args:
            operation: what the helper calls it.
            arguments: of the operation.
            device: of the file system that it asks, if it asks one. A few at once may; while some hang in it,
                no more are started: each of them keeps its memory.
            descriptors: what the helper gets open, by the same numbers.

        Raises:
            HelperError: it failed.
            HungError: it was killed at its deadline, or the file system owes the answer to others.
            TooManyError: so many hang on this node that it was not started.
        """
        call = partial(self._run, operation, arguments, device, descriptors)
        if not device:
            return await to_thread.run_sync(call, limiter=self._limiter)
        async with self._turn(device) as queue:
            try:
                return await to_thread.run_sync(call, limiter=self._limiter)
            except HungError:
                queue.hung += 1
                raise

    @asynccontextmanager
    async def _turn(self, device: str) -> AsyncGenerator[_Queue]:
        """Wait until fewer ask a file system. Whoever waited while one hung does not ask: all would wait."""
        queue = self._queues.setdefault(device, _Queue())
        queue.users, hung = queue.users + 1, queue.hung
        try:
            async with queue.turns:
                if queue.hung != hung:
                    raise HungError(f"the file system {device} did not answer a question that came before")
                yield queue
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[device]

    def _run(
        self, operation: str, arguments: tuple[str, ...], device: str, descriptors: Collection[int]
    ) -> Mapping[str, Value]:
        what = f"{operation} {' '.join(arguments)}"
        self._admit(what, device)
        # -S -E: no site packages and no environment, which take most of an interpreter's start
        command = [sys.executable, "-S", "-E", "-c", _START, _ROOT, str(os.getpid()), operation, *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                pass_fds=descriptors,
            )
        except OSError as error:  # its number would say something of the file system
            raise HelperError(0, f"{what}: the helper could not be started: {error}") from error
        try:
            output, problem = process.communicate(timeout=self.deadline)
        except subprocess.TimeoutExpired:
            self._kill(process, device)
            raise HungError(f"{what}: no answer from the file system in {self.deadline:g} s") from None
        return _answer(what, output, problem)

    def _admit(self, what: str, device: str) -> None:
        hanging = self._hanging()
        if device and hanging.count(device) >= _MOST_HANGING:
            raise HungError(f"{what}: the file system owes the answer to {_MOST_HANGING} earlier questions")
        if len(hanging) >= self.most + (0 if device else _RESERVE):
            where = ", ".join(sorted({*hanging} - {""})) or "the kernel"
            raise TooManyError(
                f"{what}: not tried: {len(hanging)} helpers on this node wait for an answer of {where}; find"
                " these devices in /proc/self/mountinfo of the node plugin, and delete the FUSE pods behind"
            )

    def _hanging(self) -> list[str]:
        """The devices in which helpers hang, one for each."""
        for ended in [one for one in self._lost if one.process.poll() is not None]:
            with suppress(ValueError):  # another thread was faster
                self._lost.remove(ended)
        return [one.device for one in self._lost]

    def _kill(self, process: subprocess.Popen[bytes], device: str) -> None:
        self.killed += 1
        process.kill()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_AFTER_KILL)
        except subprocess.TimeoutExpired:
            self._lost.append(_Lost(process, device))


def _answer(what: str, output: bytes, problem: bytes) -> Mapping[str, Value]:
    try:
        answer: dict[str, Value] = json.loads(output)
    except ValueError:
        last = problem.decode(errors="replace").strip().rpartition("\n")[2]
        raise HelperError(0, f"{what}: the helper failed: {last or 'it was killed'}") from None
    if "failed" in answer:
        raise HelperError(0, f"{what}: the helper failed: {answer['failed']}")
    if "changed" in answer:
        raise ChangedError(f"{what}: what is mounted there has changed meanwhile")
    if "errno" in answer:
        number = int(answer["errno"])
        where = answer.get("path") or what
        call = f"{answer['call']} " if answer.get("call") else ""
        raise HelperError(number, f"{call}{where}: {_LINK if number == errno.ELOOP else os.strerror(number)}")
    return answer
