"""What the operator makes of fixed specs (`tests/data/pins`), to the last field: guards its own upgrade.

An object whose desired hash is another one is applied again in each cluster that is upgraded, and a mounts
revision that is another one restarts pods under those who read. Golden files are written by
`python -m tests.pins --write [NAME ...]` and never by a test; what changed, and why, is then a line of
`tests/data/pins/CHANGES.md`. `python -m tests.pins` prints the differences. What a pin is made of is said in
`tests/pins.py`, where `render` alone knows the modules that render.
"""

from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import JsonValue
from pydantic.alias_generators import to_camel

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
from fluid.types.model import KubeModel
from tests import pins

NAMES = pins.names()
EDITED = [name for name in NAMES if pins.edits_of(name)]
KINDS: tuple[type[KubeObject], ...] = (
    Dataset,
    AlluxioRuntime,
    JindoRuntime,
    JuiceFSRuntime,
    ThinRuntime,
    ThinRuntimeProfile,
    DataBackup,
    DataLoad,
    DataMigrate,
    DataProcess,
)


@pytest.mark.parametrize("name", NAMES)
def test_an_upgrade_makes_the_same_objects_hashes_and_mounts_revisions_of_a_spec_and_its_edits(
    name: str,
) -> None:
    pinned, found = pins.by_object(pins.golden(name)), pins.by_object(pins.made(name))
    assert list(pins.differences(pinned, found)) == []
    assert found == pinned


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_changes_the_mounts_revision_exactly_where_pods_lack_what_it_brings(name: str) -> None:
    effects = pins.golden(name)[0]["edits"]
    assert isinstance(effects, dict)
    expected = {edit["edit"]: edit["effect"] for edit in pins.edits_of(name)}
    assert {edit: _kind_of(effect) for edit, effect in effects.items()} == expected


def test_every_pin_has_a_golden_file_and_they_cover_every_field_of_the_specs() -> None:
    assert sorted(path.parent.name for path in pins.FOLDER.glob("*/golden.yaml")) == NAMES
    documents = [document for name in NAMES for document in pins.documents_of(name)]
    for kind in KINDS:
        of_kind = [one for one in documents if one["kind"] == kind.__name__]
        written = {path for one in of_kind for path in _written(one.get("spec"))}
        assert sorted(set(_fields(kind.model_fields["spec"].annotation)) - written) == [], kind.__name__


def test_a_pin_tells_what_an_operator_with_other_defaults_would_make() -> None:
    documents, environment = pins.documents_of("jindo-example"), pins.environment_of("jindo-example")
    objects, _ = pins.owned(documents, {**environment, "CRITICAL_FUSE_POD": "false"})
    pinned = pins.by_object(pins.golden("jindo-example"))
    name = "DaemonSet default/hbase-jindofs-fuse"
    found = list(pins.differences(pinned[name], objects[name].to_wire(), name))
    assert found == [f'{name}.spec.template.spec.priorityClassName: "system-node-critical" -> null']


def _kind_of(effect: JsonValue) -> str:
    match effect:
        case {"revisions": dict(revisions), "changes": dict(changes)}:
            return "revision" if revisions else "objects" if changes else "none"
        case _:
            return "unreadable"


def _written(value: JsonValue, path: str = "") -> Iterator[str]:
    """Paths of all fields that stand in a document."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield f"{path}.{key}"
            yield from _written(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from _written(one, path)


def _fields(annotation: object, path: str = "") -> Iterator[str]:
    """Paths of all fields of a type, down to the types of Kubernetes."""
    if isinstance(annotation, type) and issubclass(annotation, KubeModel):
        if annotation.__module__.endswith(".kubernetes"):
            return
        for name, field in annotation.model_fields.items():
            below = f"{path}.{field.alias or to_camel(name)}"
            yield below
            yield from _fields(field.annotation, below)
    else:
        for part in get_args(annotation):
            yield from _fields(part, path)
