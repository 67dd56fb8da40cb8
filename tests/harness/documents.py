"""The examples of a page of docs/, as one program."""

import re
from pathlib import Path

_DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str) -> str:
    """All Python blocks of a page, in their order."""
    found = re.findall(r"^```python\n(.*?)^```", (_DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"docs/{page} has no examples"
    return "\n".join(found)
