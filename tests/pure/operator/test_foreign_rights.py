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
    assert said == "Warning: the engine of HelloRuntime asks for rights that Fluid does without: secrets\n"
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


def test_a_crd_that_is_missing_and_a_kind_that_is_not_announced_are_told(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path)
    [crd] = (folder / "fluid_hello" / "crds").glob("*.yaml")
    text = crd.read_text()
    crd.unlink()
    said = run(program(folder), "manifests", "--rbac")[1]
    lost = f"HelloRuntime of {GROUP} has no CRD: put the file into the folder crds of the package fluid_hello"
    assert f"Warning: {lost}" in said.splitlines()
    crd.write_text(text.replace("name: v1alpha1", "name: v2"))
    said = run(program(folder), "manifests", "--rbac")[1]
    assert f"Warning: the CRD of HelloRuntime of {GROUP} serves v2, and the model is of v1alpha1" in said
    crd.write_text(text)
    entries = folder / "fluid_engine_hello-0.1.0.dist-info" / "entry_points.txt"
    entries.write_text(entries.read_text().replace("hello = fluid_hello.models:HelloRuntime", ""))
    printed, said = run(program(folder), "manifests", "--rbac")
    assert "helloruntimes" not in printed
    line = 'add helloruntime = "fluid_hello.models.helloruntime:HelloRuntime" to the entry points'
    assert "Warning: left out: fluid-engine-hello 0.1.0 (entry point hello of fluid.engines)" in said
    assert line in said


RULE = "!self.image.endsWith(':latest')"


def test_a_spec_is_judged_by_the_version_that_the_model_names_and_a_rule_that_only_the_server_knows_is_told(
    tmp_path: Path,
) -> None:
    folder = write_foreign(tmp_path)
    [crd] = (folder / "fluid_hello" / "crds").glob("*.yaml")
    document = yaml.safe_load(crd.read_text())
    [version] = document["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["x-kubernetes-validations"] = [{"rule": RULE, "message": "an image needs a version"}]
    spec["properties"]["image"]["maxLength"] = 8
    short = {"image": {"type": "string", "maxLength": 2}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": short}}}
    other = {"name": "v1", "served": True, "storage": False, "schema": {"openAPIV3Schema": schema}}
    document["spec"]["versions"] = [other, version]
    crd.write_text(yaml.safe_dump(document))
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    runtime["apiVersion"] = API
    file = tmp_path / "dataset.yaml"

    def render(image: str) -> subprocess.CompletedProcess[str]:
        runtime["spec"] = {"image": image}
        file.write_text(yaml.safe_dump_all([dataset, runtime]))
        command = [program(folder), "render", "-f", file]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    good, bad = render("rclone:1"), render("rclone:1.2")
    assert (good.returncode, bad.returncode) == (0, 1), good.stderr
    assert "spec.image: too long: at most 8 characters are allowed" in bad.stderr
    assert f"Warning: {file}" in good.stderr
    assert f"spec: only the API server can judge the rule {RULE!r}" in good.stderr
