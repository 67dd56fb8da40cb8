"""No string of a user leaves its place: it arrives as it was written, or is refused with its field."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.charts.reader import read_documents
from fluid.engines.core.errors import InvalidSpec
from fluid.models import ConfigMap
from fluid.types import KubeObject
from fluid.types.yaml import dump_yaml, load_yaml
from tests.pure.jindo.support import Case, Json, container, env, pod_spec, sections, tier

PIECES = (
    "'",
    '"',
    "\\",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x1b",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\uffff",
    "{{ 7*7 }}",
    "{% raw %}",
    "{# x",
    "$(whoami)",
    "`id`",
    "- a: b",
    "---",
    "...",
    ": ",
    " #",
    "&a",
    "*a",
    "!!python/object:x",
    "|",
    "<x>&amp;]]>",
    "[section]",
    "=",
    " ",
    "yes",
    "0x1",
    "1e3",
    "null",
    "~",
    "é",
    "😀",
)
hostile = (
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), min_size=1, max_size=6).map("".join).filter(bool)
)
FIELDS: Mapping[str, Callable[[str], tuple[Json, Json]]] = {
    "user": lambda text: ({"user": text}, {}),
    "image": lambda text: ({"jindoVersion": {"image": text, "imageTag": "t"}}, {}),
    "environment": lambda text: ({"worker": {"env": {"A": text}}}, {}),
    "annotation": lambda text: ({"podMetadata": {"annotations": {"a": text}}}, {}),
    "label": lambda text: ({"fuse": {"podMetadata": {"labels": {"a": text}}}}, {}),
    "node selector": lambda text: ({"fuse": {"nodeSelector": {"a": text}}}, {}),
    "argument": lambda text: ({"fuse": {"args": [text]}}, {}),
    "secret": lambda text: ({"secret": text}, {}),
    "toleration": lambda text: ({"worker": {"tolerations": [{"key": text}]}}, {}),
    "property": lambda text: ({"master": {"properties": {"a": text}}}, {}),
    "property key": lambda text: ({"fuse": {"properties": {text: "a"}}}, {}),
    "endpoint": lambda text: ({}, {"mounts": [mount("s3://b/", {"fs.s3.endpoint": text})]}),
    "hdfs option": lambda text: ({}, {"mounts": [mount("hdfs://b/", {"a": text})]}),
    "mount name": lambda text: ({}, {"mounts": [{"mountPoint": "s3://b/", "name": text}]}),
    "mount point": lambda text: ({}, {"mounts": [{"mountPoint": f"s3://{text}", "name": "a"}]}),
}


def mount(uri: str, options: dict[str, JsonValue]) -> JsonValue:
    return {"mountPoint": uri, "name": "a", "options": options}


def strings(value: JsonValue) -> set[str]:
    """All strings in a document, keys included, and those in its INI files."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, list):
        return {text for item in value for text in strings(item)}
    if isinstance(value, dict):
        return {text for key, item in value.items() for text in {key, *strings(item)}}
    return set()


def rendered(case: Case) -> list[KubeObject] | InvalidSpec:
    """The objects, or why there are none."""
    try:
        return case.objects
    except InvalidSpec as refusal:
        return refusal


@cache
def harmless_case(field: str) -> Case:
    return Case(*FIELDS[field]("a"))


def found_in_files(case: Case) -> set[str]:
    found: set[str] = set()
    for file in ("jindocache.cfg", "jindosdk.cfg"):
        for keys in sections(case.file(file)).values():
            found |= {*keys, *keys.values()}
    root = ET.fromstring(case.file("cacheset.xml"))
    return found | {element.text or "" for element in root.iter()}


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=40)
@given(text=hostile)
@example(text="x" * 10_000)
@example(text="a\x00b")
def test_a_hostile_string_arrives_as_written_or_is_refused_with_its_field(field: str, text: str) -> None:
    runtime, dataset = FIELDS[field](text)
    case = Case(runtime, dataset)
    objects = rendered(case)
    if isinstance(objects, InvalidSpec):
        assert "spec." in objects.field
        assert len(objects.message) < 600
        return
    everything = {string for item in objects for string in strings(item.to_wire())} | found_in_files(case)
    expected = {"image": f"{text}:t", "mount point": f"s3://{text}"}.get(field, text)
    assert expected in everything
    # Nothing else grew: the same objects with the same shape as for a harmless string.
    harmless = harmless_case(field)
    assert [(item.resource.kind, item.name) for item in objects] == [
        (item.resource.kind, item.name) for item in harmless.objects
    ]
    assert [list(one.model_fields_set) for one in case.pods] == [
        list(one.model_fields_set) for one in harmless.pods
    ]
    assert list(sections(case.file("jindocache.cfg"))) == list(sections(harmless.file("jindocache.cfg")))


@pytest.mark.parametrize(
    "text", ["{{ 7*7 }}", "$(whoami)", "a: b # c", "'\"\\", "yes", "é😀", "\u2028\x85\ufeff"]
)
def test_ordinary_hostile_strings_are_not_refused(text: str) -> None:
    case = Case({"worker": {"env": {"A": text}}, "user": text})
    assert env(case.worker)["A"] == text
    assert env(case.worker)["RUN_AS_USER"] == text


@given(text=hostile)
def test_what_the_command_prints_reads_back_as_the_same(text: str) -> None:
    try:
        objects = Case({"worker": {"env": {"A": text}}}).objects
    except InvalidSpec:
        return
    wire = [item.to_wire() for item in objects]
    assert load_yaml(dump_yaml(*wire)) == wire


@given(text=hostile)
def test_the_values_of_a_runtime_read_back_as_the_same(text: str) -> None:
    case = Case({"user": text})
    try:
        data = case.only(ConfigMap, "hbase-jindocache-values").data or {}
    except InvalidSpec:
        return
    [values] = read_documents(data["data"])
    assert values == json.loads(json.dumps(case.transformed.values.to_values()))


@given(count=st.integers(1, 5), quota=st.integers(1, 2**50))
def test_shares_of_a_quota_never_exceed_it(count: int, quota: int) -> None:
    if quota < count:
        return
    paths = ",".join(f"/d{index}" for index in range(count))
    case = Case({"tieredstore": tier(path=paths, quota=str(quota), volumeType="emptyDir")})
    sizes = [one.empty_dir.size_limit for one in pod_spec(case.worker).volumes or [] if one.empty_dir]
    assert len(sizes) == count
    assert sum(int(size) for size in sizes if size is not None) <= quota
    assert container(case.worker).resources is None
