"""The commands of Alluxio 2 in the first master, and what they print."""

from collections.abc import Mapping, Sequence

from fluid.engines import api
from fluid.engines.alluxio.mounts import SCRIPT

MOUNT_TABLE = 4 * 1024 * 1024
"""Bytes of the longest mount table: 256 mounts with paths and sources of 4096 characters each, and room."""
_SIZES = ("CapacityTotal", "CapacityUsed")
_HITS = ("BytesReadLocal", "BytesReadRemote", "BytesReadUfsAll")
_THROUGHPUTS = ("BytesReadLocalThroughput", "BytesReadRemoteThroughput", "BytesReadUfsThroughput")


class Commands(api.MountCommands):
    """Queries to the first master of one cache."""

    container = "alluxio-master"
    lists_first = True

    def report(self, masters: Sequence[str]) -> api.Exec:
        """Metrics of the cluster, asked of the web server of the leader: no Java machine starts for it.

        Args:
            masters: Host and port of each.
        """
        return self.ask(SCRIPT, "--metrics", *masters, sample=True)

    def mounts(self) -> api.Exec:
        """The mount table."""
        return self.ask("alluxio", "fs", "mount", timeout=180.0, limit=MOUNT_TABLE)

    def mount(self, path: str, address: str) -> api.Exec:
        """Attach a source without options."""
        return self.mount_with([path, address])

    def mount_with(self, words: Sequence[str]) -> api.Exec:
        """Attach a source; the script reads credentials from files, and keeps them out of what is printed."""
        return self.ask(SCRIPT, *words, timeout=300.0)

    def unmount(self, path: str) -> api.Exec:
        """Take a path out of the namespace."""
        return self.ask("alluxio", "fs", "unmount", path, timeout=180.0)

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
    """Capacity, use and ratios, of metrics in Prometheus' format; None when capacity or use is missing."""
    found = api.read_samples(text, [f"Cluster_{name}" for name in (*_SIZES, *_HITS, *_THROUGHPUTS)])
    if found is None:
        return None
    capacity, used = (found.whole(f"Cluster_{name}") for name in _SIZES)
    if capacity is None or used is None:
        return None
    figures = {
        **_ratios("HitRatio", [found.whole(f"Cluster_{name}") for name in _HITS]),
        **_ratios("ThroughputRatio", [found.whole(f"Cluster_{name}") for name in _THROUGHPUTS]),
    }
    return api.CacheReport(capacity, used, figures)


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
