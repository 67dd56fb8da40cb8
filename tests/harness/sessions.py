"""Shell sessions that pages show: commands after `$`, each with what it prints."""

import re
from collections.abc import Mapping
from pathlib import Path

_FENCE = re.compile(r"^```(?:sh)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
_VARIES: Mapping[str, str] = {
    r"\d{4}-\d\d-\d\d[ T][\d:.]+": "TIME",
    r"\b(?:\d+m)?\d+s\b": "SECONDS",
    r"\b\d+\.\d+\.\d+\.\d+\b": "ADDRESS",
}
"""What is another in each run."""


def blocks(page: Path, heading: str) -> list[str]:
    """The blocks of code below a heading of a page."""
    text = page.read_text(encoding="utf-8")
    _, found, after = text.partition(f"\n{heading}\n")
    assert found, f"{page.name} has no heading {heading!r}"
    level = heading.split(" ", maxsplit=1)[0]
    return _FENCE.findall(re.split(rf"^{level} ", after, maxsplit=1, flags=re.MULTILINE)[0])


def session(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what the page says that it prints."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    assert not parts[0].strip(), "a session begins with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def comparable(printed: str) -> list[list[str]]:
    """Lines as words, without what is another in each run."""
    for pattern, name in _VARIES.items():
        printed = re.sub(pattern, name, printed)
    return [line.split() for line in printed.splitlines()]
