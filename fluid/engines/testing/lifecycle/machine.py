"""The life of an engine as a state machine of Hypothesis: users and failing pods act in any order.

    TestHelloLife = lifecycle(SUBJECT, answers=answers)

gives a test. After each act the world settles, makes a few steps only, or loses its operator; whenever it has
settled, the invariants of `World` hold, and in the end everything is deleted and nothing is left.
"""

from collections.abc import Sequence
from unittest import TestCase

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from fluid.engines.testing.examples import spec_of
from fluid.engines.testing.lifecycle.caches import Answers, unknown
from fluid.engines.testing.lifecycle.cluster import is_running
from fluid.engines.testing.lifecycle.stores import CHILDREN
from fluid.engines.testing.lifecycle.there import spec_on_wire
from fluid.engines.testing.lifecycle.world import World
from fluid.engines.testing.rendering import registration_by
from fluid.engines.testing.suite import Subject
from fluid.models import DaemonSet, Dataset, PersistentVolume, PersistentVolumeClaim, Pod, StatefulSet
from fluid.types import JsonObject, Key, KubeObject

KEYS = (Key("a", "b-c"), Key("a-b", "c"))
"""Two Datasets whose names are the same when namespace and name are joined."""
WHO = st.sampled_from(KEYS)
THEN = st.sampled_from(["settle", "settle", "settle", "one step", "restart"])
Specs = st.SearchStrategy[JsonObject]


class Life(RuleBasedStateMachine):
    """One history; `lifecycle` says of which engine.

    Attributes:
        subject: The engine and its examples.
        answers: What commands in the pods of its caches say.
        datasets: Specs of Datasets, as they are on the wire.
        runtimes: Specs of runtimes, as they are on the wire.
    """

    subject: Subject
    answers: Answers
    datasets: Specs
    runtimes: Specs

    def __init__(self) -> None:
        super().__init__()
        real = registration_by(self.subject.make)
        self.world: World = World(real, type(self).answers, self.subject.settings)
        named = [one for example in self.subject.examples.values() for one in example.objects]
        others = [one for one in named if not isinstance(one, Dataset | real.kind)]
        self.world.users_own = tuple({type(one) for one in others})
        for one in others:
            if self.world.cluster.get(type(one), one.key) is None:
                self.world.cluster.create(one)
        self.rests: bool = True

    def act(self, then: str) -> None:
        """Go on after something was done."""
        self.rests = then == "settle"
        if then == "settle":
            self.settle()
        else:
            self.world.step()
        if then == "restart":
            self.world.restart_operator()

    def settle(self) -> None:
        """Go on until everything rests, and look whether all is as it must be."""
        self.world.cluster.caches.faults.clear()
        self.world.settle()
        self.world.check()
        self.rests = True

    def teardown(self) -> None:
        """Whatever has happened, a deletion ends and leaves nothing."""
        world = self.world
        world.cluster.readers.clear()
        world.cluster.caches.faults.clear()
        for key in KEYS:
            world.delete(Dataset, key)
            world.delete(world.kind, key)
        world.settle()
        world.check()
        kept = ("Node", *(kind.__name__ for kind in world.users_own))
        left = [f"{one.resource.kind} {one.key}" for one in world.cluster.everything()]
        left = [one for one in left if one.split(" ")[0] not in kept]
        assert not left, f"a deletion left {', '.join(left)}; every child needs the runtime as its owner"

    @rule(who=WHO, then=THEN, data=st.data())
    def create(self, who: Key, then: str, data: st.DataObject) -> None:
        """A user writes a Dataset and its runtime."""
        self.world.create(Dataset, who, data.draw(self.datasets))
        self.world.create(self.world.kind, who, data.draw(self.runtimes))
        self.act(then)

    @rule(who=WHO, of_dataset=st.booleans(), then=THEN, data=st.data())
    def edit(self, who: Key, of_dataset: bool, then: str, data: st.DataObject) -> None:
        """A user writes another spec."""
        spec = data.draw(self.datasets if of_dataset else self.runtimes)
        self.change(Dataset if of_dataset else self.world.kind, who, spec, then)

    def change(self, kind: type[KubeObject], who: Key, spec: JsonObject, then: str) -> None:
        """Write another spec; what is refused keeps all workloads as they are."""
        before, rested, live = self.templates(who), self.rests, self.world.cluster.get(kind, who)
        if live is not None:
            self.world.edit(kind, who, **{**dict.fromkeys(spec_on_wire(live)), **spec})
        self.act(then)
        if live is not None and rested and self.rests and self.bound(who) and self.world.refusal(who):
            assert self.templates(who) == before, (
                f"an edit of {who} is refused, and changed what runs: apply nothing before values() has"
                " returned"
            )

    @rule(who=WHO, replicas=st.integers(0, 3), then=THEN)
    def scale(self, who: Key, replicas: int, then: str) -> None:
        """A user scales the workers."""
        if "replicas" in type(self).scalable(self.world.kind):
            self.world.edit(self.world.kind, who, replicas=replicas)
        self.act(then)

    @rule(who=WHO, of_dataset=st.booleans(), then=THEN)
    def delete(self, who: Key, of_dataset: bool, then: str) -> None:
        """A user deletes Dataset or runtime."""
        self.world.delete(Dataset if of_dataset else self.world.kind, who)
        self.act(then)

    @rule(who=WHO, nodes=st.sets(st.sampled_from(["node-0", "node-1"])), then=THEN)
    def read(self, who: Key, nodes: set[str], then: str) -> None:
        """Pods on some nodes read."""
        if self.world.claim(who) is not None:
            self.world.cluster.readers[who] = set(nodes)
        elif not nodes:
            self.world.cluster.readers.pop(who, None)
        self.act(then)

    @rule(who=WHO, kind=st.sampled_from([*CHILDREN, Pod, PersistentVolume, PersistentVolumeClaim]), then=THEN)
    def delete_children(self, who: Key, kind: type[KubeObject], then: str) -> None:
        """Clumsy hands delete what the operator made."""
        for one in [one for one in self.world.cluster.of(who) if isinstance(one, kind)]:
            self.world.cluster.delete(one)
        self.act(then)

    @rule(who=WHO, of_dataset=st.booleans(), then=THEN)
    def wipe_status(self, who: Key, of_dataset: bool, then: str) -> None:
        """Clumsy hands take a status away."""
        live = self.world.cluster.get(Dataset if of_dataset else self.world.kind, who)
        if live is not None:
            self.world.cluster.change(live, status=None)
        self.act(then)

    @rule(who=WHO, then=THEN)
    def restart_pods(self, who: Key, then: str) -> None:
        """The containers of all pods start again, and have forgotten everything."""
        self.world.cluster.now += self.world.SECOND
        for pod in [one for one in self.world.cluster.of(who) if isinstance(one, Pod)]:
            if is_running(pod):
                self.world.cluster.restart(pod)
        self.act(then)

    @rule(who=WHO, then=THEN)
    def workers_get_stuck(self, who: Key, then: str) -> None:
        """The first worker does not get ready any more."""
        live = self.world.cluster.get(self.world.kind, who)
        workers = self.world.components(live).workers if live is not None else None
        if workers:
            self.world.cluster.stuck.add(f"{workers}-0")
        self.act(then)

    @precondition(lambda self: self.world.cluster.stuck)
    @rule(then=THEN)
    def pods_get_free(self, then: str) -> None:
        """What was stuck gets ready."""
        self.world.cluster.stuck.clear()
        self.act(then)

    @rule(how=st.sampled_from(["fail", "garbage", "hang"]), then=THEN)
    def commands_fail(self, how: str, then: str) -> None:
        """No command is answered as it should be, for one step."""
        self.world.cluster.caches.every = how
        self.world.step()
        self.world.cluster.caches.every = ""
        self.act(then)

    def bound(self, who: Key) -> bool:
        """Whether a Dataset has a runtime that was set up."""
        dataset = self.world.cluster.get(Dataset, who)
        return bool(dataset is not None and dataset.status and dataset.status.runtimes)

    def templates(self, who: Key) -> dict[str, int | None]:
        """Generations of the workloads of a Dataset by UID."""
        found = [one for one in self.world.cluster.of(who) if isinstance(one, StatefulSet | DaemonSet)]
        return {one.uid: one.metadata.generation for one in found}

    @staticmethod
    def scalable(kind: type[KubeObject]) -> Sequence[str]:
        """The fields of the spec of a kind."""
        spec = kind.model_fields["spec"].annotation
        return list(getattr(spec, "model_fields", ()))


def lifecycle(
    subject: Subject,
    answers: Answers = unknown,
    datasets: Specs | None = None,
    runtimes: Specs | None = None,
    examples: int = 20,
    steps: int = 12,
) -> type[TestCase]:
    """A test of the life of an engine.

    Args:
        subject: The engine and its examples.
        answers: What commands in the pods of its caches say; none knows any without it.
        datasets: Specs of Datasets on the wire; those of the examples if None.
        runtimes: Specs of runtimes on the wire; those of the examples if None.
        examples: How many histories are played.
        steps: How many acts a history has.
    """
    found = life(subject, answers, datasets, runtimes).TestCase
    found.settings = settings(deadline=None, max_examples=examples, stateful_step_count=steps)
    return found


def life(
    subject: Subject, answers: Answers = unknown, datasets: Specs | None = None, runtimes: Specs | None = None
) -> type[Life]:
    """The state machine of an engine, with which single histories can be played too."""
    kind = registration_by(subject.make).kind
    every = list(subject.examples.values())
    members = {
        "subject": subject,
        "answers": staticmethod(answers),
        "datasets": datasets or st.sampled_from([spec_of(one, Dataset) for one in every]),
        "runtimes": runtimes or st.sampled_from([spec_of(one, kind) for one in every]),
    }
    return type(f"{kind.__name__}Life", (Life,), members)
