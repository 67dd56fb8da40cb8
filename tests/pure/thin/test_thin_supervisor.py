# pyright: basic, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false
"""What the supervisor of the examples makes of a configuration, and how it keeps a client."""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "examples" / "thin" / "supervisor"


@pytest.fixture
def supervise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script and its modules, new for each test, with all their files in a folder of the test."""
    monkeypatch.syspath_prepend(FOLDER)
    module = importlib.import_module("supervise")
    (tmp_path / "secrets" / "keys").mkdir(parents=True)
    (tmp_path / "secrets" / "keys" / "id").write_text("me\n")
    (tmp_path / "secrets" / "keys" / "secret").write_text("sesame")
    module.configuration.SECRETS = f"{tmp_path}/secrets/"
    module.configuration.CONFIG = tmp_path / "config.json"
    module.configuration.SCRATCH = tmp_path / "scratch"
    monkeypatch.setenv("MOUNT_OPTIONS", "vfs-cache-mode=writes,debug,ro")
    yield module
    for one in FOLDER.glob("*.py"):
        sys.modules.pop(one.stem, None)


def mount(module: ModuleType, name: str, **more: str) -> dict:
    options = {
        "endpoint": "http://s3",
        "access_key_id": f"{module.configuration.SECRETS}keys/id",
        "secret_access_key": f"{module.configuration.SECRETS}keys/secret",
    }
    return {"mountPoint": f"s3://{name}/x", "name": name, "options": options, **more}


def test_rclone_combines_sources_and_reads_credentials_from_files(supervise: ModuleType) -> None:
    local = {"mountPoint": "local:///mnt", "name": "nas"}
    config = {
        "mounts": [mount(supervise, "one"), local],
        "accessModes": ["ReadOnlyMany"],
        "runtimeOptions": {"debug": "2"},
    }
    checks, command = supervise.clients.rclone(config, "/target")
    assert command[:4] == ["rclone", "mount", "all:", "/target"]
    assert {"--read-only", "--vfs-cache-mode=writes", "--debug=2"} <= set(command)
    assert "--ro" not in command, "a word of mount(8), which rclone does not know"
    assert [(address, check[-1]) for address, check in checks] == [
        ("s3://one/x", "m0:one/x"),
        ("local:///mnt", "/underFSStorage/nas"),
    ]
    file = supervise.configuration.SCRATCH / "rclone.conf"
    text = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "access_key_id = me\n" in text
    assert "secret_access_key = sesame\n" in text
    assert 'upstreams = "one=m0:one/x" "nas=/underFSStorage/nas"' in text
    assert "sesame" not in " ".join(command)


def test_a_single_source_at_the_root_needs_no_combine(supervise: ModuleType) -> None:
    config = {"mounts": [mount(supervise, "one", path="/")], "accessModes": ["ReadWriteMany"]}
    _, command = supervise.clients.rclone(config, "/target")
    assert command[2] == "m0:one/x"
    assert "--read-only" not in command


def test_s3fs_gets_its_credentials_in_a_file(supervise: ModuleType) -> None:
    config = {"mounts": [mount(supervise, "one")], "accessModes": ["ReadOnlyMany"]}
    _, command = supervise.clients.s3fs(config, "/target")
    assert command[:4] == ["s3fs", "one:/x", "/target", "-f"]
    assert {"url=http://s3", "ro", "allow_other", "debug"} <= set(command)
    assert (supervise.configuration.SCRATCH / "passwd-s3fs").read_text() == "me:sesame\n"
    assert "sesame" not in " ".join(command)


@pytest.mark.parametrize(
    ("mounts", "words"),
    [
        (
            [{"mountPoint": "s3://a", "name": "a"}, {"mountPoint": "s3://b", "path": "/"}],
            "a folder of its own",
        ),
        ([{"mountPoint": "s3://a", "name": "a"}, {"mountPoint": "s3://b", "name": "a"}], "the folder 'a'"),
        ([{"mountPoint": "s3://a", "name": "a", "options": {"endpoint": "x\n[evil]"}}], "line break"),
    ],
)
def test_what_cannot_be_written_down_is_refused(supervise: ModuleType, mounts: list, words: str) -> None:
    with pytest.raises(supervise.configuration.UnusableError, match=words):
        supervise.clients.rclone({"mounts": mounts}, "/target")
    with pytest.raises(supervise.configuration.UnusableError, match="exactly one source"):
        supervise.clients.s3fs({"mounts": mounts * 2}, "/target")


class Stage:
    """The supervisor with a client that only pretends to mount."""

    def __init__(self, module: ModuleType, folder: Path) -> None:
        self.module, self.folder = module, folder
        self.mounted = folder / "mounted"
        self.starts = folder / "starts"
        module.process.is_mounted = lambda _: self.mounted.exists()
        module.process.unmount = lambda _: self.mounted.unlink(missing_ok=True)
        module.LOOK = 0.02
        self.edit("one")
        self.supervisor = module.Supervisor(self.build, str(folder / "target"))
        self.body = "time.sleep(60)"

    def build(self, *_: object) -> tuple:
        script = (
            f"import sys,time; open({str(self.starts)!r}, 'a').write('x');"
            f"open({str(self.mounted)!r}, 'w').close(); {self.body}"
        )
        return self.module.clients.Client([], [sys.executable, "-S", "-c", script])

    def ask(self, *queries: str) -> list:
        """Let these be asked of the mount."""
        self.supervisor.pulses = [self.module.pulse.Pulse(str(self.folder), one) for one in queries]
        return self.supervisor.pulses

    def edit(self, name: str) -> None:
        self.module.configuration.CONFIG.write_text(json.dumps({"mounts": [mount(self.module, name)]}))

    def look(self) -> bool:
        return self.supervisor.look(self.supervisor.client)

    def count(self) -> int:
        return len(self.starts.read_text()) if self.starts.exists() else 0


def test_a_client_that_dies_or_is_outdated_is_started_again(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    assert stage.supervisor.start()
    stage.supervisor.client.process.kill()
    stage.supervisor.client.process.wait()
    stage.look()
    assert stage.supervisor.client is None
    assert stage.supervisor.start()
    stage.look()
    assert stage.supervisor.client is not None
    (tmp_path / "secrets" / "keys" / "id").write_text("another")
    stage.look()
    assert stage.supervisor.client is None
    assert stage.supervisor.start()
    stage.supervisor.stop()
    assert stage.count() == 3


def test_a_configuration_that_cannot_work_leaves_the_old_mounts(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    assert stage.supervisor.start()
    before = stage.supervisor.client
    stage.supervisor.build = lambda *_: supervise.clients.Client([("s3://a", ["false"])], [])
    stage.module.configuration.CONFIG.write_text(json.dumps({"mounts": []}))
    stage.look()
    assert stage.supervisor.client is before
    assert stage.supervisor.trouble.said == "s3://a: false ended with 1"
    stage.supervisor.stop()


def test_an_edit_asks_the_sources_once_and_again_only_if_it_is_edited_meanwhile(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    asked = tmp_path / "asked"
    command = stage.build().command
    ask = [sys.executable, "-S", "-c", f"open({str(asked)!r}, 'a').write('x')"]
    stage.supervisor.build = lambda *_: supervise.clients.Client([("s3://one", ask)], command)
    assert stage.supervisor.start()
    for folder, edits, times in (("a", [], 2), ("b", ["c"], 4)):
        stage.edit(folder)
        stage.look()
        assert stage.supervisor.client is None
        for later in edits:
            stage.edit(later)
        assert stage.supervisor.start()
        assert len(asked.read_text()) == times
    stage.supervisor.stop()


def failing(module: ModuleType, words: str) -> ModuleType:
    """A client that ends with these words."""
    return module.clients.Client([], [sys.executable, "-S", "-c", f"import sys; sys.exit({words!r})"])


def test_a_problem_ends_the_container_once_and_is_tried_in_place_from_then_on(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    good = stage.supervisor.build
    for words in ("no such bucket", "wrong key"):
        client = failing(supervise, words)
        stage.supervisor = supervise.Supervisor(lambda *_, client=client: client, stage.supervisor.target)
        with pytest.raises(SystemExit, match=words):
            stage.supervisor.run()
        assert words in (supervise.configuration.SCRATCH / "problem").read_text()
    stage.supervisor = again = supervise.Supervisor(
        lambda *_: failing(supervise, "wrong key"), stage.supervisor.target
    )
    for _ in range(supervise.trouble.STEADY + 1):
        assert not again.start()
        assert not again.trouble.is_news()
    again.build = good
    assert again.start()
    assert not (supervise.configuration.SCRATCH / "problem").exists()
    again.stop()


def test_what_differs_only_in_numbers_is_the_same_problem(supervise: ModuleType) -> None:
    assert supervise.words.kind_of("at 14:01:02 refused, request I8T8") == supervise.words.kind_of(
        "at 1 refused, request 9"
    )
    assert supervise.words.kind_of("NoSuchBucket: x") != supervise.words.kind_of("AccessDenied: x")


def test_the_point_of_an_output_is_what_the_server_said_else_the_last_line(supervise: ModuleType) -> None:
    answered = "HTTP/1.1 404\n<Error><Code>NoSuchBucket</Code><Message>None here.</Message></Error>\nfailed"
    assert supervise.words.point_of(answered) == "NoSuchBucket: None here"
    assert supervise.words.point_of("x\n2026/11/24 14:46:13 Failed to lsf: gone\n\n") == "Failed to lsf: gone"


def test_a_source_that_refuses_under_a_client_that_runs_is_told_and_taken_back(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    stage.body = "print('ERROR : 403', flush=True); time.sleep(60)"
    assert stage.supervisor.start()
    client, build = stage.supervisor.client, stage.supervisor.build
    refusing = ("s3://one", [sys.executable, "-S", "-c", "import sys; sys.exit('key sesame refused')"])
    stage.supervisor.build = lambda *_: supervise.clients.Client([refusing], [])
    supervise.SLOWEST = 0.0
    problem = supervise.configuration.SCRATCH / "problem"
    until(lambda: stage.look() and problem.exists())
    assert problem.read_text() == "s3://one: key *** refused\n"
    stage.supervisor.build = build
    until(lambda: stage.look() and not problem.exists())
    assert stage.supervisor.client is client
    stage.supervisor.stop()


def test_a_client_that_hangs_is_told_and_taken_back_when_it_answers(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage, results = Stage(supervise, tmp_path), tmp_path / "results"
    supervise.pulse.EVERY = supervise.HANGS = 0.0
    hang = "import os, sys, time\nwhile not os.path.exists(sys.argv[1] + '/../results'): time.sleep(0.01)"
    stage.ask(hang, hang)
    assert stage.supervisor.start()
    client, problem = stage.supervisor.client, supervise.configuration.SCRATCH / "problem"
    until(lambda: stage.look() and problem.exists())
    assert problem.read_text() == "the client does not answer: whatever reads from its mount hangs\n"
    supervise.HANGS = 1000.0
    results.touch()
    until(lambda: stage.look() and not problem.exists())
    assert stage.supervisor.client is client
    stage.supervisor.stop()


STUCK = "import time; time.sleep(60)"


def test_a_client_that_hangs_for_long_is_killed_and_started_again(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    supervise.pulse.EVERY = supervise.HANGS = 0.0
    stage.ask(STUCK, STUCK)
    stage.supervisor.patience = 0.1
    assert stage.supervisor.start()
    until(lambda: stage.look() and stage.supervisor.client is None)
    stage.ask("pass", "pass")
    assert stage.supervisor.start()
    assert stage.count() == 2
    assert not (supervise.configuration.SCRATCH / "problem").exists()
    stage.supervisor.stop()


def test_a_client_that_hangs_is_not_waited_for_when_it_is_to_have_another_configuration(
    supervise: ModuleType, tmp_path: Path
) -> None:
    stage = Stage(supervise, tmp_path)
    supervise.pulse.EVERY = supervise.HANGS = 0.0
    stage.ask(STUCK, STUCK)
    stage.supervisor.patience = 0
    assert stage.supervisor.start()
    client = stage.supervisor.client
    until(lambda: stage.look() and stage.supervisor.trouble.said)
    assert not client.killed
    stage.edit("two")
    until(lambda: stage.look() and stage.supervisor.client is None)
    assert client.killed
    stage.supervisor.stop()


def test_a_client_that_answers_one_question_is_well(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    supervise.pulse.EVERY = 0.0
    slow, quick = stage.ask(STUCK, "pass")
    assert stage.supervisor.start()
    assert stage.look()
    supervise.pulse.EVERY = 1000.0
    slow._asked_at -= 10 * supervise.HANGS
    until(lambda: stage.look() and quick._question is None)
    assert not stage.supervisor.trouble.said
    quick._asked_at, quick._question = slow._asked_at, slow._question
    assert stage.look()
    assert "does not answer" in stage.supervisor.trouble.said
    stage.supervisor.stop()


def test_a_patience_that_is_no_number_is_told(supervise: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUID_CLIENT_PATIENCE", "1m")
    monkeypatch.setattr(sys, "argv", ["supervise.py", "rclone"])
    with pytest.raises(SystemExit, match="FLUID_CLIENT_PATIENCE is '1m'"):
        supervise.main()


def until(holds: Callable[[], object]) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline


def test_a_client_that_mounts_and_then_gives_up_never_came_up(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    stage.body = "sys.exit('bucket not found')"
    with pytest.raises(SystemExit, match="bucket not found"):
        stage.supervisor.run()
    assert stage.count() == 1


def test_the_script_runs_from_a_volume_and_says_how_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "..1").mkdir()
    (tmp_path / "..data").symlink_to("..1")
    for file in FOLDER.glob("*.py"):  # as the kubelet writes a ConfigMap
        (tmp_path / "..1" / file.name).write_text(file.read_text())
        (tmp_path / file.name).symlink_to(f"..data/{file.name}")
    done = subprocess.run([sys.executable, tmp_path / "supervise.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "usage: supervise.py rclone|s3fs" in done.stderr
