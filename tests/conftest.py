"""What all rings share: the event loop, and how long Hypothesis looks for counterexamples."""

import os
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a busy machine is no bug. `ci` searches longer and prints how to reproduce what it finds.
settings.register_profile("dev", deadline=None, max_examples=60)
settings.register_profile(
    "ci", deadline=None, max_examples=300, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_configure() -> None:
    """Engines and operations are entry points: an installation from before a change of them finds others."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    wanted = {(group, *entry) for group, all_ in project["entry-points"].items() for entry in all_.items()}
    found = {(one.group, one.name, one.value) for one in distribution(project["name"]).entry_points}
    if missing := wanted - found:
        names = ", ".join(f"{group}: {name}" for group, name, _ in sorted(missing))
        raise pytest.UsageError(f"what is installed is older than pyproject.toml ({names}): run `make venv`")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
