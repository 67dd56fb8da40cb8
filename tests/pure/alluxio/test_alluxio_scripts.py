"""The scripts of the charts, as real processes beside an `alluxio` that writes down how it was called."""

import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fluid.engines.alluxio.commands import parse_report

ROOT = Path(__file__).parents[3]
MOUNT = ROOT / "charts/alluxio/files/mount.sh"
LOAD = ROOT / "charts/fluid-dataloader/alluxio/files/alluxio_dataload.sh"
ALLUXIO = """#!/bin/bash
printf '%s\\0' "$@" >> "$CALLS"; printf '\\n' >> "$CALLS"
case "$*" in
  version) echo "${VERSION:-2.9.3}" ;;
  *) if [[ "$*" == *"${FAILS:-nothing fails}"* ]]; then printf '%s\\n' "$SAID"; exit 255; fi ;;
esac
"""
HOSTILE = ("$(touch x)", "`touch x`", "a b", "'\"", ";touch x", "*", "-Dx=y", "\\", "${HOME}")


class Room:
    """A folder in which scripts run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "alluxio"
        program.write_text(ALLUXIO)
        program.chmod(0o755)

    def run(self, script: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder}:{os.environ['PATH']}"
        own = {"PATH": path, "CALLS": str(self.folder / "calls"), "LOAD_PAUSE": "0", **environment}
        return subprocess.run(
            ["bash", str(script), *words],
            cwd=self.folder,
            env=own,
            text=True,
            capture_output=True,
            check=False,
        )

    @property
    def calls(self) -> list[list[str]]:
        file = self.folder / "calls"
        lines = file.read_text().split("\0\n") if file.exists() else []
        return [line.split("\0") for line in lines if line]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_mount_is_handed_on_word_by_word_and_looked_at(room: Room) -> None:
    words = ["--readonly", *(part for one in HOSTILE for part in ("--option", f"k={one}"))]
    assert room.run(MOUNT, *words, "/data", "s3://bucket").returncode == 0
    assert room.calls == [["fs", "mount", *words, "/data", "s3://bucket"], ["fs", "ls", "/data"]]
    assert not (room.folder / "x").exists()


@pytest.mark.parametrize("secret", HOSTILE)
def test_a_credential_is_one_word_whatever_is_in_it(room: Room, secret: str) -> None:
    (room.folder / "key").write_text(f"{secret}\n")
    room.run(MOUNT, "--secret", f"s3a.secretKey={room.folder}/key", "/data", "s3://bucket")
    assert room.calls[0] == ["fs", "mount", "--option", f"s3a.secretKey={secret}", "/data", "s3://bucket"]
    assert not (room.folder / "x").exists()


@pytest.mark.parametrize("content", [None, ""])
def test_without_a_credential_nothing_is_mounted(room: Room, content: str | None) -> None:
    if content is not None:
        (room.folder / "key").write_text(content)
    ended = room.run(MOUNT, "--secret", f"s3a.secretKey={room.folder}/key", "/data", "s3://bucket")
    assert ended.returncode == 1
    assert "there is no credential for s3a.secretKey" in ended.stderr
    assert room.calls == []


def test_a_failed_mount_tells_the_last_line_without_credentials(room: Room) -> None:
    (room.folder / "key").write_text("open-sesame")
    said = 'properties { key: "s3a.secretKey" value: "open-sesame" }\nthe key open-sesame is wrong'
    words = ("--secret", f"s3a.secretKey={room.folder}/key", "/data", "s3://bucket")
    ended = room.run(MOUNT, *words, FAILS="fs mount", SAID=said)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "the key ****** is wrong\n")


def test_a_source_that_cannot_be_listed_is_taken_out_again(room: Room) -> None:
    ended = room.run(MOUNT, "/data", "s3://bucket", FAILS="fs ls", SAID="SignatureDoesNotMatch: wrong")
    assert (ended.returncode, ended.stderr) == (1, "SignatureDoesNotMatch: wrong\n")
    assert room.calls[-1] == ["fs", "unmount", "/data"]


def test_the_probe_of_an_earlier_installation_mounts_nothing(room: Room) -> None:
    assert room.run(MOUNT).returncode == 0
    assert room.calls == [["fsadmin", "report"]]


class Leader(http.server.BaseHTTPRequestHandler):
    """Serves what a real leader served."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics/prometheus/" else 302)
        self.end_headers()
        self.wfile.write((ROOT / "tests/data/alluxio/prometheus.txt").read_bytes())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base calls it so
        pass


@pytest.fixture
def leader() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Leader)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_metrics_of_a_real_leader_are_found_and_read_where_another_master_does_not_answer(
    room: Room, leader: int
) -> None:
    ended = room.run(MOUNT, "--metrics", "127.0.0.1:1", f"127.0.0.1:{leader}")
    assert ended.returncode == 0
    report = parse_report(ended.stdout)
    assert report is not None
    assert (report.capacity, report.cached) == (1073741824, 41943042)
    assert report.figures["cacheHitRatio"] == "50.0%"


def test_masters_that_do_not_answer_are_a_failure(room: Room) -> None:
    ended = room.run(MOUNT, "--metrics", "127.0.0.1:1")
    assert (ended.returncode, ended.stderr) == (1, "no master of 127.0.0.1:1 answers\n")


@pytest.mark.parametrize("text", ["", "\0\x1b[31m", "Cluster_CapacityTotal NaN", "x" * 10**6])
def test_strange_metrics_are_no_report(text: str) -> None:
    assert parse_report(text) is None


def test_a_load_hands_its_targets_on_and_says_how_far_it_is(room: Room) -> None:
    targets = [word for one in HOSTILE for word in (f"/{one}", "2")]
    ended = room.run(LOAD, "--", *targets)
    assert ended.returncode == 0
    count = len(HOSTILE)
    assert [json.loads(line)["PathsLoaded"] for line in ended.stdout.splitlines()] == [
        str(number) for number in range(count + 1)
    ]
    expected = [["version"]]
    for one in HOSTILE:
        expected.append(["fs", "setReplication", "--max", "2", "-R", f"/{one}"])
        expected.append(["fs", "distributedLoad", "--replication", "2", f"/{one}"])
    assert room.calls == expected
    assert not (room.folder / "x").exists()


@pytest.mark.parametrize(
    ("version", "command"),
    [
        ("2.3.0-SNAPSHOT-2c41226", "distributedLoad"),
        ("2.9.3", "distributedLoad"),
        ("2.9.4", "load"),
        ("2.10.0", "load"),
        ("who knows", "distributedLoad"),
    ],
)
def test_the_command_follows_the_version(room: Room, version: str, command: str) -> None:
    room.run(LOAD, "--metadata", "--", "/data", "1", VERSION=version)
    assert [call[1] for call in room.calls[1:]] == ["loadMetadata", "setReplication", command]


def test_a_load_that_fails_is_tried_three_times_and_tells_why(room: Room) -> None:
    said = 'first line\nPath "/none" does not exist.'
    ended = room.run(LOAD, "--", "/none", "1", FAILS="distributedLoad", SAID=said)
    assert ended.returncode == 1
    last = json.loads(ended.stdout.splitlines()[-1])
    assert last["Failure"].endswith('ended with exit code 255: Path "/none" does not exist.')
    assert len([call for call in room.calls if "distributedLoad" in call]) == 3


def test_the_address_of_the_pod_is_put_into_the_common_options(room: Room) -> None:
    program = room.folder / "alluxio"
    program.write_text('#!/bin/bash\nprintf %s "$ALLUXIO_JAVA_OPTS" > options\n')
    options = "-Dalluxio.user.hostname=${ALLUXIO_CLIENT_HOSTNAME} -Da=$(touch x)"
    room.run(LOAD, "--", "/data", "1", ALLUXIO_JAVA_OPTS=options, ALLUXIO_CLIENT_HOSTNAME="10.0.0.7")
    assert (room.folder / "options").read_text() == "-Dalluxio.user.hostname=10.0.0.7 -Da=$(touch x)"
    assert not (room.folder / "x").exists()
