# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""What a ThinRuntime's life means: single histories, then random ones."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    PersistentVolume,
    PersistentVolumeClaim,
    StatefulSet,
    ThinRuntime,
    ThinRuntimeProfile,
)
from fluid.types import Key
from tests.pure.lifecycle.thin import MOUNT, PROFILE, ThinWorld

KEY, RIVAL = Key("a", "b-c"), Key("a-b", "c")
TWO = {"mountPoint": "s3://two/", "name": "two"}
WORKERS = {"worker": {"enabled": True}, "replicas": 2}


def secret(name: str) -> dict:
    option = {"name": "key", "valueFrom": {"secretKeyRef": {"name": name, "key": "id"}}}
    return {**MOUNT, "encryptOptions": [option]}


def bound(*mounts: dict, **spec) -> ThinWorld:
    world = ThinWorld()
    world.create_profile()
    world.create_dataset(KEY, *(mounts or (MOUNT,)))
    world.create_runtime(KEY, **spec)
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    return world


def users_claim(world: ThinWorld, name: str) -> None:
    """A claim of the user's own, Bound."""
    metadata, bound = {"name": name, "namespace": KEY.namespace}, {"phase": "Bound"}
    wire = {"metadata": metadata, "spec": {"volumeName": name}, "status": bound}
    claim = world.cluster.create(PersistentVolumeClaim.model_validate(wire))
    spec = {"claimRef": {**metadata, "uid": claim.uid}}
    wire = {"metadata": {"name": name}, "spec": spec, "status": bound}
    world.cluster.create(PersistentVolume.model_validate(wire))


def refused(world: ThinWorld) -> bool:
    """Whether the runtime says that pods are refused."""
    return any(one.type == "PodsRefused" for one in world.runtime(KEY).conditions or ())


def pods_of(world: ThinWorld) -> set[str]:
    """UIDs of all pods of the runtime."""
    workloads = [world.workload(KEY, role) for role in ("fuse", "worker")]
    return {pod.uid for workload in workloads for pod in world.cluster.pods_of(workload)}


@pytest.mark.parametrize("spec", [{}, WORKERS, {"worker": {"enabled": True}}])
def test_every_shape_becomes_bound_and_ends(spec: dict) -> None:
    world = bound(**spec)
    volume = world.cluster.all(PersistentVolume)[0]
    assert volume.spec.csi.volume_attributes["mount_type"] == "fuse.client"
    assert volume.spec.csi.volume_attributes["fluid_path"] == "/thin/a/b-c/thin-fuse"
    [runtime] = world.dataset(KEY).runtimes
    assert (runtime.type, runtime.category) == ("thin", "Accelerate")
    world.delete(Dataset, KEY)
    world.settle()
    world.check()
    assert {obj.kind for obj in world.cluster.everything()} == {"Node", "ThinRuntimeProfile"}


def test_a_missing_profile_is_named_until_it_is_there() -> None:
    world = ThinWorld()
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    world.settle()
    world.check()
    ready = world.condition(KEY, "Ready")
    assert (ready.status, ready.reason) == ("False", "InvalidSpec")
    assert "ThinRuntime a/b-c spec.profileName: there is no ThinRuntimeProfile 'client'" in ready.message
    assert world.cluster.all(DaemonSet) == []
    world.create_profile()
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_a_credential_in_plain_options_is_told_until_it_is_in_a_secret() -> None:
    world = bound({**MOUNT, "options": {"access_key_id": "me", "secret_access_key": "sesame"}})
    [shown] = [one for one in world.runtime(KEY).conditions if one.type == "SpecWarning"]
    assert (shown.reason, shown.status) == ("PlaintextCredentials", "True")
    assert shown.message.startswith("spec.mounts[0].options[secret_access_key] is a credential that")
    world.edit(Dataset, KEY, mounts=[secret("keys")])
    world.settle()
    world.check()
    assert [one for one in world.runtime(KEY).conditions or () if one.type == "SpecWarning"] == []


def test_a_profile_that_goes_away_stops_nothing_that_runs() -> None:
    world = bound(**WORKERS)
    before = world.workload(KEY, "fuse").uid
    world.delete(ThinRuntimeProfile, Key("", "client"))
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"
    assert "there is no ThinRuntimeProfile" in world.condition(KEY, "NotReady").message
    assert world.workload(KEY, "fuse").uid == before
    world.create_profile()
    world.settle()
    assert world.condition(KEY, "NotReady") is None


def test_an_edit_of_the_mounts_reaches_running_clients_without_a_restart() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    [pod] = world.fuse_pods(KEY)
    template = world.workload(KEY, "fuse").spec.to_wire()
    world.edit(Dataset, KEY, mounts=[MOUNT, TWO])
    phases = set()
    for _ in range(4):
        world.step()
        phases.add(world.dataset(KEY).phase)
    world.settle()
    world.check()
    assert phases == {"Updating", "Bound"}
    assert [one["name"] for one in world.config(KEY)["mounts"]] == ["one", "two"]
    [after] = world.fuse_pods(KEY)
    assert after.uid == pod.uid
    assert world.workload(KEY, "fuse").spec.to_wire() == template
    assert after.metadata.annotations != pod.metadata.annotations


def test_a_secret_that_pods_lack_replaces_idle_clients_and_waits_for_readers() -> None:
    world = bound()
    world.cluster.readers[KEY] = {"node-0", "node-1"}
    world.settle()
    world.cluster.readers[KEY] = {"node-0"}  # the client of node-1 stays, and is idle
    before = {pod.spec.node_name: pod.uid for pod in world.fuse_pods(KEY)}
    world.edit(Dataset, KEY, mounts=[secret("blue")])
    world.settle()
    after = {pod.spec.node_name: pod.uid for pod in world.fuse_pods(KEY)}
    assert after["node-0"] == before["node-0"]
    assert after["node-1"] != before["node-1"]
    assert world.dataset(KEY).phase == "Updating"
    assert "b-c-fuse-node-0" in world.condition(KEY, "Updating").message
    world.cluster.readers[KEY] = set()
    world.operator.deadline = True
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_a_change_of_the_profile_waits_for_pods_to_end_and_is_shown() -> None:
    world = bound(**WORKERS)
    before = {pod.uid for pod in world.cluster.pods_of(world.workload(KEY, "worker"))}
    world.edit(ThinRuntimeProfile, Key("", "client"), worker={"image": "reg/newer"})
    world.settle()
    world.check()
    template = world.workload(KEY, "worker").spec.template.spec
    assert template.containers[0].image == "reg/newer"
    assert {pod.uid for pod in world.cluster.pods_of(world.workload(KEY, "worker"))} == before
    pending = next(one for one in world.runtime(KEY).conditions if one.type == "UpdatePending")
    assert "2 pods (b-c-worker-0, b-c-worker-1)" in pending.message
    for pod in world.cluster.pods_of(world.workload(KEY, "worker")):
        world.cluster.delete(pod)
    world.settle()
    assert all(one.type != "UpdatePending" for one in world.runtime(KEY).conditions)


def test_workers_are_scaled_switched_off_and_on() -> None:
    world = bound(**WORKERS)
    world.edit(ThinRuntime, KEY, replicas=3)
    world.settle()
    world.check()
    assert world.runtime(KEY).desired_worker_number_scheduled == 3
    assert world.runtime(KEY).selector == "app=thin,release=b-c,role=thin-worker"
    world.edit(ThinRuntime, KEY, worker=None)
    world.settle()
    world.check()
    assert world.cluster.all(StatefulSet) == []
    assert world.dataset(KEY).phase == "Bound"
    world.edit(ThinRuntime, KEY, worker={"enabled": True})
    world.settle()
    world.check()


def test_workers_that_do_not_run_are_lost_health() -> None:
    world = bound(**WORKERS)
    world.cluster.stuck |= {"b-c-worker-0", "b-c-worker-1"}
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Failed"
    assert "b-c-worker" in world.condition(KEY, "Ready").message
    world.cluster.stuck.clear()
    world.settle()
    world.check()


def test_what_an_existing_installation_left_is_taken_over_without_a_restart() -> None:
    world = bound(**WORKERS)
    world.cluster.readers[KEY] = {"node-0"}
    world.settle()
    for workload in (world.workload(KEY, "fuse"), world.workload(KEY, "worker")):
        wire = workload.spec.to_wire()
        wire["template"]["metadata"]["annotations"] = {"sidecar.istio.io/inject": "false"}
        older = type(workload).model_validate({"metadata": {"name": "x"}, "spec": wire})
        world.cluster.change(workload, spec=older.spec, metadata={"annotations": {}})
        for pod in world.cluster.pods_of(workload):
            world.cluster.change(pod, metadata={"annotations": {"sidecar.istio.io/inject": "false"}})
    config = world.cluster.get(ConfigMap, Key("a", "b-c-fuse-conf"))
    world.cluster.change(config, metadata={"labels": {"app": "thin"}, "annotations": {}})
    before = pods_of(world)
    world.restart_operator()
    world.settle()
    world.check()
    assert pods_of(world) == before
    assert world.dataset(KEY).phase == "Bound"


@pytest.mark.parametrize("role", ["fuse", "worker"])
def test_refused_pods_are_told_although_every_pass_asks_for_the_volume_of_a_source_first(role: str) -> None:
    world = ThinWorld()
    world.create_profile()
    users_claim(world, "data")
    world.create_dataset(KEY, {"mountPoint": "pvc://data", "name": "data"})
    world.create_runtime(KEY, **WORKERS)
    world.settle()
    assert world.dataset(KEY).phase == "Bound"
    world.cluster.refuses[f"b-c-{role}"] = "exceeded quota: few"
    world.cluster.readers[KEY] = {"node-0"}
    world.edit(ThinRuntime, KEY, replicas=3)
    for _ in range(2):
        world.settle()
        [told] = [one for one in world.runtime(KEY).conditions if one.type == "PodsRefused"]
        assert f"a/b-c-{role}: exceeded quota: few; " in told.message
        world.restart_operator()
    world.cluster.refuses.clear()
    world.settle()
    assert not refused(world)


def test_what_was_told_of_refused_pods_goes_when_a_spec_is_refused_before_the_binding() -> None:
    world = ThinWorld()
    world.create_profile()
    world.create_dataset(KEY, MOUNT)
    world.cluster.refuses["b-c-worker"] = "exceeded quota: few"
    world.create_runtime(KEY, **WORKERS)
    world.settle()
    assert refused(world)
    world.edit(ThinRuntime, KEY, profileName="missing")
    world.settle()
    assert world.condition(KEY, "Ready").reason == "InvalidSpec"
    assert not refused(world)
    world.edit(ThinRuntime, KEY, profileName="client")
    world.settle()
    assert refused(world)


def test_statuses_hold_no_options() -> None:
    world = bound({**secret("blue"), "options": {"endpoint": "e"}})
    for mount in (*world.dataset(KEY).mounts, *world.runtime(KEY).mounts):
        assert mount.to_wire() == {"mountPoint": "s3://one/", "name": "one", "path": "/one"}


ACTS = st.sampled_from(
    [
        *({"replicas": number} for number in (0, 1, 2, None)),
        {"worker": {"enabled": True}},
        {"worker": {"enabled": True, "replicas": 1}},
        {"worker": {"enabled": False}},
        {"worker": None},
        {"fuse": {"imageTag": "v2"}},
        {"fuse": {"options": {"debug": ""}}},
        {"fuse": {"lifecycle": {"postStart": {"exec": {"command": ["x"]}}}}},
        {"fuse": None},
        {"profileName": "missing"},
        {"profileName": "client"},
        {"profileName": None},
    ]
)
MOUNTS = st.lists(
    st.sampled_from([MOUNT, TWO, secret("blue"), {"mountPoint": "local:///x", "name": "x"}]),
    min_size=1,
    max_size=3,
    unique_by=lambda mount: mount["name"],
)
THEN = st.sampled_from(["settle", "settle", "settle", "one step", "two steps", "restart"])
WHO = st.sampled_from([KEY, RIVAL])
TEMPLATES = [PROFILE["worker"], {"enabled": True, "image": "w"}]


class ThinLifecycle(RuleBasedStateMachine):
    """After each act the world settles, makes a few steps only, or loses its operator."""

    def __init__(self) -> None:
        super().__init__()
        self.world = ThinWorld()
        self.world.create_profile()

    def go_on(self, then: str) -> None:
        world = self.world
        match then:
            case "settle":
                world.settle()
                world.check()
            case "restart":
                world.step()
                world.restart_operator()
            case _:
                for _ in range(1 if then == "one step" else 2):
                    world.step()

    @rule(who=WHO, mounts=MOUNTS, then=THEN)
    def create_or_edit_dataset(self, who, mounts, then):
        self.world.create_dataset(who, *mounts)
        self.world.edit(Dataset, who, mounts=mounts)
        self.go_on(then)

    @rule(who=WHO, change=ACTS, then=THEN)
    def create_or_edit_runtime(self, who, change, then):
        self.world.create_runtime(who)
        self.world.edit(ThinRuntime, who, **change)
        self.go_on(then)

    @rule(who=WHO, kind=st.sampled_from([Dataset, ThinRuntime]), then=THEN)
    def delete(self, who, kind, then):
        self.world.delete(kind, who)
        self.go_on(then)

    @rule(there=st.booleans(), worker=st.sampled_from(TEMPLATES), then=THEN)
    def change_profile(self, there, worker, then):
        key = Key("", "client")
        if there:
            self.world.create_profile()
            self.world.edit(ThinRuntimeProfile, key, worker=worker)
        else:
            self.world.delete(ThinRuntimeProfile, key)
        self.go_on(then)

    @rule(who=WHO, nodes=st.sets(st.sampled_from(["node-0", "node-1"])), then=THEN)
    def read(self, who, nodes, then):
        self.world.cluster.readers[who] = nodes if self.world.claim(who) else set()
        self.go_on(then)

    @rule(who=WHO, role=st.sampled_from(["fuse", "worker"]), then=THEN)
    def lose_a_pod(self, who, role, then):
        workload = self.world.workload(who, role)
        for pod in self.world.cluster.pods_of(workload)[:1] if workload else ():
            self.world.cluster.delete(pod)
        self.go_on(then)

    @rule(who=WHO, kind=st.sampled_from([DaemonSet, StatefulSet, ConfigMap]), then=THEN)
    def clumsy_hand(self, who, kind, then):
        for obj in self.world.cluster.all(kind):
            if obj.namespace == who.namespace:
                self.world.cluster.delete(obj)
        self.go_on(then)

    def teardown(self):
        self.world.cluster.readers.clear()
        self.world.operator.deadline = True
        self.world.create_profile()
        for who in (KEY, RIVAL):
            self.world.delete(Dataset, who)
            self.world.delete(ThinRuntime, who)
        self.world.settle()
        self.world.check()
        assert {obj.kind for obj in self.world.cluster.everything()} == {"Node", "ThinRuntimeProfile"}


ThinLifecycle.TestCase.settings = settings(stateful_step_count=15)
TestThinLifecycle = ThinLifecycle.TestCase
