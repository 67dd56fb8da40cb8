# pyright: basic, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false
"""The examples render, and the supervisor in their containers makes of a configuration what it should."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from fluid.cli import main

EXAMPLES = Path(__file__).parents[3] / "examples" / "thin"


@pytest.mark.parametrize(
    ("profile", "dataset"),
    [
        ("rclone/profile", "rclone/dataset"),
        ("rclone/profile", "rclone/cached"),
        ("rclone/profile", "rclone/local"),
        ("rclone/profile", "rclone/pvc"),
        ("s3fs/profile", "s3fs/dataset"),
    ],
)
def test_every_example_renders(profile: str, dataset: str) -> None:
    files = [word for name in (profile, dataset) for word in ("-f", str(EXAMPLES / f"{name}.yaml"))]
    result = CliRunner().invoke(main, ["render", *files], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"mount_type: fuse.{profile.split('/', maxsplit=1)[0]}" in result.stdout


def test_the_load_of_the_example_renders_with_its_dataset() -> None:
    names = ("profile", "cached", "dataload")
    files = [word for name in names for word in ("-f", str(EXAMPLES / "rclone" / f"{name}.yaml"))]
    result = CliRunner().invoke(main, ["render", *files], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "name: warm-cached-loader-job" in result.stdout


@pytest.fixture
def supervise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with all its files in a folder of the test."""
    spec = importlib.util.spec_from_file_location("supervise", EXAMPLES / "supervise.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "secrets" / "keys").mkdir(parents=True)
    (tmp_path / "secrets" / "keys" / "id").write_text("me\n")
    (tmp_path / "secrets" / "keys" / "secret").write_text("sesame")
    for name, place in (("SECRETS", "secrets/"), ("CONFIG", "config.json"), ("SCRATCH", "scratch")):
        path = tmp_path / place
        monkeypatch.setattr(module, name, f"{path}/" if name == "SECRETS" else path)
    monkeypatch.setenv("MOUNT_OPTIONS", "vfs-cache-mode=writes,debug")
    return module


def mount(module: ModuleType, name: str, **more: str) -> dict:
    options = {
        "endpoint": "http://s3",
        "access_key_id": f"{module.SECRETS}keys/id",
        "secret_access_key": f"{module.SECRETS}keys/secret",
    }
    return {"mountPoint": f"s3://{name}/x", "name": name, "options": options, **more}


def test_rclone_combines_sources_and_reads_credentials_from_files(supervise: ModuleType) -> None:
    local = {"mountPoint": "local:///mnt", "name": "nas"}
    config = {
        "mounts": [mount(supervise, "one"), local],
        "accessModes": ["ReadOnlyMany"],
        "runtimeOptions": {"debug": "2"},
    }
    checks, command = supervise.rclone(config, "/target")
    assert command[:4] == ["rclone", "mount", "all:", "/target"]
    assert {"--read-only", "--vfs-cache-mode=writes", "--debug=2"} <= set(command)
    assert [(address, check[-1]) for address, check in checks] == [
        ("s3://one/x", "m0:one/x"),
        ("local:///mnt", "/underFSStorage/nas"),
    ]
    file = supervise.SCRATCH / "rclone.conf"
    text = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "access_key_id = me\n" in text
    assert "secret_access_key = sesame\n" in text
    assert 'upstreams = "one=m0:one/x" "nas=/underFSStorage/nas"' in text
    assert "sesame" not in " ".join(command)


def test_a_single_source_at_the_root_needs_no_combine(supervise: ModuleType) -> None:
    config = {"mounts": [mount(supervise, "one", path="/")], "accessModes": ["ReadWriteMany"]}
    _, command = supervise.rclone(config, "/target")
    assert command[2] == "m0:one/x"
    assert "--read-only" not in command


def test_s3fs_gets_its_credentials_in_a_file(supervise: ModuleType) -> None:
    config = {"mounts": [mount(supervise, "one")], "accessModes": ["ReadOnlyMany"]}
    _, command = supervise.s3fs(config, "/target")
    assert command[:4] == ["s3fs", "one:/x", "/target", "-f"]
    assert {"url=http://s3", "ro", "allow_other", "debug"} <= set(command)
    assert (supervise.SCRATCH / "passwd-s3fs").read_text() == "me:sesame\n"
    assert "sesame" not in " ".join(command)


@pytest.mark.parametrize(
    ("mounts", "words"),
    [
        (
            [{"mountPoint": "s3://a", "name": "a"}, {"mountPoint": "s3://b", "path": "/"}],
            "a folder of its own",
        ),
        ([{"mountPoint": "s3://a", "name": "a", "options": {"endpoint": "x\n[evil]"}}], "line break"),
    ],
)
def test_what_cannot_be_written_down_is_refused(supervise: ModuleType, mounts: list, words: str) -> None:
    with pytest.raises(supervise.UnusableError, match=words):
        supervise.rclone({"mounts": mounts}, "/target")
    with pytest.raises(supervise.UnusableError, match="exactly one source"):
        supervise.s3fs({"mounts": mounts * 2}, "/target")


class Stage:
    """The supervisor with a client that only pretends to mount."""

    def __init__(self, module: ModuleType, folder: Path) -> None:
        self.module, self.folder = module, folder
        self.mounted = folder / "mounted"
        self.starts = folder / "starts"
        module.is_mounted = lambda _: self.mounted.exists()
        module.unmount = lambda _: self.mounted.unlink(missing_ok=True)
        module.LOOK = 0.02
        module.CONFIG.write_text(json.dumps({"mounts": [mount(module, "one")]}))
        self.supervisor = module.Supervisor(self.build, str(folder / "target"))
        self.body = "time.sleep(60)"

    def build(self, *_: object) -> tuple:
        script = (
            f"import sys,time; open({str(self.starts)!r}, 'a').write('x');"
            f"open({str(self.mounted)!r}, 'w').close(); {self.body}"
        )
        return self.module.Client([], [sys.executable, "-S", "-c", script])

    def count(self) -> int:
        return len(self.starts.read_text()) if self.starts.exists() else 0


def test_a_client_that_dies_or_is_outdated_is_started_again(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    assert stage.supervisor.start()
    stage.supervisor.client.kill()
    stage.supervisor.client.wait()
    stage.supervisor.look()
    assert stage.supervisor.client is None
    assert stage.supervisor.start()
    stage.supervisor.look()
    assert stage.supervisor.client is not None
    (tmp_path / "secrets" / "keys" / "id").write_text("another")
    stage.supervisor.look()
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
    stage.supervisor.build = lambda *_: supervise.Client([("s3://a", ["false"])], [])
    stage.module.CONFIG.write_text(json.dumps({"mounts": []}))
    stage.supervisor.look()
    assert stage.supervisor.client is before
    assert stage.supervisor.said == "s3://a: false ended with 1"
    stage.supervisor.stop()


def test_a_client_that_never_comes_up_ends_with_its_last_line(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    stage.body = "0"
    never = supervise.Client([], [sys.executable, "-S", "-c", "import sys; sys.exit('no such bucket')"])
    stage.supervisor.build = lambda *_: never
    with pytest.raises(SystemExit, match="no such bucket"):
        stage.supervisor.run()


def test_a_client_that_mounts_and_then_gives_up_never_came_up(supervise: ModuleType, tmp_path: Path) -> None:
    stage = Stage(supervise, tmp_path)
    stage.body = "sys.exit('bucket not found')"
    with pytest.raises(SystemExit, match="bucket not found"):
        stage.supervisor.run()
    assert stage.count() <= supervise.ATTEMPTS


def test_the_script_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, EXAMPLES / "supervise.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "usage: supervise.py rclone|s3fs" in done.stderr
