# pyright: basic, reportArgumentType=false, reportGeneralTypeIssues=false
"""Host ports that live objects record: of our own objects alone, whatever anybody writes into others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import thread_time
from typing import Any

import pytest

from fluid.controllers.context import BY_OWNER, Informers
from fluid.controllers.ports import PortAllocator, RecordedPorts
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.jindo.shape import PORTS
from fluid.engines.kit.ports import Port, PortTable
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
    assert PORTS.live(KEY, [noted("x-jindofs-config", NOTE)]) == NOTE
    text = "[server]\nnamespace.rpc.port = 18007\n\n[worker]\n\tstorage.rpc.port=18008 \r\n"
    written = config_map(data={"jindocache.cfg": text})
    assert PORTS.live(KEY, [written]) == {"masterRpc": 18007, "workerRpc": 18008}


@pytest.mark.parametrize("name", ["x", "x-jindofs-config-2", "y-jindofs-config", "x-jindofs-client-config"])
def test_an_object_of_another_name_records_nothing(name: str) -> None:
    """The owner reference alone proves nothing: anybody may write one."""
    assert PORTS.live(KEY, [noted(name, NOTE)]) == {}
    pod = {
        "hostNetwork": True,
        "containers": [{"name": "jindofs-master", "ports": [{"name": "rpc", "containerPort": 18000}]}],
    }
    spec = {"selector": {}, "serviceName": "s", "template": {"spec": pod}}
    for kind in (StatefulSet, DaemonSet):
        workload = kind.model_validate({"metadata": {"name": name, "namespace": "tenant"}, "spec": spec})
        assert PORTS.live(KEY, [workload]) == {}


@pytest.mark.parametrize("fields", HOSTILE, ids=range(len(HOSTILE)))
def test_nonsense_records_nothing_and_costs_nothing(fields: dict[str, Any]) -> None:
    started = thread_time()
    assert PORTS.live(KEY, [config_map(**fields)]) == {}
    assert thread_time() - started < 0.5


TABLE = PortTable[JindoRuntime](
    ports=(
        *(
            Port(f"web{index}", 19000 + index, StatefulSet, "worker", "server", f"w{index}")
            for index in range(10)
        ),
        Port("rpc", 20000, StatefulSet, "master", "server", "rpc", key="a.rpc.port"),
        Port("rest", 39999, DaemonSet, "gateway", "proxy", "rest"),
    ),
    wanted=lambda runtime: (runtime.metadata.annotations or {}).get("wanted", "").split(","),
    on_host=lambda runtime: runtime.metadata.name != "off",
    base=lambda name: name,
    config="conf",
    file="site.properties",
)


def workload(
    kind: type, name: str, ports: dict[str, int], container: str = "server", **pod: Any
) -> KubeObject:
    listed = [{"name": port, "containerPort": number} for port, number in ports.items()]
    spec = {"hostNetwork": True, "containers": [{"name": container, "ports": listed}], **pod}
    wire = {"selector": {}, "serviceName": "s", "template": {"spec": spec}}
    return kind.model_validate({"metadata": {"name": name, "namespace": "tenant"}, "spec": wire})


def runtime(name: str, *purposes: str) -> JindoRuntime:
    wanted = {"wanted": ",".join(purposes)}
    return JindoRuntime(metadata=ObjectMeta(name=name, namespace="tenant", annotations=wanted))


def test_an_engine_may_have_any_number_of_ports_in_the_order_of_their_allocation() -> None:
    several = runtime("x", "rest", "web3", "rpc", "web9")
    assert TABLE.needed(several) == ("web3", "web9", "rpc", "rest")
    given = {"rest": 18001, "web3": 18002, "rpc": 18003, "web9": 18004, "web0": 18005}
    assert TABLE.used(several, given) == {"web3": 18002, "web9": 18004, "rpc": 18003, "rest": 18001}
    with pytest.raises(ValueError, match="tenant/x is rendered before web9, rpc have been allocated"):
        TABLE.used(several, {"rest": 1, "web3": 2})


def test_on_the_container_network_the_ports_are_the_fixed_ones_and_none_is_needed() -> None:
    off = runtime("off", "rpc", "rest")
    assert TABLE.needed(off) == ()
    assert TABLE.used(off, {"rpc": 18001}) == {"rpc": 20000, "rest": 39999}


def test_what_workloads_listen_on_counts_over_the_configuration_and_that_over_a_note() -> None:
    note = {ALLOCATED_PORTS: json.dumps({"web0": 18000, "web1": 18001, "rpc": 18002, "rest": 18003})}
    text = "a.rpc.port = 18012\nab.rpc.port = 18099\n"
    config = config_map("x-conf", metadata={"annotations": note}, data={"site.properties": text})
    found = [
        config,
        workload(StatefulSet, "x-worker", {"w1": 18021, "other": 18098}),
        workload(DaemonSet, "x-gateway", {"rest": 18023}, container="proxy"),
    ]
    expected = {"web0": 18000, "web1": 18021, "rpc": 18012, "rest": 18023}
    assert TABLE.live(KEY, found) == expected
    assert TABLE.live(KEY, found[::-1]) == expected


def test_workloads_of_another_kind_container_or_namespace_record_nothing() -> None:
    ports = {"w1": 18021, "rest": 18023}
    assert TABLE.live(KEY, [workload(DaemonSet, "x-worker", ports)]) == {}
    assert TABLE.live(KEY, [workload(StatefulSet, "x-worker", ports, container="sidecar")]) == {}
    assert TABLE.live(Key("other", "x"), [workload(StatefulSet, "x-worker", ports)]) == {}


def test_a_workload_off_the_host_network_says_that_nothing_is_a_host_port() -> None:
    note = {ALLOCATED_PORTS: json.dumps({"web0": 18000})}
    config = config_map("x-conf", metadata={"annotations": note})
    off = workload(StatefulSet, "x-worker", {"w1": 19001}, hostNetwork=False)
    assert TABLE.live(KEY, [config]) == {"web0": 18000}
    assert TABLE.live(KEY, [config, off]) == {}


def test_the_fixed_ports_in_a_configuration_are_those_of_the_container_network() -> None:
    config = config_map("x-conf", data={"site.properties": "a.rpc.port = 20000"})
    assert TABLE.live(KEY, [config]) == {}


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


class Reader:
    """Reads notes, unless it fails for the runtime `x`; it is asked for both."""

    def __init__(self) -> None:
        self.fails = True

    def __call__(self, key: Key, children: Sequence[KubeObject]) -> Mapping[str, int]:
        if self.fails and key.name == "x":
            raise SystemExit(3)
        return PORTS.live(key, children)


def test_no_port_is_given_while_those_of_a_runtime_are_not_known() -> None:
    notes = {"x": {"masterRpc": 18000, "workerRpc": 18001}, "y": {"masterRpc": 18002, "workerRpc": 18003}}
    ours = [entry(noted(f"{name}-jindofs-config", notes[name]), name, f"uid-{name}") for name in notes]
    reads = Reader()
    recorded = RecordedPorts(informers(*ours), replace(jindo(), live_ports=reads), runtimes())
    allocator, new = PortAllocator(recorded.all), Key("other", "new")
    with pytest.raises(EngineFault, match="live_ports failed for another runtime, so no host port") as found:
        allocator.allocate("new", new, ("masterRpc",), {})
    assert "tenant" not in found.value.message
    assert allocator.allocate("has", Key("other", "has"), ("a",), {"a": 18005}) == {"a": 18005}
    reads.fails = False
    assert allocator.allocate("new", new, ("masterRpc",), {}) == {"masterRpc": 18004}


def test_ports_that_cannot_be_read_again_are_those_of_before() -> None:
    here = [entry(noted("x-jindofs-config", NOTE), "x", "uid-x")]
    reads = Reader()
    reads.fails = False
    watched = informers(*here)
    recorded = RecordedPorts(watched, replace(jindo(), live_ports=reads), runtimes())
    assert [*recorded.all()] == [NOTE, {}]
    reads.fails = True
    changed = entry(noted("x-jindofs-config", {"masterRpc": 18009}), "x", "uid-x")
    changed.version = 2
    watched = replace(watched, config_maps=Reflected(changed))
    recorded._watched = watched
    assert [*recorded.all()] == [NOTE, {}]
    reads.fails = False
    assert [*recorded.all()] == [{"masterRpc": 18009}, {}], "a fault is not kept"
