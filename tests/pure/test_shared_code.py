"""No file of the shared code names an engine, or a kind of data operation: they come from registrations.

The words are those of the registry: an engine that is added to this distribution extends the test.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import fluid
from fluid.engines.core.registry import ENGINES, OPERATIONS, Registry
from fluid.kinds.installed import installed

ROOT = Path(fluid.__file__).parent
GENERATED = ("models", "_schemas", "_crds")
SHIPPED = "lists what is shipped, for those who import `fluid`"
WORDS = "short ways to write what is shipped: a helper each"
EXCEPTIONS = {
    "__init__.py": SHIPPED,
    "sdk/__init__.py": SHIPPED,
    "sdk/shipped.py": SHIPPED,
    "sdk/kinds.py": WORDS,
    "sdk/operations.py": WORDS,
    "sdk/processors.py": WORDS,
    "sdk/sources.py": WORDS,
    "sdk/errors.py": "errors of waiters by the kind of operation, which programs catch",
    "engines/api.py": "gives authors the module with what loaders of engines have in common",
    "kinds/thin.py": "the record of a kind that is shipped",
}
"""Files that may name them, each with the reason."""


def _words() -> set[str]:
    """Types, implementations and kinds of all that is registered, and the profiles of these kinds."""
    registry = Registry.discover()
    named = [
        one for engine in registry.engines.values() for one in (engine.runtime_type, engine.implementation)
    ]
    models = [one.kind for one in (*registry.engines.values(), *registry.operations.values())]
    models += [one.profile for one in installed().runtimes if one.profile is not None]
    return {*(one.lower() for one in named), *(one.resource.kind.lower() for one in models)}


def _rooms() -> set[Path]:
    """The folders of engines and operations: where the functions are that make what is registered."""
    entries = (*entry_points(group=ENGINES), *entry_points(group=OPERATIONS))
    modules = [one.module.split(".") for one in entries if one.module.startswith(f"{fluid.__name__}.")]
    return {ROOT.parent.joinpath(*one).parent for one in modules}


def files() -> Iterator[Path]:
    """All modules of the shared code."""
    rooms = _rooms()
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT)
        if inside.parts[0] not in GENERATED and not rooms & {*path.parents}:
            yield path


def named_in(text: str, words: Iterable[str]) -> list[str]:
    """The lines of a text that have one of the words: a short one by itself, a long one anywhere."""
    short = "|".join(sorted(re.escape(one) for one in words if len(one) < 5)) or "(?!)"
    long = "|".join(sorted(re.escape(one) for one in words if len(one) >= 5)) or "(?!)"
    first_upper = "|".join(one.capitalize() for one in words if len(one) < 5) or "(?!)"
    pattern = re.compile(rf"(?<![a-z])(?:{short})(?![a-z])|(?:{first_upper})(?![a-z])|(?i:{long})")
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("path", [*files()], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_the_shared_code_names_no_engine_and_no_operation(path: Path) -> None:
    found = named_in(path.read_text(), _words())
    if str(path.relative_to(ROOT)) in EXCEPTIONS:
        assert found, "it names none: take it off the list of exceptions"
    else:
        assert not found, "\n".join(found)


def test_the_exceptions_are_files() -> None:
    assert [one for one in EXCEPTIONS if not (ROOT / one).is_file()] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a thin layer", True),
        ("ThinRuntime", True),
        ("is_thin = True", True),
        ("something, within", False),
        ("thinner", False),
        ("JINDO", True),
        ("fs.jindocache", True),
        ("dataloads", True),
        ("load of data", False),
    ],
)
def test_a_word_is_found_in_names_texts_and_comments_and_not_inside_other_words(
    line: str, found: bool
) -> None:
    assert bool(named_in(line, {"thin", "jindo", "dataload"})) is found
