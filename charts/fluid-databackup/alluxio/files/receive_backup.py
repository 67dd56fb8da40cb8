"""Receives a backup of a cache's metadata from the master that made it, and puts the files where they belong.

The sender (`send_backup.sh`) connects and speaks in lines of ASCII, of which each ends within a time limit:

    backup 1 TOKEN          who it is; the answer is `go`, or `no`
    wait                    it is still at work
    step NAME               what it does now
    count FILES FOLDERS BYTES
    failed REASON
    file BYTES SHA256       the file follows, and then the answer `ok`

The progress is printed as lines with a JSON object of strings, which Fluid shows in the `status.infos` of the
DataBackup; the last one is the container's termination message too. Exit codes: 0 the files are there, 1 not.
Written for Python 3.9 or later, with nothing but its standard library.
"""

import argparse
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import sys
import time
from typing import BinaryIO

TERMINATION_LOG = "/dev/termination-log"
LONGEST_LINE = 1024
CHUNK = 1 << 20
STARTS_WITHIN = 900.0
"""Seconds within which a master has to come."""
GREETS_WITHIN = 5.0
"""Seconds within which whoever connects says who it is: others wait meanwhile."""
SPEAKS_WITHIN = 60.0
"""Seconds without a word after which a master counts as gone."""
_COUNT = re.compile(r"(\d{1,18}) (\d{1,18}) (\d{1,20})")
_FILE = re.compile(r"(\d{1,15}) ([0-9a-f]{64})")


class FailedError(Exception):
    """Why there is no backup, for people."""


class LeftError(Exception):
    """The other end went away before it began: it was no master, or not the one that leads."""


class Report:
    """What is known, and the lines that say it."""

    def __init__(self, location: str, node: str) -> None:
        self._entries = {"BackupLocationPath": location, "BackupLocationNodeName": node or "NA"}

    def tell(self, **entries: str) -> None:
        """Add entries, and print all."""
        self._entries.update(entries)
        print(json.dumps(self._entries), flush=True)

    def end(self, failure: str = "") -> None:
        """Print the last line, where the kubelet looks for it too."""
        self._entries.pop("Step", None)
        line = json.dumps({**self._entries, **({"Failure": failure} if failure else {})})
        print(line, flush=True)
        try:
            with open(TERMINATION_LOG, "w", encoding="utf-8") as log:
                log.write(line)
        except OSError as error:
            print(f"no termination message: {error}", file=sys.stderr)


class Target:
    """The folder of the files, and their names: `restore` of the engine reads the same."""

    def __init__(self, folder: str, dataset: str, namespace: str) -> None:
        self.folder, self.dataset, self.namespace = folder, dataset, namespace
        self.metadata = os.path.join(folder, f"metadata-backup-{dataset}-{namespace}.gz")
        self.totals = os.path.join(folder, f"{dataset}-{namespace}.yaml")
        self.partial = f"{self.metadata}.partial"

    def prepare(self) -> None:
        """Make the folder, and make sure that it can be written."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(self.partial, "wb"):
                pass
        except OSError as error:
            raise FailedError(f"nothing can be written to the folder: {error.strerror}") from error

    def keep(self, files: int, size: int) -> None:
        """Put both files in place: with the metadata comes what they add up to."""
        lines = f"dataset: {self.dataset}\nnamespace: {self.namespace}\nufstotal: {size}\nfilenum: {files}\n"
        try:
            with open(f"{self.totals}.partial", "w", encoding="utf-8") as totals:
                totals.write(lines)
                totals.flush()
                os.fsync(totals.fileno())
            os.replace(self.partial, self.metadata)
            os.replace(f"{self.totals}.partial", self.totals)
        except OSError as error:
            raise FailedError(f"the files cannot be written: {error.strerror}") from error

    def clear(self) -> None:
        """Remove what is not whole."""
        for path in (self.partial, f"{self.totals}.partial"):
            try:
                os.unlink(path)
            except OSError:
                continue


class Transfer:
    """What one master sends."""

    def __init__(self, stream: BinaryIO, target: Target, report: Report) -> None:
        self._stream, self._target, self._report = stream, target, report
        self._files = self._bytes = -1

    def receive(self) -> None:
        """Take it all; returns when both files are in place."""
        begun = False
        while True:
            line = self._line(begun=begun)
            begun = True
            word, _, rest = line.partition(" ")
            if word == "step":
                self._report.tell(Step=rest[:40])
            elif word == "count":
                self._count(rest)
            elif word == "failed":
                raise FailedError(rest)
            elif word == "file":
                return self._file(rest)
            elif word != "wait":
                raise FailedError("the master says what no backup is made of")

    def _line(self, *, begun: bool) -> str:
        try:
            line = self._stream.readline(LONGEST_LINE)
        except OSError as error:
            raise self._gone(begun=begun) from error
        if not line.endswith(b"\n"):
            raise self._gone(begun=begun)
        text = line.decode("ascii", "replace").rstrip("\r\n")
        return "".join(one if one.isprintable() else " " for one in text)

    @staticmethod
    def _gone(*, begun: bool) -> Exception:
        return FailedError("the master went away while it made the backup") if begun else LeftError()

    def _count(self, text: str) -> None:
        found = _COUNT.fullmatch(text)
        if found is None:
            raise FailedError(f"the master does not say how many files there are: {text[:80]}")
        self._files, self._bytes = int(found[1]), int(found[3])
        self._report.tell(Files=str(self._files), Bytes=str(self._bytes))

    def _file(self, text: str) -> None:
        found = _FILE.fullmatch(text)
        if found is None or self._files < 0:
            raise FailedError("the master does not say how long the backup is")
        self._report.tell(Step="receiving")
        self._copy(int(found[1]), found[2])
        self._target.keep(self._files, self._bytes)
        self._report.tell(BackupBytes=found[1])

    def _copy(self, size: int, digest: str) -> None:
        found, left = hashlib.sha256(), size
        try:
            with open(self._target.partial, "wb") as file:
                while left:
                    part = self._read(min(left, CHUNK))
                    found.update(part)
                    file.write(part)
                    left -= len(part)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FailedError(f"the files cannot be written: {error.strerror}") from error
        if found.hexdigest() != digest:
            raise FailedError("the backup did not arrive as it was sent")

    def _read(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
        except OSError as error:
            raise self._gone(begun=True) from error
        if not part:
            raise self._gone(begun=True)
        return part


def is_known(connection: socket.socket, token: str) -> bool:
    """Whether the first line is that of a master; it waits for the answer, so nothing follows that line."""
    line, until = b"", time.monotonic() + GREETS_WITHIN
    try:
        while not line.endswith(b"\n") and len(line) < LONGEST_LINE:
            connection.settimeout(max(until - time.monotonic(), 0.001))
            part = connection.recv(LONGEST_LINE)
            if not part:
                return False
            line += part
    except OSError:
        return False
    return hmac.compare_digest(line.rstrip(b"\r\n"), f"backup 1 {token}".encode())


def serve(server: socket.socket, token: str, target: Target, report: Report) -> None:
    """Wait for the master that leads, and take what it sends."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        server.settimeout(max(until - time.monotonic(), 0.001))
        try:
            connection, _ = server.accept()
        except socket.timeout as error:  # another class than TimeoutError before Python 3.10
            words = "no master came: see whether the cache is ready and reaches this pod"
            raise FailedError(f"{words}, within {STARTS_WITHIN:.0f} s") from error
        with connection:
            if not is_known(connection, token):
                answer(connection, b"no\n")
                continue
            connection.settimeout(SPEAKS_WITHIN)
            if not answer(connection, b"go\n"):
                continue
            try:
                with connection.makefile("rb") as stream:
                    Transfer(stream, target, report).receive()
            except LeftError:
                continue
            answer(connection, b"ok\n")
            return


def answer(connection: socket.socket, words: bytes) -> bool:
    """Answer the other end; False if it is gone."""
    try:
        connection.sendall(words)
    except OSError:
        return False
    return True


def stop(_signal: int, _frame: object) -> None:
    """End at once when the pod is to end: the first process of a container has to do that itself."""
    os._exit(143)


def listen(port: int) -> socket.socket:
    """A socket for both versions of IP, where there are both."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


def main() -> int:
    """Receive one backup; the exit code."""
    signal.signal(signal.SIGTERM, stop)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where masters connect to")
    parser.add_argument("--folder", required=True, help="where the files go")
    given = parser.parse_args()
    said = os.environ
    report = Report(said.get("LOCATION", ""), said.get("NODE", ""))
    target = Target(given.folder, said["DATASET"], said["DATASET_NAMESPACE"])
    failure = ""
    try:
        target.prepare()
        with listen(given.port) as server:
            report.tell(Step="waiting for a master")
            serve(server, said["TOKEN"], target, report)
    except (FailedError, OSError) as error:
        failure = str(error) or type(error).__name__
    target.clear()
    report.end(failure)
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
