"""The pages of this checkout name only what there is: links, headings, paths, targets, commands, modules."""

import re
from pathlib import Path

import pytest
from click import Group, Option

from fluid.cli import main

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "bench",
    "charts",
    "cluster",
    "docs",
    "examples",
    "fluid",
    "generated",
    "schemas",
    "tests",
    "tools",
)
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for folder in FOLDERS if folder != "generated" for page in (ROOT / folder).rglob("*.md")),
    ]
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
PATH = re.compile(
    rf"(?<![\w/.<-])(?:{'|'.join(FOLDERS)})/(?!_)[\w./*-]*\w"
)  # `_` begins what only a wheel has
TARGET = re.compile(r"\bmake ([a-z][a-z0-9-]*)(?=[`\s]|$)")
CODE = re.compile(r"```.*?```|`[^`]*`|^ {4}.*$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?<![\w/.])fluid (?!import)([a-z]+(?:-[a-z]+)*)((?: +(?!\|)[^\s`|&;()]+)*)")
MODULE = re.compile(r"\bpython3? -m ([a-z_]+(?:\.[a-z_]+)*)")


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


def code(page: Path) -> str:
    return "\n".join(CODE.findall(page.read_text()))


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_leads_to_a_file_and_its_heading(page: Path) -> None:
    dead: list[str] = []
    for link in LINK.findall(page.read_text()):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_path_in_code_is_there(page: Path) -> None:
    found = {path.rstrip(".") for path in PATH.findall(code(page))}
    assert [path for path in sorted(found) if not any(ROOT.glob(path))] == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_target_of_make_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(code(page))) - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_command_of_fluid_takes_the_options_that_are_shown(page: Path) -> None:
    wrong: list[str] = []
    assert isinstance(main, Group)
    context = main.make_context("fluid", [], resilient_parsing=True)
    for name, arguments in COMMAND.findall(code(page)):
        command = main.get_command(context, name)
        options = (
            [option for one in command.params if isinstance(one, Option) for option in one.opts]
            if command
            else []
        )
        used = [word for word in arguments.split() if re.match(r"--?[a-z]", word)]
        wrong += [f"{name} {word}" for word in used if word.partition("=")[0] not in options]
        if command is None:
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_module_that_is_run_is_there(page: Path) -> None:
    modules = [one for one in MODULE.findall(code(page)) if one.partition(".")[0] in FOLDERS]
    files = [ROOT / module.replace(".", "/") for module in modules]
    assert [
        str(file)
        for file in files
        if not (file / "__main__.py").exists() and not file.with_suffix(".py").exists()
    ] == []
