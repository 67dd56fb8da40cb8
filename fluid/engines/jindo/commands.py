"""The `jindocache` and `jindo` commands that the operator runs in the master, and how their output reads."""

from collections.abc import Mapping

from fluid.engines import api

CACHESET_FILE = "/cacheset.xml"
MOUNT_TABLE = 4 * 1024 * 1024
"""Bytes of the longest mount table: 256 mounts with paths and sources of 4096 characters each, and room."""
ALREADY_MOUNTED = "Mount point already exists"


def parse_report(text: str, medium: str) -> api.CacheReport | None:
    """Capacity and use of a medium ("Disk" or "MEM"); None when a line is missing or is no size."""
    labels = {what: f"{what} {medium} Capacity: " for what in ("Total", "Used")}
    found = api.labelled_sizes(text, labels)
    return api.CacheReport(found["Total"], found["Used"]) if found else None


def parse_count(text: str) -> tuple[int, int] | None:
    """(files, bytes) of a ``-count`` line: directories, files, bytes, path."""
    numbers = api.leading_numbers(text, 3)
    return (numbers[1], numbers[2]) if numbers else None


class Commands(api.MountCommands):
    """Queries to the first master of one cache."""

    container = "jindofs-master"

    def report(self) -> api.Exec:
        """Capacity and use; success means that the cache is ready."""
        return self.ask("jindocache", "-report", sample=True)

    def parse_mounts(self, text: str) -> Mapping[str, str]:
        """Sources by path, from lines such as ``1 -> /spark oss://bucket/``."""
        return api.fields_by(text, key=2, value=3)

    def mounts(self) -> api.Exec:
        """The mount table."""
        return self.ask("jindocache", "-mount", limit=MOUNT_TABLE)

    def mount(self, path: str, address: str) -> api.Exec:
        """Attach a source at a path of the cache's namespace."""
        return self.ask("jindocache", "-mount", path, address)

    def after_mounting(self) -> list[api.Exec]:
        """Make the master read the mounted cacheset file."""
        return [self.ask("jindocache", "-refreshCacheSet", "-path", CACHESET_FILE)]

    def was_there(self, result: api.ExecResult) -> bool:
        """Whether the path was mounted already."""
        return ALREADY_MOUNTED in result.stdout or ALREADY_MOUNTED in result.stderr

    def count(self, path: str) -> api.Exec:
        """Directories, files and bytes below a path."""
        command = ("jindo", "fs", "-count", f"jindo://{path}")
        return self.ask(*command, timeout=600.0, background=True, sample=True)

    def format_cache(self, timeout: float) -> api.Exec:
        """Drop everything that is cached."""
        return self.ask("jindocache", "-formatCache", timeout=timeout)

    def unmount(self, path: str) -> api.Exec:
        """Take a path out of the cache's namespace.

        Unproven: no JindoCache program was at hand to run it against. The spelling is that of `-mount`;
        should a release spell it otherwise, this is the one place to change. A failure is shown in the
        Dataset's condition and harms nothing else.
        """
        return self.ask("jindocache", "-unmount", path)
