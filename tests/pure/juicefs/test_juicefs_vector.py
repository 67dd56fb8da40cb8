"""A worked case of a JuiceFSRuntime, recorded from an existing installation, compared field by field.

What differs is in constants here, and in docs/compatibility.md with its reason.
"""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import ConfigMap, DaemonSet, StatefulSet
from tests.pure.juicefs.support import PORTS, Case, pod

VECTOR = json.loads((Path(__file__).parents[2] / "data" / "vector-juicefs.json").read_text())
EXPECTED = {(item["kind"], item["name"]): item for item in VECTOR["objects"]}
META, INPUT = VECTOR["metadata"], VECTOR["input"]
FUSE, WORKER, VALUES = "demo-fuse", "demo-worker", "demo-juicefs-values"
LEFT_OUT = {("ServiceAccount", "demo-loader"), ("Role", "demo-loader"), ("RoleBinding", "demo-loader")}
"""Rights of loaders, which need none here."""
REVISION, MANAGED = "data.fluid.io/mounts-revision", "fluid.io/managed-by"
GENERATION = "fuse.runtime.fluid.io/generation"
"""A counter there, a digest here."""


@pytest.fixture(scope="module")
def case() -> Case:
    environment = {
        "MOUNT_ROOT": "/runtime-mnt",
        "CRITICAL_FUSE_POD": "true",
        "JUICEFS_CE_IMAGE_ENV": "juicedata/mount:ce-v1.3.0",
    }
    [mount] = INPUT["dataset"]["mounts"]
    return Case(mount, INPUT["runtime"], environment=environment, name=META["name"])


def by_name(items: JsonValue, key: str = "name") -> dict[str, JsonValue]:
    assert isinstance(items, list)
    return {str(item[key]): item for item in items if isinstance(item, dict)}


def recorded(kind: str, name: str) -> JsonValue:
    text = json.dumps(EXPECTED[kind, name])
    for component, port in PORTS.items():
        text = text.replace(f'"{component.upper()}_METRICS_PORT"', str(port))
        text = text.replace(f"{component.upper()}_METRICS_PORT", str(port))
    return json.loads(text)


def test_the_same_objects_come_out_but_for_the_rights_of_loaders(case: Case) -> None:
    volumes = {key for key in EXPECTED if key[0].startswith("PersistentVolume")}
    assert {(item.resource.kind, item.name) for item in case.objects} == EXPECTED.keys() - volumes - LEFT_OUT


@pytest.mark.parametrize("name", [FUSE, WORKER, f"{FUSE}-script", f"{WORKER}-script", VALUES])
def test_labels_are_the_same(case: Case, name: str) -> None:
    [item] = [one for one in case.objects if one.name == name]
    ours = {MANAGED: "fluid"} if name == VALUES else {}
    assert item.metadata.labels == {**EXPECTED[item.resource.kind, name]["labels"], **ours}


@pytest.mark.parametrize("component", ["fuse", "worker"])
def test_what_containers_run_is_the_same_but_that_nothing_is_formatted_again(
    case: Case, component: str
) -> None:
    expected = recorded("ConfigMap", f"demo-{component}-script")
    assert isinstance(expected, dict)
    steps = expected["script.sh"]
    assert isinstance(steps, dict)
    prepare, mount = json.loads(json.dumps(steps["steps"]))
    words = case.words(component)
    source = words[0].pop(-3)
    assert source == "--no-update"
    assert words[0] == shlex.split(str(prepare["command"]))
    assert words[1][:5] == ["exec", mount["program"], mount["source"], mount["target"], "-o"]
    assert words[1][5].split(",") == mount["options"]
    assert case.script(component).splitlines()[1] == "set -e"
    assert case.script(component).splitlines()[-1].startswith("exec ")


@pytest.mark.parametrize(("kind", "name"), [(DaemonSet, FUSE), (StatefulSet, WORKER)])
def test_the_workloads_are_the_same(case: Case, kind: type[DaemonSet | StatefulSet], name: str) -> None:
    expected, wire = EXPECTED[kind.__name__, name], case.only(kind, name).to_wire()
    spec = wire["spec"]
    assert isinstance(spec, dict)
    for field in ("updateStrategy", "selector", "serviceName", "podManagementPolicy"):
        assert spec.get(field) == expected.get(field), field
    template = spec["template"]
    assert isinstance(template, dict)
    metadata, found = template["metadata"], template["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(found, dict)
    labels, annotations = metadata["labels"], metadata["annotations"]
    assert isinstance(labels, dict)
    assert isinstance(annotations, dict)
    if GENERATION in labels:
        labels[GENERATION] = "1"
    assert labels == expected["podLabels"]
    assert {key: one for key, one in annotations.items() if key != REVISION} == expected["podAnnotations"]
    same = ("hostNetwork", "dnsPolicy", "enableServiceLinks", "priorityClassName", "nodeSelector")
    for field in (*same, "tolerations", "restartPolicy"):
        assert found.get(field) == expected.get(field), field
    assert bool(found.get("hostPID")) == bool(expected.get("hostPID"))
    assert by_name(found["volumes"]) == by_name(expected["volumes"])


def test_workers_are_scaled_and_placed_as_existing_ones_are_after_a_while(case: Case) -> None:
    expected, spec = EXPECTED["StatefulSet", WORKER], case.worker.to_wire()["spec"]
    assert isinstance(spec, dict)
    assert spec["replicas"] == expected["replicasAfterSetupWorkers"]
    affinity = pod(case.worker).affinity
    assert affinity is not None
    assert affinity.to_wire() == expected["affinityAfterSetupWorkers"]


@pytest.mark.parametrize(("kind", "name"), [("DaemonSet", FUSE), ("StatefulSet", WORKER)])
def test_the_containers_are_the_same(case: Case, kind: str, name: str) -> None:
    whole = recorded(kind, name)
    assert isinstance(whole, dict)
    expected = whole["container"]
    assert isinstance(expected, dict)
    [container] = pod(case.fuse if name == FUSE else case.worker).containers
    found = container.to_wire()
    for field in ("name", "image", "imagePullPolicy", "command", "ports", "env", "securityContext"):
        assert found.get(field) == expected[field], field
    assert by_name(found["volumeMounts"], "mountPath") == by_name(expected["volumeMounts"], "mountPath")
    stop = json.dumps(expected["lifecycle"])
    assert stop == json.dumps({"preStop": {"exec": {"command": ["sh", "-c", f"umount {case.case.target}"]}}})
    assert found["lifecycle"] == {"preStop": {"exec": {"command": ["umount", case.case.target]}}}
    assert found["readinessProbe"]


def test_what_tools_read_in_the_values_is_the_same(case: Case) -> None:
    expected = recorded("ConfigMap", VALUES)
    assert isinstance(expected, dict)
    [item] = [one for one in case.objects if one.name == VALUES]
    assert isinstance(item, ConfigMap)
    text = (item.data or {})["data"]
    assert text.splitlines()[:3] == expected["first_lines"]
    found, wanted = yaml.safe_load(text), json.loads(json.dumps(expected["data(yaml, selected keys)"]))
    for key in ("image", "imageTag", "edition", "source", "ownerDatasetId", "placement", "runtimeIdentity"):
        assert found[key] == wanted[key], key
    same = ("name", "metaurlSecret", "metaurlSecretKey", "accesskeySecret", "accesskeySecretKey")
    for key in (*same, "secretkeySecret", "secretkeySecretKey"):
        assert found["configs"][key] == wanted["configs"][key], key
    for component, keys in (
        ("fuse", ("image", "imageTag", "mountPath", "hostMountPath", "hostNetwork", "metricsPort")),
        ("worker", ("mountPath", "hostNetwork", "metricsPort")),
    ):
        for key in keys:
            assert found[component][key] == wanted[component][key], key


def test_volume_and_claim_are_the_same(case: Case) -> None:
    runtime, dataset = case.models
    mount = FuseMount(runtime, "JuiceFS", case.values.fuse.mount_path, {}, generation="1")
    volume = persistent_volume(case.identity, dataset, mount).to_wire()
    expected = EXPECTED["PersistentVolume", "jfs-demo"]
    metadata, spec = volume["metadata"], volume["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata["labels"] == expected["labels"]
    for field in ("accessModes", "capacity", "storageClassName", "csi", "claimRef"):
        assert spec[field] == expected[field], field
    claim = persistent_volume_claim(case.identity, dataset, mount).to_wire()
    expected = EXPECTED["PersistentVolumeClaim", "demo"]
    metadata, spec = claim["metadata"], claim["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert (metadata["labels"], metadata["annotations"]) == (expected["labels"], expected["annotations"])
    assert spec["resources"] == {"requests": expected["requests"]}
    for field in ("accessModes", "storageClassName", "volumeName"):
        assert spec[field] == expected[field], field
