"""Runs the helper program within a deadline, whatever the file system does."""

import ast
import errno
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from anyio import CapacityLimiter, Lock, Semaphore, to_thread

from fluid.csi.errors import ChangedError, HelperError, HungError, TooManyError
from fluid.csi.locks import Shares
from fluid.csi.shares import AT_ONCE, AT_ONCE_IN_ONE, AT_ONCE_OF_ONE, Asked, refusal

Value = int | str
_START = (
    "import sys; fluid = sys.modules['fluid'] = type(sys)('fluid'); fluid.__path__ = [sys.argv.pop(1)];"
    " from fluid.csi.helper import main; main()"
)
"""The helper without what `fluid` itself imports, which would double its memory and its start."""
_ROOT = str(Path(__file__).parents[1])
_AFTER_KILL = 1.0
"""Seconds for a killed helper to end; one in an uninterruptible wait does not."""
_LINK = "a symbolic link is in the way, which is not followed; put a directory there on the node"
DEAD = frozenset({errno.ENOTCONN, errno.ESHUTDOWN, errno.ECONNABORTED})
"""What every look at a FUSE mount gives once its process is gone."""


@dataclass
class _Queue:
    """Who asks one file system; it exists while somebody does."""

    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE_IN_ONE))
    alone: Lock = field(default_factory=Lock)
    users: int = 0
    hung: int = 0


@dataclass(frozen=True, slots=True)
class _Lost:
    process: subprocess.Popen[bytes]
    asked: Asked


@dataclass
class Helpers:
    """Starts helpers, and remembers those that not even SIGKILL could end.

    Attributes:
        deadline: Seconds that one operation may take.
        tenant_of: Tells whose a device is.
        killed: How many took longer.
    """

    deadline: float = 5.0
    tenant_of: Callable[[str], str] = str
    killed: int = 0
    _queues: dict[str, _Queue] = field(default_factory=dict[str, _Queue])
    _shares: Shares = field(default_factory=lambda: Shares(AT_ONCE_OF_ONE))
    _silent: set[str] = field(default_factory=set[str])
    _lost: list[_Lost] = field(default_factory=list[_Lost])
    _limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    @property
    def hanging(self) -> int:
        """Helpers that still wait in the kernel; they end when the file system answers or is aborted."""
        return len(self._hanging())

    @property
    def running(self) -> int:
        """Helpers that run now, and have not taken too long."""
        return self._limiter.borrowed_tokens

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
        asked = Asked(device, await to_thread.run_sync(self.tenant_of, device) if device else "")
        call = partial(self._run, operation, arguments, asked, descriptors)
        if not device:
            return await to_thread.run_sync(call, limiter=self._limiter)
        async with self._turn(device) as queue, self._shares.hold(asked.tenant):
            try:
                answer = await to_thread.run_sync(call, limiter=self._limiter)
            except HungError:
                queue.hung += 1
                self._silent.add(device)
                raise
            self._silent.discard(device)
            return answer

    @asynccontextmanager
    async def _turn(self, device: str) -> AsyncGenerator[_Queue]:
        """Wait until fewer ask a file system. Whoever waited while one hung does not ask: all would wait."""
        queue = self._queues.setdefault(device, _Queue())
        queue.users, hung = queue.users + 1, queue.hung
        try:
            async with queue.turns, queue.alone if device in self._silent else nullcontext():
                if queue.hung != hung:
                    raise HungError(f"the file system {device} did not answer a question that came before")
                yield queue
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[device]

    def _run(
        self, operation: str, arguments: tuple[str, ...], asked: Asked, descriptors: Collection[int]
    ) -> Mapping[str, Value]:
        what = f"{operation} {' '.join(arguments)}"
        self._admit(what, asked)
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
            self._kill(process, asked)
            raise HungError(f"{what}: no answer from the file system in {self.deadline:g} s") from None
        return _answer(what, output, problem)

    def _admit(self, what: str, asked: Asked) -> None:
        refused = refusal(self._hanging(), asked)
        if refused is not None:
            raise (HungError if refused.silent else TooManyError)(f"{what}: {refused.why}")

    def _hanging(self) -> list[Asked]:
        """The file systems in which helpers hang, one for each."""
        for ended in [one for one in self._lost if one.process.poll() is not None]:
            with suppress(ValueError):  # another thread was faster
                self._lost.remove(ended)
        return [one.asked for one in self._lost]

    def _kill(self, process: subprocess.Popen[bytes], asked: Asked) -> None:
        self.killed += 1
        process.kill()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_AFTER_KILL)
        except subprocess.TimeoutExpired:
            self._lost.append(_Lost(process, asked))


def _answer(what: str, output: bytes, problem: bytes) -> Mapping[str, Value]:
    try:
        answer: dict[str, Value] = ast.literal_eval(output.decode())
    except (ValueError, SyntaxError):
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
