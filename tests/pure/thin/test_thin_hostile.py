"""No string of a user leaves its place: it arrives as it was written, or is refused with its field."""

from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import example, given, settings
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.types import KubeObject
from tests.pure.jindo.test_jindo_hostile import hostile, strings
from tests.pure.thin.support import Case, pod, s3, secret_option


def fuse(**changes: JsonValue) -> Case:
    spec: dict[str, JsonValue] = {"image": "i", **changes}
    return Case({"fuse": spec})


FIELDS: Mapping[str, Callable[[str], Case]] = {
    "image": lambda text: fuse(image=text),
    "argument": lambda text: fuse(args=[text]),
    "environment": lambda text: fuse(env=[{"name": "A", "value": text}]),
    "option": lambda text: fuse(options={"a": text}),
    "option key": lambda text: fuse(options={text: "a"}),
    "label": lambda text: fuse(podMetadata={"labels": {"a": text}}),
    "annotation": lambda text: fuse(podMetadata={"annotations": {"a": text}}),
    "node selector": lambda text: fuse(nodeSelector={"a": text}),
    "stop": lambda text: fuse(lifecycle={"preStop": {"exec": {"command": [text]}}}),
    "profile's command": lambda text: Case(profile={"fuse": {"image": "i", "command": [text]}}),
    "mount option": lambda text: Case(dataset={"mounts": [s3(options={"a": text})]}),
    "mount option key": lambda text: Case(dataset={"mounts": [s3(options={text: "a"})]}),
    "mount name": lambda text: Case(dataset={"mounts": [{"mountPoint": "s3://b/", "name": text}]}),
    "mount point": lambda text: Case(dataset={"mounts": [{"mountPoint": f"s3://{text}"}]}),
    "directory": lambda text: Case(dataset={"mounts": [{"mountPoint": f"local:///{text}", "name": "a"}]}),
    "secret option": lambda text: Case(dataset={"mounts": [s3(encryptOptions=[secret_option(text)])]}),
    "secret": lambda text: Case(dataset={"mounts": [s3(encryptOptions=[secret_option("a", text)])]}),
    "secret's key": lambda text: Case(
        dataset={"mounts": [s3(encryptOptions=[secret_option("a", key=text)])]}
    ),
}


def rendered(case: Case) -> list[KubeObject] | InvalidSpec:
    """The objects, or why there are none."""
    try:
        return case.objects
    except InvalidSpec as refusal:
        return refusal


@cache
def harmless(field: str) -> Case:
    return FIELDS[field]("a")


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=30)
@given(text=hostile)
@example(text="x" * 10_000)
@example(text="a\x00b")
@example(text="../../etc")
def test_a_hostile_string_arrives_as_written_or_is_refused_with_its_field(field: str, text: str) -> None:
    case = FIELDS[field](text)
    objects = rendered(case)
    if isinstance(objects, InvalidSpec):
        assert "spec." in objects.field
        assert len(objects.message) < 600
        return
    everything = {string for item in objects for string in strings(item.to_wire())} | strings(case.config)
    expected = {
        "mount point": f"s3://{text}",
        "directory": f"local:///{text}",
        "secret": f"/etc/fluid/secrets/{text}/id",
        "secret's key": f"/etc/fluid/secrets/keys/{text}",
    }.get(field, text)
    assert expected in everything
    # Nothing else grew: the same objects, the same shape of pods and of the configuration.
    calm = harmless(field)
    assert [(item.resource.kind, item.name) for item in objects] == [
        (item.resource.kind, item.name) for item in calm.objects
    ]
    assert case.config.keys() == calm.config.keys()
    assert pod(case.fuse).model_fields_set == pod(calm.fuse).model_fields_set
