"""The page of rights lists what the manifests grant; in which words, a real node is asked (`tests/node`)."""

from pathlib import Path

import pytest

from tests.harness.rights import granted, listed

PAGE = Path(__file__).parents[3] / "docs" / "rights.md"


@pytest.mark.parametrize(
    ("user", "part"),
    [("fluid-operator", "--rbac"), ("csi-nodeplugin-fluid", "--csi")],
    ids=["operator", "plugin"],
)
def test_the_page_lists_every_right_and_no_other(user: str, part: str) -> None:
    block = (
        PAGE.read_text().partition(f"--as system:serviceaccount:fluid-system:{user}\n")[2].partition("```")[0]
    )
    assert listed(block.splitlines()[1:]) == granted(part)
