"""Schemas to pydantic models, by datamodel-code-generator."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from datamodel_code_generator import GenerateConfig, InputFileType, LiteralType, generate
from datamodel_code_generator.enums import AliasGenerator, DataModelType
from datamodel_code_generator.format import PythonVersion

from fluid.codegen.schema import (
    LIMITS,
    Json,
    Kind,
    Node,
    Schemas,
    items,
    node,
    referred,
    strip,
    text,
    without,
)
from fluid.codegen.updates import updates_of

# Types with a meaning that JSON schema cannot express, by their name in the schemas.
SCALARS = {
    "Quantity": "fluid.types.Quantity",
    "IntOrString": "fluid.types.IntOrString",
    "Time": "fluid.types.Time",
    "MicroTime": "fluid.types.MicroTime",
}
# Models that the base class of all kinds needs, so that no generated module can define them.
METADATA = ("ManagedFieldsEntry", "ObjectMeta", "OwnerReference")
BY_HAND = SCALARS | {name: f"fluid.types.{name}" for name in METADATA}
TEMPLATES = Path(__file__).parent / "templates"
_IMPORTS = [
    *("collections.abc.Mapping", "typing.ClassVar", "pydantic.Field", "fluid.types.Resource"),
    "fluid.types.Update",
]
# A kind narrows two strings of its base class to literals: sound as long as nobody assigns through the base.
HEADER = '''"""{title} (generated from {folder}/{file}; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

'''
PACKAGE_HEADER = '''"""Typed models of all kinds and of the types that they use (generated; do not edit)."""

'''


def write_models(schemas: Schemas, target: Path) -> None:
    """Write one module per schema file, and a package that exports all models under their own names.

    Raises:
        ValueError: Two schemas have one name.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, output = Path(scratch) / "schemas", Path(scratch) / "models"
        source.mkdir()
        for file, document in schemas.own.items():
            (source / file).write_text(json.dumps(_document(_prepared(file, document, schemas))))
        generate(source, config=_config(output, schemas))
        target.mkdir(parents=True, exist_ok=True)
        for file in schemas.own:
            module = f"{Path(file).stem}.py"
            _, _, body = (output / module).read_text().partition("\n\n")  # after the generator's own header
            header = HEADER.format(title=schemas.titles[file], folder=schemas.folder, file=file)
            (target / module).write_text(header + body)
    (target / "__init__.py").write_text(_package(schemas))
    _tidy(target)


def _prepared(file: str, document: dict[str, Node], schemas: Schemas) -> Node:
    """The components of a file as the generator needs them."""
    models = {name: strip(document[name], *LIMITS) for name in _models(document)}
    prepared: Node = {name: _prepare(schema, file, schemas) for name, schema in models.items()}
    for schema in map(node, prepared.values()):
        if "x-kubernetes-group-version-kind" in schema:
            _base_on_object(schema)
    return prepared


def _package(schemas: Schemas) -> str:
    """The module that exports all models flat."""
    exports = {file: sorted(_models(document)) for file, document in schemas.own.items()}
    package = "" if schemas.shipped else "fluid.models"
    lines = [f"from {package}.{Path(f).stem} import {', '.join(names)}" for f, names in exports.items()]
    metadata = () if schemas.shipped else METADATA
    if metadata:
        lines.append(f"from fluid.types import {', '.join(metadata)}")
    names = sorted([*metadata, *(name for group in exports.values() for name in group)])
    if twice := {name for name in names if names.count(name) > 1}:
        place = f"{schemas.folder}/ defines {', '.join(sorted(twice))} twice"
        raise ValueError(f"{place}: models share one namespace")
    return f"{PACKAGE_HEADER}{chr(10).join(lines)}\n\n__all__ = {json.dumps(names)}\n"


def _tidy(folder: Path) -> None:
    """Sort imports and format; the result depends on no settings of where it is run."""
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--quiet", "--no-cache", "--isolated", "--config", "line-length = 110"]
    sorting = ["--config", 'lint.isort.known-first-party = ["fluid"]', "--select", "F401,I,RUF022"]
    target = ["--target-version", "py311"]
    subprocess.run([*ruff, "check", *settings, *target, *sorting, "--fix", str(folder)], check=True)
    subprocess.run([*ruff, "format", *settings, *target, str(folder)], check=True)


def _document(prepared: Node) -> Node:
    info: Node = {"title": "", "version": ""}
    return {"openapi": "3.0.0", "info": info, "paths": {}, "components": {"schemas": prepared}}


def _models(document: dict[str, Node]) -> list[str]:
    """Names of the schemas that become models of their own."""
    return [name for name, schema in document.items() if not _by_hand(name, schema)]


def _by_hand(name: str, schema: Node) -> str:
    """The hand-written type for a schema, if there is one."""
    opaque = schema.get("x-kubernetes-preserve-unknown-fields") and "properties" not in schema
    return "fluid.types.JsonObject" if opaque else BY_HAND.get(name, "")


def _there(reference: str, file: str, schemas: Schemas) -> str:
    """The type that is there already for what a reference points at; empty for what is generated."""
    target, name, schema = schemas.resolve(reference, file)
    return _by_hand(name, schema) or (f"fluid.models.{name}" if target in schemas.shipped else "")


def _prepare(value: Json, file: str, schemas: Schemas) -> Json:
    """Point at the types that are there already, and write references as the generator needs them."""
    if isinstance(value, list):
        return [_prepare(item, file, schemas) for item in value]
    if not isinstance(value, dict):
        return value
    if (reference := referred(value)) and (known := _there(reference, file, schemas)):
        return {"type": "string", "customTypePath": known, **without(value, "allOf", "$ref")}
    if reference and "$ref" in value and len(value) > 1:
        value = {**without(value, "$ref"), "allOf": [{"$ref": reference}]}
    return {key: _prepare(item, file, schemas) for key, item in value.items()}


def _base_on_object(schema: Node) -> None:
    """Derive a kind from KubeObject; a spec whose absence means an empty one is always there."""
    schema["customBasePath"] = "fluid.types.KubeObject"
    schema["required"] = [*items(schema["required"]), *_absent_is_empty(schema)]


def _absent_is_empty(schema: Node) -> list[str]:
    properties = node(schema["properties"])
    return [name for name, value in properties.items() if node(value).get("x-absent-is-empty")]


def _template_data(kind: Kind, schemas: Schemas) -> Node:
    """What the template knows about a kind beyond its fields."""
    plural, namespaced = text(kind.resource["plural"]), kind.resource["scope"] == "Namespaced"
    arguments = ", ".join(json.dumps(word) for word in (kind.group, kind.version, kind.name, plural))
    resource = f"Resource({arguments}, namespaced={namespaced})"
    updates = dict(updates_of(kind, schemas).table)
    return {
        "resource": resource,
        "updates": json.dumps(updates) if updates else "",
        "absent_is_empty": list(_absent_is_empty(kind.schema)),
    }


def _config(output: Path, schemas: Schemas) -> GenerateConfig:
    return GenerateConfig(
        output=output,
        input_file_type=InputFileType.OpenAPI,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        disable_timestamp=True,
        disable_future_imports=True,
        formatters=[],  # `_tidy` does it, with the settings of this project
        use_double_quotes=True,
        base_class="fluid.types.KubeModel",
        additional_imports=_IMPORTS,
        custom_template_dir=TEMPLATES,
        extra_template_data=defaultdict(
            dict, {kind.name: _template_data(kind, schemas) for kind in schemas.kinds()}
        ),
        snake_case_field=True,
        alias_generator=AliasGenerator.ToCamel,
        use_annotated=True,
        field_constraints=True,
        strict_nullable=True,
        collapse_root_models=True,
        enum_field_as_literal=LiteralType.All,
        use_one_literal_as_default=True,
        apply_default_values_for_required_fields=True,
        use_default_kwarg=True,
        use_schema_description=True,
        use_field_description=True,
        use_standard_collections=True,
        use_union_operator=True,
        strict_refs=True,
        allow_remote_refs=False,
    )
