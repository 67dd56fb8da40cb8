# pyright: reportArgumentType=false
"""DataBackups: what is refused, the Job, and both programs as real processes beside a played `alluxio`."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.charts.chart import charts_folder
from fluid.engines.alluxio.backup import backup_objects, sending
from fluid.engines.alluxio.registration import registration
from fluid.engines.alluxio.restore import parse_totals, restore_of
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.settings import Settings
from fluid.engines.operations.databackup import place_of, problem_of
from fluid.engines.operations.databackup import registration as operation
from fluid.engines.testing.lifecycle.caches import State, said
from fluid.engines.testing.lifecycle.world import World
from fluid.kube import ExecResult
from fluid.models import AlluxioRuntime, DataBackup, Dataset, Job, Pod, PodSpec, Service
from fluid.types import Key
from tests.pure.alluxio.support import level, levels, s3
from tests.pure.lifecycle import alluxio

FILES = charts_folder() / "fluid-databackup" / "alluxio" / "files"
SEND, RECEIVE = FILES / "send_backup.sh", FILES / "receive_backup.py"
RECORDED = Path(__file__).parents[2] / "data" / "alluxio"
COUNT, SAVED = ((RECORDED / name).read_text() for name in ("count.txt", "backup.txt"))
ALLUXIO = """#!/bin/bash
printf '%s\\n' "$*" >> "$CALLS"
case "$1 $2" in
  "fs count") printf '%s\\n' "$COUNT"; exit "${COUNT_CODE:-0}" ;;
  "fsadmin backup")
    printf '%s\\n' "$SAVED"; sleep "${TAKES:-0}"
    [[ -n "${ELSEWHERE:-}" ]] || printf '%s' "$CONTENT" > "$3/alluxio-backup-2026-11-30-1796028246403.gz"
    : > "$3/alluxio-backup-2026-11-30-1796028246403.gz.complete"
    exit "${BACKUP_CODE:-0}" ;;
esac
"""


def backup(path: str | None = "pvc://backups/monday", **spec: JsonValue) -> DataBackup:
    whole = {"dataset": "demo", "backupPath": path, **spec}
    return DataBackup.model_validate({"metadata": {"name": "monday", "namespace": "team"}, "spec": whole})


def dataset(**status: JsonValue) -> Dataset:
    metadata: JsonValue = {"name": "demo", "namespace": "team", "uid": "d"}
    whole: JsonValue = {
        "metadata": metadata,
        "spec": {"mounts": [s3()]},
        "status": {"conditions": [], **status},
    }
    return Dataset.model_validate(whole)


def runtime(**spec: JsonValue) -> AlluxioRuntime:
    metadata: JsonValue = {"name": "demo", "namespace": "team", "uid": "r"}
    return AlluxioRuntime.model_validate({"metadata": metadata, "spec": spec})


def pod(one: DataBackup, of: AlluxioRuntime | None = None) -> PodSpec:
    objects = backup_objects(OperationRequest(one, dataset(), of or runtime(), Settings()))
    assert [type(item) for item in objects].count(Service) == 1
    [job] = [item for item in objects if isinstance(item, Job)]
    assert job.name == operation().workload(one)
    assert job.spec is not None
    assert job.spec.template.spec is not None
    return job.spec.template.spec


# ── What can be, and what cannot ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        *("", "s3://bucket", "pvc:/claim", "pvc://", "pvc:///a", "pvc://UPPER/a", "pvc://a b/c", "local://"),
        *(
            "local:///",
            "local:///a/../b",
            "pvc://claim/..",
            "pvc://claim/a//b",
            "local:///a\nb",
            "local:///./a",
        ),
        *("pvc://claim/" + "a" * 1024, "local:///a\0b", "LOCAL:///a", " pvc://claim"),
    ],
)
def test_a_path_that_is_no_place_is_refused_with_its_field_and_what_to_write(path: str) -> None:
    problem = problem_of(backup(path))
    assert problem is not None
    assert (problem.reason, problem.path) == ("PathNotSupported", "spec.backupPath")
    assert "pvc://<claim>/<folder>" in problem.fix
    assert len(problem.message) < 200
    with pytest.raises(InvalidSpec, match=r"spec\.backupPath"):
        pod(backup(path))


def test_users_that_no_system_has_are_refused() -> None:
    user: dict[str, JsonValue] = {"uid": -1, "gid": 0, "user": "a", "group": "b"}
    problem = problem_of(backup(runAs=user))
    assert problem is not None
    assert problem.path == "spec.runAs.uid"
    assert problem_of(backup(runAs={**user, "uid": 1})) is None


def test_a_backup_works_on_the_dataset_of_its_own_namespace_once_and_needs_a_service() -> None:
    spec = operation().spec(backup(ttlSecondsAfterFinished=7))
    assert (spec.dataset, spec.repeats, spec.ttl) == (Key("team", "demo"), False, 7)
    assert spec.beside == (Service,)
    assert operation().spec(DataBackup.model_validate({"metadata": {"name": "x"}})).dataset is None


@given(st.sampled_from(["pvc://claim", "local://", "pvc://", ""]), st.text(alphabet="ab./ $\n~", max_size=12))
@example("pvc://claim", "/a/b/")
@example("local://", "/a/b/")
def test_whatever_can_be_saved_can_be_restored_from_the_same_place(kind: str, rest: str) -> None:
    place = place_of(kind + rest)
    if place is None:
        return
    location: dict[str, JsonValue] = {"path": kind + rest, "nodeName": "n"}
    whole = Dataset.model_validate(
        {"metadata": {"name": "demo"}, "spec": {"mounts": [s3()], "dataRestoreLocation": location}}
    )
    restored = restore_of(whole)
    assert restored is not None
    if place.claim:
        assert restored.volume.persistent_volume_claim is not None
        assert restored.volume.persistent_volume_claim.claim_name == place.claim
        assert restored.folder == f"/pvc/{place.folder}/".replace("//", "/")
    else:
        assert restored.volume.host_path is not None
        assert restored.volume.host_path.path == f"/{place.folder}"


# ── The Job ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_is_mounted_whole_and_its_pod_runs_anywhere_without_rights() -> None:
    found = pod(backup("pvc://backups/$(HOME)/a b"))
    [container] = found.containers
    assert container.args == ["--port", "9800", "--folder", "/backup/$$(HOME)/a b"]
    volumes = {one.name: one for one in found.volumes or ()}
    assert volumes["backup"].persistent_volume_claim is not None
    assert found.affinity is None
    assert found.automount_service_account_token is False
    assert {one.name for one in container.env or ()} == {"DATASET", "DATASET_NAMESPACE", "LOCATION", "TOKEN"}


def test_a_directory_is_that_of_a_node_with_a_master_and_the_status_names_the_node() -> None:
    found = pod(backup("local:///var/backups"))
    assert found.affinity is not None
    assert found.affinity.pod_affinity is not None
    [term] = [*(found.affinity.pod_affinity.required_during_scheduling_ignored_during_execution or ())]
    assert term.topology_key == "kubernetes.io/hostname"
    assert term.label_selector is not None
    assert term.label_selector.match_labels == {
        "app": "alluxio",
        "role": "alluxio-master",
        "name": "demo-master",
    }
    assert "NODE" in {one.name for one in found.containers[0].env or ()}


def test_the_user_is_that_of_the_backup_else_of_the_runtime_else_root() -> None:
    users: list[dict[str, JsonValue]] = [
        {"uid": number, "gid": number + 1, "user": "a", "group": "b"} for number in (5, 7)
    ]
    of_runtime = runtime(runAs=users[0])
    found: list[tuple[int | None, int | None]] = []
    for one in (pod(backup(runAs=users[1]), of_runtime), pod(backup(), of_runtime), pod(backup())):
        security = one.containers[0].security_context
        assert security is not None
        assert security.privileged is None
        assert security.allow_privilege_escalation is False
        found.append((security.run_as_user, security.run_as_group))
    assert found == [(7, 8), (5, 6), (0, 0)]


# ── What masters are told ────────────────────────────────────────────────────────────────────────────


def played(command: tuple[str, ...], table: State) -> ExecResult:
    return said(0) if command[:2] == ("bash", "-c") else alluxio.answers(command, table)


def test_each_master_is_told_to_send_while_a_backup_runs_and_not_otherwise() -> None:
    world, key = World(registration(), played), Key("team", "demo")
    world.create_dataset(key, s3())
    spec: dict[str, JsonValue] = {"replicas": 1, "master": {"replicas": 3}, **levels(level())}
    world.create(AlluxioRuntime, key, spec)
    world.settle()

    def told() -> set[str]:
        return {one.pod.name for one in world.cluster.caches.asked if "send_backup.sh" in one.command}

    assert told() == set()
    found = world.cluster.get(Dataset, key)
    assert found is not None
    assert found.status is not None
    running = found.status.model_copy(update={"operation_ref": {"DataBackup": "monday", "DataLoad": "x"}})
    world.cluster.change(found, status=running)
    world.settle()
    assert told() == {f"demo-master-{index}" for index in range(3)}
    [first, *_] = [one for one in world.cluster.caches.asked if "send_backup.sh" in one.command]
    assert first.background
    assert first.command[4:6] == ("monday-backup-job.team", "9800")


def alluxio_pod() -> Pod:
    return Pod.model_validate({"metadata": {"name": "demo-master-0", "namespace": "team", "uid": "p"}})


def test_sender_and_receiver_know_one_token_and_another_dataset_has_another_one() -> None:
    env = {one.name: one.value for one in pod(backup()).containers[0].env or ()}
    running, master = dataset(operationRef={"DataBackup": "monday"}), alluxio_pod()
    [query] = sending(running, runtime(), [master], 19999)
    assert query.command[6] == env["TOKEN"]
    other = running.model_copy(update={"metadata": running.metadata.model_copy(update={"uid": "x"})})
    [foreign] = sending(other, runtime(), [master], 19999)
    assert foreign.command[6] != env["TOKEN"]


# ── The programs ─────────────────────────────────────────────────────────────────────────────────────


class Page(http.server.BaseHTTPRequestHandler):
    """The web server of a master, which leads or not."""

    def do_GET(self) -> None:
        if getattr(self.server, "leads", True):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


@contextmanager
def web(*, leads: bool = True) -> Generator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        setattr(server, "leads", leads)  # noqa: B010 - the handler reads it
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class Room:
    """A folder with a receiver that listens and masters that are played."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.target = folder, folder / "target" / "monday"
        program = folder / "alluxio"
        program.write_text(ALLUXIO)
        program.chmod(0o755)
        (folder / "tmp").mkdir()
        self.receivers: list[subprocess.Popen[str]] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def receive(self, **environment: str) -> subprocess.Popen[str]:
        own = {"DATASET": "demo", "DATASET_NAMESPACE": "team", "LOCATION": "pvc://x", "TOKEN": "t"}
        words = ("--port", str(self.port), "--folder", str(self.target))
        receiver = subprocess.Popen(
            [sys.executable, "-B", str(RECEIVE), *words],
            env={**own, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.receivers.append(receiver)
        assert receiver.stdout is not None
        receiver.stdout.readline()  # it listens, or says why it does not
        return receiver

    def send(self, page: int, *, token: str = "t", **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder}:{os.environ['PATH']}"
        own = {
            "PATH": path,
            "CALLS": f"{self.folder}/calls",
            "TRIES": "0",
            "TMPDIR": f"{self.folder}/tmp",
            "COUNT": COUNT,
            "SAVED": SAVED,
            "CONTENT": "metadata",
        }
        words = ("127.0.0.1", str(self.port), token, str(page))
        command = ["bash", "-c", SEND.read_text(), "send_backup.sh", *words]
        return subprocess.run(
            command, env={**own, **environment}, text=True, capture_output=True, check=False, timeout=30
        )

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def end(self, receiver: subprocess.Popen[str]) -> tuple[int, dict[str, str]]:
        out, _ = receiver.communicate(timeout=30)
        return receiver.returncode, json.loads(out.splitlines()[-1])


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    found = Room(tmp_path)
    yield found
    for receiver in found.receivers:
        receiver.kill()
        receiver.communicate()


def test_what_the_leader_saves_arrives_under_the_names_that_a_restore_reads(room: Room) -> None:
    receiver = room.receive(NODE="node-1")
    with web() as page:
        assert room.send(page).returncode == 0
        code, last = room.end(receiver)
    assert code == 0
    assert last == {
        "BackupLocationPath": "pvc://x",
        "BackupLocationNodeName": "node-1",
        "Files": "2",
        "Bytes": "41943043",
        "BackupBytes": "8",
    }
    assert (room.target / "metadata-backup-demo-team.gz").read_text() == "metadata"
    totals = (room.target / "demo-team.yaml").read_text()
    assert totals == "dataset: demo\nnamespace: team\nufstotal: 41943043\nfilenum: 2\n"
    assert parse_totals(totals) == (2, 41943043)
    assert len([*room.target.iterdir()]) == 2
    assert (room.folder / "calls").read_text().splitlines()[0] == "fs count /"


def test_a_standby_saves_nothing_and_neither_does_a_master_for_whom_nobody_waits(room: Room) -> None:
    with web(leads=False) as page:
        found = room.send(page)
        assert (found.returncode, found.stdout) == (0, "this master does not lead\n")
    with web() as page:
        found = room.send(page)
        assert (found.returncode, found.stdout) == (1, f"nobody waits at 127.0.0.1:{room.port}\n")
    assert not (room.folder / "calls").exists()


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"COUNT": "line\nFailed to connect to master", "COUNT_CODE": "255"}, "Failed to connect to master"),
        ({"COUNT": "`touch x` $(touch x) *"}, "prints no numbers but: `touch x` $(touch x) *"),
        ({"COUNT": ""}, "alluxio fs count prints no numbers"),
        ({"BACKUP_CODE": "255"}, "Backup Entry Count"),
        ({"ELSEWHERE": "yes"}, "set alluxio.master.backup.delegation.enabled to false"),
        ({"COUNT": "\x1b[31m" + "x" * 5000, "COUNT_CODE": "1"}, "x" * 100),
    ],
)
def test_what_fails_in_the_master_is_told_and_leaves_no_file(
    room: Room, environment: dict[str, str], reason: str
) -> None:
    receiver = room.receive()
    with web() as page:
        assert room.send(page, **environment).returncode == 0
        code, last = room.end(receiver)
    assert code == 1
    assert reason in last["Failure"]
    assert last["Failure"].isprintable()
    assert [*room.target.iterdir()] == []


def test_a_stranger_gets_no_answer_and_the_master_still_comes_through(room: Room) -> None:
    receiver = room.receive()
    with web() as page:
        found = room.send(page, token="guessed")
        assert (found.returncode, found.stdout) == (1, "the DataBackup says no\n")
        for words in (b"", b"GET / HTTP/1.0\r\n\r\n", b"x" * 3000, b"backup 1 t"):
            with room.connect() as stranger:
                stranger.sendall(words)
        with room.connect() as left:  # it knows the token, and goes before it says anything
            left.sendall(b"backup 1 t\n")
        assert room.send(page).returncode == 0
        code, _ = room.end(receiver)
    assert code == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"step counting\n", "the master went away"),
        (b"count 1 2 3\nfile 5 " + b"0" * 64 + b"\nabc", "the master went away"),
        (b"count 1 2 3\nfile 3 " + b"0" * 64 + b"\nabc", "did not arrive as it was sent"),
        (b"file 3 " + b"0" * 64 + b"\nabc", "does not say how long the backup is"),
        (b"count 1 2 3\nfile -1 " + b"0" * 64 + b"\n", "does not say how long the backup is"),
        (b"wait\nnonsense \xff\n", "the master says what no backup is made of"),
        (b"wait\n" + b"x" * 5000, "the master went away"),
    ],
)
def test_a_transfer_that_ends_early_or_is_nonsense_leaves_what_was_there(
    room: Room, words: bytes, reason: str
) -> None:
    room.target.mkdir(parents=True)
    before = room.target / "metadata-backup-demo-team.gz"
    before.write_text("of last week")
    receiver = room.receive()
    with room.connect() as master:
        master.sendall(b"backup 1 t\n")
        assert master.recv(10) == b"go\n"
        master.sendall(words)
    code, last = room.end(receiver)
    assert code == 1
    assert reason in last["Failure"]
    assert [one.name for one in room.target.iterdir()] == [before.name]
    assert before.read_text() == "of last week"


def test_words_around_the_numbers_do_not_matter(room: Room) -> None:
    receiver = room.receive()
    with web() as page:
        noisy = f"Picked up JAVA_TOOL_OPTIONS: -X\n{COUNT}\nWARN 1 2 3 shutting down"
        assert room.send(page, COUNT=noisy).returncode == 0
        code, last = room.end(receiver)
    assert (code, last["Files"]) == (0, "2")


def test_a_master_whose_receiver_goes_away_keeps_nothing(room: Room) -> None:
    receiver = room.receive()
    with web() as page:
        assert room.send(page, TAKES="1").returncode == 0
        calls = room.folder / "calls"
        until(lambda: calls.exists() and calls.read_text().count("\n") == 2)
        receiver.kill()
        receiver.communicate()
    until(lambda: [*(room.folder / "tmp").iterdir()] == [])


def test_a_folder_that_cannot_be_written_is_told_at_once(room: Room) -> None:
    room.target.parent.write_text("no folder")
    receiver = room.receive()
    receiver.wait(20)
    assert receiver.returncode == 1
