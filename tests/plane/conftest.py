"""One real control plane for all tests of this folder, a namespace of its own for each."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import BuildError, ControlPlane, Operator, StartError, attach, start

_HERE = Path(__file__).parent
_CRDS = _HERE.parent.parent / "generated" / "crds"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.plane)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane with our CRDs: the running one in $FLUID_TEST_CLUSTER (a directory), else a new one."""
    if given := os.environ.get("FLUID_TEST_CLUSTER"):
        found = attach(Path(given).absolute())
        if not found:
            pytest.fail(f"FLUID_TEST_CLUSTER={given}: no cluster runs there", pytrace=False)
        _apply_crds(found)
        yield found
        return
    try:
        started = start(tmp_path_factory.mktemp("plane") / "cluster", tethered=True)
    except (BuildError, StartError) as error:
        pytest.fail(f"the control plane cannot be started here: {error}", pytrace=False)
    try:
        _apply_crds(started)
        yield started
    finally:
        started.stop()


@pytest.fixture
def namespace(plane: ControlPlane) -> Iterator[str]:
    """A namespace that no other test uses; its deletion is begun, not awaited."""
    name = f"test-{secrets.token_hex(4)}"
    plane.kubectl("create", "namespace", name)
    yield name
    plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def installed(plane: ControlPlane) -> Operator:
    """An operator that may be started: its rights are applied, and it has a token of its ServiceAccount."""
    operator = Operator(plane)
    operator.install()
    return operator


@pytest.fixture(scope="module")
def operator(installed: Operator) -> Iterator[Operator]:
    """The running operator. It serves all namespaces, so it ends with the module: others bring their own."""
    installed.start()
    yield installed
    installed.stop()


def _apply_crds(plane: ControlPlane) -> None:
    if any(_CRDS.glob("*.yaml")):
        plane.kubectl("apply", "--server-side", "--filename", str(_CRDS))
        plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
