"""Start servers, remember them by pid and start time, and end exactly those."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Process:
    """One server.

    `started` is its start time in clock ticks since boot, which no later owner of the pid shares.
    """

    name: str
    pid: int
    started: int

    def alive(self) -> bool:
        """Say whether it is this process, and not a later one of the same number, that runs."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # a dead child must not linger as a zombie
        return _started(self.pid) == self.started


class Processes:
    """The servers of one control plane, recorded in `<directory>/pids.json`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / "pids.json"

    def recorded(self) -> list[Process]:
        """Return every server that was started and not stopped since."""
        if not self._file.exists():
            return []
        return [Process(**entry) for entry in json.loads(self._file.read_text())]

    def spawn(
        self, name: str, command: Sequence[str | Path], *, tethered: bool, inherited: Sequence[int] = ()
    ) -> Process:
        """Start a server in a session of its own, its output in `<name>.log`.

        Args:
            name: for the log and for messages.
            command: program and arguments.
            tethered: it dies with the thread that called (a test run that is killed leaves nothing).
            inherited: open files that it gets, under the same numbers.
        """
        environment = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
        with (self._directory / f"{name}.log").open("w") as log:
            child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env=environment,
                start_new_session=True,
                pass_fds=inherited,
                preexec_fn=_die_with_parent if tethered else None,
            )
        child.returncode = 0  # reaped by pid, not by this object: silences its ResourceWarning
        return self.adopt(name, child.pid)

    def adopt(self, name: str, pid: int) -> Process:
        """Record a process that a recorded server has started."""
        process = Process(name, pid, _started(pid) or 0)
        self._record([*self.recorded(), process])
        return process

    def stop(self) -> list[str]:
        """Kill every recorded server and wait until it is gone; return the names of those that ran.

        An orderly stop is not needed: all state of the servers is in this directory and is deleted with it.
        """
        running = [process for process in self.recorded() if process.alive()]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while any(process.alive() for process in running) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._record([process for process in running if process.alive()])
        return [process.name for process in running]

    def _record(self, processes: list[Process]) -> None:
        if self._directory.exists():
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps([asdict(process) for process in processes]))
            draft.rename(self._file)


def _started(pid: int) -> int | None:
    """Return the 22nd field of /proc/PID/stat, None for a process that is gone (a zombie is)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name may hold blanks and parentheses
    return None if fields[0] == "Z" else int(fields[19])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
