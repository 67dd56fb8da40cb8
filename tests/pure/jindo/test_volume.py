"""The volume and the claim of a cache."""

import json

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.volume_metadata import Allowed, metadata_warnings
from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import PersistentVolume, PersistentVolumeClaim
from fluid.naming import Identity
from tests.pure.jindo.support import Case, Json

UID = "6f0c1b8e-0000-4000-8000-000000000001"


def objects(
    dataset: Json | None = None,
    annotations: dict[str, str] | None = None,
    node_selector: dict[str, str] | None = None,
    identity: Identity | None = None,
    capacity: str | None = None,
) -> tuple[PersistentVolume, PersistentVolumeClaim]:
    case = Case(dataset=dataset or {}, annotations=annotations or {})
    runtime, found = case.models
    if capacity is not None:
        found.metadata.annotations = {"pvc.fluid.io/resources.requests.storage": capacity}
    mount = FuseMount(runtime, "jindo", "/jindo/default/hbase/jindofs-fuse", node_selector or {})
    who = identity or case.identity
    return persistent_volume(who, found, mount), persistent_volume_claim(who, found, mount)


def test_volume_and_claim_are_those_of_the_specification() -> None:
    volume, claim = objects()
    labels: JsonValue = {"fluid.io/s-default-hbase": "true", "fluid.io/dataset-id": "default-hbase"}
    annotations: JsonValue = {"CreatedBy": "fluid"}
    assert volume.to_wire() == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "default-hbase", "labels": labels, "annotations": annotations},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "capacity": {"storage": "100Pi"},
            "claimRef": {"namespace": "default", "name": "hbase"},
            "storageClassName": "fluid",
            "csi": {
                "driver": "fuse.csi.fluid.io",
                "volumeHandle": "default-hbase",
                "volumeAttributes": {
                    "fluid_path": "/jindo/default/hbase/jindofs-fuse",
                    "mount_type": "jindo",
                    "runtime_namespace": "default",
                    "runtime_name": "hbase",
                    "mount_pod_node_selector_key": "fluid.io/f-default-hbase",
                },
            },
        },
    }
    assert claim.to_wire() == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "hbase", "namespace": "default", "labels": labels, "annotations": annotations},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "resources": {"requests": {"storage": "100Pi"}},
            "storageClassName": "fluid",
            "volumeName": "default-hbase",
        },
    }


@pytest.mark.parametrize(("capacity", "shown"), [("5Ti", "5Ti"), ("much", "100Pi"), (None, "100Pi")])
def test_the_size_is_what_the_dataset_says_if_it_is_one(capacity: str | None, shown: str) -> None:
    volume, claim = objects(capacity=capacity)
    assert volume.spec is not None
    assert claim.spec is not None
    assert claim.spec.resources is not None
    assert {key: str(size) for key, size in (volume.spec.capacity or {}).items()} == {"storage": shown}
    assert {key: str(size) for key, size in (claim.spec.resources.requests or {}).items()} == {
        "storage": shown
    }


def test_access_modes_follow_the_dataset() -> None:
    volume, claim = objects({"accessModes": ["ReadWriteMany"]})
    assert volume.spec is not None
    assert claim.spec is not None
    assert volume.spec.access_modes == claim.spec.access_modes == ["ReadWriteMany"]


def test_the_volume_is_where_fuse_pods_can_be() -> None:
    volume, _ = objects(node_selector={"b": "2", "a": "1"})
    assert volume.spec is not None
    assert volume.spec.node_affinity is not None
    assert volume.spec.node_affinity.to_wire() == {
        "required": {
            "nodeSelectorTerms": [
                {
                    "matchExpressions": [
                        {"key": "a", "operator": "In", "values": ["1"]},
                        {"key": "b", "operator": "In", "values": ["2"]},
                    ]
                }
            ]
        }
    }


def test_the_runtimes_annotations_add_metadata_and_attributes() -> None:
    entries: JsonValue = [
        {
            "labels": {"x": "y", "fluid.io/node-publish-method": "symlink", "fluid.io/dataset-id": "stolen"},
            "annotations": {"p": "q"},
            "selector": {"group": "", "kind": "PersistentVolume"},
        },
        {"labels": {"c": "d"}, "selector": {"kind": "PersistentVolumeClaim"}},
        {"labels": {"e": "f"}, "selector": {"group": "apps", "kind": "PersistentVolumeClaim"}},
    ]
    volume, claim = objects(
        annotations={
            "data.fluid.io/metadataList": json.dumps(entries),
            "fluid.io/skip-check-mount-ready-target": "MountPod",
        }
    )
    labels, attributes = volume.metadata.labels or {}, volume.spec.csi if volume.spec else None
    assert (labels["x"], labels["fluid.io/dataset-id"]) == ("y", "default-hbase")
    assert (volume.metadata.annotations or {})["p"] == "q"
    assert attributes is not None
    assert (attributes.volume_attributes or {})["node_publish_method"] == "symlink"
    assert (attributes.volume_attributes or {})["fluid.io/skip-check-mount-ready-target"] == "MountPod"
    assert (claim.metadata.labels or {}).get("c") == "d"
    assert "e" not in (claim.metadata.labels or {})


def test_metadata_may_spell_its_own_keys_in_any_case_but_labels_stay_as_written() -> None:
    entries: JsonValue = [{"Labels": {"Team": "Red"}, "SELECTOR": {"Kind": "PersistentVolume", "Group": ""}}]
    volume, claim = objects(annotations={"data.fluid.io/metadataList": json.dumps(entries)})
    assert (volume.metadata.labels or {})["Team"] == "Red"
    assert "Team" not in (claim.metadata.labels or {})


@pytest.mark.parametrize(
    "text", ["[3]", '[{"Labels": 3}]', "{", "{}", '[{"labels": 3}]', '[{"labels": {"a": {}}}]']
)
def test_malformed_metadata_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpec, match="metadataList"):
        objects(annotations={"data.fluid.io/metadataList": text})


def test_who_lost_the_joined_name_has_a_volume_of_its_own() -> None:
    identity = Identity.of("default", "hbase", UID, recorded_id=UID)
    volume, claim = objects(identity=identity)
    assert volume.name == UID
    assert claim.spec is not None
    assert claim.spec.volume_name == UID
    assert f"fluid.io/s-{UID}" in (volume.metadata.labels or {})


# ── What a volume, which is the cluster's, may carry ─────────────────────────────────────────────────


def noted(kind: str, **entry: JsonValue) -> dict[str, str]:
    return {"data.fluid.io/metadataList": json.dumps([{**entry, "selector": {"kind": kind}}])}


NEVER = (
    *("fluid.io/s-tenant-b-victim", "fluid.io/dataset-id", "data.fluid.io/x", "fluid_exclusive"),
    *("pv.kubernetes.io/provisioned-by", "volume.beta.kubernetes.io/mount-options", "kubernetes.io/x"),
    *("k8s.io/x", "a.k8s.io/x"),
)


@pytest.mark.parametrize(
    ("setting", "key", "permitted"),
    [
        ("", "team", True),
        ("", "example.com/team", False),
        ("none", "team", False),
        ("none", "fluid.io/node-publish-method", True),
        ("example.com/*", "example.com/team", True),
        ("example.com/*", "evil.example.com/team", False),
        ("example.com/*", "team", False),
        ("example.com/team, cost", "cost", True),
        ("example.com/team, cost", "example.com/other", False),
        ("*/*", "example.com/team", True),
        ("*/*", "notkubernetes.io/x", True),
        *(("*/*", key, False) for key in NEVER),
        *((key, key, False) for key in NEVER),
    ],
)
def test_which_keys_an_administrator_allows(setting: str, key: str, permitted: bool) -> None:
    assert Allowed.read(setting).permits(key) is permitted


@pytest.mark.parametrize("what", ["labels", "annotations"])
def test_keys_that_are_not_allowed_stay_off_the_volume_and_are_told(what: str) -> None:
    wished: JsonValue = dict.fromkeys([*NEVER, "a"], "x")
    annotations = noted("PersistentVolume", **{what: wished})
    volume, _ = objects(annotations=annotations)
    kept = (volume.metadata.labels if what == "labels" else volume.metadata.annotations) or {}
    ours = {"CreatedBy", "fluid.io/s-default-hbase", "fluid.io/dataset-id"}
    assert kept.keys() - ours == {"a"}
    assert kept.get("fluid.io/dataset-id") != "x"
    runtime, _ = Case(dataset={}, annotations=annotations).models
    [warning] = metadata_warnings(runtime, Allowed())
    assert "fluid.io/s-tenant-b-victim, fluid.io/dataset-id" in warning.message
    assert "FLUID_VOLUME_METADATA" in warning.message


def test_a_claim_carries_what_its_user_wants() -> None:
    _, claim = objects(
        annotations=noted("PersistentVolumeClaim", labels={"argocd.argoproj.io/instance": "x"})
    )
    assert (claim.metadata.labels or {})["argocd.argoproj.io/instance"] == "x"


@pytest.mark.parametrize("kind", ["PersistentVolume", "PersistentVolumeClaim"])
@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"labels": {"a b": "c"}}, r"\[0\].labels\['a b'\]: is no key"),
        ({"labels": {"a": "c d"}}, r"\[0\].labels\['a'\]: 'c d' is no value"),
        ({"labels": {"a": "x" * 64}}, "is no value of a label"),
        ({"annotations": {"a\n": "c"}}, "is no key"),
        ({"annotations": {"x" * 64: "c"}}, "is no key"),
    ],
)
def test_metadata_that_no_object_can_have_is_refused(
    kind: str, entry: dict[str, JsonValue], where: str
) -> None:
    with pytest.raises(InvalidSpec, match=where):
        objects(annotations=noted(kind, **entry))


@pytest.mark.parametrize("capacity", ["-1Gi", "0", "0.0Gi", "-0"])
def test_a_size_that_is_no_size_is_refused(capacity: str) -> None:
    with pytest.raises(
        InvalidSpec, match=r"^metadata.annotations\[pvc.fluid.io.*is no size of a volume. Write"
    ):
        objects(capacity=capacity)


@pytest.mark.parametrize(
    ("modes", "where"),
    [
        (["Nonsense"], r"^spec.accessModes\[0\]: 'Nonsense' is no access mode. Use ReadOnlyMany, .* or Read"),
        (["ReadWriteOnce", ""], r"^spec.accessModes\[1\]"),
        (["ReadWriteOncePod", "ReadWriteOnce"], "ReadWriteOncePod stands beside others"),
    ],
)
def test_access_modes_that_no_volume_can_have_are_refused(modes: list[JsonValue], where: str) -> None:
    with pytest.raises(InvalidSpec, match=where):
        objects({"accessModes": modes})
