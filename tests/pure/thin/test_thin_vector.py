"""A worked case of a ThinRuntime, recorded from an existing installation, compared field by field."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.naming import Identity
from tests.pure.thin.support import Case, pod

VECTOR = json.loads((Path(__file__).parents[2] / "data" / "vector-thin.json").read_text())
EXPECTED = {(item["kind"], item["name"]): item for item in VECTOR["objects"]}
META, INPUT = VECTOR["metadata"], VECTOR["input"]
FUSE, CONFIG, VALUES = "thinds-fuse", "thinds-fuse-conf", "thinds-thin-values"
OURS = {"FLUID_FUSE_MOUNTPOINT"}
"""Variables beyond the vector."""
REVISION = "data.fluid.io/mounts-revision"
MANAGED = "fluid.io/managed-by"


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(
        INPUT["runtime"],
        INPUT["dataset"],
        profile=INPUT["profile"]["spec"],
        environment={"MOUNT_ROOT": "/runtime-mnt", "CRITICAL_FUSE_POD": "true"},
        name=META["name"],
        namespace=META["namespace"],
    )


def by_name(items: JsonValue, key: str = "name") -> dict[str, JsonValue]:
    assert isinstance(items, list)
    return {str(item[key]): item for item in items if isinstance(item, dict)}


def test_the_same_objects_come_out(case: Case) -> None:
    volumes = {key for key in EXPECTED if key[0].startswith("PersistentVolume")}
    assert {(item.resource.kind, item.name) for item in case.objects} == EXPECTED.keys() - volumes


@pytest.mark.parametrize("name", [FUSE, CONFIG, VALUES])
def test_labels_are_the_same(case: Case, name: str) -> None:
    [item] = [one for one in case.objects if one.name == name]
    ours = {MANAGED: "fluid"} if name == VALUES else {}
    assert item.metadata.labels == {**EXPECTED[item.resource.kind, name]["labels"], **ours}
    assert item.namespace == META["namespace"]


def test_what_the_client_is_told_is_the_same(case: Case) -> None:
    expected = EXPECTED["ConfigMap", CONFIG]["data"]["config.json"]
    assert case.config == expected
    assert list(case.config) == list(expected)


def test_the_daemonset_is_the_same(case: Case) -> None:
    expected, wire = EXPECTED["DaemonSet", FUSE], case.fuse.to_wire()
    spec = wire["spec"]
    assert isinstance(spec, dict)
    assert spec["updateStrategy"] == expected["updateStrategy"]
    assert spec["selector"] == expected["selector"]
    template = spec["template"]
    assert isinstance(template, dict)
    metadata, found = template["metadata"], template["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(found, dict)
    annotations = metadata["annotations"]
    assert isinstance(annotations, dict)
    assert metadata["labels"] == expected["podLabels"]
    assert {key: one for key, one in annotations.items() if key != REVISION} == expected["podAnnotations"]
    same = ("hostNetwork", "dnsPolicy", "enableServiceLinks", "priorityClassName", "nodeSelector")
    for field in (*same, "tolerations", "restartPolicy", "imagePullSecrets"):
        assert found.get(field) == expected[field], field
    assert bool(found.get("hostPID")) == expected["hostPID"]
    assert by_name(found["volumes"]) == by_name(expected["volumes"])


def test_the_container_is_the_same(case: Case) -> None:
    expected = EXPECTED["DaemonSet", FUSE]["container"]
    [container] = pod(case.fuse).containers
    found = container.to_wire()
    for field in ("name", "image", "imagePullPolicy", "resources", "command", "lifecycle"):
        assert found.get(field) == expected[field], field
    security = found["securityContext"]
    assert isinstance(security, dict)
    assert expected["securityContext"].items() >= security.items()
    assert security["privileged"] is True
    assert by_name(found["volumeMounts"], "mountPath") == by_name(expected["volumeMounts"], "mountPath")
    variables, recorded = by_name(found["env"]), by_name(expected["env"])
    assert {name: one for name, one in variables.items() if name not in OURS} == recorded


def test_volume_and_claim_are_the_same(case: Case) -> None:
    runtime, profile, dataset = case.models
    assert profile is not None
    assert profile.spec is not None
    identity = Identity.of(META["namespace"], META["name"], META["dataset_uid"])
    path = f"{case.values.fuse.target_path}"
    mount = FuseMount(runtime, profile.spec.file_system_type, path, {})
    volume = persistent_volume(identity, dataset, mount).to_wire()
    expected = EXPECTED["PersistentVolume", volume_name := f"{META['namespace']}-{META['name']}"]
    metadata, spec = volume["metadata"], volume["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata == {
        "name": volume_name,
        "labels": expected["labels"],
        "annotations": expected["annotations"],
    }
    for field in ("accessModes", "capacity", "storageClassName", "csi", "claimRef"):
        assert spec[field] == expected[field], field
    claim = persistent_volume_claim(identity, dataset, mount).to_wire()
    expected = EXPECTED["PersistentVolumeClaim", META["name"]]
    metadata, spec = claim["metadata"], claim["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert (metadata["labels"], metadata["annotations"]) == (expected["labels"], expected["annotations"])
    assert spec["resources"] == {"requests": expected["requests"]}
    for field in ("accessModes", "storageClassName", "volumeName"):
        assert spec[field] == expected[field], field
