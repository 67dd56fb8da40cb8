"""The mounts of a Dataset: no two hide each other, and what is dropped is told."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.runtime_policy import host_path_problem, is_within
from tests.pure.jindo.support import Case as JindoCase
from tests.pure.thin.support import Case as ThinCase
from tests.pure.thin.support import env, secret_option

Mounts = list[JsonValue]
ENGINES: dict[str, Callable[[Mounts], object]] = {
    "thin": lambda found: ThinCase(dataset={"mounts": found}).objects,
    "jindo": lambda found: JindoCase({}, {"mounts": found}).objects,
}


def mount(address: str, **fields: JsonValue) -> JsonValue:
    return {"mountPoint": address, "options": {"fs.oss.endpoint": "e"}, **fields}


ONE, TWO = "oss://first/", "oss://second/"
ONE_PLACE: dict[str, tuple[Mounts, str, str]] = {
    "neither name nor path": ([mount(ONE), mount(TWO)], "name", "name"),
    "one name": ([mount(ONE, name="data"), mount(TWO, name="data")], "name", "name"),
    "one path": ([mount(ONE, name="a", path="/x"), mount(TWO, name="b", path="/x")], "path", "path"),
    "a path and a name": ([mount(ONE, name="x"), mount(TWO, name="b", path="/x")], "path", "name"),
    "a path that counts for nothing": ([mount(ONE, path="x"), mount(TWO, path="y")], "name", "name"),
    "another spelling": ([mount(ONE, name="a", path="//x//"), mount(TWO, path="/x/./")], "path", "path"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", ONE_PLACE)
def test_two_sources_of_one_place_are_refused_with_both_fields(engine: str, case: str) -> None:
    found, second, first = ONE_PLACE[case]
    with pytest.raises(InvalidSpec) as caught:
        ENGINES[engine](found)
    assert caught.value.field == f"spec.mounts[1].{second} and spec.mounts[0].{first}"
    assert "one would hide the other. Give each mount a name or an absolute path" in str(caught.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_sources_of_one_address_or_below_each_other_are_taken(engine: str) -> None:
    ENGINES[engine]([mount(ONE, name="a"), mount(ONE, name="b"), mount(TWO, path="/a/below"), mount(ONE)])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_credential_that_comes_from_two_places_is_refused(engine: str) -> None:
    options: list[JsonValue] = [secret_option("fs.oss.accessKeyId"), secret_option("fs.oss.accessKeyId", "b")]
    message = (
        r"encryptOptions\[1\].name: 'fs.oss.accessKeyId' is the name of spec.mounts\[0\].encryptOptions\[0\]"
    )
    with pytest.raises(InvalidSpec, match=message):
        ENGINES[engine]([mount(ONE, name="a", encryptOptions=options)])


def test_a_value_that_the_cache_has_one_place_for_is_one_value() -> None:
    def s3(name: str, endpoint: str) -> JsonValue:
        return {"mountPoint": f"s3://{name}/", "name": name, "options": {"fs.s3.endpoint": endpoint}}

    ENGINES["jindo"]([s3("a", "e"), s3("b", "e")])
    with pytest.raises(
        InvalidSpec, match=r"spec.mounts\[1\].options: .*jindocache.s3.endpoint, and spec.mounts\[0\]"
    ):
        ENGINES["jindo"]([s3("a", "e"), s3("b", "other")])


def test_how_two_sources_of_hdfs_are_cached_may_differ() -> None:
    def hdfs(name: str, policy: str) -> JsonValue:
        return {"mountPoint": f"hdfs://{name}/", "name": name, "options": {"metaPolicy": policy}}

    ENGINES["jindo"]([hdfs("a", "ONCE"), hdfs("b", "ALWAYS")])


def test_volumes_of_one_name_in_one_object_are_refused() -> None:
    twice: JsonValue = [{"name": "v", "emptyDir": {}}, {"name": "v", "hostPath": {"path": "/v"}}]
    places: JsonValue = [{"name": "v", "mountPath": "/v"}]
    with pytest.raises(InvalidSpec, match=r"^spec.volumes\[1\].name: 'v' is another volume's too"):
        _ = ThinCase({"volumes": twice, "fuse": {"image": "i", "volumeMounts": places}}).objects
    with pytest.raises(InvalidSpec, match=r"^ThinRuntimeProfile client spec.volumes\[1\].name: 'v'"):
        _ = ThinCase(profile={"volumes": twice, "fuse": {"image": "i", "volumeMounts": places}}).objects
    with pytest.raises(InvalidSpec, match=r"^spec.volumes\[1\].name: 'v' is another volume's too"):
        _ = JindoCase({"volumes": twice, "master": {"volumeMounts": places}}, {}).objects


def warnings_of(case: JindoCase | ThinCase) -> list[str]:
    return [warning.message for warning in case.transformed.warnings]


def test_options_that_are_not_handed_on_are_told() -> None:
    thin = ThinCase(
        dataset={
            "mounts": [mount(ONE, name="a", options={"key": "x"}, encryptOptions=[secret_option("key")])]
        }
    )
    assert warnings_of(thin) == ["spec.mounts[0].options[key] is ignored: encryptOptions has it too"]
    options: JsonValue = {"fs.oss.endpoint": "e", "fluid.fuse.hostvolume": "/mnt"}
    jindo = JindoCase(
        {}, {"mounts": [mount(ONE, name="a", options=options, encryptOptions=[secret_option("z")])]}
    )
    told = " ".join(warnings_of(jindo))
    assert (
        "spec.mounts[0].options[fluid.fuse.hostvolume] is ignored: this kind of runtime has no place for it"
        in told
    )
    assert "spec.mounts[0].encryptOptions[0] (z) is ignored" in told


def test_an_administrator_can_say_which_folders_of_nodes_are_allowed() -> None:
    assert host_path_problem("/mnt/a", ["/mnt/", "/data"]) is None
    assert host_path_problem("/mnt", ["/mnt/"]) is None
    assert host_path_problem("/mnt2", ["/mnt"]) == "is not below a folder that the administrator allows"
    assert host_path_problem("/mnt/../etc", ["/mnt"]) == "has '..'"
    assert host_path_problem("/data", []) is not None
    assert host_path_problem("/", ["/"]) == "is the root of the node"
    assert is_within("//a//b/", "/a")


@pytest.mark.parametrize(
    ("modes", "options", "written"),
    [
        (["ReadOnlyMany"], {"a": "y"}, "a=y,ro"),
        (["ReadWriteMany", "ReadOnlyMany"], {"a": "y"}, "a=y,ro"),
        (["ReadOnlyMany"], {"rw": ""}, "rw"),
        (["ReadOnlyMany"], {"ro": "x"}, "ro=x"),
        (["ReadOnlyMany"], {}, "ro"),
        (["ReadWriteMany"], {"a": "y"}, "a=y"),
        (None, {"a": "y"}, "a=y"),  # as existing installations have it
        (None, None, "ro"),
    ],
)
def test_options_of_a_profile_leave_a_dataset_that_is_only_read_its_ro(
    modes: JsonValue, options: JsonValue, written: str
) -> None:
    fuse: JsonValue = {"image": "i"} if options is None else {"image": "i", "options": options}
    case = ThinCase(dataset={"accessModes": modes} if modes else {}, profile={"fuse": fuse})
    assert env(case.fuse)["MOUNT_OPTIONS"] == written
