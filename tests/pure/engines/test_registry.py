"""What is done with the registrations of other distributions, good and bad."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluid.engines.core.distributions import INTERFACE, version_problem
from fluid.engines.core.registry import ENGINES, OPERATIONS, Registry, read_registry
from fluid.kinds.installed import GROUP, read_kinds
from tests.harness.plugins import ASKING, ENGINE, MODELS, QUERIES, write_plugin

SHIPPED = {"AlluxioRuntime", "JindoRuntime", "JuiceFSRuntime", "ThinRuntime"}
BROKEN = 'raise ImportError("no toys today")'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder on sys.path; what was imported from it is forgotten."""
    known = {*sys.modules}
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in {*sys.modules} - known:
        del sys.modules[name]


def registry(folder: Path) -> Registry:
    """What is shipped, and what is in a folder."""
    assert str(folder) in sys.path
    kinds = read_kinds(entry_points(group=GROUP))
    return read_registry(entry_points(group=ENGINES), entry_points(group=OPERATIONS), kinds)


def test_an_engine_of_another_distribution_is_found_with_its_crd(folder: Path) -> None:
    found = registry(write_plugin(folder))
    assert found.problems == ()
    toy = found.engines["ToyRuntime"]
    assert (toy.runtime_type, toy.implementation) == ("toy", "toycache")
    assert toy.finalizer == "toy-runtime-controller-finalizer"
    assert found.of_type("toy") is toy
    assert "toyruntimes.data.fluid.io" in "".join(
        one if isinstance(one, str) else one.read_text() for one in found.crds
    )


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"engine.py": BROKEN}, "cannot be registered (ImportError: no toys today)"),
        ({"engine.py": "raise SystemExit(3)"}, "cannot be registered (SystemExit: 3)"),
        ({"engine.py": "def registration(): exit()"}, "cannot be registered (SystemExit"),
        (
            {"engine.py": ENGINE.replace("build=build", "build=7")},
            "UnfitError: a function of the registration cannot be called",
        ),
        (
            {"engine.py": ENGINE.replace("build=build", "build=build, references=[7]")},
            "references has a int in it and no Reference",
        ),
        (
            {"engine.py": ENGINE.replace("build=build", "build=build, settings=dict")},
            "cannot be registered (TypeError",
        ),
        (
            {"models.py": MODELS.replace("status: RuntimeStatus | None", "status: ToySpec | None")},
            "ToyRuntime has a status that is no RuntimeStatus",
        ),
        ({"engine.py": "def registration(): return 1 / 0"}, "(ZeroDivisionError: division by zero)"),
        (
            {"engine.py": "def registration(): return 7"},
            "TypeError: it makes a int and no EngineRegistration",
        ),
        ({"engine.py": ENGINE.replace('"1.0"', '"2.0"')}, "was written for version 2.0 of the interface"),
        ({"engine.py": ENGINE.replace('"1.0"', '"1.9"')}, "was written for version 1.9 of the interface"),
        ({"engine.py": ENGINE.replace('"1.0"', '"one"')}, "names 'one' as the version of the interface"),
        (
            {"engine.py": ENGINE.replace('interface="1.0"', "colour=3")},
            "unexpected keyword argument 'colour'",
        ),
        ({"engine.py": ENGINE.replace('"toy"', '"doll"')}, "as another runtime type: add toyruntime ="),
        ({"models.py": BROKEN}, "toys 1.0 (entry point toy of fluid.kinds) cannot be loaded (ImportError"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_refused_with_its_cause_and_the_others_stay(
    folder: Path, files: dict[str, str], reason: str
) -> None:
    found = registry(write_plugin(folder, files=files))
    assert {*found.engines} == SHIPPED
    assert {*found.operations} == {"DataBackup", "DataLoad", "DataMigrate", "DataProcess"}
    told = [one.reason for one in found.problems]
    assert any(reason in one for one in told), told
    assert all("toys 1.0" in one for one in told)


@pytest.mark.parametrize(
    ("queries", "reason"),
    [
        ("[7]", "brings int where a QueryKind belongs"),
        ("[KIND, KIND]", "brings a handler of toys.queries.CountToys twice"),
        (
            "[Exec.answered_by(print)]",
            "a handler of fluid.engines.core.queries.Exec, which Fluid answers itself",
        ),
    ],
)
def test_an_engine_whose_queries_cannot_be_answered_so_is_refused(
    folder: Path, queries: str, reason: str
) -> None:
    imports = "import KIND\n    from fluid.engines.core.queries import Exec"
    engine = ASKING.replace("import KIND", imports).replace("[KIND]", queries)
    (problem,) = registry(write_plugin(folder, files={"engine.py": engine, "queries.py": QUERIES})).problems
    assert reason in problem.reason
    assert "toys 1.0" in problem.reason


def test_two_handlers_of_one_type_of_query_are_both_refused_by_the_names_of_both_distributions(
    folder: Path,
) -> None:
    def block(text: str) -> str:
        names = {"ToyRuntime": "BlockRuntime", "toyruntime": "blockruntime", "toycache": "blockcache"}
        for one, other in {**names, '"toy"': '"block"'}.items():
            text = text.replace(one, other)
        return text

    write_plugin(folder, files={"engine.py": ASKING, "queries.py": QUERIES})
    assert [kind.name for kind in registry(folder).queries] == ["toys.queries.CountToys"]
    engine = block(ASKING).replace("from .queries", "from toys.queries")
    announced = {
        ENGINES: {"block": "{package}.engine:registration"},
        GROUP: {"block": "{package}.models:BlockRuntime"},
    }
    write_plugin(folder, "blocks", {"engine.py": engine, "models.py": block(MODELS)}, announced)
    found = registry(folder)
    assert {*found.engines} == SHIPPED
    (problem,) = found.problems
    assert "a handler of toys.queries.CountToys is brought by" in problem.reason
    assert "blocks 1.0 (entry point block of fluid.engines)" in problem.reason
    assert "toys 1.0 (entry point toy of fluid.engines)" in problem.reason


def test_two_engines_of_one_kind_are_both_refused_by_the_names_of_both_distributions(folder: Path) -> None:
    write_plugin(folder, "blocks")
    found = registry(write_plugin(folder, "toys"))
    assert {*found.engines} == SHIPPED
    kind = next(one for one in found.problems if one.name == "ToyRuntime")
    assert "blocks 1.0 (entry point toy of fluid.kinds)" in kind.reason
    assert "toys 1.0 (entry point toy of fluid.kinds)" in kind.reason


def test_a_second_engine_of_a_kind_that_is_shipped_takes_that_kind_away_and_no_other(folder: Path) -> None:
    engine = ENGINE.replace(
        "from .models import ToyRuntime", "from fluid.models import ThinRuntime as ToyRuntime"
    )
    files = {"engine.py": engine.replace('"toy"', '"thin"')}
    announced = {ENGINES: {"mine": "{package}.engine:registration"}}
    found = registry(write_plugin(folder, files=files, announced=announced))
    assert {*found.engines} == SHIPPED - {"ThinRuntime"}
    assert [one.name for one in found.problems] == ["ThinRuntime"]
    assert all("toys 1.0" in one.reason and "fluid-operator" in one.reason for one in found.problems)


def test_an_engine_that_is_not_announced_as_a_kind_is_told_what_to_write(folder: Path) -> None:
    announced = {ENGINES: {"toy": "{package}.engine:registration"}}
    found = registry(write_plugin(folder, announced=announced))
    (problem,) = found.problems
    assert 'add toyruntime = "toys.models:ToyRuntime" to the entry points' in problem.reason
    assert 'in the group "fluid.kinds"' in problem.reason


@pytest.mark.parametrize(
    ("theirs", "fits"),
    [("1.0", True), ("1.2", True), ("1.3", False), ("0.9", False), ("2.0", False), ("1", False), ("", False)],
)
def test_an_older_second_number_fits_and_nothing_else(theirs: str, fits: bool) -> None:
    assert (version_problem(theirs, "1.2") == "") is fits


def test_what_is_shipped_was_written_for_this_version() -> None:
    found = Registry.discover()
    assert found.problems == ()
    assert {one.interface for one in (*found.engines.values(), *found.operations.values())} == {INTERFACE}


def printed(folder: Path, *arguments: str) -> tuple[list[dict[str, Any]], str]:
    command = [sys.executable, "-m", "fluid.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return [*yaml.safe_load_all(done.stdout)], done.stderr


def test_manifests_print_what_others_bring_and_say_what_is_left_out(tmp_path: Path) -> None:
    write_plugin(tmp_path, files={"engine.py": ASKING, "queries.py": QUERIES})
    write_plugin(
        tmp_path, "blocks", {"engine.py": BROKEN}, {ENGINES: {"block": "{package}.engine:registration"}}
    )
    objects, said = printed(tmp_path, "manifests")
    assert "toyruntimes.data.fluid.io" in {one["metadata"]["name"] for one in objects}
    rules = {one["metadata"]["name"]: one["rules"] for one in objects if one["kind"] == "ClusterRole"}
    for role in ("fluid-operator", "fluid-view", "fluid-edit", "csi-nodeplugin-fluid"):
        assert any("toyruntimes" in (rule.get("resources") or ()) for rule in rules[role]), role
    asked = {"apiGroups": ["toys.example.com"], "resources": ["boxes"], "verbs": ["get"]}
    assert [role for role, found in rules.items() if asked in found] == ["fluid-operator"]
    assert said == (
        "Warning: left out: blocks 1.0 (entry point block of fluid.engines) cannot be registered "
        "(ImportError: no toys today)\n"
    )
