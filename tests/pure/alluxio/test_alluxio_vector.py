"""The case that was recorded from an existing installation, compared field by field."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import ConfigMap, DaemonSet, Service, StatefulSet
from fluid.types import KubeObject
from tests.pure.alluxio.support import PORTS, Case

VECTOR = json.loads((Path(__file__).parents[2] / "data" / "vector-alluxio.json").read_text())
EXPECTED = {(item["kind"], item["name"]): item for item in VECTOR["objects"]}
META, INPUT = VECTOR["metadata"], VECTOR["input"]
NUMBERS = {
    "MASTER_RPC_PORT": "masterRpc",
    "MASTER_WEB_PORT": "masterWeb",
    "WORKER_RPC_PORT": "workerRpc",
    "WORKER_WEB_PORT": "workerWeb",
    "JOB_MASTER_RPC_PORT": "jobMasterRpc",
    "JOB_MASTER_WEB_PORT": "jobMasterWeb",
    "JOB_WORKER_RPC_PORT": "jobWorkerRpc",
    "JOB_WORKER_WEB_PORT": "jobWorkerWeb",
    "JOB_WORKER_DATA_PORT": "jobWorkerData",
}
VALUES = "demo-alluxio-values"
WORKLOADS = [key for key in EXPECTED if key[0] in {"StatefulSet", "DaemonSet"}]
OURS = {"data.fluid.io/mounts-revision"}
"""Annotations beyond the vector."""
DIFFERENT: dict[tuple[str, str], JsonValue] = {
    ("alluxio-master", "command"): ["/entrypoint.sh"],
    ("alluxio-master", "startupProbe"): {
        "tcpSocket": {"port": "rpc"},
        "periodSeconds": 2,
        "failureThreshold": 300,
    },
}
"""Fields of containers that differ from the vector: the operator mounts, and not the probe."""
WATERMARKS = {
    "-Dalluxio.worker.tieredstore.level0.watermark.high.ratio=0.95",
    "-Dalluxio.worker.tieredstore.level0.watermark.low.ratio=0.7",
}
"""Options beyond the vector, where watermarks reach nobody."""


@pytest.fixture(scope="module")
def case() -> Case:
    environment = {
        "MOUNT_ROOT": "/runtime-mnt",
        "CRITICAL_FUSE_POD": "true",
        "ALLUXIO_RUNTIME_IMAGE_ENV": "alluxio/alluxio-dev:2.9.0",
        "ALLUXIO_FUSE_IMAGE_ENV": "alluxio/alluxio-dev:2.9.0",
    }
    return Case(
        INPUT["runtime"],
        INPUT["dataset"],
        environment=environment,
        name=META["name"],
        namespace=META["namespace"],
    )


def with_ports(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        if value in NUMBERS:
            return PORTS[NUMBERS[value]]
        option, _, number = value.partition("=")
        return f"{option}={PORTS[NUMBERS[number]]}" if number in NUMBERS else value
    if isinstance(value, list):
        return [with_ports(item) for item in value]
    if isinstance(value, dict):
        return {key: with_ports(item) for key, item in value.items() if item not in (None, {}, [])}
    return value


def wire(item: KubeObject, *path: str) -> dict[str, JsonValue]:
    found: JsonValue = dict(item.to_wire())
    for name in path:
        assert isinstance(found, dict)
        found = found.get(name) or {}
    assert isinstance(found, dict)
    return found


def found_object(case: Case, kind: str, name: str) -> KubeObject:
    [item] = [one for one in case.objects if (one.resource.kind, one.name) == (kind, name)]
    return item


def by(items: JsonValue, key: str) -> dict[str, JsonValue]:
    assert isinstance(items, list)
    return {str(item[key]): item for item in items if isinstance(item, dict)}


def test_the_same_objects_come_out(case: Case) -> None:
    volumes = {key for key in EXPECTED if key[0].startswith("PersistentVolume")}
    assert {(item.resource.kind, item.name) for item in case.objects} == EXPECTED.keys() - volumes


@pytest.mark.parametrize(("kind", "name"), [key for key in EXPECTED if not key[0].startswith("Persistent")])
def test_labels_are_the_same(case: Case, kind: str, name: str) -> None:
    item = found_object(case, kind, name)
    ours = {"fluid.io/managed-by": "fluid"} if name == VALUES else {}
    assert item.metadata.labels == {**EXPECTED[kind, name]["labels"], **ours}
    assert item.namespace == META["namespace"]


def test_the_service_is_the_same(case: Case) -> None:
    expected = EXPECTED["Service", "demo-master-0"]
    spec = case.only(Service, "demo-master-0").to_wire()["spec"]
    assert spec == with_ports({key: expected[key] for key in ("ports", "selector", "clusterIP")})


@pytest.mark.parametrize(("kind", "name"), WORKLOADS)
def test_workloads_are_the_same(case: Case, kind: str, name: str) -> None:
    item, expected = found_object(case, kind, name), EXPECTED[kind, name]
    spec, metadata = wire(item, "spec"), wire(item, "spec", "template", "metadata")
    for field in ("updateStrategy", "selector", "serviceName", "podManagementPolicy"):
        assert spec.get(field) == expected.get(field), field
    annotations = metadata["annotations"]
    assert isinstance(annotations, dict)
    assert metadata["labels"] == expected["podLabels"]
    assert {key: one for key, one in annotations.items() if key not in OURS} == expected["podAnnotations"]
    pod = wire(item, "spec", "template", "spec")
    for field in (
        *("hostNetwork", "dnsPolicy", "enableServiceLinks", "priorityClassName", "nodeSelector"),
        *("tolerations", "restartPolicy"),
    ):
        assert pod.get(field) == expected.get(field), field
    volumes, recorded = by(pod["volumes"], "name"), by(expected["volumes"], "name")
    assert volumes.keys() == recorded.keys()
    for volume, content in volumes.items():
        wanted = recorded[volume]
        assert isinstance(wanted, dict)
        if isinstance(secret := wanted.get("secret"), dict):
            secret["optional"] = True  # a missing Secret keeps one source away, and not the master
        if volume != "alluxio-mount-conf":  # modes: a user of one's own runs the scripts too
            assert content == wanted


@pytest.mark.parametrize(("kind", "name"), WORKLOADS)
def test_containers_are_the_same(case: Case, kind: str, name: str) -> None:
    found = wire(found_object(case, kind, name), "spec", "template", "spec")["containers"]
    expected = EXPECTED[kind, name]["containers"]
    assert isinstance(found, list)
    assert [one["name"] for one in found if isinstance(one, dict)] == [one["name"] for one in expected]
    for ours, recorded in zip(found, expected, strict=True):
        assert isinstance(ours, dict)
        for field, value in recorded.items():
            wanted = DIFFERENT.get((recorded["name"], field), with_ports(value))
            if field in ("volumeMounts", "env", "ports"):
                key = "mountPath" if field == "volumeMounts" else "name"
                assert by(ours[field], key) == by(wanted, key), field
            else:
                assert ours.get(field, {}) == wanted, (recorded["name"], field)
        assert ours.keys() - recorded.keys() <= {"terminationMessagePolicy"}


def test_the_options_of_all_java_machines_are_the_same_and_in_the_same_order(case: Case) -> None:
    expected = EXPECTED["ConfigMap", "demo-config"]["data_tokens"]
    assert (case.only(ConfigMap, "demo-config").data or {}).keys() == expected.keys()
    for variable, tokens in expected.items():
        found = [one for one in case.options(variable) if one not in WATERMARKS]
        # Alluxio has no unit Gi: it spells the same size GB.
        wanted = [one.replace("memory.size=2Gi", "memory.size=2GB") for one in tokens]
        assert found == with_ports(wanted), variable
    assert {*case.options()} >= WATERMARKS


def test_config_maps_keep_their_annotations(case: Case) -> None:
    for name in ("demo-config", "demo-mount-config"):
        annotations = case.only(ConfigMap, name).metadata.annotations or {}
        assert EXPECTED["ConfigMap", name]["annotations"].items() <= annotations.items()


def test_the_mount_configuration_has_the_same_keys_and_lines(case: Case) -> None:
    data = case.only(ConfigMap, "demo-mount-config").data or {}
    expected = EXPECTED["ConfigMap", "demo-mount-config"]
    assert sorted(data) == expected["data_keys"]
    [line], [recorded] = data["mount.info"].splitlines(), expected["mount.info"]
    path, address, *words = line.split(" ")
    assert (path, address) == (recorded["path"], recorded["ufs"])
    assert words[::2] == ["--option"] * (len(words) // 2)
    assert dict(word.split("=", 1) for word in words[1::2]) == recorded["options"]


def test_tools_find_the_image_in_the_values(case: Case) -> None:
    lines = (case.only(ConfigMap, VALUES).data or {})["data"].splitlines()
    assert lines[:3] == EXPECTED["ConfigMap", VALUES]["first_lines"]


def test_volume_and_claim_are_the_same(case: Case) -> None:
    runtime, dataset = case.models
    mount = FuseMount(runtime, "fuse.alluxio-fuse", f"{case.values.fuse.host_path}/alluxio-fuse", {})
    volume = persistent_volume(case.identity, dataset, mount)
    expected = EXPECTED["PersistentVolume", "spark-demo"]
    assert volume.metadata.labels == expected["labels"]
    assert volume.metadata.annotations == expected["annotations"]
    for field in ("accessModes", "capacity", "storageClassName", "csi", "claimRef"):
        assert wire(volume, "spec")[field] == expected[field], field
    claim = persistent_volume_claim(case.identity, dataset, mount)
    expected = EXPECTED["PersistentVolumeClaim", "demo"]
    assert (claim.metadata.labels, claim.metadata.annotations) == (
        expected["labels"],
        expected["annotations"],
    )
    for field in ("accessModes", "storageClassName", "volumeName"):
        assert wire(claim, "spec")[field] == expected[field], field


def test_the_chart_uses_no_field_that_kubernetes_does_not_know(case: Case) -> None:
    assert [path for item in case.objects for path in item.unknown_fields()] == []


def test_workers_are_as_many_as_the_user_wants_and_ask_for_the_memory_of_their_tier(case: Case) -> None:
    spec = case.worker.spec
    assert isinstance(case.fuse, DaemonSet)
    assert isinstance(case.master, StatefulSet)
    assert spec is not None
    assert spec.replicas == 2
