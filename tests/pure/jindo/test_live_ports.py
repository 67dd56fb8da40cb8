# pyright: basic, reportArgumentType=false, reportGeneralTypeIssues=false
"""Host ports that live objects record: of our own objects alone, whatever anybody writes into others."""

import json
from time import thread_time
from typing import Any

import pytest

from fluid.controllers.context import BY_OWNER, Informers
from fluid.controllers.ports import PortAllocator, RecordedPorts
from fluid.engines.core.registry import EngineRegistration, Registry
from fluid.engines.jindo.live_ports import live_ports
from fluid.kube import Entry, Malformed
from fluid.models import ConfigMap, DaemonSet, JindoRuntime, ObjectMeta, StatefulSet
from fluid.naming import ALLOCATED_PORTS
from fluid.types import Key, KubeObject

KEY = Key("tenant", "x")
NOTE = {"masterRpc": 18000, "workerRpc": 18001}
HOSTILE: list[dict[str, Any]] = [
    {"data": {"jindocache.cfg": "\n" * 900_000}},
    {"data": {"jindocache.cfg": " " * 900_000}},
    {"data": {"jindocache.cfg": "namespace.rpc.port" * 50_000}},
    {"data": {"jindocache.cfg": "namespace.rpc.port = " + "9" * 5000}},
    {"data": {"jindocache.cfg": "namespace.rpc.port = " + "9" * 900_000}},
    {"metadata": {"annotations": {ALLOCATED_PORTS: "[" * 100_000}}},
    {"metadata": {"annotations": {ALLOCATED_PORTS: "9" * 100_000}}},
    {
        "metadata": {
            "annotations": {ALLOCATED_PORTS: json.dumps({f"p{port}": port for port in range(18000, 20000)})}
        }
    },
    {"metadata": {"annotations": {ALLOCATED_PORTS: json.dumps(dict.fromkeys("abcd", 18000))}}},
    {"metadata": {"annotations": {ALLOCATED_PORTS: '{"masterRpc": true, "workerRpc": 22, "raft": 1e400}'}}},
    {
        "metadata": {
            "annotations": {ALLOCATED_PORTS: '{"masterRpc": NaN, "workerRpc": -18000, "raft": 99999999}'}
        }
    },
]


def config_map(name: str = "x-jindofs-config", **fields: Any) -> ConfigMap:
    metadata = {"name": name, "namespace": "tenant", **fields.pop("metadata", {})}
    return ConfigMap.model_validate({"metadata": metadata, **fields})


def noted(name: str, ports: dict[str, int]) -> ConfigMap:
    return config_map(name, metadata={"annotations": {ALLOCATED_PORTS: json.dumps(ports)}})


def test_a_note_and_a_configuration_of_ours_are_read() -> None:
    assert live_ports(KEY, [noted("x-jindofs-config", NOTE)]) == NOTE
    text = "[server]\nnamespace.rpc.port = 18007\n\n[worker]\n\tstorage.rpc.port=18008 \r\n"
    written = config_map(data={"jindocache.cfg": text})
    assert live_ports(KEY, [written]) == {"masterRpc": 18007, "workerRpc": 18008}


@pytest.mark.parametrize("name", ["x", "x-jindofs-config-2", "y-jindofs-config", "x-jindofs-client-config"])
def test_an_object_of_another_name_records_nothing(name: str) -> None:
    """The owner reference alone proves nothing: anybody may write one."""
    assert live_ports(KEY, [noted(name, NOTE)]) == {}
    pod = {
        "hostNetwork": True,
        "containers": [{"name": "jindofs-master", "ports": [{"name": "rpc", "containerPort": 18000}]}],
    }
    spec = {"selector": {}, "serviceName": "s", "template": {"spec": pod}}
    for kind in (StatefulSet, DaemonSet):
        workload = kind.model_validate({"metadata": {"name": name, "namespace": "tenant"}, "spec": spec})
        assert live_ports(KEY, [workload]) == {}


@pytest.mark.parametrize("fields", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_records_nothing_and_costs_nothing(fields: dict[str, Any]) -> None:
    started = thread_time()
    assert live_ports(KEY, [config_map(**fields)]) == {}
    assert thread_time() - started < 0.5


class Store:
    """Objects by owner, some of which cannot be read."""

    def __init__(self, *entries: Any) -> None:
        self.found = entries

    def entries(self) -> list[Any]:
        return [*self.found]

    def entries_by(self, index: str, uid: str) -> list[Any]:
        assert index == BY_OWNER
        return [one for one in self.found if one.controller.uid == uid]

    def by(self, index: str, uid: str) -> list[Any]:
        return [one.object for one in self.entries_by(index, uid)]


class Reflected:
    def __init__(self, *entries: Any) -> None:
        self.store = Store(*entries)


def entry(obj: KubeObject, uid: str, owner: str = "") -> Entry[Any]:
    metadata = {**obj.to_wire()["metadata"], "uid": uid, "resourceVersion": "1"}
    if owner:
        reference = {
            "apiVersion": "data.fluid.io/v1alpha1",
            "kind": "JindoRuntime",
            "name": "x",
            "uid": owner,
            "controller": True,
        }
        metadata["ownerReferences"] = [reference]
    return Entry(type(obj), {**obj.to_wire(), "metadata": metadata})


def informers(*config_maps: Entry[Any]) -> Informers:
    nothing = dict.fromkeys(Informers.__dataclass_fields__, Reflected())
    return Informers(**{**nothing, "config_maps": Reflected(*config_maps)})


def runtimes() -> Any:
    return Reflected(
        *(
            entry(JindoRuntime(metadata=ObjectMeta(name=name, namespace="tenant")), f"uid-{name}")
            for name in "xy"
        )
    )


def jindo() -> EngineRegistration[Any]:
    return Registry.discover().engines["JindoRuntime"]


@pytest.mark.parametrize("fields", HOSTILE, ids=range(len(HOSTILE)))
def test_one_hostile_object_leaves_all_ports_to_others(fields: dict[str, Any]) -> None:
    ours = noted("y-jindofs-config", NOTE)
    here = informers(entry(config_map(**fields), "1", "uid-x"), entry(ours, "2", "uid-y"))
    allocator = PortAllocator(RecordedPorts(here, jindo(), runtimes()).all)
    given = allocator.allocate("new", Key("other", "new"), ("masterRpc", "workerRpc"), {})
    assert given == {"masterRpc": 18002, "workerRpc": 18003}


def test_an_object_that_does_not_fit_its_model_harms_its_own_runtime_alone() -> None:
    broken = entry(config_map("x-broken"), "1", "uid-x")
    broken.raw["data"] = "no mapping"
    with pytest.raises(Malformed):
        _ = broken.object
    ours = [entry(noted(f"{name}-jindofs-config", NOTE), name, f"uid-{name}") for name in "xy"]
    here = informers(broken, *ours)
    assert [*RecordedPorts(here, jindo(), runtimes()).all()] == [NOTE, NOTE]


def test_objects_of_an_owner_that_is_no_runtime_claim_no_port() -> None:
    here = informers(entry(noted("z-jindofs-config", NOTE), "1", "uid-z"))
    assert [*RecordedPorts(here, jindo(), runtimes()).all()] == [{}, {}]
