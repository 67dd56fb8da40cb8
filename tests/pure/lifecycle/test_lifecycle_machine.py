# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""Random histories of two Datasets whose names collide: users, clumsy hands, faults, operators that die."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from fluid.engines.testing.lifecycle.stores import CHILDREN
from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    JindoRuntime,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
    StatefulSet,
)
from fluid.types import Key
from tests.pure.lifecycle.world import TIER, World

KEYS = (Key("a", "b-c"), Key("a-b", "c"))
WHO = st.sampled_from(KEYS)


def secret(name: str) -> list[dict]:
    options = {"fs.oss.accessKeyId": "id", "fs.oss.accessKeySecret": "key"}
    return [
        {"name": option, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
        for option, key in options.items()
    ]


@st.composite
def mount_lists(draw: st.DrawFn) -> list[dict]:
    """Up to three mounts; a path may stand twice, an address may move, credentials may come and go."""
    found = []
    for name in draw(st.lists(st.sampled_from(["one", "two", "three"]), max_size=3, unique=True)):
        bucket = draw(st.sampled_from([name, "other"]))
        mount = {"name": name, "mountPoint": f"oss://{bucket}/", "options": {"fs.oss.endpoint": "oss-cn"}}
        path = draw(st.sampled_from([None, None, "/", "/same"]))
        credentials = draw(st.sampled_from([None, None, "blue", "green"]))
        mount |= {"path": path} if path else {}
        mount |= {"encryptOptions": secret(credentials)} if credentials and bucket == name else {}
        found.append(draw(st.sampled_from([mount, mount, {"name": name, "mountPoint": "local:///data"}])))
    return found


RUNTIME_EDITS = st.sampled_from(
    [
        *({"replicas": number} for number in (0, 1, 2, 3)),
        *(
            {"master": part}
            for part in ({"replicas": 3}, {"disabled": True}, {"properties": {"a": "b"}}, None)
        ),
        *({"worker": part} for part in ({"disabled": True}, {"env": {"A": "b"}}, None)),
        *({"fuse": part} for part in ({"imageTag": "6.2.1"}, {"args": ["-okernel_cache"]}, None)),
        {"fuse": {"imageTag": "4.6.0"}},
        {"networkmode": "ContainerNetwork"},
        {"networkmode": "HostNetwork"},
        {"tieredstore": TIER},
        {
            "tieredstore": {
                "levels": [{"mediumtype": "MEM", "path": "/dev/shm/a,/dev/shm/b", "quotaList": "1Gi,2Gi"}]
            }
        },
        {"jindoVersion": {"image": "example.com/smartdata", "imageTag": "6.9.1"}},
    ]
)
ANNOTATIONS = st.sampled_from(
    [
        {"fluid.io/runtime-rpc-protocol": "rdma"},
        {"fluid.io/runtime-rpc-protocol": "pigeon"},
        {"fluid.io/runtime-rpc-protocol": None},
        {"data.fluid.io/metadataList": "no JSON"},
        {"data.fluid.io/metadataList": None},
    ]
)
WORDS = st.sampled_from(["-report", "-mount", "-unmount", "-refreshCacheSet", "-formatCache", "-count"])
HOW = st.sampled_from(["fail", "garbage", "hang"])
THEN = st.sampled_from(["settle", "settle", "settle", "settle", "one step", "two steps", "restart"])


class Lifecycle(RuleBasedStateMachine):
    """After each act the world settles, makes a few steps only, or loses its operator."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.untouched: dict[Key, dict] = {}

    @initialize(durable=st.booleans())
    def kind_of_cache(self, durable):
        self.world.cluster.caches.durable = durable

    def act(self, who, then) -> None:
        """Go on after something was done to one Dataset; the other one must not notice."""
        self.untouched.pop(who, None)
        world = self.world
        match then:
            case "settle":
                self.settle()
            case "restart":
                world.step()
                world.restart_operator()
            case _:
                for _ in range(1 if then == "one step" else 2):
                    world.step()
        for other, before in self.untouched.items():
            assert world.traces(other) == before, f"{other} changed when {who} was touched"

    def settle(self):
        world = self.world
        world.cluster.caches.faults.clear()
        world.settle()
        world.check()
        self.untouched = {**{key: world.traces(key) for key in KEYS}, **self.untouched}

    def teardown(self):
        """Whatever has happened, a deletion ends and leaves nothing."""
        world = self.world
        world.cluster.readers.clear()
        world.cluster.caches.faults.clear()
        for key in KEYS:
            world.delete(Dataset, key)
            world.delete(JindoRuntime, key)
        world.settle()
        world.check()
        left = [f"{obj.kind} {obj.key}" for obj in world.cluster.everything() if obj.kind != "Node"]
        assert left == []

    # Users.

    @rule(who=WHO, mounts=mount_lists(), then=THEN)
    def create(self, who, mounts, then):
        self.world.create_dataset(who, *mounts)
        self.world.create_runtime(who)
        self.act(who, then)

    @rule(who=WHO, then=THEN, runtime=st.booleans())
    def create_one(self, who, then, runtime):
        if runtime:
            self.world.create_runtime(who)
        else:
            self.world.create_dataset(who)
        self.act(who, then)

    @rule(who=WHO, mounts=mount_lists(), then=THEN)
    def edit_mounts(self, who, mounts, then):
        self.world.edit(Dataset, who, mounts=mounts or None)
        self.act(who, then)

    @rule(who=WHO, edit=RUNTIME_EDITS, then=THEN)
    def edit_runtime(self, who, edit, then):
        self.world.edit(JindoRuntime, who, **edit)
        self.act(who, then)

    @rule(who=WHO, annotations=ANNOTATIONS, then=THEN)
    def annotate(self, who, annotations, then):
        self.world.annotate(JindoRuntime, who, **annotations)
        self.act(who, then)

    @rule(who=WHO, kind=st.sampled_from([Dataset, JindoRuntime]), then=THEN)
    def delete(self, who, kind, then):
        self.world.delete(kind, who)
        self.act(who, then)

    @rule(who=WHO, nodes=st.sets(st.sampled_from(["node-0", "node-1"])), then=THEN)
    def read(self, who, nodes, then):
        if self.world.claim(who) is not None:
            self.world.cluster.readers[who] = set(nodes)
        elif not nodes:
            self.world.cluster.readers.pop(who, None)
        self.act(who, then)

    @rule(who=WHO, then=THEN)
    def finish(self, who, then):
        """All pods that read come to their end, and stay there for their logs."""
        if self.world.cluster.readers.pop(who, None):
            self.world.cluster.finished.add(who)
        self.act(who, then)

    # Clumsy hands.

    @rule(who=WHO, kind=st.sampled_from([*CHILDREN, Pod]), then=THEN, data=st.data())
    def delete_children(self, who, kind, then, data):
        found = sorted(
            (obj for obj in self.world.cluster.of(who) if isinstance(obj, kind)), key=lambda o: o.name
        )
        if found:
            self.world.cluster.delete(data.draw(st.sampled_from(found)))
        self.act(who, then)

    @rule(
        who=WHO,
        kind=st.sampled_from([PersistentVolume, PersistentVolumeClaim]),
        force=st.booleans(),
        then=THEN,
    )
    def delete_volume(self, who, kind, force, then):
        for obj in list(self.world.cluster.of(who)):
            if isinstance(obj, kind):
                (self.world.cluster.remove if force else self.world.cluster.delete)(obj)
        self.act(who, then)

    @rule(who=WHO, kind=st.sampled_from(CHILDREN), then=THEN, data=st.data())
    def edit_child(self, who, kind, then, data):
        cluster = self.world.cluster
        found = sorted((obj for obj in cluster.of(who) if isinstance(obj, kind)), key=lambda o: o.name)
        if found:
            obj = data.draw(st.sampled_from(found))
            match obj:
                case StatefulSet():
                    cluster.change(obj, spec=obj.spec.model_copy(update={"replicas": 5}))
                case DaemonSet():
                    cluster.change(obj, metadata={"labels": {}})
                case Service():
                    cluster.change(obj, spec=obj.spec.model_copy(update={"selector": {"a": "b"}}))
                case ConfigMap():
                    cluster.change(obj, data={"x": "y"})
        self.act(who, then)

    @rule(who=WHO, kind=st.sampled_from([Dataset, JindoRuntime]), then=THEN)
    def wipe_status(self, who, kind, then):
        live = self.world.cluster.get(kind, who)
        if live is not None:
            self.world.cluster.change(live, status=None)
        self.act(who, then)

    # The cluster.

    @rule(who=WHO, then=THEN)
    def restart_master(self, who, then):
        pod = self.world.pod(who)
        if pod is not None and pod.status.phase == "Running":
            self.world.cluster.now += self.world.SECOND
            self.world.cluster.restart(pod)
        self.act(who, then)

    @rule(who=WHO, pod=st.sampled_from(["worker-0", "worker-1", "master-1"]), then=THEN)
    def pod_gets_stuck(self, who, pod, then):
        """Not the first master: it is asked again and again as long as others of it serve."""
        self.world.cluster.stuck.add(f"{who.name}-jindofs-{pod}")
        self.act(who, then)

    @rule(
        who=WHO,
        role=st.sampled_from(["worker", "fuse"]),
        words=st.sampled_from(["not by this webhook", "exceeded quota: few"]),
        then=THEN,
    )
    def pods_are_refused(self, who, role, words, then):
        """New ones; those that are there stay."""
        self.world.cluster.refuses[f"{who.name}-jindofs-{role}"] = words
        self.act(who, then)

    @rule(then=THEN)
    def pods_get_free(self, then):
        self.world.cluster.stuck.clear()
        self.world.cluster.refuses.clear()
        self.untouched.clear()
        self.act(KEYS[0], then)

    @rule(word=WORDS, how=HOW)
    def commands_fail(self, word, how):
        self.world.cluster.caches.faults[word] = how

    @rule(who=WHO)
    def time_passes(self, who):
        """Long enough for statistics to be sampled."""
        self.world.cluster.now += 700 * self.world.SECOND
        self.untouched.clear()
        self.act(who, "settle")


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(
    deadline=None, max_examples=settings.default.max_examples // 3, stateful_step_count=15
)


def test_a_sample_beside_a_fuse_pod_that_waits_for_its_readers_comes_to_rest():
    state, who = Lifecycle(), KEYS[0]
    state.kind_of_cache(durable=False)
    mount = {"name": "one", "mountPoint": "oss://one/", "options": {"fs.oss.endpoint": "oss-cn"}}
    state.create(mounts=[mount], then="settle", who=who)
    for _ in range(4):
        state.time_passes(who=who)
    state.read(nodes={"node-0"}, then="settle", who=who)
    state.edit_mounts(mounts=[], then="settle", who=who)
    state.time_passes(who=who)
    state.teardown()
