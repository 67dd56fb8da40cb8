"""Circles between the modules of this repository: `python -m tools.circles` lists them.

Every import counts: at the top of a module, inside of a function, and under TYPE_CHECKING. That Python
imports the packages around a module first does not: each would be in a circle with all that it re-exports.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("fluid", "cluster", "bench", "tests", "tools", "examples", "codegen.py")
Graph = Mapping[str, frozenset[str]]


def modules(root: Path = ROOT, rooms: tuple[str, ...] = ROOMS) -> dict[str, Path]:
    """Every module in some files and folders by its dotted name; a package is its `__init__`."""
    return {_name(path.relative_to(root)): path for room in rooms for path in _files(root / room)}


def _files(path: Path) -> Iterator[Path]:
    """The modules at and below a path; symbolic links are followed, as `fluid/models` is one."""
    if path.suffix == ".py":
        yield path
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _files(inner)


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(files: Mapping[str, Path]) -> dict[str, frozenset[str]]:
    """What each module imports of the others."""
    return {name: frozenset(_imported(name, path, files)) for name, path in files.items()}


def _imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                target = inner if inner in known else source
                if target in known and target != name:
                    yield target


def circles(graph: Graph) -> list[list[str]]:
    """The groups of modules of which each imports each other, directly or not; empty when all is well."""
    reach = {name: _reachable(name, graph) for name in graph}
    groups = {frozenset(other for other in reach[name] if name in reach[other]) for name in graph}
    return sorted(sorted(group) for group in groups if group)


def _reachable(start: str, graph: Graph) -> frozenset[str]:
    found: set[str] = set()
    ahead = [*graph[start]]
    while ahead:
        if (name := ahead.pop()) not in found:
            found.add(name)
            ahead.extend(graph[name])
    return frozenset(found)


def told(graph: Graph) -> list[str]:
    """Each circle as lines for people: which import closes it."""
    return [
        f"{name} -> {', '.join(sorted(graph[name].intersection(group)))}"
        for group in circles(graph)
        for name in group
    ]


def main() -> int:
    """Print what is in circles; the exit code is 1 when anything is."""
    graph = import_graph(modules())
    lines = told(graph)
    summary = f"{len(circles(graph))} circles, {len(lines)} of {len(graph)} modules in them"
    sys.stdout.write("\n".join([*lines, summary]) + "\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
