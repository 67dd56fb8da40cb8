"""Sources that pods mount: every engine takes and refuses the same words, and what is mounted where."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.queries import ClaimVolume
from fluid.engines.kit.volumes import Attachments
from fluid.models import Volume, VolumeMount
from tests.pure.jindo.support import Case as JindoCase
from tests.pure.jindo.support import mounts as jindo_mounts
from tests.pure.jindo.support import secret_options
from tests.pure.thin.support import Case as ThinCase
from tests.pure.thin.support import container, mounts, secret_option, volumes

Mounts = list[JsonValue]
CLAIMS = {name: ClaimVolume() for name in ("c", "C_!", "data")}
ENGINES: dict[str, Callable[[Mounts], dict[str, str]]] = {
    "thin": lambda found: mounts(ThinCase(dataset={"mounts": found}, claims=CLAIMS).fuse),
    "jindo": lambda found: jindo_mounts(JindoCase({}, {"mounts": found}).worker),
}
BAD_SOURCES = {
    "pvc://c/../x": "spec.mounts[0].mountPoint: leaves its claim. Write a path without '..'",
    "pvc://c/a/..": "spec.mounts[0].mountPoint: leaves its claim",
    "pvc://C_!": "spec.mounts[0].mountPoint: names no claim. Write pvc://<claim>/<path>",
    "pvc:///x": "spec.mounts[0].mountPoint: names no claim",
    "local:///a/../etc": "spec.mounts[0].mountPoint: '/a/../etc' has '..'. Write the path without it",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("address", BAD_SOURCES)
def test_an_address_that_cannot_be_mounted_is_refused_alike_by_every_engine(
    engine: str, address: str
) -> None:
    with pytest.raises(InvalidSpec) as caught:
        ENGINES[engine]([{"mountPoint": address, "name": "x"}])
    assert str(caught.value).startswith(BAD_SOURCES[address])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", ["/..", "/a:b", "/../x"])
def test_a_place_outside_the_directory_for_sources_is_refused_alike_by_every_engine(
    engine: str, path: str
) -> None:
    with pytest.raises(InvalidSpec, match=r"spec.mounts\[0\].path: .* cannot be mounted"):
        ENGINES[engine]([{"mountPoint": "pvc://c", "path": path}])


@pytest.mark.parametrize("engine", ENGINES)
def test_two_claims_whose_places_are_one_in_the_pods_are_refused(engine: str) -> None:
    found: Mounts = [
        {"mountPoint": "pvc://c", "path": "/b"},
        {"mountPoint": "pvc://data", "path": "/a/../../underFSStorage/b"},
    ]
    with pytest.raises(InvalidSpec, match=r"spec.mounts\[1\].path: /underFSStorage/b is taken"):
        ENGINES[engine](found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["name", "key"])
def test_a_credential_of_no_secret_or_key_that_there_can_be_is_refused_alike_by_every_engine(
    engine: str, name: str
) -> None:
    secret, key = ("../x", "key") if name == "name" else ("sec", "..")
    found: JsonValue = {
        "mountPoint": "oss://b/",
        "name": "x",
        "options": {"fs.oss.endpoint": "e"},
        "encryptOptions": secret_options("oss", secret, key),
    }
    with pytest.raises(InvalidSpec) as caught:
        ENGINES[engine]([found])
    assert caught.value.field.startswith("spec.mounts[0].encryptOptions[")
    assert caught.value.field.endswith(f"valueFrom.secretKeyRef.{name}")


def test_a_folder_of_a_claim_is_its_sub_path_and_a_claim_of_two_sources_one_volume() -> None:
    found: Mounts = [
        {"mountPoint": "pvc://data/a/b/", "name": "one"},
        {"mountPoint": "pvc://data", "name": "two"},
    ]
    case = ThinCase(dataset={"mounts": found, "accessModes": ["ReadWriteMany"]}, claims=CLAIMS)
    places = {one.mount_path: one for one in container(case.fuse).volume_mounts or []}
    one, two = places["/underFSStorage/one"], places["/underFSStorage/two"]
    assert (one.sub_path, two.sub_path, one.read_only) == ("a/b", None, False)
    assert one.name == two.name
    assert volumes(case.fuse)[one.name] == {"persistentVolumeClaim": {"claimName": "data"}}


def test_a_secret_is_mounted_once_however_many_options_it_has() -> None:
    options: Mounts = [secret_option("a", key="a"), secret_option("b", key="b")]
    case = ThinCase(dataset={"mounts": [{"mountPoint": "s3://b", "name": "x", "encryptOptions": options}]})
    assert [name for name in volumes(case.fuse) if "fuseconfig" in name] == ["thin-fuseconfig-keys"]


def test_the_revision_of_attachments_is_that_of_all_volumes_and_places() -> None:
    one, two = Attachments(), Attachments()
    assert one.revision == two.revision
    one.add(Volume(name="a"), VolumeMount(name="a", mount_path="/a"))
    assert one.revision != two.revision
    two.add(Volume(name="a"), VolumeMount(name="a", mount_path="/a", read_only=True))
    assert one.revision != two.revision


def on_host(*options: str, **dataset: JsonValue) -> ThinCase:
    found: Mounts = [
        {
            "mountPoint": f"fs://{index}",
            "name": f"m{index}",
            "options": {"fluid.fuse.hostvolume": one, "a": "b"},
        }
        for index, one in enumerate(options)
    ]
    return ThinCase(dataset={"mounts": found, "accessModes": ["ReadWriteMany"], **dataset})


def test_a_folder_of_the_node_is_in_the_client_and_is_no_option_of_it() -> None:
    case = on_host("/mnt/store:/host-data", "/mnt/other")
    assert mounts(case.fuse)["/host-data"] == "fluid-fuse-hostvolume-0"
    assert mounts(case.fuse)["/mnt/other"] == "fluid-fuse-hostvolume-1"
    assert volumes(case.fuse)["fluid-fuse-hostvolume-0"] == {"hostPath": {"path": "/mnt/store"}}
    places = {one.mount_path: one for one in container(case.fuse).volume_mounts or []}
    assert not places["/host-data"].read_only
    assert places["/host-data"].mount_propagation == "HostToContainer"
    assert "hostvolume" not in str(case.config)
    assert [one["options"] for one in case.config["mounts"]] == [{"a": "b"}] * 2  # type: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportOptionalSubscript] - of any shape
    plain = ThinCase(dataset={"mounts": [{"mountPoint": "oss://first/", "name": "a"}]})
    assert case.values.mounts_revision != plain.values.mounts_revision


@pytest.mark.parametrize("modes", [["ReadOnlyMany"], ["ReadWriteMany", "ReadOnlyMany"], None])
def test_a_folder_of_the_node_is_only_read_where_the_dataset_is(modes: JsonValue) -> None:
    case = on_host("/mnt/store", accessModes=modes)
    [place] = [one for one in container(case.fuse).volume_mounts or [] if one.mount_path == "/mnt/store"]
    assert place.read_only is True


BAD_FOLDERS = {
    "": "is no absolute path",
    "mnt": "is no absolute path",
    "/": "is the root of the node",
    "//.": "is the root of the node",
    "/mnt/../etc": "has '..'",
    "/mnt:": "'', the path in the pods, is no absolute path",
    "/mnt:data": "'data', the path in the pods, is no absolute path",
    "/mnt:/a/../b": "has '..'",
    "/mnt:/a:ro": "has a colon",
    "/mnt:/etc/fluid/config": "would hide what the client needs",
    "/mnt:/runtime-mnt": "would hide what the client needs",
    "/a\nb": "control character",
}


@pytest.mark.parametrize("option", BAD_FOLDERS)
def test_a_folder_that_cannot_be_mounted_is_refused(option: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        _ = on_host(option).objects
    assert caught.value.field == "spec.mounts[0].options[fluid.fuse.hostvolume]"
    assert BAD_FOLDERS[option] in str(caught.value)
    assert "Write /folder/of/the/node" in str(caught.value)


def test_two_folders_at_one_place_and_one_for_all_mounts_are_refused() -> None:
    with pytest.raises(InvalidSpec, match=r"spec.mounts\[1\].options.*'/in' is taken in the FUSE pods"):
        _ = on_host("/a:/in", "/b:/in").objects
    with pytest.raises(
        InvalidSpec, match=r"spec.sharedOptions\[fluid.fuse.hostvolume\]: counts for one mount"
    ):
        _ = on_host("/a", sharedOptions={"fluid.fuse.hostvolume": "/x"}).objects
