"""What all rings share: the event loop, and how long Hypothesis looks for counterexamples."""

import os

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a busy machine is no bug. `ci` searches longer and prints how to reproduce what it finds.
settings.register_profile("dev", deadline=None, max_examples=60)
settings.register_profile(
    "ci", deadline=None, max_examples=300, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
