# pyright: basic
"""Rights, guard and rendering of an engine whose kind is in an API group of its own."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.harness.foreign import API, GROUP, program, write_foreign
from tests.harness.hello import MANIFESTS

WRITE = {"create", "delete", "deletecollection", "patch", "update"}
EXPECTED = {
    "fluid-operator": {
        (GROUP, "helloruntimes"): {"get", "list", "watch", "patch", "delete"},
        (GROUP, "helloruntimes/status"): {"patch"},
        ("networking.k8s.io", "ingresses"): {"list", "watch", "create", "patch", "delete"},
        ("autoscaling", "horizontalpodautoscalers"): {"get", "use"},
    },
    "fluid-view": {
        (GROUP, "helloruntimes"): {"get", "list", "watch"},
        (GROUP, "helloruntimes/scale"): {"get"},
    },
    "fluid-edit": {
        (GROUP, "helloruntimes"): WRITE,
        (GROUP, "helloruntimes/scale"): {"patch", "update"},
    },
    "csi-nodeplugin-fluid": {(GROUP, "helloruntimes"): {"get"}},
}


@pytest.fixture(scope="module")
def fluid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return program(write_foreign(tmp_path_factory.mktemp("foreign")))


def run(fluid: Path, *arguments: str | Path) -> tuple[str, str]:
    done = subprocess.run([fluid, *arguments], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def printed(fluid: Path) -> list[dict]:
    text, said = run(fluid, "manifests")
    assert said == ""
    return [*yaml.safe_load_all(text)]


def rules(printed: list[dict], role: str) -> list[dict]:
    [found] = [one for one in printed if (one["kind"], one["metadata"]["name"]) == ("ClusterRole", role)]
    return found["rules"]


@pytest.mark.parametrize("role", EXPECTED)
def test_each_role_has_the_rights_on_the_kind_of_another_group(printed: list[dict], role: str) -> None:
    found = {
        (group, resource): {*rule["verbs"]}
        for rule in rules(printed, role)
        if "resourceNames" not in rule
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    shipped = {"", "apps", "batch", "data.fluid.io"}
    assert {key: verbs for key, verbs in found.items() if key[0] not in shipped} == EXPECTED[role]
    assert not [key for key in found if key[1].startswith("helloruntimes") and key[0] != GROUP]


def test_a_right_on_one_object_stays_one_on_that_object(printed: list[dict]) -> None:
    about_names = [one for one in rules(printed, "fluid-operator") if "resourceNames" in one]
    assert about_names == [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["cache-ca"], "verbs": ["get"]}
    ]
    others = [one for one in rules(printed, "fluid-operator") if "resourceNames" not in one]
    assert not [one for one in others if "secrets" in one["resources"]]


def test_the_guard_keeps_the_crds_of_that_group_too(printed: list[dict]) -> None:
    [guard] = [
        one
        for one in printed
        if (one["kind"], one["metadata"]["name"]) == ("ValidatingAdmissionPolicy", "fluid-keep-kinds")
    ]
    [condition] = guard["spec"]["matchConditions"]
    assert condition["expression"] == f'oldObject.spec.group in ["{GROUP}", "data.fluid.io"]'


def test_what_its_chart_has_beyond_the_usual_kinds_is_rendered(fluid: Path, tmp_path: Path) -> None:
    file = tmp_path / "dataset.yaml"
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    runtime["apiVersion"] = API
    file.write_text(yaml.safe_dump_all([dataset, runtime]))
    objects = [*yaml.safe_load_all(run(fluid, "render", "-f", file)[0])]
    assert "Ingress" in {one["kind"] for one in objects}


def test_a_cluster_wide_kind_among_the_children_is_refused(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path)
    engine = folder / "fluid_hello" / "engine.py"
    engine.write_text(
        engine.read_text()
        .replace("children=[Ingress]", "children=[Node]")
        .replace("import EnvVar", "import Node, EnvVar")
    )
    said = run(program(folder), "manifests", "--crds")[1]
    assert "has Node among its children, which is no namespaced kind: leave it out" in said
