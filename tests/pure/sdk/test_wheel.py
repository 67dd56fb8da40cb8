"""What an installation gets: the built wheel, in a folder of its own, without network."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import fluid
import fluid.sdk

ROOT = Path(__file__).parents[3]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([*command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("fluid_operator-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "packages"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    source = ("--no-index", "--find-links", wheel.parent, "--no-deps", "fluid-operator")
    run(*pip, "install", "--target", target, *source, cwd=wheel.parent)
    return target


def test_the_wheel_has_models_charts_and_crds_as_real_files(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "class Dataset(" in archive.read("fluid/models/dataset.py").decode()
    folders = {name.split("/")[0] for name in names}
    assert folders == {"fluid", f"fluid_operator-{fluid.__version__}.dist-info"}, (
        "no other name in site-packages"
    )
    assert not [name for name in names if "generated" in name]
    for expected in (
        "py.typed",
        "_crds/data.fluid.io_datasets.yaml",
        "_charts/jindocache/Chart.yaml",
        "_schemas/common.yaml",
        "_schemas/kubernetes.json",
        "codegen/templates/pydantic_v2/BaseModel.jinja2",
        "codegen/engine_templates/pyproject.toml.jinja",
    ):
        assert f"fluid/{expected}" in names


def test_the_installed_package_works_and_its_root_costs_nothing(installed: Path, tmp_path: Path) -> None:
    program = """
import json, sys
sys.path.insert(0, sys.argv[1])
import fluid
before = sorted({"pydantic", "lightkube", "anyio", "fluid", "fluid.sdk"} & {*sys.modules})
from fluid import Dataset, s3
print(json.dumps([fluid.__file__, before, Dataset.of("hbase", s3("bucket")).to_yaml()]))
"""
    file, before, text = json.loads(run(sys.executable, "-c", program, installed, cwd=tmp_path))
    assert Path(file).is_relative_to(installed)
    assert before == ["fluid"]
    assert "mountPoint: s3://bucket" in text


def test_every_public_type_is_known(installed: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv")  # pyright looks for py.typed in site-packages proper
    site = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")}))
    (site / "fluid").symlink_to(installed / "fluid")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = (sys.executable, "-m", "pyright", "--verifytypes", "fluid", "--ignoreexternal", "--outputjson")
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        [*command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    report = json.loads(done.stdout)
    found = report["typeCompleteness"]
    problems = [
        f"{symbol['name']}: {one['message']}"
        for symbol in found["symbols"]
        for one in symbol["diagnostics"]
        if one["severity"] == "error"
    ]
    assert problems == []
    assert found["completenessScore"] == 1


def test_the_surface_is_what_the_sdk_exports() -> None:
    assert [name for name in fluid.__all__ if name != "__version__"] == [
        name for name in fluid.sdk.__all__ if name != "FIELD_MANAGER"
    ]
    for name in fluid.__all__:
        assert getattr(fluid, name) is getattr(fluid.sdk, name, fluid.__version__)
    assert set(fluid.__all__) <= set(dir(fluid))
    with pytest.raises(AttributeError, match="no attribute 'Datset'"):
        getattr(fluid, "Datset")  # noqa: B009 - as a name that a type checker does not look up
