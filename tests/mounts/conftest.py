"""Real mounts, seen by nobody else: this process goes into a mount namespace of its own and stays there."""

import os
from collections.abc import Iterator

import pytest

from tests.mounts.support import Machine, node_in_a_folder, obstacle


@pytest.fixture(scope="session")
def able() -> None:
    """Skips where no mounts can be made, and fails there in CI, where a skip would hide that nothing ran."""
    if why := obstacle():
        reason = f"no mounts can be made here: {why}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def machine(able: None) -> Iterator[Machine]:
    """A node in a folder, for one test."""
    with node_in_a_folder() as found:
        yield found
