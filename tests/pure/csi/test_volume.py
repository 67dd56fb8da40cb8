"""The attributes of a volume, as the operator and existing installations write them."""

import pytest

from fluid.csi.volume import Pod, Volume, VolumeError
from fluid.engines.core.volumes import FuseMount, persistent_volume
from fluid.types import Key
from tests.pure.jindo.support import Case

ROOT = "/runtime-mnt"
MINIMAL = {"fluid_path": "/runtime-mnt/thin/a/b/thin-fuse", "mount_type": "fuse.rclone"}


def test_what_the_operator_writes_is_read_back() -> None:
    case = Case(annotations={"fluid.io/skip-check-mount-ready-target": "All"})
    runtime, dataset = case.models
    mount = FuseMount(runtime, "jindo", "/runtime-mnt/jindo/default/hbase/jindofs-fuse", {})
    csi = persistent_volume(case.identity, dataset, mount).spec
    assert csi is not None
    assert csi.csi is not None
    volume = Volume.of(csi.csi.volume_handle, csi.csi.volume_attributes or {}, ROOT)
    assert volume == Volume(
        id="default-hbase",
        path=mount.path,
        mount_type="jindo",
        runtime=Key("default", "hbase"),
        label="fluid.io/f-default-hbase",
        unchecked=True,
    )
    assert (volume.source, volume.who) == (mount.path, "Dataset default/hbase")


def test_a_volume_made_by_hand_needs_its_path_alone() -> None:
    volume = Volume.of("v", {"fluid_path": "/runtime-mnt/x/"}, ROOT)
    assert (volume.path, volume.mount_type, volume.runtime, volume.label) == ("/runtime-mnt/x", "", None, "")
    assert volume.who == "volume v"


def test_a_sub_path_is_part_of_the_source() -> None:
    assert Volume.of("v", MINIMAL | {"fluid_sub_path": "/a//./b/"}, ROOT).source.endswith("/thin-fuse/a/b")


@pytest.mark.parametrize("key", ["node_publish_method", "fluid.io/node-publish-method"])
def test_pods_can_get_a_link(key: str) -> None:
    assert Volume.of("v", MINIMAL | {key: "symlink"}, ROOT).symlink


@pytest.mark.parametrize(
    ("value", "unchecked"), [("", False), ("Sidecar", False), ("MountPod", True), ("Sidecar, All", True)]
)
def test_who_skips_the_check(value: str, unchecked: bool) -> None:
    attributes = MINIMAL | {"fluid.io/skip-check-mount-ready-target": value}
    assert Volume.of("v", attributes, ROOT).unchecked is unchecked


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("fluid_path", "", "is missing"),
        ("fluid_path", "/etc", "not below /runtime-mnt"),
        ("fluid_path", "/runtime-mnt", "not below"),
        ("fluid_path", "/runtime-mnt/../etc", "not below"),
        ("fluid_path", "runtime-mnt/x", "not below"),
        ("fluid_path", "/runtime-mnt-of-others/x", "not below"),
        ("fluid_sub_path", "a/../../b", "leads out"),
        ("mount_pod_node_selector_key", "node-role.kubernetes.io/master", "begin with fluid.io/f-"),
        ("mount_pod_node_selector_key", "fluid.io/f-", "begin with"),
        ("mount_pod_node_selector_key", "fluid.io/f-" + "x" * 70, "valid label"),
    ],
)
def test_what_cannot_be_is_refused_by_name(attribute: str, value: str, said: str) -> None:
    with pytest.raises(VolumeError, match=said) as refused:
        Volume.of("default-hbase", MINIMAL | {attribute: value}, ROOT)
    assert "default-hbase" in str(refused.value)


def test_the_kubelet_says_whose_volume_it_is() -> None:
    context = {"csi.storage.k8s.io/pod.name": "p", "csi.storage.k8s.io/pod.namespace": "n"}
    assert str(Pod.of(context | {"csi.storage.k8s.io/pod.uid": "u"})) == "n/p"
    assert str(Pod("", "", "u")) == "u"
