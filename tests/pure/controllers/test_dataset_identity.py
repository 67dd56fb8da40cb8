"""Dataset ids under every order of events: the store may lag behind, the operator may be killed."""

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.controllers.identity import (
    Claimant,
    Identities,
    label_rivals,
    recorded_identity,
    runtime_identity,
)
from fluid.kube import Entry
from fluid.models import (
    Dataset,
    JindoRuntime,
    ObjectMeta,
    ObjectReference,
    OwnerReference,
    PersistentVolume,
    PersistentVolumeSpec,
)
from fluid.naming import Identity, Tier, joined
from fluid.types import Key

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [Key("a", "b-c"), Key("a-b", "c"), Key("a-b-c", "d"), Key("x", "y"), Key("n" * 40, "m" * 30)]
COLLIDING = KEYS[:2]


def volume_of(key: Key) -> PersistentVolume:
    reference = ObjectReference(namespace=key.namespace, name=key.name)
    return PersistentVolume(metadata=ObjectMeta(name="v"), spec=PersistentVolumeSpec(claim_ref=reference))


def claimant(key: Key, age: int = 0, label: str | None = None) -> Claimant:
    return Claimant(key, f"uid-{key}", START + timedelta(seconds=age), label)


@dataclass
class Live:
    """A Dataset at the API server, and the version that the store shows."""

    truth: Claimant
    seen: bool = False
    shown: str | None = None


class IdentityMachine(RuleBasedStateMachine):
    """Users create and delete, the store lags, workers decide, the operator restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[Key, Live] = {}
        self.identities = Identities()
        self.uids = itertools.count(1)
        self.ever: dict[str, str] = {}

    @rule(key=st.sampled_from(COLLIDING), age=st.integers(0, 2), seen=st.booleans())
    def create(self, key: Key, age: int, seen: bool) -> None:
        if key not in self.live:
            uid = f"uid-{next(self.uids)}"
            self.live[key] = Live(Claimant(key, uid, START + timedelta(seconds=age)), seen)

    @rule(key=st.sampled_from(COLLIDING))
    def show(self, key: Key) -> None:
        """The watch catches up with one object."""
        if (one := self.live.get(key)) is not None:
            one.seen, one.shown = True, one.truth.label

    @rule(key=st.sampled_from(COLLIDING))
    def decide(self, key: Key) -> None:
        """A worker decides and records; the store does not show it yet."""
        one = self.live.get(key)
        if one is None or not one.seen:
            return
        in_store = [replace(other.truth, label=other.shown) for other in self.live.values() if other.seen]
        rivals = [other for other in in_store if other.joined == one.truth.joined]
        mine = replace(one.truth, label=one.shown)
        one.truth = replace(one.truth, label=self.identities.decide(mine, rivals, None))

    @rule(key=st.sampled_from(COLLIDING))
    def delete(self, key: Key) -> None:
        if self.live.pop(key, None) is not None:
            self.identities.forget(key)

    @rule()
    def restart(self) -> None:
        """A new process lists everything before it decides anything."""
        self.identities = Identities()
        for one in self.live.values():
            one.seen, one.shown = True, one.truth.label

    @invariant()
    def nobody_shares_an_id(self) -> None:
        given = [one.truth.label for one in self.live.values() if one.truth.label]
        assert len(given) == len(set(given))

    @invariant()
    def an_id_never_changes(self) -> None:
        for one in self.live.values():
            if one.truth.label:
                assert self.ever.setdefault(one.truth.uid, one.truth.label) == one.truth.label


TestIdentities = IdentityMachine.TestCase
TestIdentities.settings = settings(max_examples=150)


def test_a_decision_counts_before_the_store_shows_it() -> None:
    identities, first, older = Identities(), claimant(KEYS[0], 5), claimant(KEYS[1], 0)
    assert identities.decide(first, [first], None) == "a-b-c"
    assert identities.decide(older, [first, older], None) == older.uid


def test_the_older_dataset_gets_the_joined_spelling_whoever_asks_first() -> None:
    older, younger = claimant(KEYS[1], 0), claimant(KEYS[0], 5)
    identities = Identities()
    assert identities.decide(younger, [older, younger], None) == younger.uid
    assert identities.decide(older, [older, younger], None) == "a-b-c"


def test_of_two_datasets_of_one_second_the_first_by_key_gets_the_joined_spelling() -> None:
    first, second = claimant(KEYS[0]), claimant(KEYS[1])
    assert Identities().decide(second, [first, second], None) == second.uid
    assert Identities().decide(first, [first, second], None) == "a-b-c"


def test_a_recorded_id_wins_over_age() -> None:
    older, recorded = claimant(KEYS[0], 0), claimant(KEYS[1], 5, "a-b-c")
    assert Identities().decide(older, [older, recorded], None) == older.uid
    assert Identities().decide(recorded, [older, recorded], None) == "a-b-c"


def test_the_claim_of_the_live_volume_wins_over_everything() -> None:
    first, second = claimant(KEYS[0], 0, "a-b-c"), claimant(KEYS[1], 5)
    volume = volume_of(second.key)
    assert Identities().decide(first, [first, second], volume) == first.uid
    assert Identities().decide(second, [first, second], volume) == "a-b-c"


def test_a_volume_of_a_dataset_that_is_gone_still_takes_the_name() -> None:
    one = claimant(KEYS[0])
    assert Identities().decide(one, [one], volume_of(KEYS[1])) == one.uid


def test_a_spelling_that_is_too_long_for_a_label_is_never_used() -> None:
    one = claimant(KEYS[4])
    assert Identities().decide(one, [one], None) == one.uid


@pytest.mark.parametrize("label", ["somebody-else", "", "a-b-cd"])
def test_a_label_that_was_copied_from_another_dataset_does_not_count(label: str) -> None:
    wire = {
        "metadata": {"namespace": "a", "name": "b-c", "uid": "u", "labels": {"fluid.io/dataset-id": label}}
    }
    assert Claimant.of(Entry(Dataset, wire)).label is None
    assert recorded_identity(Dataset.model_validate(wire)) is None


def test_a_dataset_that_does_not_fit_its_model_keeps_its_identity() -> None:
    labels = {"fluid.io/dataset-id": "a-b-c"}
    wire = {"metadata": {"namespace": "a", "name": "b-c", "uid": "u", "labels": labels}, "spec": 7}
    assert Claimant.of(Entry(Dataset, wire)).label == "a-b-c"


def test_a_runtime_tells_the_identity_of_its_dataset_alone() -> None:
    owner = OwnerReference(api_version="data.fluid.io/v1alpha1", kind="Dataset", name="b-c", uid="u")
    metadata = ObjectMeta(
        namespace="a", name="b-c", labels={"fluid.io/dataset-id": "u"}, owner_references=[owner]
    )
    identity = runtime_identity(JindoRuntime(metadata=metadata))
    assert identity is not None
    assert (identity.dataset_id, identity.lost_joined, identity.fuse_label) == ("u", True, "fluid.io/f-u")
    orphan = JindoRuntime(metadata=metadata.model_copy(update={"owner_references": None}))
    assert runtime_identity(orphan) is None


def test_a_label_that_a_user_forges_takes_nothing_from_a_decision_of_this_process() -> None:
    identities, honest = Identities(), claimant(KEYS[0], 5)
    assert identities.decide(honest, [honest], None) == "a-b-c"
    forger = claimant(KEYS[1], 0, "a-b-c")
    assert identities.decide(forger, [honest, forger], None) == forger.uid
    assert identities.decide(honest, [honest, forger], None) == "a-b-c"


@pytest.mark.parametrize(
    "other", [Key("jindocache", "a-b"), Key("jindocache-a", "b"), Key("h", "jindocache-m-a-b")]
)
def test_rivals_share_a_label_on_nodes_and_find_each_other(other: Key) -> None:
    one = Identity.of("a", "b", "u")
    tiers: tuple[Tier, ...] = ("m", "d", "t")
    given = {one.runtime_label("jindocache"), *(one.capacity_label("jindocache", tier) for tier in tiers)}
    assert Identity.of(*other, "v").common_label in given
    assert joined(*other) in label_rivals(one.joined, ["jindocache"])
    assert one.joined in label_rivals(joined(*other), ["jindocache"])
    assert label_rivals("x-y", []) == []
