"""Files that a user's words end up in: ConfigMaps of his own, properties, credentials."""

import pytest

from fluid.engines.core.errors import InvalidSpec, NotYet, Whose
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ReadConfigMap, Results
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.kit.config_maps import HADOOP_FIELD, config_map_keys, files_in, hadoop_config
from fluid.engines.kit.options import Properties, refuse_unwritable, shared_properties
from fluid.engines.kit.secret_files import SecretFile, files_volume, placed
from fluid.engines.kit.sources import Source, sources_as
from fluid.models import Dataset, DatasetStatus
from fluid.types import Key


def plan() -> Plan:
    return Plan(blank_status(), DatasetStatus(conditions=[]))


def test_a_config_map_is_asked_for_until_it_is_there() -> None:
    query, asked = ReadConfigMap(Key("a", "conf")), plan()
    with pytest.raises(NotYet, match="reading ConfigMap a/conf"):
        config_map_keys("conf", "spec.conf", "a", Results(), asked)
    assert asked.queries == [query]
    with pytest.raises(InvalidSpec, match=r"^spec.conf: ConfigMap a/conf cannot be read. Create it"):
        config_map_keys("conf", "spec.conf", "a", Results({query: None}), plan())
    found = Results({query: frozenset({"x"})})
    assert config_map_keys("conf", "spec.conf", "a", found, plan()) == {"x"}


@pytest.mark.parametrize("name", ["C_!", "../x", "a" * 254, "-a"])
def test_a_name_that_no_config_map_can_have_is_refused_before_it_is_asked_for(name: str) -> None:
    asked = plan()
    with pytest.raises(InvalidSpec, match=r"^spec.conf: .* is no name of a ConfigMap"):
        config_map_keys(name, "spec.conf", "a", Results(), asked)
    assert asked.queries == []


def test_where_no_config_map_is_named_none_is_asked_for_and_no_file_mounted() -> None:
    asked = plan()
    assert config_map_keys(None, "spec.conf", "a", Results(), asked) is None
    assert asked.queries == []
    assert files_in(None, "spec.conf", None, ["x"]) == frozenset()
    assert hadoop_config(None, None) is None


def test_a_config_map_without_any_of_the_files_is_refused_with_their_names() -> None:
    problem = rf"^{HADOOP_FIELD}: ConfigMap c has neither hdfs-site.xml nor core-site.xml. Add one"
    with pytest.raises(InvalidSpec, match=problem):
        hadoop_config("c", frozenset({"other"}))
    found = hadoop_config("c", frozenset({"core-site.xml", "other"}))
    assert found is not None
    assert (found.hdfs_site, found.core_site) == (False, True)


@pytest.mark.parametrize("key", ["", "[section]", "#comment", ";comment", "a=b", " a", "a ", "a\nb"])
def test_a_key_that_would_be_another_line_or_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidSpec, match=r"^spec.properties\[.*is no key of a configuration file"):
        refuse_unwritable([Properties(Whose.RUNTIME, "spec.properties", {key: "v"})])


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x00b"])
def test_a_value_of_several_lines_is_refused_with_its_key(value: str) -> None:
    groups = [
        Properties(Whose.RUNTIME, "spec.one", None),
        Properties(Whose.DATASET, "spec.two", {"k": value}),
    ]
    with pytest.raises(InvalidSpec) as caught:
        refuse_unwritable(groups)
    assert (caught.value.subject, caught.value.field) == (Whose.DATASET, "spec.two[k]")


def test_ordinary_properties_can_be_written() -> None:
    refuse_unwritable([Properties(Whose.RUNTIME, "f", {"a.b-c": "x = y", "ü": "[;#", "dots...": ""})])


def mounts(count: int) -> list[Source]:
    found = [{"mountPoint": f"s3://{index}/", "name": f"m{index}"} for index in range(count)]
    wire = {"metadata": {"name": "a", "namespace": "b"}, "spec": {"mounts": found}}
    return sources_as(Source, Dataset.model_validate(wire))


def test_a_property_of_two_mounts_has_one_value_unless_it_may_vary() -> None:
    one, two = mounts(2)
    assert shared_properties([(one, {"a": "x"}), (two, {"a": "x", "b": "y"})]) == {"a": "x", "b": "y"}
    assert shared_properties([(one, {"p": "x"}), (two, {"p": "y"})], ["p"]) == {"p": "y"}
    problem = r"^spec.mounts\[1\].options: the cache has one place for a, and spec.mounts\[0\] fills it"
    with pytest.raises(InvalidSpec, match=problem):
        shared_properties([(one, {"a": "x"}), (two, {"a": "y"})])


def file(path: str, secret: str = "s", key: str = "k") -> SecretFile:
    return SecretFile(secret, key, path, f"field of {path}", "all mounts")


def test_two_credentials_at_one_place_are_refused_and_one_twice_is_one() -> None:
    assert placed([file("a"), file("b"), file("a")]) == (file("a"), file("b"))
    problem = "^field of a: there is one place for the credentials of all mounts, and field of a fills it"
    with pytest.raises(InvalidSpec, match=problem):
        placed([file("a"), file("a", secret="other")])


def test_files_of_one_secret_are_that_secret_and_files_of_several_a_projection() -> None:
    def wire(*files: SecretFile, whole: str = "", plain: bool = True) -> object:
        volume = files_volume("v", files, whole, plain=plain)
        return volume.to_wire() if volume else None

    item = {"key": "k", "path": "a"}
    assert wire() is None
    assert wire(whole="w") == {"name": "v", "secret": {"secretName": "w"}}
    assert wire(file("a")) == {"name": "v", "secret": {"secretName": "s", "items": [item]}}
    projection = {"secret": {"name": "s", "items": [item]}}
    assert wire(file("a"), plain=False) == {"name": "v", "projected": {"sources": [projection]}}
    assert wire(file("a"), file("b", "t"), whole="w") == {
        "name": "v",
        "projected": {
            "sources": [
                {"secret": {"name": "w"}},
                projection,
                {"secret": {"name": "t", "items": [{"key": "k", "path": "b"}]}},
            ]
        },
    }
