"""What pytest loads in every run of an environment with Fluid: options, and nothing heavy."""

import pytest

WRITE_GOLDEN = "--fluid-write-golden"
"""Option that writes golden files in place of comparing with them."""
KUBECONFIG = "--fluid-kubeconfig"
"""Option that names a cluster which is asked whether it would take what is rendered; nothing is stored."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the kit."""
    group = parser.getgroup("fluid", "engines of Fluid")
    group.addoption(
        WRITE_GOLDEN,
        action="store_true",
        default=False,
        help="write what engines make of their example specs to golden files instead of comparing with them",
    )
    group.addoption(
        KUBECONFIG,
        default="",
        metavar="FILE",
        help="a cluster to ask, by dry runs, whether it takes what engines make of their example specs",
    )
