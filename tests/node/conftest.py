"""One real node for all tests of this folder, a namespace of its own for each."""

import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster import BuildError, StartError
from cluster.node import Node, attach, datapath, start
from tests.node.support import require_node

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.node)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured and noted by `record_property`."""
    passed: list[pytest.TestReport] = terminalreporter.getreports("passed")
    figures = [f"{name}: {value}" for report in passed for name, value in report.user_properties]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(figures))


@pytest.fixture(scope="session")
def able() -> None:
    """Skips on a machine where no node can run, and fails there in CI."""
    require_node()


@pytest.fixture(scope="session")
def node(able: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The running node in $FLUID_TEST_NODE (a directory), else a new one."""
    if given := os.environ.get("FLUID_TEST_NODE"):
        if not (found := attach(Path(given).absolute())):
            pytest.fail(f"FLUID_TEST_NODE={given}: no node runs there", pytrace=False)
        yield found
        return
    try:
        started = start(tmp_path_factory.mktemp("node") / "node", tethered=True)
    except (BuildError, StartError) as error:
        pytest.fail(f"the node cannot be started here: {error}", pytrace=False)
    try:
        yield started
    finally:
        started.stop()


@contextmanager
def _fresh_namespace(node: Node) -> Generator[str]:
    name = f"test-{secrets.token_hex(4)}"
    node.kubectl("create", "namespace", name)
    yield name
    node.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def namespace(node: Node) -> Iterator[str]:
    """A namespace that no other test uses; its deletion is begun, not awaited."""
    with _fresh_namespace(node) as name:
        yield name


@pytest.fixture(scope="session")
def deployed(node: Node) -> Node:
    """The node with our operator in it, as `make deploy` brings it into any cluster."""
    datapath.deploy(node)
    return node


@pytest.fixture(scope="session")
def stored(deployed: Node) -> Node:
    """The node with the images of the data path, and the profiles of the examples."""
    datapath.provide(deployed, "rclone", "s3fs")
    return deployed


@pytest.fixture
def bucket(stored: Node, namespace: str) -> Node:
    """Two buckets behind an S3 server in the test's namespace, and what the examples need there."""
    datapath.serve(stored, namespace)
    return stored


@pytest.fixture(scope="module")
def home(stored: Node) -> Iterator[str]:
    """The same for all tests of a file: a namespace with an S3 server, for what none of them changes."""
    with _fresh_namespace(stored) as name:
        datapath.serve(stored, name)
        yield name
