"""The SDK is imported by programs that only write and read objects: it loads nothing of the operator."""

import subprocess
import sys

import pytest

OPERATOR = (
    *("fluid.cli", "fluid.controllers", "fluid.csi", "fluid.charts", "fluid.engines", "fluid.offline"),
    "fluid.operator",
    *("click", "grpc", "jinja2", "prometheus_client", "structlog"),
)
ALL_NAMES = "import fluid; [getattr(fluid, name) for name in fluid.__all__]"


def loaded(program: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a program."""
    told = f"{program}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def of_operator(modules: set[str]) -> list[str]:
    return sorted(one for one in modules if any(f"{one}.".startswith(f"{part}.") for part in OPERATOR))


@pytest.mark.parametrize("program", ["import fluid.sdk", ALL_NAMES])
def test_the_sdk_loads_nothing_of_the_operator(program: str) -> None:
    modules = loaded(program)
    assert "fluid.sdk.client" in modules
    assert of_operator(modules) == []


def test_the_package_itself_loads_nothing_before_a_name_is_asked_for() -> None:
    modules = loaded("import fluid; fluid.__version__")
    assert sorted(one for one in modules if one.split(".")[0] in ("fluid", "pydantic", "lightkube")) == [
        "fluid",
        "fluid._version",
    ]


def test_the_search_for_modules_of_the_operator_finds_them() -> None:
    modules = loaded("import fluid.cli, fluid.kube.metrics, fluid.operator.process")
    found = of_operator(modules)
    assert {"click", "fluid.cli", "fluid.engines", "jinja2", "prometheus_client", "structlog"} <= {*found}
