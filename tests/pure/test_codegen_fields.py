"""The CRDs against the fields of the CRDs that existing clusters have (`tests/data/fields`)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluid.models import (
    AlluxioRuntime,
    DataBackup,
    DataLoad,
    DataMigrate,
    DataProcess,
    Dataset,
    JindoRuntime,
    JuiceFSRuntime,
    ThinRuntime,
    ThinRuntimeProfile,
)
from fluid.types import KubeObject

_ROOT = Path(__file__).parents[2]
_COMPARED = ("type", "required", "enum", "default", "format", "minimum", "minLength", "minItems", "pattern")
_EXAMPLES: dict[str, type[KubeObject]] = {
    "Dataset": Dataset,
    "AlluxioRuntime": AlluxioRuntime,
    "JindoRuntime": JindoRuntime,
    "JuiceFSRuntime": JuiceFSRuntime,
    "ThinRuntime": ThinRuntime,
    "ThinRuntimeProfile": ThinRuntimeProfile,
    "DataBackup": DataBackup,
    "DataLoad": DataLoad,
    "DataMigrate": DataMigrate,
    "DataProcess": DataProcess,
}

# The only fields that may be new, and the only ones that may be narrower (listed in docs/compatibility.md).
_GENERATIONS = {"status.observedGeneration", "status.conditions[].observedGeneration"}
_REFUSED_PODS = {f"status.refusedPods{part}" for part in ("", "[].kind", "[].name", "[].words")}
_REFUSED_JOB = {f"status.refusedPods{part}" for part in ("", ".kind", ".name", ".words")}
_RECORD = {
    f"status.mountRecord{part}"
    for part in ("", ".pod", ".started", ".datasetGeneration", ".mounts", ".contents")
}
_APPLIED = {
    f"status.appliedSpec{part}" for part in ("", ".generation", ".datasetGeneration", ".fields", ".workloads")
}
_PENDING = {
    f"status.pendingUpdates{part}"
    for part in ("", "[].field", "[].update", "[].before", "[].workloads", "[].podsUntil", "[].podRevisions")
}
_PULL_SECRETS = {f"spec.{part}imagePullSecrets" for part in ("", "worker.", "fuse.")}
_ADDED_CORE = {"JuiceFSRuntime": sorted(_PULL_SECRETS)}
"""Added fields of Kubernetes' own types."""
_ADDED = {
    "Dataset": {*_GENERATIONS, "status.failingFuseNodes"},
    "AlluxioRuntime": {*_GENERATIONS, *_REFUSED_PODS, *_RECORD, *_APPLIED, *_PENDING},
    "JindoRuntime": {*_GENERATIONS, *_REFUSED_PODS, *_RECORD, *_APPLIED, *_PENDING},
    "JuiceFSRuntime": {*_GENERATIONS, *_REFUSED_PODS, *_RECORD, *_APPLIED, *_PENDING, *_PULL_SECRETS},
    "ThinRuntime": {*_GENERATIONS, *_REFUSED_PODS, *_RECORD, *_APPLIED, *_PENDING},
    "ThinRuntimeProfile": set[str](),
    "DataBackup": {*_GENERATIONS, *_REFUSED_JOB},
    "DataLoad": {*_GENERATIONS, *_REFUSED_JOB},
    "DataMigrate": {*_GENERATIONS, *_REFUSED_JOB},
    "DataProcess": {*_GENERATIONS, *_REFUSED_JOB},
}
# Columns that only `-o wide` shows, and existing clusters lack.
_WIDE_COLUMNS = {"DataLoad": ["Progress"]}
# Kinds that had neither columns nor a scale subresource have ours.
_ADDED_COLUMNS = {"ThinRuntime", "ThinRuntimeProfile"}
_ADDED_SCALE = {"ThinRuntime"}
_SCALE = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.currentWorkerNumberScheduled",
    "labelSelectorPath": ".status.selector",
}
_NARROWED = {
    "Dataset": {
        "spec.mounts": {"maxItems": 256},
        "spec.mounts[].mountPoint": {"maxLength": 4096},
        "spec.mounts[].encryptOptions": {"maxItems": 256},
        "spec.sharedEncryptOptions": {"maxItems": 256},
        "spec.accessModes": {"maxItems": 256},
    },
    "AlluxioRuntime": {
        "spec.tieredstore.levels": {"maxItems": 256},
        "spec.tieredstore.levels[].path": {"maxLength": 4096},
        "spec.tieredstore.levels[].quotaList": {"maxLength": 4096},
    },
    "JindoRuntime": {
        "spec.tieredstore.levels": {"maxItems": 256},
        "spec.tieredstore.levels[].path": {"maxLength": 4096},
        "spec.tieredstore.levels[].quotaList": {"maxLength": 4096},
    },
    "ThinRuntime": {
        "spec.tieredstore.levels": {"maxItems": 256},
        "spec.tieredstore.levels[].path": {"maxLength": 4096},
        "spec.tieredstore.levels[].quotaList": {"maxLength": 4096},
    },
    "JuiceFSRuntime": {
        "spec.tieredstore.levels": {"maxItems": 256},
        "spec.tieredstore.levels[].path": {"maxLength": 4096},
        "spec.tieredstore.levels[].quotaList": {"maxLength": 4096},
        "spec.configs": {"maxItems": 256},
        "spec.volumeClaimTemplates": {"maxItems": 256},
    },
    "ThinRuntimeProfile": {},
    "DataBackup": {},
    "DataLoad": {"spec.schedule": {"maxLength": 4096}},
    "DataMigrate": {},
    "DataProcess": {},
}

Table = dict[str, Any]


def _definition(table: Table) -> Table:
    path = _ROOT / f"generated/crds/{table['group']}_{table['names']['plural']}.yaml"
    return yaml.safe_load(path.read_text())["spec"]


def _fields(schema: Table, path: str = "") -> Iterator[tuple[str, Table]]:
    for name, field in schema.get("properties", {}).items():
        below = f"{path}.{name}".lstrip(".")
        yield below, {**field, "type": _type(field), "required": name in schema.get("required", [])}
        yield from _fields(field, below)
        yield from _fields(field.get("items", {}), f"{below}[]")


def _type(field: Table) -> str:
    if field.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    if "additionalProperties" in field:
        return f"map<string,{_type(field['additionalProperties'])}>"
    return f"array<{_type(field['items'])}>" if field["type"] == "array" else field["type"]


def _read(kind: str) -> tuple[Table, dict[str, Table]]:
    """The table of a kind, and our fields without what is inside core types and without metadata."""
    table = json.loads((_ROOT / f"tests/data/fields/{kind.lower()}.json").read_text())
    core = [field["path"] for field in table["fields"] if "k8s_type" in field]
    schema = _definition(table)["versions"][0]["schema"]["openAPIV3Schema"]
    core += _ADDED_CORE.get(kind, ())
    inside = tuple(f"{path}{joint}" for path in core for joint in (".", "[]"))
    ours = {path: field for path, field in _fields(schema) if not path.startswith(inside)}
    return table, {path: ours[path] for path in ours if path.startswith(("spec", "status"))}


@pytest.fixture(params=list(_EXAMPLES))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def test_fields_are_those_of_existing_clusters_and_the_additions(kind: str) -> None:
    table, ours = _read(kind)
    assert set(ours) == {field["path"] for field in table["fields"]} | _ADDED[kind]


def test_each_field_agrees_in_type_default_enum_and_bounds(kind: str) -> None:
    table, ours = _read(kind)
    expected = {field["path"]: {key: field.get(key) for key in _COMPARED} for field in table["fields"]}
    found = {path: {key: ours[path].get(key) for key in _COMPARED} for path in expected}
    for path, field in expected.items():
        if "k8s_type" in next(f for f in table["fields"] if f["path"] == path):
            field["pattern"] = found[path]["pattern"] if field["pattern"] is None else field["pattern"]
        assert found[path] == field, path


def test_narrowings_are_exactly_the_documented_ones(kind: str) -> None:
    _, ours = _read(kind)
    limits = ("maxItems", "maxLength", "maxProperties", "maximum")
    found = {path: {key: field[key] for key in limits if key in field} for path, field in ours.items()}
    assert {path: limit for path, limit in found.items() if limit} == _NARROWED[kind]
    least = {"maxItems": 256, "maxLength": 4096}
    assert all(value >= least[key] for limit in _NARROWED[kind].values() for key, value in limit.items())


def test_names_columns_and_subresources_agree(kind: str) -> None:
    table, _ = _read(kind)
    definition = _definition(table)
    version = definition["versions"][0]
    assert definition["names"] == table["names"]
    assert definition["scope"] == table["scope"]
    assert (definition["group"], version["name"]) == (table["group"], table["version"])
    if kind in _ADDED_COLUMNS:
        assert (table["printerColumns"], version["additionalPrinterColumns"][-1]["name"]) == ([], "Age")
    else:
        columns = version["additionalPrinterColumns"]
        count = len(table["printerColumns"])
        assert columns[:count] == table["printerColumns"]
        assert [one["name"] for one in columns[count:]] == _WIDE_COLUMNS.get(kind, [])
        assert all(one["priority"] == 1 for one in columns[count:])
    scale = {"scale": _SCALE} if "scale" in table["subresources"] or kind in _ADDED_SCALE else {}
    assert version["subresources"] == {**table["subresources"], **scale}


def test_conditions_are_a_list_map_by_type_and_mounts_a_plain_list(kind: str) -> None:
    _, ours = _read(kind)
    if kind == "ThinRuntimeProfile":  # its status says nothing
        assert [path for path in ours if path.startswith("status.")] == []
        return
    conditions = ours["status.conditions"]
    assert (conditions["x-kubernetes-list-type"], conditions["x-kubernetes-list-map-keys"]) == (
        "map",
        ["type"],
    )
    assert all(
        "x-kubernetes-list-type" not in field for path, field in ours.items() if path.endswith("mounts")
    )


def test_status_has_neither_rules_nor_limits(kind: str) -> None:
    _, ours = _read(kind)
    text = json.dumps([field for path, field in ours.items() if path.startswith("status")])
    assert not any(word in text for word in ("x-kubernetes-validations", "maxItems", "maxLength"))


def test_the_page_shows_limits_only_where_they_hold(kind: str) -> None:
    lines = (_ROOT / f"generated/docs/{kind.lower()}.md").read_text().splitlines()
    limited = [
        line.split("`")[1] for line in lines if line.startswith("| `") and "at most" in line.split(" | ")[2]
    ]
    assert set(limited) == set(_NARROWED[kind])


def test_every_field_of_ours_is_described(kind: str) -> None:
    table, ours = _read(kind)
    assert [path for path, field in ours.items() if len(field.get("description", "")) < 10] == []
    assert len(table["fields"]) > 40


def test_definitions_fit_the_annotation_of_client_side_apply(kind: str) -> None:
    table, _ = _read(kind)
    assert len(json.dumps(_definition(table))) < 200_000


def test_the_example_of_the_page_is_what_an_author_may_write(kind: str) -> None:
    page = (_ROOT / f"generated/docs/{kind.lower()}.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert _EXAMPLES[kind].author(yaml.safe_load(example)).to_wire() == yaml.safe_load(example)
