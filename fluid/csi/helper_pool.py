"""Starts helper processes, limits how many there are, and kills those that miss their deadline."""

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
from fluid.csi.helper_limits import RUNNING, RUNNING_PER_FILE_SYSTEM, RUNNING_PER_TENANT, FileSystem, refusal
from fluid.csi.locks import KeyedSemaphores

Value = int | str
_START = (
    "import sys; fluid = sys.modules['fluid'] = type(sys)('fluid'); fluid.__path__ = [sys.argv.pop(1)];"
    " from fluid.csi.helper import main; main()"
)
"""Imports the helper without `fluid/__init__.py`, which would double its memory and its time to start."""
_ROOT = str(Path(__file__).parents[1])
_AFTER_KILL = 1.0
"""Seconds for a killed helper to end; a helper in an uninterruptible wait does not end."""
_LINK = "a symbolic link is in the way, which is not followed; put a directory there on the node"
DEAD = frozenset({errno.ENOTCONN, errno.ESHUTDOWN, errno.ECONNABORTED})
"""What the kernel answers for a FUSE mount whose process is gone."""


@dataclass
class _Queue:
    """The callers that ask one file system; it exists while there are any."""

    turns: Semaphore = field(default_factory=lambda: Semaphore(RUNNING_PER_FILE_SYSTEM))
    alone: Lock = field(default_factory=Lock)
    users: int = 0
    hung: int = 0


@dataclass(frozen=True, slots=True)
class _Lost:
    process: subprocess.Popen[bytes]
    asked: FileSystem


@dataclass
class HelperPool:
    """Starts helpers, and keeps track of those that not even SIGKILL could end.

    Attributes:
        deadline: Seconds that one operation may take.
        tenant_of: Returns the tenant of a device.
        killed: How many helpers missed the deadline.
    """

    deadline: float = 5.0
    tenant_of: Callable[[str], str] = str
    killed: int = 0
    _queues: dict[str, _Queue] = field(default_factory=dict[str, _Queue])
    _of_tenant: KeyedSemaphores = field(default_factory=lambda: KeyedSemaphores(RUNNING_PER_TENANT))
    _silent: set[str] = field(default_factory=set[str])
    _lost: list[_Lost] = field(default_factory=list[_Lost])
    _limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(RUNNING))

    @property
    def hanging(self) -> int:
        """How many killed helpers still wait in the kernel, until their file system answers or is aborted."""
        return len(self._hanging())

    @property
    def running(self) -> int:
        """How many helpers run within their deadline now."""
        return self._limiter.borrowed_tokens

    async def run(
        self, operation: str, *arguments: str, device: str = "", descriptors: Collection[int] = ()
    ) -> Mapping[str, Value]:
        """Carry one operation out in a helper.

        A caller that a cancel scope of anyio cancels still waits for the end of the operation, so that the
        caller's locks are held until then. `Task.cancel` of asyncio does not wait: the thread would go on
        after the locks were released. `rpc` protects calls from it.

        Args:
            operation: name of the operation in `fluid.csi.helper`.
            arguments: arguments of the operation.
            device: device of the file system that the operation asks; empty if it asks none. Few helpers may
                ask one file system at once. While too many hang in it, none is started, because each of them
                keeps its memory.
            descriptors: file descriptors that the helper inherits under the same numbers.

        Raises:
            HelperError: the operation failed.
            HungError: the helper was killed at its deadline, or the file system did not answer earlier
                helpers.
            TooManyError: so many helpers hang on this node that none was started.
        """
        asked = FileSystem(device, await to_thread.run_sync(self.tenant_of, device) if device else "")
        call = partial(self._run, operation, arguments, asked, descriptors)
        if not device:
            return await to_thread.run_sync(call, limiter=self._limiter)
        async with self._turn(device) as queue, self._of_tenant.hold(asked.tenant):
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
        """Wait for a turn to ask a file system.

        If a helper hung in the file system during the wait, the caller does not ask: it would hang as well.
        """
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
        self, operation: str, arguments: tuple[str, ...], asked: FileSystem, descriptors: Collection[int]
    ) -> Mapping[str, Value]:
        what = f"{operation} {' '.join(arguments)}"
        self._admit(what, asked)
        # -S -E: without site packages and environment, which take most of an interpreter's time to start
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
        except OSError as error:  # not its errno, which would be taken for an answer of the file system
            raise HelperError(0, f"{what}: the helper could not be started: {error}") from error
        try:
            output, problem = process.communicate(timeout=self.deadline)
        except subprocess.TimeoutExpired:
            self._kill(process, asked)
            raise HungError(f"{what}: no answer from the file system in {self.deadline:g} s") from None
        return _answer(what, output, problem)

    def _admit(self, what: str, asked: FileSystem) -> None:
        refused = refusal(self._hanging(), asked)
        if refused is not None:
            raise (HungError if refused.silent else TooManyError)(f"{what}: {refused.why}")

    def _hanging(self) -> list[FileSystem]:
        """The file systems in which helpers hang, one entry for each helper."""
        for ended in [one for one in self._lost if one.process.poll() is not None]:
            with suppress(ValueError):  # another thread removed it already
                self._lost.remove(ended)
        return [one.asked for one in self._lost]

    def _kill(self, process: subprocess.Popen[bytes], asked: FileSystem) -> None:
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
