"""The worked case of the wire specification, compared field by field."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from fluid.models import ConfigMap, DaemonSet, StatefulSet
from tests.pure.jindo.support import Case, pod_spec, sections

VECTOR = json.loads((Path(__file__).parents[2] / "data" / "vector-jindocache.json").read_text())
EXPECTED = {(item["kind"], item["name"]): item for item in VECTOR["objects"]}
PORTS = {"MASTER_RPC_PORT": "18000", "WORKER_RPC_PORT": "18001", "RAFT_PORT": "18002"}
REVISION = "data.fluid.io/mounts-revision"  # ours, beyond the vector
VALUES = "hbase-jindocache-values"  # made by the controller, not by the chart


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(VECTOR["input"]["runtime"], VECTOR["input"]["dataset"])


def with_ports(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        if value in PORTS:
            return int(PORTS[value])
        for placeholder, port in PORTS.items():
            value = value.replace(placeholder, port)
        return value
    if isinstance(value, list):
        return [with_ports(item) for item in value]
    if isinstance(value, dict):
        return {key: with_ports(item) for key, item in value.items() if item is not None}
    return value


def as_text(value: JsonValue) -> JsonValue:
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else value


def workload_facts(item: StatefulSet | DaemonSet) -> Iterator[tuple[str, JsonValue]]:
    wire = item.to_wire()
    spec = wire["spec"]
    assert isinstance(spec, dict)
    template = spec["template"]
    assert isinstance(template, dict)
    metadata, pod = template["metadata"], template["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(pod, dict)
    annotations = metadata["annotations"]
    assert isinstance(annotations, dict)
    yield "podLabels", metadata["labels"]
    yield "podAnnotations", {key: value for key, value in annotations.items() if key != REVISION}
    for key in ("updateStrategy", "selector", "serviceName", "podManagementPolicy", "replicas"):
        yield key, spec.get(key)
    for key in (
        "hostNetwork",
        "hostPID",
        "dnsPolicy",
        "nodeSelector",
        "tolerations",
        "terminationGracePeriodSeconds",
        "affinity",
        "volumes",
    ):
        yield key, pod.get(key)
    [container] = pod["containers"] if isinstance(pod["containers"], list) else []
    yield "container", container


def test_the_same_objects_come_out(case: Case) -> None:
    assert {(item.resource.kind, item.name) for item in case.objects} == {*EXPECTED, ("ConfigMap", VALUES)}


@pytest.mark.parametrize(("kind", "name"), EXPECTED)
def test_labels_are_the_same(case: Case, kind: str, name: str) -> None:
    [item] = [one for one in case.objects if (one.resource.kind, one.name) == (kind, name)]
    assert item.metadata.labels == EXPECTED[kind, name]["labels"]
    assert item.namespace == "default"


@pytest.mark.parametrize("name", [name for kind, name in EXPECTED if kind == "Service"])
def test_services_are_the_same(case: Case, name: str) -> None:
    [item] = [one for one in case.services if one.name == name]
    expected = EXPECTED["Service", name]
    spec = item.to_wire()["spec"]
    assert spec == with_ports({key: expected[key] for key in ("ports", "selector", "clusterIP")})


@pytest.mark.parametrize(
    ("kind", "name"), [key for key in EXPECTED if key[0] in {"StatefulSet", "DaemonSet"}]
)
def test_workloads_are_the_same(case: Case, kind: str, name: str) -> None:
    [item] = [one for one in case.objects if (one.resource.kind, one.name) == (kind, name)]
    assert isinstance(item, StatefulSet | DaemonSet)
    expected = with_ports(EXPECTED[kind, name])
    assert isinstance(expected, dict)
    for field, value in workload_facts(item):
        wanted = expected.get(field)
        if field == "container":
            assert isinstance(value, dict)
            assert isinstance(wanted, dict)
            assert {key: value.get(key) for key in wanted} == wanted
            assert value.keys() - wanted.keys() == {"imagePullPolicy"}
        elif name.endswith("-worker") and field in {"replicas", "affinity"}:
            # The original sets both after the installation: replicas of the runtime, and §2.11's affinity.
            assert value == 2 if field == "replicas" else value is not None
        else:
            assert value == wanted, field
    security = pod_spec(item).security_context
    assert security is not None
    assert security.to_wire() == {"runAsUser": 0, "runAsGroup": 0}


@pytest.mark.parametrize("name", ["hbase-jindofs-config", "hbase-jindofs-client-config"])
def test_config_maps_keep_their_annotations(case: Case, name: str) -> None:
    annotations = case.only(ConfigMap, name).metadata.annotations or {}
    expected: Mapping[str, str] = EXPECTED["ConfigMap", name]["annotations"]
    assert {key: annotations.get(key) for key in expected} == expected


def test_the_client_config_is_the_same(case: Case) -> None:
    name = "hbase-jindofs-client-config"
    assert case.only(ConfigMap, name).data == with_ports(EXPECTED["ConfigMap", name]["data"])


@pytest.mark.parametrize("file", ["jindocache.cfg", "jindosdk.cfg"])
def test_every_key_of_the_configuration_is_the_same_and_in_the_same_order(case: Case, file: str) -> None:
    expected = with_ports(EXPECTED["ConfigMap", "hbase-jindofs-config"][file])
    assert isinstance(expected, dict)
    found = sections(case.file(file))
    assert list(found) == list(expected)
    for section, keys in expected.items():
        wanted = as_text(keys)
        assert isinstance(wanted, dict)
        assert list(found[section].items()) == list(wanted.items())


def test_the_cache_sets_are_the_same(case: Case) -> None:
    root = ET.fromstring(case.file("cacheset.xml"))
    found = [{child.tag: (child.findtext("type") or child.text or "") for child in one} for one in root]
    assert found == EXPECTED["ConfigMap", "hbase-jindofs-config"]["cacheset.xml"]


def test_tools_find_the_image_in_the_values(case: Case) -> None:
    lines = (case.only(ConfigMap, VALUES).data or {})["data"].splitlines()
    assert lines[:2] == ["image: registry.cn-shanghai.aliyuncs.com/jindofs/smartdata", "imageTag: 6.2.0"]


def test_the_chart_uses_no_field_that_kubernetes_does_not_know(case: Case) -> None:
    assert [path for item in case.objects for path in item.unknown_fields()] == []
