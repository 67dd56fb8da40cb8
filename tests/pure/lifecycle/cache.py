# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What masters answer: a mount table per life of the pod, sizes of sources, and faults to order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

from fluid.engines.core.queries import Exec
from fluid.kube import ExecResult

GIB = 1 << 30


@dataclass
class Caches:
    """All caches of a cluster.

    Attributes:
        tables: mount tables by runtime; a table belongs to one life of the master unless it is durable.
        durable: whether tables outlive their masters (a surviving quorum, metadata on the node's disk).
        faults: what happens instead, by word of the command: "fail", "garbage", "hang" or
            another answer.
    """

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    durable: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[Exec] = field(default_factory=list)

    def table(self, name: str, life: str) -> dict[str, str]:
        """The mounts that a master has."""
        return self.tables.setdefault(name if self.durable else f"{name} {life}", {})

    def answer(self, query: Exec, life: str) -> ExecResult | None:
        """What a command says; None while it hangs."""
        self.asked.append(query)
        fault = next((how for word, how in self.faults.items() if word in query.command), None)
        if fault == "hang":
            return None
        if not life:
            return _said(-1, "", f"pod {query.pod} does not run")
        if fault == "fail":
            return _said(255, "", "java.net.ConnectException")
        if fault == "garbage":
            return _said(0, "\x1b[31m?\n\n~ ~~ \u0000 9 B")
        if fault is not None:
            return _said(0, fault)
        return self._run(query.command, self.table(str(query.pod), life))

    def _run(self, command: tuple[str, ...], table: dict[str, str]) -> ExecResult:
        match command:
            case ("jindocache", "-report"):
                return _said(0, _report(table))
            case ("jindocache", "-mount"):
                lines = [f"{n} -> {path} {uri}" for n, (path, uri) in enumerate(table.items())]
                return _said(0, "\n".join(lines))
            case ("jindocache", "-mount", path, _) if path in table:
                return _said(255, "Mount point already exists")
            case ("jindocache", "-mount", path, uri):
                table[path] = uri
                return _said(0)
            case ("jindocache", "-unmount", path) if path not in table:
                return _said(1, "", f"{path} is no mount point")
            case ("jindocache", "-unmount", path):
                del table[path]
                return _said(0)
            case ("jindocache", "-refreshCacheSet", "-path", "/cacheset.xml") | (
                "jindocache",
                "-formatCache",
            ):
                return _said(0)
            case ("jindo", "fs", "-count", target) if (path := target.removeprefix("jindo://")) in table:
                files, size = count(table[path])
                return _said(0, f"1 {files} {size} {target}")
        return _said(1, "", f"cannot do {command}")


def count(uri: str) -> tuple[int, int]:
    """Files and bytes of a source."""
    number = crc32(uri.encode()) % 100
    return number, number * GIB


def _report(table: Mapping[str, str]) -> str:
    used = sum(count(uri)[1] for uri in table.values()) // 2
    lines = [f"Total {what} Capacity: 100GB\n Used {what} Capacity: {used}B" for what in ("Disk", "MEM")]
    return "\n".join(lines)


def _said(code: int, stdout: str = "", stderr: str = "") -> ExecResult:
    return ExecResult(exit_code=code, stdout=stdout, stderr=stderr)
