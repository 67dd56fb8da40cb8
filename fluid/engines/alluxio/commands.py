"""The commands of Alluxio 2 in the first master, and what they print."""

import re
from collections.abc import Mapping, Sequence

from fluid.engines import api
from fluid.engines.alluxio.mounts import SCRIPT

MOUNT_TABLE = 4 * 1024 * 1024
"""Bytes of the longest mount table: 256 mounts with paths and sources of 4096 characters each, and room."""
_METRIC = re.compile(
    r"Cluster\.([A-Za-z]{1,64}) +\(Type: (?:COUNTER|GAUGE), Value: ([0-9][0-9,]{0,26}(?:\.[0-9]{1,6})?"
    r"[KMGTP]?B?)(?:/MIN)?\)"
)
_HITS = ("BytesReadLocal", "BytesReadRemote", "BytesReadUfsAll")
_THROUGHPUTS = ("BytesReadLocalThroughput", "BytesReadRemoteThroughput", "BytesReadUfsThroughput")


class Commands(api.MountCommands):
    """Queries to the first master of one cache."""

    container = "alluxio-master"
    lists_first = True

    def report(self) -> api.Exec:
        """Metrics of the cluster; success means that the cache is ready."""
        return self.ask("alluxio", "fsadmin", "report", "metrics", timeout=60.0, sample=True)

    def mounts(self) -> api.Exec:
        """The mount table."""
        return self.ask("alluxio", "fs", "mount", timeout=60.0, limit=MOUNT_TABLE)

    def mount(self, path: str, address: str) -> api.Exec:
        """Attach a source without options."""
        return self.mount_with([path, address])

    def mount_with(self, words: Sequence[str]) -> api.Exec:
        """Attach a source; the script reads credentials from files, and keeps them out of what is printed."""
        return self.ask(SCRIPT, *words, timeout=300.0)

    def unmount(self, path: str) -> api.Exec:
        """Take a path out of the namespace."""
        return self.ask("alluxio", "fs", "unmount", path, timeout=120.0)

    def load_metadata(self) -> api.Exec:
        """Look at the sources anew."""
        command = ("alluxio", "fs", "loadMetadata", "-R", "/")
        return self.ask(*command, timeout=1500.0, background=True, sample=True)

    def count(self) -> api.Exec:
        """Files, folders and bytes of all sources."""
        return self.ask("alluxio", "fs", "count", "/", timeout=600.0, background=True, sample=True)

    def read_file(self, path: str) -> api.Exec:
        """A small file in the master's pod."""
        return self.ask("cat", path, background=True, sample=True)

    def free(self, timeout: float) -> api.Exec:
        """Drop everything that is cached."""
        command = ("timeout", str(int(timeout)), "alluxio", "fs", "free", "-f", "/")
        return self.ask(*command, timeout=timeout + 5)

    def parse_mounts(self, text: str) -> Mapping[str, str]:
        """Sources by path, from lines such as ``s3://bucket  on  /path  (s3, capacity=-1B, ...)``.

        The root is left out: commands neither make nor remove it.
        """
        found: dict[str, str] = {}
        for line in api.lines_of(text)[:1024]:
            fields = line.split(maxsplit=3)
            if len(fields) == 4 and fields[1] == "on" and fields[2].startswith("/") and fields[2] != "/":
                found[fields[2]] = fields[0]
        return found

    def refused_character(self, argument: str) -> str | None:
        """Arguments are handed on as they are; what cannot be printed has no place in a table."""
        return next((char for char in argument if not char.isprintable()), None)


def parse_count(text: str) -> tuple[int, int] | None:
    """(files, bytes) of a line with files, folders and bytes."""
    numbers = api.leading_numbers(text, 3)
    return (numbers[0], numbers[2]) if numbers else None


def parse_report(text: str) -> api.CacheReport | None:
    """Capacity, use and ratios of lines such as ``Cluster.CapacityUsed  (Type: GAUGE, Value: 41,943,050)``.

    None when capacity or use is missing.
    """
    found: dict[str, int] = {}
    for line in map(str.strip, api.lines_of(text)):
        match = _METRIC.fullmatch(line) if len(line) < 256 else None
        size = api.parse_human_size(match[2].replace(",", "")) if match else None
        if match and size is not None:
            found[match[1]] = size
    if "CapacityTotal" not in found or "CapacityUsed" not in found:
        return None
    figures = {
        **_ratios("HitRatio", [found.get(name) for name in _HITS]),
        **_ratios("ThroughputRatio", [found.get(name) for name in _THROUGHPUTS]),
    }
    return api.CacheReport(found["CapacityTotal"], found["CapacityUsed"], figures)


def _ratios(what: str, read: Sequence[int | None]) -> dict[str, str]:
    """Shares of what was read from the own worker, from others, and from both; empty where unknown."""
    local, remote, source = read
    if local is None or remote is None or source is None:
        return dict.fromkeys((f"cache{what}", f"local{what}", f"remote{what}"), "")
    whole = local + remote + source
    parts = {"cache": local + remote, "local": local, "remote": remote}
    return {
        f"{name}{what}": f"{100 * part / whole:.1f}%" if whole else "0.0%" for name, part in parts.items()
    }
