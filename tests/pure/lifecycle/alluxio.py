"""What the masters of Alluxio answer."""

from collections.abc import Iterator, Mapping
from zlib import crc32

from fluid.engines.alluxio.mounts import SCRIPT
from fluid.engines.testing.lifecycle.caches import State, said, unknown
from fluid.kube import ExecResult

GIB = 1 << 30


def answers(command: tuple[str, ...], table: State) -> ExecResult:
    """What a command says."""
    match command:
        case (program, "--metrics", *masters) if program == SCRIPT and masters:
            return said(0, _metrics(table))
        case ("alluxio", "fs", "mount"):
            return said(0, "\n".join(_listed(table)))
        case (program, *words, path, uri) if program == SCRIPT:
            if path in table:
                return said(255, f"A write operation on {path} under a readonly mount point")
            table[path] = " ".join([uri, *words])
            return said(0, f"Mounted {uri} at {path}")
        case ("alluxio", "fs", "unmount", path):
            if table.pop(path, None) is None:
                return said(255, f"Failed to unmount: Path {path} does not exist.")
            return said(0, f"Unmounted {path}")
        case ("alluxio", "fs", "loadMetadata", "-R", "/"):
            return said(0)
        case ("alluxio", "fs", "count", "/"):
            files, size = total(table)
            head = "File Count               Folder Count             Folder Size"
            return said(0, f"{head}\n{files}                        3                        {size}")
        case ("timeout", _, "alluxio", "fs", "free", "-f", "/"):
            return said(0, "/ was successfully freed from Alluxio space.")
        case _:
            return unknown(command, table)


def address(entry: str) -> str:
    """The address of an entry of the table."""
    return entry.split(" ")[0]


def total(table: Mapping[str, str]) -> tuple[int, int]:
    """Files and bytes of all sources."""
    counts = [crc32(address(one).encode()) % 100 for one in table.values()]
    return sum(counts), sum(counts) * GIB


def _listed(table: Mapping[str, str]) -> Iterator[str]:
    yield "/underFSStorage  on  /      (local, capacity=251.97GB, used=27.05GB, not read-only)"
    for path, entry in table.items():
        facts = "s3, capacity=-1B, used=-1B, not read-only, not shared, properties={s3a.secretKey=******}"
        yield f"{address(entry)}  on  {path}     ({facts})"


def _metrics(table: Mapping[str, str]) -> str:
    used = total(table)[1] // 2
    return f"""Cluster_BytesReadRemoteThroughput 4.0E7
Cluster_BytesReadUfsAll 4.0E7
Cluster_BytesReadLocal 3.0E7
Cluster_CapacityTotal {float(100 * GIB)}
Cluster_BytesReadUfsThroughput 4.0E7
Cluster_BytesReadLocalThroughput 0.0
Cluster_BytesReadRemote 1.0E7
Cluster_CapacityUsed {float(used)}
"""
