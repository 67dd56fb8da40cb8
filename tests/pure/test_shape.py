"""Rules of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.circles import import_graph, modules, told

ROOT = Path(__file__).parents[2]
TYPED_ROOMS = ("fluid/controllers", "fluid/engines", "fluid/charts")
UNTYPED_NAMES = ("Any", "cast")
LONGEST_FUNCTION = 50


def _modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def _escapes(tree: ast.AST) -> Iterator[str]:
    """Places where a module leaves the typed world."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in UNTYPED_NAMES:
            yield f"line {node.lineno}: {node.id}"
        if isinstance(node, ast.Subscript) and (text := ast.unparse(node)) == "dict[str, object]":
            yield f"line {node.lineno}: {text}"


@pytest.mark.parametrize("path", _modules(*TYPED_ROOMS), ids=lambda path: str(path.relative_to(ROOT)))
def test_controllers_engines_and_charts_work_on_typed_models_only(path: Path) -> None:
    assert list(_escapes(ast.parse(path.read_text()))) == []


def test_the_search_for_untyped_places_finds_them() -> None:
    module = "from typing import Any, cast\nx: Any = 1\ny = cast(int, x)\nz: dict[str, object] = {}\n"
    assert len(list(_escapes(ast.parse(module)))) == 3


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_functions_fit_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in _modules("fluid", "cluster", "tools", "bench")
        if "models" not in path.parts
        for node in _functions(ast.parse(path.read_text()))
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_there_is_no_sleep_in_a_reconcile() -> None:
    """Controllers wait by watches and by the queue; the only timers are background tasks of their own."""
    sleeps = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _modules("fluid/controllers", "fluid/engines")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and path.name not in ("query_runner.py", "lasting_queries.py", "pod_logs.py")
    ]
    assert sleeps == []


def test_only_entry_points_use_asyncio_itself() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in _modules("fluid")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(alias.name.split(".")[0] == "asyncio" for alias in node.names)
    ]
    assert users == []


def test_no_modules_import_each_other() -> None:
    """Not for type checkers either, and not inside of functions."""
    assert told(import_graph(modules())) == []


def test_no_module_of_the_package_imports_the_package_itself() -> None:
    """It is for users; the version is in `fluid._version`."""
    graph = import_graph(modules(ROOT, ("fluid",)))
    assert [name for name, imported in graph.items() if "fluid" in imported] == []


_CIRCLES = {
    "import packed.b": "import packed.a",
    "from packed import b": "from packed.a import x",
    "from . import b": "from .a import x",
    "from packed.b import x": "def late() -> None:\n    import packed.a",
    "import packed.b as b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import packed.a",
}


@pytest.mark.parametrize(("there", "back"), _CIRCLES.items())
def test_the_search_for_circles_finds_them(tmp_path: Path, there: str, back: str) -> None:
    (tmp_path / "packed").mkdir()
    for name, text in (("__init__", "from packed.a import x"), ("a", there), ("b", back)):
        (tmp_path / f"packed/{name}.py").write_text(text)
    graph = import_graph(modules(tmp_path, ("packed",)))
    assert told(graph) == ["packed.a -> packed.b", "packed.b -> packed.a"]


def test_the_search_for_circles_finds_a_module_that_imports_its_package(tmp_path: Path) -> None:
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed/__init__.py").write_text("from packed.a import x")
    (tmp_path / "packed/a.py").write_text("from packed import y")
    graph = import_graph(modules(tmp_path, ("packed",)))
    assert told(graph) == ["packed -> packed.a", "packed.a -> packed"]
