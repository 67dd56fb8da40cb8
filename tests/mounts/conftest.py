"""Real mounts, seen by nobody else: this process goes into a mount namespace of its own and stays there."""

import os
from collections.abc import Iterator

import pytest

from tests.mounts.support import Machine, node_in_a_folder, obstacle


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A node in a folder; skips where there can be none, and fails there in CI."""
    if why := obstacle():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no mounts can be made here: {why}", pytrace=False)
        pytest.skip(f"no mounts can be made here: {why}")
    with node_in_a_folder() as found:
        yield found
