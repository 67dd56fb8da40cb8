"""Tell the answerer how to behave, and read what was executed."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from cluster.build import answerer


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Makes a command late, wrong or endless; `*` in a pattern stands for any text.

    With an exit code or a stdout the command itself does not run; otherwise it runs after the delay, and
    `stderr` precedes its own.
    """

    command: str
    """Pattern for the whole command line, e.g. `jindocache -mount *`."""
    namespace: str = "*"
    pod: str = "*"
    delay_seconds: float = 0.0
    exit: int = 0
    stdout: str | None = None
    stderr: str = ""
    hang: bool = False
    """The command never ends (two hours)."""
    times: int = 0
    """At most so often for each pod; 0 = always."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Numbers that the cache and its source report (bytes, counts); None: what the answerer computes."""

    namespace: str = "*"
    pod: str = "*"
    command: str = "*"
    disk_total: int | None = None
    disk_used: int | None = None
    memory_total: int | None = None
    memory_used: int | None = None
    directories: int | None = None
    files: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class ExecCall:
    """One executed command; `exit` is -1 for one that hangs."""

    time: datetime
    namespace: str
    pod: str
    container: str
    argv: tuple[str, ...]
    exit: int


class Answers:
    """The rules and the log of one answerer; `folder` is its state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._faults: list[dict[str, object]] = []
        self._sizes: list[dict[str, object]] = []

    def faults(self, *faults: Fault) -> None:
        """Replace all faults; with no argument, there are none any more."""
        self._faults = [
            {**_wire(fault), "id": f"fault-{id(fault)}-{number}"} for number, fault in enumerate(faults)
        ]
        self._write()

    def sizes(self, *sizes: Sizes) -> None:
        """Replace all sizes; the last that matches counts."""
        self._sizes = [_wire(size) for size in sizes]
        self._write()

    def log(self, *, namespace: str | None = None) -> list[ExecCall]:
        """Return what was executed, oldest first."""
        file = self.folder / "exec.log"
        lines = file.read_text().splitlines() if file.exists() else []
        calls = [_call(line) for line in lines]
        return [call for call in calls if namespace is None or call.namespace == namespace]

    def _write(self) -> None:
        draft = self.folder / "rules.new"
        draft.write_text(json.dumps({"faults": self._faults, "sizes": self._sizes}))
        draft.rename(self.folder / "rules.json")  # whole or not at all: it is read at any moment


def command_line(folder: Path) -> tuple[Answers, dict[str, str]]:
    """Return `jindocache` and `jindo` as commands for shell scripts.

    Args:
        folder: an existing folder for their state and log.

    Returns:
        Their rules and log, and the variables to add to a script's environment: `FLUID_ANSWERER_STATE`, and
        `PATH` with nothing but the folder that holds them (append what the script needs besides).
    """
    return Answers(folder), {"PATH": str(answerer()), "FLUID_ANSWERER_STATE": str(folder)}


def _wire(rule: Fault | Sizes) -> dict[str, object]:
    values = asdict(rule)
    return {_camel(field.name): values[field.name] for field in fields(rule)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _call(line: str) -> ExecCall:
    entry = json.loads(line)
    return ExecCall(
        time=datetime.fromisoformat(entry["time"]),
        namespace=entry["namespace"],
        pod=entry["pod"],
        container=entry["container"],
        argv=tuple(entry["argv"] or ()),
        exit=entry["exit"],
    )
