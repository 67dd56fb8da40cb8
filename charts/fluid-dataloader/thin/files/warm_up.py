"""Reads the files of a Dataset, so that what caches them has them: `warm_up.py -- /path …`. Needs Python 3.9.

Every two seconds in which something was read it prints how far it is: a line with a JSON object of strings,
which Fluid shows in the `status.infos` of the DataLoad. The last line is the container's termination message
too, and has under `Failure` what went wrong. Exit codes: 0 for success, 1 for files that cannot be read
(another try may help), 2 for paths that are not there (no other try helps).
"""

import argparse
import errno
import json
import os
import queue
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import islice
from typing import NamedTuple, Optional, TypeVar

TERMINATION_LOG = "/dev/termination-log"
EVERY = 2.0
"""Seconds between two lines."""
STALLED = 600.0
"""Seconds without a byte or another file after which nothing more is expected."""
CHUNK = 1 << 20
AT_ONCE = 10_000
"""Entries of a folder that are in memory at once."""
AHEAD = 200_000
"""Files that may be known and not read yet; with more of them the walk waits, so that memory is bounded."""
OPENING = 64 * 1024
"""What opening a file costs, in bytes read: for the estimate alone."""
PASSING = frozenset({errno.ENOTCONN, errno.ECONNABORTED, errno.EIO, errno.ESTALE, errno.ETIMEDOUT})
"""Errors of a FUSE client that is just being replaced."""
GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
ATTEMPTS, PAUSE = 6, 2.0
"""How often such a call is tried, and the seconds in between: a client is back after some seconds."""
SUCCESS, UNREADABLE, UNUSABLE, TERMINATED = 0, 1, 2, 143
T = TypeVar("T")


class UnusableError(Exception):
    """A path that cannot be loaded, however often it is tried."""


class File(NamedTuple):
    """A file to read, and its size when it was found."""

    path: str
    size: int


class Tally:
    """How far it is; counted by many threads. What vanished leaves the totals, what grew corrects them."""

    def __init__(self) -> None:
        self.files = self.bytes = self.files_done = self.bytes_done = self.failures = 0
        self.walked = False
        self.failure = ""
        self._lock = threading.Lock()

    def add(
        self, *, files: int = 0, size: int = 0, files_done: int = 0, bytes_done: int = 0, failure: str = ""
    ) -> None:
        """Count what was found, read and lost."""
        with self._lock:
            self.files += files
            self.bytes += size
            self.files_done += files_done
            self.bytes_done += bytes_done
            if failure:
                self.failures += 1
                self.failure = self.failure or failure

    def infos(self, seconds: float, now: datetime) -> dict[str, str]:
        """What is known after some seconds, spelled for the status; totals once they are final."""
        found = {"FilesDone": str(self.files_done), "BytesDone": str(self.bytes_done)}
        if self.walked:
            found.update(FilesTotal=str(self.files), BytesTotal=str(self.bytes))
            found["Progress"] = f"{100 * self.share():.1f}%"
            left = self.seconds_left(seconds)
            if left is not None:
                found["EstimatedEnd"] = (now + timedelta(seconds=left)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return found

    def share(self) -> float:
        """From 0 to 1: of the bytes, or of the files where there are no bytes."""
        done, total = (self.bytes_done, self.bytes) if self.bytes else (self.files_done, self.files)
        return min(1.0, max(0.0, done / total)) if total else 1.0

    def seconds_left(self, seconds: float) -> Optional[float]:
        """By the rate until now, where opening a file counts too; None for nothing left, or no rate."""
        done = self.bytes_done + OPENING * self.files_done
        left = self.bytes + OPENING * self.files - done
        return seconds * left / done if left > 0 and done > 0 else None


def tried(call: Callable[[], T]) -> T:
    """The result of a call, which is repeated while the FUSE client is being replaced."""
    for _ in range(ATTEMPTS - 1):
        try:
            return call()
        except OSError as error:
            if error.errno not in PASSING:
                raise
        time.sleep(PAUSE)
    return call()


def places(root: str, paths: list[str]) -> list[str]:
    """Where the paths are; none of them below another, so that nothing is read twice.

    Raises:
        UnusableError: a path is not there, or leads out of the Dataset.
    """
    base = os.path.realpath(root)
    found = [_place(base, path) for path in paths]
    return [one for one in dict.fromkeys(found) if not any(_below(one, other) for other in found)]


def _place(base: str, path: str) -> str:
    place = os.path.realpath(os.path.join(base, os.path.normpath("/" + path).lstrip("/")))
    if place != base and not _below(place, base):
        raise UnusableError(f"path {spelled(path)} leads out of the Dataset")
    try:
        mode = tried(partial(os.stat, place)).st_mode
    except OSError as error:
        missing = error.errno in (*GONE, errno.ELOOP)
        problem = "is not in the Dataset" if missing else f"cannot be looked at: {error.strerror}"
        raise (UnusableError if missing else OSError)(f"path {spelled(path)} {problem}") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UnusableError(f"path {spelled(path)} is neither a file nor a folder")
    return place


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def spelled(path: str) -> str:
    """A path for a message: short, printable, in quotes."""
    return ascii(path if len(path) <= 300 else f"{path[:150]}…{path[-150:]}")


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What is in a folder, some thousands in memory at a time: there may be millions.

    A listing that breaks off begins anew. In a folder with more entries than that, what was found until then
    is found again, and counts again, as found and as read.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with os.scandir(folder) as entries:
                while some := list(islice(entries, AT_ONCE)):
                    yield from some
            return
        except OSError as error:
            if error.errno not in PASSING or attempt == ATTEMPTS:
                raise
        time.sleep(PAUSE)


def files(place: str, failed: Callable[[str, OSError], None]) -> Iterator[File]:
    """All regular files below a place. Links are not followed: what they lead to has a path of its own."""
    try:
        top = tried(partial(os.stat, place))
    except OSError as error:
        failed(place, error)
        return
    if stat.S_ISREG(top.st_mode):
        yield File(place, top.st_size)
    listings = [(place, _entries(place))] if stat.S_ISDIR(top.st_mode) else []
    while listings:
        path, entries = listings[-1]
        try:
            entry = next(entries, None)
            if entry is None:
                listings.pop()
                continue
            path = entry.path
            if entry.is_dir(follow_symlinks=False):
                listings.append((path, _entries(path)))
            elif entry.is_file(follow_symlinks=False):
                yield File(path, tried(partial(entry.stat, follow_symlinks=False)).st_size)
        except OSError as error:
            failed(path, error)  # a listing that failed has ended: its next entry is None


class WarmUp:
    """Reads what is below some places with some threads; `over` is set at the end."""

    def __init__(self, root: str, found: list[str], threads: int, *, metadata_only: bool) -> None:
        self.tally = Tally()
        self.over = threading.Event()
        self._root = os.path.realpath(root)
        self._places = found
        self._metadata_only = metadata_only
        self._files: queue.Queue[Optional[File]] = queue.Queue(AHEAD)
        self._reading = [""] * threads

    def start(self) -> None:
        """Begin, in threads that do not keep the process alive: a read can hang."""
        threading.Thread(target=self._run, daemon=True).start()

    def busy_with(self) -> str:
        """A file that is being read just now."""
        return next((self._shown(path) for path in self._reading if path), "the list of files")

    def failure(self) -> str:
        """What failed; empty if nothing did."""
        tally = self.tally
        if not tally.failures:
            return ""
        more = f" (and {tally.failures - 1} more)" if tally.failures > 1 else ""
        return f"{tally.failure}{more}"

    def _run(self) -> None:
        numbers = range(len(self._reading))
        readers = [threading.Thread(target=self._read_all, args=(one,), daemon=True) for one in numbers]
        for reader in readers:
            reader.start()
        for place in self._places:
            for file in files(place, self._failed):
                wanted = File(file.path, 0) if self._metadata_only else file
                self.tally.add(files=1, size=wanted.size)
                self._files.put(wanted)
        self.tally.walked = True
        for _ in readers:
            self._files.put(None)
        for reader in readers:
            reader.join()
        self.over.set()

    def _read_all(self, number: int) -> None:
        buffer = memoryview(bytearray(CHUNK))
        while (file := self._files.get()) is not None:
            self._reading[number] = file.path
            try:
                read = 0 if self._metadata_only else tried(partial(self._read, file.path, buffer))
                self.tally.add(files_done=1, size=read - file.size)
            except OSError as error:
                self._failed(file.path, error)
                if error.errno in GONE:
                    self.tally.add(files=-1, size=-file.size)
            self._reading[number] = ""

    def _read(self, path: str, buffer: memoryview) -> int:
        """Read a file to its end; what was counted of an attempt that fails is taken back."""
        read = 0
        try:
            with open(path, "rb", buffering=0) as stream:
                while count := stream.readinto(buffer):
                    read += count
                    self.tally.add(bytes_done=count)
        except OSError:
            self.tally.add(bytes_done=-read)
            raise
        return read

    def _failed(self, path: str, error: OSError) -> None:
        if error.errno not in GONE:  # else it has vanished since it was found, as files may
            self.tally.add(failure=f"{self._shown(path)} cannot be read: {error.strerror or error}")

    def _shown(self, path: str) -> str:
        """A path as the user knows it."""
        return spelled(path[len(self._root) :] or "/")


class Reporter:
    """Prints how far it is, as seldom as there is something new."""

    def __init__(self, warm_up: WarmUp) -> None:
        self._warm_up = warm_up
        self._began = self._moved = time.monotonic()
        self._told: tuple[int, int, int] = (-1, -1, -1)

    def watch(self) -> str:
        """Report until the end; what failed, empty if nothing did."""
        while not self._warm_up.over.wait(EVERY):
            self._tell()
            if time.monotonic() - self._moved > STALLED:
                return f"nothing was read for {STALLED:.0f} s, last of {self._warm_up.busy_with()}"
        return self._warm_up.failure()

    def line(self, failure: str = "") -> str:
        """Where it is now."""
        now = datetime.now(timezone.utc)
        infos = self._warm_up.tally.infos(time.monotonic() - self._began, now)
        return json.dumps({**infos, "Failure": failure} if failure else infos)

    def _tell(self) -> None:
        tally = self._warm_up.tally
        now = (tally.files, tally.files_done, tally.bytes_done)
        if now != self._told:
            self._told, self._moved = now, time.monotonic()
            print(self.line(), flush=True)


def end(line: str) -> None:
    """Say the last word, where the kubelet looks for it too."""
    print(line, flush=True)
    try:
        with open(TERMINATION_LOG, "w", encoding="utf-8") as log:
            log.write(line)
    except OSError as error:
        print(f"no termination message: {error}", file=sys.stderr)


def stop(_signal: int, _frame: object) -> None:
    """End at once when the pod is to end: the first process of a container has to do that itself."""
    os._exit(TERMINATED)


def main() -> int:
    """Warm up what the arguments say; the exit code."""
    signal.signal(signal.SIGTERM, stop)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default="/data", help="where the Dataset is mounted")
    parser.add_argument("--threads", type=int, default=8, help="files that are read at once")
    parser.add_argument("--metadata-only", action="store_true", help="look at all files, read none")
    parser.add_argument("paths", nargs="*", help="paths in the Dataset; all of it by default")
    given = parser.parse_args()
    try:
        found = places(given.root, given.paths or ["/"])
    except (UnusableError, OSError) as error:
        end(json.dumps({"Failure": str(error)}))
        return UNUSABLE if isinstance(error, UnusableError) else UNREADABLE
    warm_up = WarmUp(given.root, found, given.threads, metadata_only=given.metadata_only)
    reporter = Reporter(warm_up)
    warm_up.start()
    failure = reporter.watch()
    end(reporter.line(failure))
    return UNREADABLE if failure else SUCCESS


if __name__ == "__main__":
    sys.exit(main())
