"""What the pods of caches answer: by a function of the author, with faults to order."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fluid.engines.core.queries import Exec
from fluid.engines.core.query import AnyQuery
from fluid.kube import ExecResult

State = dict[str, str]
"""What one life of a cache remembers, such as its mount table."""
Answers = Callable[[tuple[str, ...], State], ExecResult]
"""What a command says, and does to the state of the pod that runs it."""


def said(code: int, stdout: str = "", stderr: str = "") -> ExecResult:
    """An answer."""
    return ExecResult(exit_code=code, stdout=stdout, stderr=stderr)


def unknown(command: tuple[str, ...], _: State) -> ExecResult:
    """The answer of a cache that knows no command."""
    return said(1, "", f"cannot do {command}")


def unanswered(query: AnyQuery) -> object:
    """The answer to an engine's own queries where the author gives none."""
    return query.unanswered("the simulation knows no answer")


@dataclass
class Caches:
    """All caches of a cluster.

    Attributes:
        answers: What commands say.
        queries: What an engine's own queries are answered.
        tables: States by pod; a state belongs to one life of the pod unless it is durable.
        durable: Whether states outlive pods (a surviving quorum, metadata on the node's disk).
        faults: What happens instead, by word of the command: "fail", "garbage", "hang" or another answer.
        every: What happens in place of any answer; empty for nothing.
        asked: All commands.
    """

    answers: Answers = unknown
    queries: Callable[[AnyQuery], object] = unanswered
    tables: dict[str, State] = field(default_factory=dict[str, State])
    durable: bool = False
    faults: dict[str, str] = field(default_factory=dict[str, str])
    every: str = ""
    asked: list[Exec] = field(default_factory=list[Exec])

    def table(self, name: str, life: str) -> State:
        """The state of a pod."""
        return self.tables.setdefault(name if self.durable else f"{name} {life}", {})

    def forget(self, name: str) -> None:
        """The disk of a pod is gone."""
        self.tables.pop(name, None)

    def answer(self, query: Exec, life: str) -> ExecResult | None:
        """What a command says; None while it hangs."""
        self.asked.append(query)
        fault = next((how for word, how in self.faults.items() if word in query.command), self.every or None)
        if fault == "hang":
            return None
        if not life:
            return said(-1, "", f"pod {query.pod} does not run")
        if fault == "fail":
            return said(255, "", "java.net.ConnectException")
        if fault == "garbage":
            return said(0, "\x1b[31m?\n\n~ ~~ \u0000 9 B")
        if fault is not None:
            return said(0, fault)
        return self.answers(query.command, self.table(str(query.pod), life))
