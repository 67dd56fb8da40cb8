# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What the masters of JindoCache answer."""

from collections.abc import Mapping
from zlib import crc32

from fluid.engines.testing.lifecycle.caches import State, said, unknown
from fluid.kube import ExecResult

GIB = 1 << 30


def answers(command: tuple[str, ...], table: State) -> ExecResult:
    """What a command says."""
    match command:
        case ("jindocache", "-report"):
            return said(0, _report(table))
        case ("jindocache", "-mount"):
            lines = [f"{n} -> {path} {uri}" for n, (path, uri) in enumerate(table.items())]
            return said(0, "\n".join(lines))
        case ("jindocache", "-mount", path, _) if path in table:
            return said(255, "Mount point already exists")
        case ("jindocache", "-mount", path, uri):
            table[path] = uri
            return said(0)
        case ("jindocache", "-unmount", path) if path not in table:
            return said(1, "", f"{path} is no mount point")
        case ("jindocache", "-unmount", path):
            del table[path]
            return said(0)
        case ("jindocache", "-refreshCacheSet", "-path", "/cacheset.xml") | (
            "jindocache",
            "-formatCache",
        ):
            return said(0)
        case ("jindo", "fs", "-count", target) if (path := target.removeprefix("jindo://")) in table:
            files, size = count(table[path])
            return said(0, f"1 {files} {size} {target}")
    return unknown(command, table)


def count(uri: str) -> tuple[int, int]:
    """Files and bytes of a source."""
    number = crc32(uri.encode()) % 100
    return number, number * GIB


def _report(table: Mapping[str, str]) -> str:
    used = sum(count(uri)[1] for uri in table.values()) // 2
    lines = [f"Total {what} Capacity: 100GB\n Used {what} Capacity: {used}B" for what in ("Disk", "MEM")]
    return "\n".join(lines)
