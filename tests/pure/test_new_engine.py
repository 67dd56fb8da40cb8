"""`fluid new-engine`: what is written works as it is."""

import os
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from fluid.cli import main
from fluid.cli import new_engine as command_module
from fluid.codegen.new_engine import EngineName
from fluid.codegen.output import drift


def fluid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def run(site: Path | None, *command: str | Path) -> str:
    """What Python prints with a folder on its path; it has to succeed."""
    environment = {**os.environ, **({"PYTHONPATH": str(site)} if site else {})}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("new")
    with chdir(into):
        done = fluid("new-engine", "my-cache")
    assert done.exit_code == 0, done.output
    assert [one.name for one in into.iterdir()] == ["engine-my-cache"], "nothing else is left there"
    return into / "engine-my-cache"


@pytest.fixture(scope="module")
def site(engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution as pip installs it."""
    target = tmp_path_factory.mktemp("site")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    run(None, *pip, "--no-build-isolation", "--target", target, engine)
    return target


def test_it_has_everything_that_a_distribution_of_an_engine_has(engine: Path) -> None:
    files = {str(path.relative_to(engine)) for path in engine.rglob("*") if path.is_file()}
    assert files >= {
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "schemas/mycacheruntime.yaml",
        "fluid_my_cache/engine.py",
        "fluid_my_cache/models/mycacheruntime.py",
        "fluid_my_cache/crds/data.fluid.io_mycacheruntimes.yaml",
        "fluid_my_cache/docs/mycacheruntime.md",
        "fluid_my_cache/chart/Chart.yaml",
        "fluid_my_cache/chart/templates/fuse.yaml",
        "tests/test_engine.py",
        "tests/specs/bucket.yaml",
        "tests/specs/golden/bucket.yaml",
    }
    left = [
        one for one in files if "__pycache__" in one or ".hypothesis" in one or one.endswith(".jinja.jinja")
    ]
    assert left == []
    assert [one for one in files if "[[" in (engine / one).read_text()] == []


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on PATH")
def test_git_takes_all_files_of_it_and_nothing_that_builds_and_tests_leave(
    engine: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(engine, tmp_path / "copy")
    written = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    for left in ("dist/a.whl", "build/lib/a", "tests/__pycache__/a.pyc", ".hypothesis/a", ".venv/a"):
        (copy / left).parent.mkdir(parents=True, exist_ok=True)
        (copy / left).write_text("")
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=copy, check=True, capture_output=True)
    told = subprocess.run(["git", "ls-files"], cwd=copy, check=True, capture_output=True, text=True)
    assert set(told.stdout.split()) == written


def test_what_is_generated_is_what_its_schema_says(engine: Path) -> None:
    assert drift(engine / "schemas", engine / "fluid_my_cache") == []


def test_its_code_passes_linter_and_formatter(engine: Path) -> None:
    settings = ("--isolated", "--no-cache", "--line-length", "110")
    run(None, "-m", "ruff", "check", *settings, "--select", "B,E,F,UP,SIM", engine)
    run(None, "-m", "ruff", "format", *settings, "--check", engine)


def test_its_engine_imports_the_interface_of_authors_and_models_alone(engine: Path) -> None:
    lines = (engine / "fluid_my_cache/engine.py").read_text().splitlines()
    imported = {line.split(" import ")[0] for line in lines if line.startswith("from fluid")}
    assert imported == {"from fluid.engines", "from fluid.models"}
    assert "from fluid.engines import api" in lines


def test_its_own_tests_with_the_conformance_kit_pass_as_they_are(engine: Path) -> None:
    pytest_options = ("-q", "-rs", "-p", "no:cacheprovider", "--rootdir", engine)
    told = run(None, "-m", "pytest", *pytest_options, engine / "tests")
    assert " passed, 1 skipped" in told
    assert "no cluster to ask" in told, "nothing else is skipped"


def test_render_finds_the_engine_once_it_is_installed(engine: Path, site: Path) -> None:
    files = [word for name in ("dataset", "dataload") for word in ("-f", engine / f"manifests/{name}.yaml")]
    documents = yaml.safe_load_all(run(site, "-m", "fluid.cli", "render", *files))
    kinds = {one["kind"] for one in documents}
    assert {"StatefulSet", "DaemonSet", "Service", "PersistentVolumeClaim", "Job"} <= kinds


def test_manifests_have_its_crd_and_the_rights_to_serve_it(site: Path) -> None:
    documents = [*yaml.safe_load_all(run(site, "-m", "fluid.cli", "manifests"))]
    crds = [one["metadata"]["name"] for one in documents if one["kind"] == "CustomResourceDefinition"]
    assert crds.count("mycacheruntimes.data.fluid.io") == 1
    (role,) = [
        one
        for one in documents
        if one["kind"] == "ClusterRole" and one["metadata"]["name"] == "fluid-operator"
    ]
    assert any("mycacheruntimes" in rule["resources"] for rule in role["rules"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My-Cache", "'My-Cache' is no name"),
        ("1cache", "is no name"),
        ("cache-", "is no name"),
        ("a.b", "is no name"),
        ("../cache", "is no name"),
        ("x" * 31, "at most 30"),
        ("class", "is a keyword of Python"),
        ("thin", "ThinRuntime is installed already"),
        ("jindocache", "is installed already"),
    ],
)
def test_a_name_that_is_none_or_is_taken_is_refused_with_the_reason(
    tmp_path: Path, name: str, message: str
) -> None:
    done = fluid("new-engine", "--into", tmp_path, name)
    assert (done.exit_code, [*tmp_path.iterdir()]) == (1, [])
    assert done.output.startswith("Error: ")
    assert message in done.output


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "engine-pebble"
    folder.mkdir()
    (folder / "mine").write_text("kept")
    done = fluid("new-engine", "pebble", "--into", tmp_path)
    assert done.exit_code == 1
    assert done.output == f"Error: {folder} exists: remove it, or choose another name or --into\n"
    assert [*tmp_path.rglob("*")] == [folder, folder / "mine"]


def test_a_failure_halfway_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command_module, "_WRITE_GOLDEN", ("-c", "raise SystemExit('no pytest plug-in')"))
    done = fluid("new-engine", "pebble", "--into", tmp_path)
    assert (done.exit_code, [*tmp_path.iterdir()]) == (1, [])
    assert "the tests of the new engine fail:\nno pytest plug-in" in done.output


def test_without_the_extras_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command_module, "NEEDED", ("no_such_module",))
    done = fluid("new-engine", "pebble", "--into", tmp_path)
    assert done.exit_code == 1
    assert done.output.startswith("Error: fluid new-engine needs the extras codegen and testing:")
    assert "pip install 'fluid-operator[codegen,testing]'" in done.output


def test_the_names_of_an_engine_follow_from_one() -> None:
    name = EngineName.of("my-cache2")
    assert (name.title, name.kind, name.runtime_type, name.package) == (
        "MyCache2",
        "MyCache2Runtime",
        "mycache2",
        "fluid_my_cache2",
    )
