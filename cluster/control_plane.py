"""A running control plane: its rules, logs and end."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from cluster.access import Access, KubectlError, locked
from cluster.answers import Answers, ExecCall, Fault
from cluster.processes import Processes

__all__ = ["ControlPlane", "KubectlError", "attach"]


@dataclass
class ControlPlane(Access):
    """A running control plane with simulated nodes, its files in `directory`."""

    answers: Answers = field(init=False)
    """Rules for `jindocache` and `jindo` in the pods, and the log of what was executed."""

    def __post_init__(self) -> None:
        self.answers = Answers(self.directory / "answers")

    def faults(self, *faults: Fault) -> None:
        """Replace all faults of executed commands; with no argument, there are none any more."""
        self.answers.faults(*faults)

    def exec_log(self, *, namespace: str | None = None) -> list[ExecCall]:
        """Return the commands that were executed in pods, oldest first."""
        return self.answers.log(namespace=namespace)

    def stop(self) -> list[str]:
        """End the servers that were started here, and no others; remove the directory; return their names."""
        with locked(self.directory):
            names = Processes(self.directory / "operator").stop() + Processes(self.directory).stop()
            shutil.rmtree(self.directory)
        return names


def attach(directory: Path) -> ControlPlane | None:
    """Return the control plane that runs in a directory, None if there is none (or a part of it died)."""
    recorded = Processes(directory).recorded()
    running = (
        bool(recorded) and all(process.alive() for process in recorded) and (directory / "ready").exists()
    )
    return ControlPlane(directory) if running else None
