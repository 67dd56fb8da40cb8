"""`fluid codegen`: what becomes of the schemas of another distribution."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from fluid.cli import codegen, main
from fluid.codegen.output import shipped_schemas
from fluid.codegen.schema import Node, node

ROOT = Path(__file__).parents[2]
_SCHEMA = """
openapi: 3.0.0
info: {title: PebbleRuntime, version: v1alpha1}
paths: {}
components:
  schemas:
    PebbleRuntime:
      description: A cache of pebbles.
      type: object
      x-kubernetes-group-version-kind: {group: data.fluid.io, version: v1alpha1, kind: PebbleRuntime}
      x-resource: {plural: pebbleruntimes, scope: Namespaced, shortNames: [pebble]}
      x-subresources: {status: {}}
      x-printer-columns: [{name: Replicas, type: integer, jsonPath: .spec.replicas}]
      x-kubernetes-validations: [{rule: 'size(self.metadata.name) < 40', message: too long a name}]
      properties:
        spec:
          description: What is wanted.
          $ref: '#/components/schemas/PebbleRuntimeSpec'
          x-absent-is-empty: true
        status:
          description: What is known.
          $ref: 'common.yaml#/components/schemas/RuntimeStatus'
    PebbleRuntimeSpec:
      description: The parts of a PebbleRuntime.
      type: object
      x-fluid-update: on-restart
      properties:
        replicas: {description: Number of workers., type: integer, format: int32, default: 1}
        size: {description: In bytes., $ref: 'kubernetes.json#/components/schemas/Quantity'}
        volumes:
          description: Further volumes.
          x-fluid-update: hot
          type: array
          items: {$ref: 'kubernetes.json#/components/schemas/Volume'}
"""
_WRITTEN = [
    "crds/data.fluid.io_pebbleruntimes.yaml",
    "docs/pebbleruntime.md",
    "models/__init__.py",
    "models/pebble.py",
]


def fluid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def schemas(folder: Path, text: str = _SCHEMA, name: str = "pebble.yaml") -> Path:
    (folder / "schemas").mkdir()
    (folder / "schemas" / name).write_text(text)
    return folder / "schemas"


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package `pebbles` with what was generated, and a file of its author."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "pebbles").mkdir()
    (folder / "pebbles/__init__.py").write_text("")
    done = fluid("codegen", "--schemas", schemas(folder), "--out", folder / "pebbles")
    assert done.exit_code == 0, done.output
    return folder


def test_a_schema_becomes_models_crd_and_page_beside_what_the_author_wrote(plugin: Path) -> None:
    assert below(plugin / "pebbles") == sorted(["__init__.py", *_WRITTEN])


def test_the_model_imports_with_the_types_that_fluid_ships(plugin: Path) -> None:
    program = """
import json
import fluid.models
from pebbles.models import PebbleRuntime, PebbleRuntimeSpec
spec = {"size": "1.50Gi", "volumes": [{"name": "v"}]}
made = PebbleRuntime.author({"metadata": {"name": "x"}, "spec": spec})
assert type(made.spec) is PebbleRuntimeSpec and type(made.spec.volumes[0]) is fluid.models.Volume
assert fluid.models.RuntimeStatus in PebbleRuntime.model_fields["status"].annotation.__args__
print(json.dumps([str(made.resource), made.spec.replicas, made.to_wire()["spec"]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=plugin, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        "pebbleruntimes.data.fluid.io",
        1,
        {"size": "1.50Gi", "volumes": [{"name": "v"}]},
    ]
    assert "class Volume(" not in (plugin / "pebbles/models/pebble.py").read_text()


def _unstructural(schema: Node, place: str) -> list[str]:
    """Places where a schema is not what the API server calls structural."""
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    wrong = [place] if "$ref" in schema or not (free or "type" in schema) else []
    inside = {"items": schema.get("items"), "*": schema.get("additionalProperties")}
    for name, child in {**inside, **node(schema.get("properties", {}))}.items():
        if child is not None:
            wrong += _unstructural(node(child), f"{place}.{name}")
    return wrong


def test_the_crd_is_structural_with_columns_subresources_rules_and_defaults(plugin: Path) -> None:
    crd = yaml.safe_load((plugin / "pebbles/crds/data.fluid.io_pebbleruntimes.yaml").read_text())
    version = crd["spec"]["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    assert _unstructural(schema, "") == []
    assert crd["metadata"]["name"] == "pebbleruntimes.data.fluid.io"
    assert crd["spec"]["names"]["shortNames"] == ["pebble"]
    assert version["subresources"] == {"status": {}}
    assert version["additionalPrinterColumns"][0]["name"] == "Replicas"
    assert schema["x-kubernetes-validations"][0]["message"] == "too long a name"
    assert schema["properties"]["spec"]["properties"]["replicas"]["default"] == 1
    assert "workerPhase" in schema["properties"]["status"]["properties"]


def test_the_search_for_what_is_not_structural_finds_it() -> None:
    inner: Node = {"type": "array", "items": {"$ref": "#/x"}}
    assert _unstructural({"type": "object", "properties": {"a": inner, "b": {}}}, "") == [".a.items", ".b"]


def test_the_page_has_fields_rules_and_columns(plugin: Path) -> None:
    page = (plugin / "pebbles/docs/pebbleruntime.md").read_text()
    assert page.startswith("<!-- Generated from schemas/pebble.yaml; do not edit. -->\n\n# PebbleRuntime\n")
    assert "| `spec.replicas` | integer | default `1` | `on-restart` | Number of workers. |" in page
    assert "| `spec.volumes[]" not in page
    assert "- `object`: too long a name." in page


def test_check_is_silent_where_nothing_differs_and_names_what_does(tmp_path: Path) -> None:
    source, out = schemas(tmp_path), tmp_path / "out"
    assert fluid("codegen", "--schemas", source, "--out", out, "--check").exit_code == 1
    assert not out.exists()
    assert fluid("codegen", "--schemas", source, "--out", out).exit_code == 0
    assert fluid("codegen", "--schemas", source, "--out", out, "--check").output == ""
    (out / "models/old.py").write_text('"""Old (generated from schemas/old.yaml; do not edit)."""\n')
    (out / "models/mine.py").write_text('"""By hand."""\n')
    with (out / "docs/pebbleruntime.md").open("a") as page:
        page.write("more\n")
    done = fluid("codegen", "--schemas", source, "--out", out, "--check")
    named = [line.split(" ")[0].removeprefix(f"{out}/") for line in done.output.splitlines()]
    assert (done.exit_code, named) == (1, ["docs/pebbleruntime.md", "models/old.py"])
    assert fluid("codegen", "--schemas", source, "--out", out).exit_code == 0
    assert below(out) == sorted([*_WRITTEN, "models/mine.py"]), "only what was generated is deleted"


def test_a_file_that_was_not_generated_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "models").mkdir(parents=True)
    (out / "models/__init__.py").write_text("mine = 1\n")
    done = fluid("codegen", "--schemas", schemas(tmp_path), "--out", out)
    assert (done.exit_code, below(out)) == (1, ["models/__init__.py"])
    assert "models/__init__.py was not generated" in done.output


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("common.yaml", "", "", "schemas/common.yaml: Fluid has a file of that name"),
        ("pebble-1.yaml", "", "", "is a Python module of that name"),
        ("pebble.yaml", "PebbleRuntimeSpec", "Mount", "Fluid has a schema Mount"),
        ("pebble.yaml", "components:", "parts:", "is no OpenAPI document"),
        ("pebble.yaml", "scope: Namespaced", "scope: Both", "is Namespaced or Cluster"),
        ("pebble.yaml", "plural: pebbleruntimes, ", "", "x-resource has to say plural, scope"),
        ("pebble.yaml", "schemas/Quantity", "schemas/Nope", "Nope, which does not exist"),
        ("pebble.yaml", "description: Number of workers., ", "", "PebbleRuntimeSpec.replicas: has no descr"),
        ("pebble.yaml", ", type: integer, format: int32", "", "replicas: has neither a type nor a $ref"),
        ("pebble.yaml", "openapi: 3.0.0", "openapi: [", "is no OpenAPI document"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    source = schemas(tmp_path, _SCHEMA.replace(old, new) if old else _SCHEMA, name)
    done = fluid("codegen", "--schemas", source, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert message in done.output
    assert done.output.startswith("Error: ")
    assert not (tmp_path / "out").exists()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(codegen, "NEEDED", ("json", "no_such_module"))
    done = fluid("codegen", "--schemas", schemas(tmp_path), "--out", tmp_path / "out")
    assert (done.exit_code, done.output) == (
        1,
        "Error: fluid codegen needs the extra codegen: pip install 'fluid-operator[codegen]'\n",
    )


def test_it_works_from_an_installed_wheel(tmp_path: Path) -> None:
    """Templates and schemas have to be in it."""
    assert shipped_schemas() == ROOT / "schemas"
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", wheel, tmp_path / "site"], check=True, capture_output=True
    )
    program = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import fluid.codegen.output
from fluid.cli import main
assert fluid.codegen.output.shipped_schemas().name == "_schemas", fluid.__file__
main(prog_name="fluid")
"""
    arguments = ["codegen", "--schemas", schemas(tmp_path), "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "site", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert below(tmp_path / "out") == _WRITTEN


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "      x-fluid-update: sometimes",
            "PebbleRuntimeSpec: x-fluid-update: 'sometimes' is no update policy; write hot, rolling,",
        ),
        (
            "",
            "PebbleRuntime: spec has no update policy; write x-fluid-update at it, for all fields that say",
        ),
        (
            "      x-fluid-updates: hot",
            "PebbleRuntimeSpec: 'x-fluid-updates' is no keyword of a schema",
        ),
    ],
)
def test_an_update_policy_that_is_none_is_refused_with_its_place(
    tmp_path: Path, line: str, message: str
) -> None:
    text = _SCHEMA.replace("      x-fluid-update: on-restart", line)
    done = fluid("codegen", "--schemas", schemas(tmp_path, text), "--out", tmp_path / "out")
    assert done.exit_code != 0
    assert f"schemas/pebble.yaml: {message}" in done.output
    assert not (tmp_path / "out").exists()


def test_update_policies_are_in_the_model_the_page_and_the_descriptions_of_the_crd(plugin: Path) -> None:
    model = (plugin / "pebbles/models/pebble.py").read_text()
    assert (
        'updates: ClassVar[Mapping[str, Update]] = {"spec": "on-restart", "spec.volumes": "hot"}\n' in model
    )
    page = (plugin / "pebbles/docs/pebbleruntime.md").read_text()
    assert "| `spec.volumes` | list of Kubernetes Volume |  | `hot` | Further volumes. |" in page
    assert "- `on-restart`: Pods take a change when they are replaced." in page
    crd = (plugin / "pebbles/crds/data.fluid.io_pebbleruntimes.yaml").read_text()
    assert "description: Further volumes. A change needs no pod to be replaced." in crd
    assert "x-fluid" not in crd
