"""Size and number of the files in a Dataset's sources, as the cache counts them."""

from collections.abc import Sequence

from fluid.engines.core.queries import Exec, Results
from fluid.engines.jindo.commands import Commands, parse_count


class CountedSources:
    """An `UnderFileSystem` over the results of `jindo fs -count`, one per mount.

    Args:
        commands: queries to the first master.
        paths: mounts in the cache's namespace.
        results: what is answered so far.
    """

    def __init__(self, commands: Commands, paths: Sequence[str], results: Results) -> None:
        self.queries: list[Exec] = [commands.count(path) for path in paths]
        found = [results.commands.get(query) for query in self.queries]
        known_results = [result for result in found if result is not None]
        self.complete: bool = len(known_results) == len(self.queries)
        counts = [parse_count(result.stdout) if result.exit_code == 0 else None for result in known_results]
        known = [count for count in counts if count is not None]
        self._counts: Sequence[tuple[int, int]] | None = known if len(known) == len(self.queries) else None

    def used_storage_bytes(self) -> int | None:
        """Bytes that the files occupy; None while one mount is not counted, or cannot be."""
        return None if self._counts is None else sum(size for _, size in self._counts)

    def free_storage_bytes(self) -> int | None:
        """Object stores have no end: never known."""
        return None

    def total_storage_bytes(self) -> int | None:
        """The same as what is used, as far as anybody can tell."""
        return self.used_storage_bytes()

    def total_file_nums(self) -> int | None:
        """Number of files; None while one mount is not counted, or cannot be."""
        return None if self._counts is None else sum(files for files, _ in self._counts)
