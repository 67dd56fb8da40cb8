"""The programs of the Alluxio image: what they make of arguments and variables, with a Java that prints."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

JVM = Path(__file__).parents[2] / "cluster" / "jvm"
_JAVA = """#!/bin/sh
while [ "$1" != -cp ]; do case "$1" in -D*|-X*) echo "$1" ;; esac; shift; done
shift 2
for argument; do echo "<$argument>"; done
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Alluxio's folder as the image has it, and the programs that are called."""
    for name, place in {
        "alluxio": "bin/alluxio",
        "alluxio-fuse": "integration/fuse/bin/alluxio-fuse",
        "launch.sh": "libexec/launch.sh",
        "init-users": "libexec/init-users",
        "entrypoint.sh": "entrypoint.sh",
    }.items():
        target = tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(JVM / "alluxio" / name, target)
    (tmp_path / "bin" / "java").write_text(_JAVA)
    (tmp_path / "bin" / "java").chmod(0o755)
    return tmp_path


def _run(home: Path, program: str, *arguments: str, **variables: str) -> list[str]:
    environment = {"PATH": f"{home}/bin:{os.environ['PATH']}", "ALLUXIO_HOME": str(home), **variables}
    done = subprocess.run(
        [home / program, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_a_server_gets_the_common_options_and_then_its_own(home: Path) -> None:
    said = _run(
        home,
        "entrypoint.sh",
        *("worker-only", "--no-format"),
        ALLUXIO_JAVA_OPTS=" -Dcommon=1  -Dname=${ALLUXIO_WORKER_HOSTNAME} ",
        ALLUXIO_WORKER_JAVA_OPTS="-Dcommon=2 -Xmx1g ",
        ALLUXIO_MASTER_JAVA_OPTS="-Dmaster=1",
        ALLUXIO_WORKER_HOSTNAME="10.0.0.1",
    )
    assert said[-5:] == [
        "-Dcommon=1",
        "-Dname=10.0.0.1",
        "-Dcommon=2",
        "-Xmx1g",
        "<alluxio.worker.AlluxioWorker>",
    ]


def test_a_master_restores_a_backup_that_it_is_given(home: Path) -> None:
    said = _run(home, "entrypoint.sh", "master-only", "--no-format", JOURNAL_BACKUP="/pvc/a b.gz")
    assert "-Dalluxio.master.journal.init.from.backup=/pvc/a b.gz" in said


@pytest.mark.parametrize(
    "hostile", ["$(touch told)", "`touch told`", ";touch told", "'\"\\", "*", "${1}", "$HOME"]
)
def test_no_option_and_no_argument_is_evaluated(
    home: Path, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    said = _run(home, "bin/alluxio", "fs", "mount", "/a b", hostile, ALLUXIO_JAVA_OPTS=f"-Da={hostile}")
    assert said[-3:] == ["<mount>", "</a b>", f"<{hostile}>"]
    assert f"-Da={hostile.split()[0]}" in said
    assert not (home / "told").exists()


def test_a_variable_that_names_itself_is_replaced_once(home: Path) -> None:
    said = _run(home, "bin/alluxio", "version", ALLUXIO_JAVA_OPTS="-Da=${SELF}", SELF="${SELF}")
    assert "-Da=${SELF}" in said


def test_a_credential_from_a_variable_stays_one_option(home: Path) -> None:
    said = _run(home, "bin/alluxio", "version", ALLUXIO_JAVA_OPTS="-Da=${KEY} -Db=1", KEY="$(id) *\\ '")
    assert ("-Da=$(id) *\\ '" in said, "-Db=1" in said) == (True, True)


def test_a_master_is_where_its_pod_is_unless_its_own_options_say_otherwise(home: Path) -> None:
    common, name = "-Dalluxio.master.hostname=service", "-Dalluxio.master.hostname="
    variables = {"ALLUXIO_JAVA_OPTS": common, "ALLUXIO_MASTER_HOSTNAME": "10.0.0.1"}
    said = _run(home, "entrypoint.sh", "job-master", **variables)
    assert [line for line in said if line.startswith(name)] == [common, f"{name}10.0.0.1"]
    said = _run(home, "entrypoint.sh", "job-master", **variables, ALLUXIO_JOB_MASTER_JAVA_OPTS=f"{name}last")
    assert said[-2] == f"{name}last"


def test_options_of_a_command_go_to_java_wherever_they_stand(home: Path) -> None:
    said = _run(home, "bin/alluxio", "fs", "ls", "-Dsync=0", "-R", "/a")
    assert said[-5:] == ["-Dsync=0", "<alluxio.cli.fs.FileSystemShell>", "<ls>", "<-R>", "</a>"]


def test_fuse_mounts_where_and_what_it_is_told(home: Path) -> None:
    where = str(home / "mnt")
    said = _run(home, "entrypoint.sh", "fuse", "--fuse-opts=ro,allow_other", where, "/part")
    assert said[-7:] == [
        "<alluxio.fuse.AlluxioFuse>",
        "<-m>",
        f"<{where}>",
        "<-a>",
        "</part>",
        "<-o>",
        "<ro,allow_other>",
    ]
    assert Path(where).is_dir()


def test_directories_are_opened_for_the_users_that_an_init_container_names(home: Path) -> None:
    (home / "tier").mkdir(mode=0o700)
    _run(home, "entrypoint.sh", "chmod_fuse_mountpoint", FLUID_FUSE_MOUNTPOINT=str(home / "tier"))
    assert (home / "tier").stat().st_mode & 0o777 == 0o777


@pytest.mark.parametrize(("program", "argument"), [("entrypoint.sh", "all"), ("bin/alluxio", "format")])
def test_an_unknown_word_is_refused_by_name(home: Path, program: str, argument: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _run(home, program, argument)
    assert refused.value.returncode == 1
    assert refused.value.stderr.strip().endswith(f": {argument}")
