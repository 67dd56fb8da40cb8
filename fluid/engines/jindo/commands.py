"""The `jindocache` and `jindo` commands that the operator runs in the master, and how their output reads."""

from collections.abc import Mapping
from dataclasses import replace

from fluid.engines import api
from fluid.types import Key
from fluid.types.untrusted import MOUNT_LINES

CONTAINER = "jindofs-master"
CACHESET_FILE = "/cacheset.xml"
MOUNT_TABLE = 4 * 1024 * 1024
"""Bytes of the longest mount table: 256 mounts with paths and sources of 4096 characters each, and room."""
ALREADY_MOUNTED = "Mount point already exists"
REFUSED_CHARACTERS = frozenset("&|;$'`()>")
"""Characters that no argument may carry: the wrapper scripts in the image hand arguments to a shell."""


def parse_mounts(text: str) -> Mapping[str, str]:
    """Sources by path, from lines such as ``1 -> /spark oss://bucket/``: the third field is the path.

    No more lines are read than a Dataset can have mounts, several times over: each would be unmounted.
    """
    lines = (line.split(maxsplit=4) for line in api.lines_of(text)[:MOUNT_LINES])
    return {fields[2]: fields[3] if len(fields) > 3 else "" for fields in lines if len(fields) > 2}


def parse_report(text: str, medium: str) -> api.CacheReport | None:
    """Capacity and use of a medium ("Disk" or "MEM"); None when a line is missing or is no size."""
    labels = {what: f"{what} {medium} Capacity: " for what in ("Total", "Used")}
    found = api.labelled_sizes(text, labels)
    return api.CacheReport(found["Total"], found["Used"]) if found else None


def parse_count(text: str) -> tuple[int, int] | None:
    """(files, bytes) of a ``-count`` line: directories, files, bytes, path."""
    numbers = api.leading_numbers(text, 3)
    return (numbers[1], numbers[2]) if numbers else None


class Commands:
    """Queries to the first master of one cache."""

    def __init__(self, namespace: str, master: str, incarnation: str = "") -> None:
        self.pod: Key = Key(namespace, f"{master}-0")
        self.incarnation = incarnation

    def report(self) -> api.Exec:
        """Capacity and use; success means that the cache is ready."""
        return self._ask("jindocache", "-report", sample=True)

    def parse_mounts(self, text: str) -> Mapping[str, str]:
        """Sources by path, of what `mounts` printed."""
        return parse_mounts(text)

    def refused_character(self, argument: str) -> str | None:
        """The first character of an argument that must not reach the master, or None."""
        return next((char for char in argument if char in REFUSED_CHARACTERS or not char.isprintable()), None)

    def mounts(self) -> api.Exec:
        """The mount table."""
        return replace(self._ask("jindocache", "-mount"), limit=MOUNT_TABLE)

    def mount(self, path: str, address: str) -> api.Exec:
        """Attach a source at a path of the cache's namespace."""
        return self._ask("jindocache", "-mount", path, address)

    def after_mounting(self) -> list[api.Exec]:
        """Make the master read the mounted cacheset file."""
        return [self._ask("jindocache", "-refreshCacheSet", "-path", CACHESET_FILE)]

    def was_there(self, result: api.ExecResult) -> bool:
        """Whether the path was mounted already."""
        return ALREADY_MOUNTED in result.stdout or ALREADY_MOUNTED in result.stderr

    def count(self, path: str) -> api.Exec:
        """Directories, files and bytes below a path."""
        command = ("jindo", "fs", "-count", f"jindo://{path}")
        return api.Exec(self.pod, CONTAINER, command, 600.0, self.incarnation, background=True, sample=True)

    def format_cache(self, timeout: float) -> api.Exec:
        """Drop everything that is cached."""
        return self._ask("jindocache", "-formatCache", timeout=timeout)

    def unmount(self, path: str) -> api.Exec:
        """Take a path out of the cache's namespace.

        Unproven: no JindoCache program was at hand to run it against. The spelling is that of `-mount`;
        should a release spell it otherwise, this is the one place to change. A failure is shown in the
        Dataset's condition and harms nothing else.
        """
        return self._ask("jindocache", "-unmount", path)

    def _ask(self, *command: str, timeout: float = 30.0, sample: bool = False) -> api.Exec:
        return api.Exec(self.pod, CONTAINER, command, timeout, self.incarnation, sample=sample)
