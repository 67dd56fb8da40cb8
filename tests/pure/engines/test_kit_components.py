"""Components of any cache: what is taken from a user's spec, and how their values are written."""

from typing import ClassVar

import pytest
from pydantic import Field

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.settings import Image, Settings
from fluid.engines.kit.components import CacheValues, Component, cache_values, container_values, pod_values
from fluid.engines.kit.pods import (
    Metadata,
    chosen_image,
    named_image,
    pod_metadata,
    reserved_labels,
    version_of,
)
from fluid.engines.kit.volumes import mounted_volumes, volumes_by_name
from fluid.models import (
    Dataset,
    JindoCompTemplateSpec,
    LocalObjectReference,
    PodMetadata,
    ResourceRequirements,
    ThinFuseSpec,
    VersionSpec,
    Volume,
    VolumeMount,
)
from fluid.naming import Identity
from fluid.types import Quantity

NOTHING = Metadata({}, {})


class Gateway(Component):
    """A further component of some cache."""

    written = "replicaCount env args gone"
    env: dict[str, str] = Field(default_factory=dict[str, str])


def resources(**memory: str) -> ResourceRequirements:
    return ResourceRequirements.model_validate({kind: {"memory": size} for kind, size in memory.items()})


def test_values_are_written_in_the_order_of_the_chart_and_no_others() -> None:
    gateway = Gateway(replica_count=2, env={"A": "b"}, image="unread")
    assert list(gateway.to_values().items()) == [("replicaCount", 2), ("env", {"A": "b"}), ("args", [])]
    assert gateway.to_context() == gateway.to_values()
    assert Component(image="read").to_values()["image"] == "read"


def test_what_a_user_says_of_pods_is_taken_whatever_the_component() -> None:
    spec = JindoCompTemplateSpec(
        node_selector={"disk": "ssd"}, image_pull_secrets=[LocalObjectReference(name="own")]
    )
    found = pod_values(spec, Metadata({"l": "1"}, {"a": "2"}))
    assert found == {
        "labels": {"l": "1"},
        "annotations": {"a": "2"},
        "node_selector": {"disk": "ssd"},
        "image_pull_secrets": [LocalObjectReference(name="own")],
        "resources": None,
    }
    fuse = pod_values(spec, NOTHING, fuse_label="fluid.io/f-a-b")
    assert fuse["node_selector"] == {"disk": "ssd", "fluid.io/f-a-b": "true"}
    assert spec.node_selector == {"disk": "ssd"}


def test_a_container_of_a_users_own_is_on_the_host_network_unless_it_says_otherwise() -> None:
    assert container_values(ThinFuseSpec())["host_network"] is True
    assert container_values(ThinFuseSpec(network_mode=""))["host_network"] is True
    assert container_values(ThinFuseSpec(network_mode="ContainerNetwork"))["host_network"] is False
    assert container_values(ThinFuseSpec())["image_pull_policy"] == "IfNotPresent"


@pytest.mark.parametrize(
    ("wanted", "requested"),
    [
        (None, "2Gi"),
        (resources(requests="1Gi"), "2Gi"),
        (resources(requests="3Gi"), "3Gi"),
        (resources(requests="1Gi", limits="2Gi"), "2Gi"),
        (resources(limits="0"), "2Gi"),
    ],
)
def test_a_cache_in_memory_requests_at_least_what_it_takes(
    wanted: ResourceRequirements | None, requested: str
) -> None:
    before = wanted.to_wire() if wanted else None
    spec = JindoCompTemplateSpec(resources=wanted)
    found = pod_values(spec, NOTHING, memory=Quantity("2Gi"), component="worker")["resources"]
    assert found is not None
    assert (found.requests or {})["memory"] == Quantity(requested)
    assert (wanted.to_wire() if wanted else None) == before


def test_a_limit_below_what_a_cache_in_memory_takes_is_refused_with_the_component() -> None:
    spec = JindoCompTemplateSpec(resources=resources(limits="1Gi"))
    with pytest.raises(InvalidSpec) as caught:
        pod_values(spec, NOTHING, memory=Quantity("2Gi"), component="worker")
    assert caught.value.field == "spec.worker.resources.limits[memory]"
    assert "1Gi is less than the 2Gi" in caught.value.problem


def test_pull_secrets_are_the_runtimes_or_the_administrators() -> None:
    dataset = Dataset.model_validate(
        {"metadata": {"name": "b", "namespace": "a"}, "spec": {"placement": "Shared"}}
    )
    identity, settings = Identity.of("a", "b", "uid"), Settings(image_pull_secrets=("of-administrator",))
    found = cache_values(dataset, identity, settings, "toy", revision="revision")
    assert [one.name for one in found["image_pull_secrets"]] == ["of-administrator"]
    assert (found["placement"], found["mounts_revision"]) == ("Shared", "revision")
    assert found["runtime_identity"].to_values() == {"namespace": "a", "name": "b"}
    secrets = [LocalObjectReference(name="own")]
    own = cache_values(dataset, identity, settings, "toy", pull_secrets=secrets)
    assert [one.name for one in own["image_pull_secrets"]] == ["own"]


def test_values_that_a_chart_does_not_read_are_left_out_and_some_are_written_first() -> None:
    class ToyValues(CacheValues):
        first: ClassVar[str] = "image hostPath"
        unread: ClassVar[str] = "workerAffinity fuseLabel criticalFusePod"
        image: str = "toy:1"

    written = list(ToyValues(host_path="/toy/a/b").to_values().items())
    assert written[:3] == [
        ("image", "toy:1"),
        ("hostPath", "/toy/a/b"),
        ("runtimeIdentity", {"namespace": "default", "name": "cache"}),
    ]
    assert [name for name, _ in written[3:]] == [
        "ownerDatasetId",
        "placement",
        "mountsRevision",
        "imagePullSecrets",
    ]


def test_labels_and_annotations_of_a_component_count_over_those_of_the_runtime() -> None:
    runtime = PodMetadata(labels={"a": "1", "b": "1"}, annotations={"c": "1"})
    assert pod_metadata(runtime, PodMetadata(labels={"b": "2"})) == Metadata({"a": "1", "b": "2"}, {"c": "1"})
    assert pod_metadata(None, None) == NOTHING


def test_labels_that_selectors_need_are_told() -> None:
    [warning] = reserved_labels({"app": "x", "role": "y", "team": "z"}, "labels of spec.gateway")
    assert warning.message == "labels of spec.gateway: Fluid sets app, role itself"
    assert reserved_labels({"team": "z"}, "labels of spec.gateway") == []


def test_an_image_is_the_users_repository_or_tag_or_both_over_the_default() -> None:
    default = Image("reg/cache", "1.0")
    assert str(chosen_image(None, default)) == "reg/cache:1.0"
    assert str(chosen_image(VersionSpec(image_tag="2.0"), default)) == "reg/cache:2.0"
    assert str(chosen_image(VersionSpec(image="own"), default)) == "own:1.0"
    assert named_image(VersionSpec(image="own", image_tag="3"), "spec.fuse.image", "is missing") == "own:3"
    assert named_image(VersionSpec(image="own"), "spec.fuse.image", "is missing") == "own"
    with pytest.raises(InvalidSpec, match=r"^spec.fuse.image: is missing. Name an image"):
        named_image(VersionSpec(image_tag="3"), "spec.fuse.image", "is missing")


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("6.2.0", (6, 2, 0)),
        ("v2.8", (2, 8, 0)),
        ("release-2.8.1-SNAPSHOT-0433ade", (2, 8, 1)),
        ("6.9.1-202509151826", (6, 9, 1)),
        ("1.2.3.4", (1, 2, 3, 4)),
        ("latest", None),
        ("7", None),
    ],
)
def test_a_tag_that_begins_with_a_version_is_one(tag: str, version: tuple[int, ...] | None) -> None:
    assert version_of(tag) == version


def test_a_users_volumes_are_mounted_once_and_those_of_the_chart_are_not_his() -> None:
    known = volumes_by_name(
        [Volume(name="a"), Volume(name="data-1"), Volume(name="own"), Volume(name="unused")]
    )
    places = [VolumeMount(name=name, mount_path=f"/{index}") for index, name in enumerate(["a", "own", "a"])]
    found = mounted_volumes(places, known, "spec.master.volumeMounts[{}].name", reserved=["data-*", "conf"])
    assert [volume.name for volume in found] == ["a", "own"]
    with pytest.raises(
        InvalidSpec, match=r"^spec.master.volumeMounts\[1\].name: 'data-1' is one of Fluid's own"
    ):
        mounted_volumes(
            [places[0], VolumeMount(name="data-1", mount_path="/d")],
            known,
            "spec.master.volumeMounts[{}].name",
            reserved=["data-*"],
        )
    with pytest.raises(InvalidSpec, match=r"^spec.fuse.volumeMounts: there is no volume 'b', anywhere"):
        mounted_volumes(
            [VolumeMount(name="b", mount_path="/b")], known, "spec.fuse.volumeMounts", where=", anywhere"
        )


def test_a_volume_of_the_chart_that_is_offered_may_be_mounted_once_more() -> None:
    again = [VolumeMount(name="conf", mount_path="/again")]
    assert mounted_volumes(again, {}, "field", offered=["conf"]) == []
    shadowing = {"conf": Volume(name="conf")}  # the chart refuses two volumes of one name
    assert mounted_volumes(again, shadowing, "field", offered=["conf"]) == [Volume(name="conf")]
