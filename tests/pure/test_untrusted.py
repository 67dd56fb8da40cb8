# pyright: basic
"""Texts of other people: every regular expression takes linear time, and the readers take anything."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from time import thread_time
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.types import Duration, Quantity
from fluid.types.untrusted import ANNOTATION, DIGITS, read_json, read_time, whole_number

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(file for folder in ("fluid", "charts", "examples") for file in (ROOT / folder).rglob("*.py"))
CALLS = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
LENGTH = 20_000
SECONDS = 0.15
"""CPU time for one text; what is quadratic takes minutes for it."""
RUNS = (
    *("\n", " ", "\t", "\r\n", " \n", "0", "9", "1.", ".1", ".", "-", "--", "a", "a-", "a.", "aB", "_", "/"),
    *(":", "://", ":1", ":1-", "://a", "://a@", "=", "a=", "a=b", "\\", "\\1", "\\12", "(", ")", "()", "$("),
    *("$$", "$(A", ",", ", ", ",a(", "a in (", "a notin (", '"', 'pulling image "', "1m", "1.1m", "1e", "Ki"),
    *(
        "[",
        "]",
        "[ERR",
        "ERROR",
        "Error",
        "error:",
        "<Code>",
        "<Message>",
        "<",
        "; ",
        "'",
        "x ",
        "x x",
        "é",
        "²",
    ),
    *(", used: ", ", used: a, limited", "-00000", "x-aaaaa", 'pods "a', "pod", "Secret ", "the API server "),
)
SHAPES = (
    lambda run: run,
    lambda run: run + "!",
    lambda run: "a" + run + "\x00",
    lambda run: "1" + run + "\n!",
    lambda run: "  " + run + "=",
)


class Expression(NamedTuple):
    """A regular expression of the tree, and one of the ways in which it is used."""

    place: str
    pattern: re.Pattern[str]
    method: str


class Reader(ast.NodeVisitor):
    """All uses of regular expressions in one module."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = ast.parse(file.read_text())
        self.module = load(file)
        self.found: list[Expression] = []
        self.named: dict[str, re.Pattern[str]] = {}
        self.visit(self.tree)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=ast.Name(id="re"), attr=name) if name in CALLS:
                flags = [
                    word for one in node.args[1:] + [k.value for k in node.keywords] for word in flagged(one)
                ]
                pattern = re.compile(self.text(node.args[0]), sum(flags))
                methods = self.uses(node) if name == "compile" else [name]
                place = f"{self.file.relative_to(ROOT)}:{node.lineno}"
                self.found += [Expression(place, pattern, method) for method in methods]

    def text(self, node: ast.expr) -> str:
        """The pattern that an expression gives; a name that is known only at run time stands for a word."""
        try:
            source = ast.unparse(node)
            return eval(source, {**vars(self.module), "__builtins__": {}, "re": re})
        except (NameError, AttributeError):
            assert isinstance(node, ast.JoinedStr), f"{self.file}:{node.lineno}: what pattern is this?"
        parts = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(part.value)
            else:
                parts.append("some-name")
        return "".join(parts)

    def uses(self, compiled: ast.Call) -> list[str]:
        """The methods that the module, or any other that imports the name, calls on a compiled expression."""
        name = next(
            target.id
            for one in ast.walk(self.tree)
            if isinstance(one, ast.Assign) and any(part is compiled for part in ast.walk(one.value))
            for target in one.targets
            if isinstance(target, ast.Name)
        )
        called = {
            one.attr
            for one in ast.walk(self.tree)
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == name
        }
        return sorted(called & set(CALLS)) or ["match", "fullmatch", "search"]


def flagged(node: ast.expr) -> Iterator[int]:
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "re":
            yield int(getattr(re, one.attr))


def load(file: Path) -> ModuleType:
    """A module of the tree; a script that belongs to no package is read from its folder."""
    if file.is_relative_to(ROOT / "fluid"):
        return importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    if file.with_name("__init__.py").exists():  # of another distribution, which imports itself
        package = file.parent
        while package.parent.joinpath("__init__.py").exists():
            package = package.parent
        sys.path.insert(0, str(package.parent))
        try:
            return importlib.import_module(".".join(file.relative_to(package.parent).with_suffix("").parts))
        finally:
            del sys.path[0]
    spec = importlib.util.spec_from_file_location(f"_untrusted_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent.parent))
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.path[:2]
    return module


def expressions() -> list[Expression]:
    return [
        one for file in SOURCES if "re." in file.read_text() for one in Reader(file).found if uses_re(file)
    ]


def uses_re(file: Path) -> bool:
    return any(
        isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names)
        for node in ast.walk(ast.parse(file.read_text()))
    )


FOUND = expressions()


def test_every_use_of_a_regular_expression_is_found() -> None:
    """By words alone, so that a new way to use them does not slip through."""
    uses = sum(
        len(re.findall(rf"\bre\.(?:{'|'.join(CALLS)})\(", file.read_text()))
        for file in SOURCES
        if uses_re(file)
    )
    assert len({one.place for one in FOUND}) >= 40
    assert len({(one.place, one.pattern.pattern) for one in FOUND}) == uses
    assert not [
        file for file in SOURCES if re.search(r"from re import|import re as|import regex", file.read_text())
    ]


@pytest.mark.parametrize("expression", FOUND, ids=[f"{one.place}-{one.method}" for one in FOUND])
def test_no_text_makes_a_regular_expression_slow(expression: Expression) -> None:
    for run in RUNS:
        for shape in SHAPES:
            text = shape(run * (LENGTH // len(run)))
            if took(expression, text) < SECONDS:
                continue
            shorter = shape(run * (LENGTH // len(run) // 4))
            assert grows_linearly(expression, shorter, text), (
                f"{expression.pattern.pattern!r} on {run!r} repeated"
            )


def grows_linearly(expression: Expression, shorter: str, longer: str) -> bool:
    """Whether four times the length takes four times as long, and not sixteen, on any machine."""
    least = [min(took(expression, text) for _ in range(3)) for text in (shorter, longer)]
    return least[1] < 9 * least[0]


def took(expression: Expression, text: str) -> float:
    used: Any = getattr(expression.pattern, expression.method)
    started = thread_time()
    of_bytes = isinstance(used.__self__.pattern, bytes)
    subject = text.encode(errors="surrogatepass") if of_bytes else text
    found = used(type(subject)(), subject) if expression.method in ("sub", "subn") else used(subject)
    if expression.method == "finditer":
        list(found)
    return thread_time() - started


def test_the_expression_that_stopped_the_operator_would_be_found() -> None:
    quadratic = re.compile(r"^\s*([\w.]+)\s*=\s*(\d+)\s*$", re.MULTILINE)
    found = Expression("", quadratic, "findall")
    assert took(found, "\n" * LENGTH) > SECONDS
    assert not grows_linearly(found, "\n" * (LENGTH // 4), "\n" * LENGTH)


@given(st.text() | st.integers().map(str) | st.text("0123456789٣²", max_size=30))
def test_a_number_is_read_or_is_none(text: str) -> None:
    number = whole_number(text)
    assert number is None or (str(number) == text.lstrip("0") or text.strip("0") == "")


@pytest.mark.parametrize(
    "text", ["9" * 5000, "9" * (DIGITS + 1), "²", "٣", "-1", "1.0", "", "1e3", "inf", "NaN"]
)
def test_what_is_no_number_of_ordinary_length_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_the_largest_number_counts_and_no_larger_one() -> None:
    assert whole_number("65535", 65535) == 65535
    assert whole_number("65536", 65535) is None
    assert whole_number("9" * DIGITS) == 10**DIGITS - 1


@pytest.mark.parametrize(
    "text", ["", "now", "2026-01-01", "2026-01-01T00:00:00", "9" * 5000, "²026", "\ud800"]
)
def test_what_is_no_moment_with_a_zone_is_none(text: str) -> None:
    assert read_time(text) is None
    assert read_time("2026-01-01T00:00:00Z") == read_time("2026-01-01T01:00:00+01:00") is not None


@pytest.mark.parametrize(
    "text", ["[" * 4000, "[" * 100_000, "9" * 5000, '{"a":' * 700, "", "{", " " * 1_000_000, "\ud800", "nul"]
)
def test_what_is_no_json_of_ordinary_size_is_none(text: str) -> None:
    assert read_json(text) is None
    assert read_json(f'["{"a" * (ANNOTATION - 4)}"]') is not None


@pytest.mark.parametrize("kind", [Quantity, Duration])
@pytest.mark.parametrize(
    "text", ["9" * 5000, "1" * 1_000_000 + "Gi", "1e" + "9" * 5000, "0" * 300 + "s", "1m" * 500]
)
def test_an_endless_spelling_is_refused_in_words(kind: type, text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (quantity|duration)") as caught:
        kind(text)
    assert len(str(caught.value)) < 300
