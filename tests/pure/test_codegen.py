import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
import yaml

from codegen import ROOT, drift, generate
from fluid import types
from fluid.codegen.models import METADATA
from fluid.codegen.schema import Node, Schemas, items, node, referred, text
from fluid.types import JsonObject, KubeModel, Time
from tools.codegen.kubernetes import VERSION

_SCRATCH_KIND = """
openapi: 3.0.0
info: {title: Scratch, version: v1alpha1}
paths: {}
components:
  schemas:
    Scratch:
      description: A kind that nobody needs.
      type: object
      x-kubernetes-group-version-kind: {group: data.fluid.io, version: v1alpha1, kind: Scratch}
      x-resource: {plural: scratches, scope: Cluster, shortNames: [scr]}
      x-subresources: {status: {}}
      x-printer-columns: [{name: From, type: string, jsonPath: .spec.from}]
      properties:
        spec:
          description: What is wanted.
          $ref: '#/components/schemas/ScratchSpec'
          x-absent-is-empty: true
    ScratchSpec:
      description: What is wanted.
      type: object
      properties:
        from: {description: A word that Python keeps for itself., type: string}
        class: {description: Another., type: string, default: best}
        copy: {description: A method of the base class., type: boolean}
        size: {description: In bytes., $ref: 'kubernetes.json#/components/schemas/Quantity'}
        mounts: {description: Sources., type: array, items: {$ref: 'common.yaml#/components/schemas/Mount'}}
        pod: {description: A pod., $ref: 'kubernetes.json#/components/schemas/PodSpec'}
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the schemas with one more file, and what follows from them."""
    folder = tmp_path_factory.mktemp("scratch")
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    (folder / "schemas/scratch.yaml").write_text(_SCRATCH_KIND)
    generate(folder / "schemas", folder / "generated")
    return folder


def test_generated_files_are_what_the_schemas_say() -> None:
    assert drift(ROOT / "schemas", ROOT / "generated") == []


_PYTHON: dict[str, object] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "Time": Time,
    "FieldsV1": JsonObject,
    **{name: getattr(types, name) for name in METADATA},
}


def _type_of(schema: Node) -> object:
    """The Python type that a schema stands for."""
    if schema.get("type") == "array":
        return list[_type_of(node(schema["items"]))]  # pyright: ignore[reportInvalidTypeArguments]
    if schema.get("type") == "object":
        return dict[str, _type_of(node(schema["additionalProperties"]))]  # pyright: ignore[reportInvalidTypeArguments]
    return _PYTHON[referred(schema).rpartition("/")[2] or text(schema["type"])]


@pytest.mark.parametrize("name", METADATA)
def test_the_models_of_metadata_which_are_written_by_hand_have_the_fields_of_kubernetes(name: str) -> None:
    schema = Schemas.load(ROOT / "schemas").documents["kubernetes.json"][name]
    model: type[KubeModel] = getattr(types, name)
    hints = get_type_hints(model, include_extras=True)
    required = items(schema.get("required", []))
    assert {field.alias: hints[name] for name, field in model.model_fields.items()} == {
        name: _type_of(node(field)) if name in required else _type_of(node(field)) | None  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
        for name, field in node(schema["properties"]).items()
    }


def test_check_names_changed_missing_and_left_over_files_and_fails(scratch: Path, tmp_path: Path) -> None:
    shutil.copytree(scratch / "generated", tmp_path / "generated")
    with (tmp_path / "generated/models/scratch.py").open("a") as file:
        file.write("# edited by hand\n")
    (tmp_path / "generated/docs/dataset.md").unlink()
    (tmp_path / "generated/crds/old.yaml").write_text("")
    command = [sys.executable, ROOT / "codegen.py", "--check", "--schemas", scratch / "schemas"]
    done = subprocess.run(
        [*command, "--output", tmp_path / "generated"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    named = [line.split(" ")[0].removeprefix(f"{tmp_path}/generated/") for line in done.stderr.splitlines()]
    assert named == ["crds/old.yaml", "docs/dataset.md", "models/scratch.py"]


def test_a_further_schema_file_is_a_further_crd(scratch: Path) -> None:
    definition = yaml.safe_load((scratch / "generated/crds/data.fluid.io_scratches.yaml").read_text())
    assert definition["metadata"]["name"] == "scratches.data.fluid.io"
    assert definition["spec"]["scope"] == "Cluster"
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert spec["properties"]["size"]["x-kubernetes-int-or-string"] is True
    assert spec["properties"]["class"]["default"] == "best"
    assert "mountPoint" in spec["properties"]["mounts"]["items"]["properties"]


def test_keys_of_lists_that_are_merged_by_key_are_required_or_have_the_api_servers_default(
    scratch: Path,
) -> None:
    crd = yaml.safe_load((scratch / "generated/crds/data.fluid.io_scratches.yaml").read_text())
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    pod = spec["properties"]["pod"]["properties"]
    ports = pod["containers"]["items"]["properties"]["ports"]
    assert ports["x-kubernetes-list-map-keys"] == ["containerPort", "protocol"]
    assert ports["items"]["required"] == ["containerPort"]
    assert ports["items"]["properties"]["protocol"] == {"type": "string", "default": "TCP"}
    assert pod["imagePullSecrets"]["items"]["properties"]["name"]["default"] == ""
    assert "default" not in pod["volumes"]["items"]["properties"]["name"]


def test_a_further_schema_file_is_a_further_page(scratch: Path) -> None:
    page = (scratch / "generated/docs/scratch.md").read_text()
    assert page.startswith("<!-- Generated from schemas/scratch.yaml; do not edit. -->\n\n# Scratch\n")
    assert "| `spec.size` | quantity |  | In bytes. |" in page
    assert "| `spec.mounts[].mountPoint` | string | required;" in page


def test_a_further_schema_file_is_a_further_model_with_safe_names(scratch: Path) -> None:
    program = """
import json, sys, types
import fluid
package = types.ModuleType("fluid.models")
package.__path__ = [sys.argv[1]]
sys.modules["fluid.models"] = package
from fluid.models.scratch import Scratch
thing = Scratch.author({"metadata": {"name": "x"}, "spec": {"from": "a", "copy": True, "size": "1.50Gi"}})
spec = thing.spec
print(json.dumps([str(thing.resource), thing.resource.namespaced, spec.from_, spec.class_, thing.to_wire()]))
"""
    command = [sys.executable, "-c", program, scratch / "generated/models"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
    spec = {"from": "a", "copy": True, "size": "1.50Gi"}
    wire = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "Scratch",
        "metadata": {"name": "x"},
        "spec": spec,
    }
    assert json.loads(done.stdout) == ["scratches.data.fluid.io", False, "a", "best", wire]


def test_generated_models_pass_the_linter_and_the_formatter(scratch: Path) -> None:
    models = scratch / "generated/models"
    settings = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    options = [*settings, "--extend-ignore", "D,A,N,E501", str(models)]
    subprocess.run([sys.executable, "-m", "ruff", "check", *options], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--check", *settings, str(models)], check=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("        size: {description: one, two, type: string}", "ScratchSpec.size: 'two' is no keyword"),
        ("        size: {description: x, $ref: 'common.yaml#/components/schemas/Nope'}", "does not exist"),
    ],
)
def test_mistakes_in_a_schema_are_named_with_their_place(tmp_path: Path, change: str, message: str) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    lines = [change if line.startswith("        size:") else line for line in _SCRATCH_KIND.splitlines()]
    (tmp_path / "schemas/scratch.yaml").write_text("\n".join(lines))
    with pytest.raises((ValueError, LookupError), match=message):
        generate(tmp_path / "schemas", tmp_path / "generated")


def test_two_schemas_with_one_name_are_refused(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / "schemas/scratch.yaml").write_text(_SCRATCH_KIND.replace("ScratchSpec", "Pod"))
    with pytest.raises(ValueError, match="Pod twice"):
        generate(tmp_path / "schemas", tmp_path / "generated")


def test_the_kubernetes_version_is_recorded() -> None:
    document = json.loads((ROOT / "schemas/kubernetes.json").read_text())
    assert document["info"]["version"] == VERSION == "v1.36.3"
