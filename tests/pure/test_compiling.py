# pyright: basic
"""What a first build says while it works, and that it is a good neighbour."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cluster import BuildError, compiling, progress
from cluster.build import core, extras
from cluster.compiling import Recipe, compile_all
from cluster.node.build import own_recipes
from cluster.node.storage import server
from cluster.progress import Progress, spell

_COMPILER = """#!/bin/sh
echo "$* at $(nice)" >> {log}
while [ "$1" != -o ]; do shift; done
target=$2; shift 2
for package; do [ "$package" != broken ] || {{ echo "no such module" >&2; exit 1; }}; done
for package; do
  case "$target" in */) echo "$package" > "$target${{package##*/}}" ;; *) echo "$package" > "$target" ;; esac
done
"""


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The command lines of a compiler that makes everything at once."""
    compiler = tmp_path / "go"
    compiler.write_text(_COMPILER.format(log=tmp_path / "log"))
    compiler.chmod(0o755)
    monkeypatch.setattr(compiling, "go", lambda: compiler)
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    return tmp_path / "log"


def recipes(folder: Path) -> list[Recipe]:
    return [
        Recipe("etcd-1", folder, {"etcd": "example.com/server/v3"}),
        Recipe("kubernetes-1", folder, {"kubelet": "cmd/kubelet", "kube-proxy": "cmd/kube-proxy"}),
    ]


def test_a_build_says_first_what_it_makes_and_how_long_that_took(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = compile_all(recipes(tmp_path))
    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == [
        ["etcd"],
        ["kube-proxy", "kubelet"],
    ]
    said = capsys.readouterr().err.splitlines()
    assert re.match(
        r"3 programs are compiled first, once for this machine; on two cores that took \d+ (s|min)"
        r" \(etcd \d+ s, kubelet \d+ s, kube-proxy \d+ s\); here are \d+ cores?$",
        said[0],
    )
    built = [line for line in said if line.startswith("built ")]
    assert re.match(r"built etcd in \d+ s \(1 of 3; about \d+ s left\)$", built[0])
    assert built[-1].endswith("(3 of 3; none left)")
    assert compile_all(recipes(tmp_path)) == folders
    assert capsys.readouterr().err == ""


def test_one_run_of_the_compiler_makes_what_one_module_has_and_lets_others_go_first(
    log: Path, tmp_path: Path
) -> None:
    compile_all(recipes(tmp_path))
    first, second = log.read_text().splitlines()
    assert "example.com/server/v3 at " in first
    assert "cmd/kubelet cmd/kube-proxy at " in second
    assert all(int(line.split()[-1]) >= 10 for line in (first, second))


def test_as_many_packages_are_compiled_at_once_as_memory_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  8388608 kB\nMemAvailable:  3145728 kB\n")
    assert compiling.available(meminfo) == 3072
    assert compiling.available(tmp_path / "none") > 1 << 20
    monkeypatch.setattr(compiling.os, "cpu_count", lambda: 16)
    monkeypatch.setattr(compiling, "available", lambda: 3072)
    assert compiling._parallel() == ["-p=3"]
    monkeypatch.setattr(compiling, "available", lambda: 10)
    assert compiling._parallel() == ["-p=1"]
    monkeypatch.setattr(compiling, "available", lambda: 1 << 20)
    assert compiling._parallel() == []


def test_a_failed_build_names_the_program_and_leaves_nothing(log: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"(?s)building etcd failed:\nno such module"):
        compile_all([Recipe("etcd-1", tmp_path, {"etcd": "broken"})])
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".etcd-1.lock"]


def test_an_interrupted_build_ends_its_compiler(log: Path, tmp_path: Path) -> None:
    compiler = tmp_path / "go"
    compiler.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    script = (
        "import sys; from pathlib import Path; from cluster import compiling;"
        "compiling.go = lambda: Path(sys.argv[1]);"
        "compiling.compile_all([compiling.Recipe('etcd-1', Path('/'), {'etcd': 'x'})])"
    )
    with subprocess.Popen([sys.executable, "-c", script, compiler], stderr=subprocess.PIPE) as building:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            assert building.poll() is None
            time.sleep(0.05)
        building.send_signal(signal.SIGINT)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_the_time_left_follows_this_machine_once_it_has_worked_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(progress, "SECONDS", {"etcd": 30, "kubelet": 10, "kwok": 50})
    told = Progress(["etcd", "kubelet", "kwok"])
    told.begin()
    assert told.left(0) == 90
    assert told.left(10) == 80
    clock[0] += 60  # twice as long as elsewhere
    told.finish("etcd", more=False)
    assert told.left(0) == 120
    assert told.left(1000) == 101  # longer than it should: nearly done
    told.drop(["kubelet", "kwok"])
    assert told.left(0) == 0


def test_each_program_that_is_built_has_its_time_in_the_table() -> None:
    built = {
        program for recipe in (*core(), *extras(), *own_recipes(), server()) for program in recipe.programs
    }
    assert set(progress.SECONDS) == built


def test_durations_are_said_as_people_do() -> None:
    assert [spell(seconds) for seconds in (0.2, 45, 89, 100, 754)] == [
        "1 s",
        "45 s",
        "89 s",
        "2 min",
        "13 min",
    ]
