"""Labels on nodes: whatever happened before, they end as if computed from nothing, and others' stay."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.controllers.node_labels import Footprint, Worker, capacity, footprint_labels, plan_labels
from fluid.naming import Identity

GIB = 1 << 30
ENGINE = "jindocache"
IDENTITIES = [
    Identity("a", "b-c", "u1", "a-b-c"),
    Identity("a-b", "c", "u2", "u2"),
    Identity("default", "hbase", "u3", "default-hbase"),
    Identity("n" * 30, "m" * 30, "u4", "n" * 30 + "-" + "m" * 30),
]
FOREIGN = {
    "kubernetes.io/hostname": "node-1",
    "fluid.io/s-other-x": "true",
    "fluid.io/s-alluxio-other-x": "true",
    "fluid.io/s-h-alluxio-t-other-x": "1GiB",
    "fluid.io/f-other-x": "true",
}


def labels_of(identity: Identity, capacities: dict[str, int]) -> dict[str, str]:
    return footprint_labels(identity, ENGINE, capacities)


def footprint(identity: Identity, capacities: dict[str, int] | None = None, **state: bool) -> Footprint:
    return Footprint(
        identity, ENGINE, labels_of(identity, {"SSD": GIB} if capacities is None else capacities), **state
    )


def applied(live: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in {**live, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("size", "spelling"),
    [
        (0, "0B"),
        (GIB, "1GiB"),
        (3 * GIB // 2, "1.5GiB"),
        (1023, "1023B"),
        (1 << 40, "1TiB"),
        (123_456_789, "117.7MiB"),
    ],
)
def test_capacities_have_four_digits(size: int, spelling: str) -> None:
    assert capacity(size) == spelling


def test_a_worker_brings_common_runtime_and_capacity_labels() -> None:
    one = footprint(IDENTITIES[2], {"MEM": GIB, "SSD": GIB, "HDD": GIB})
    assert plan_labels({}, [Worker(one, exclusive=True)], [one]) == {
        "fluid.io/s-default-hbase": "true",
        "fluid.io/s-jindocache-default-hbase": "true",
        "fluid.io/s-h-jindocache-m-default-hbase": "1GiB",
        "fluid.io/s-h-jindocache-d-default-hbase": "2GiB",
        "fluid.io/s-h-jindocache-t-default-hbase": "3GiB",
        "fluid_exclusive": "default_hbase",
        "fluid.io/dataset-num": "1",
    }


def test_without_tiers_the_total_is_there_nevertheless() -> None:
    labels = labels_of(IDENTITIES[2], {})
    assert labels["fluid.io/s-h-jindocache-t-default-hbase"] == "0B"
    assert len(labels) == 3


def test_a_fuse_label_stays_as_long_as_the_volume_is_published() -> None:
    live = {"fluid.io/f-default-hbase": "true"}
    assert plan_labels(live, [], [footprint(IDENTITIES[2])]) == {}
    assert plan_labels(live, [], [footprint(IDENTITIES[2], leaving=True)]) == {}
    gone = footprint(IDENTITIES[2], leaving=True, unpublished=True)
    assert plan_labels(live, [], [gone]) == {"fluid.io/f-default-hbase": None}


def test_a_fuse_label_that_another_runtime_needs_stays() -> None:
    live = {"fluid.io/f-default-hbase": "true"}
    gone = footprint(IDENTITIES[2], leaving=True, unpublished=True)
    assert plan_labels(live, [], [gone, footprint(IDENTITIES[2])]) == {}


def test_the_common_label_of_another_kind_of_runtime_stays() -> None:
    live = {
        "fluid.io/s-default-hbase": "true",
        "fluid.io/s-alluxio-default-hbase": "true",
        "fluid.io/dataset-num": "1",
    }
    assert plan_labels(live, [], [footprint(IDENTITIES[2])]) == {}


def test_an_exclusive_label_of_somebody_else_stays() -> None:
    one = footprint(IDENTITIES[2])
    changes = plan_labels({"fluid_exclusive": "x_y"}, [Worker(one, exclusive=True)], [one])
    assert "fluid_exclusive" not in changes


def test_labels_that_no_runtime_stands_behind_are_removed_if_they_must_be_ours() -> None:
    left = {**labels_of(IDENTITIES[2], {"SSD": GIB}), "fluid.io/dataset-num": "2"}
    live = {**FOREIGN, **left}
    assert plan_labels(live, [], []) == {}, "not all runtimes are known"
    assert applied(live, plan_labels(live, [], [], [ENGINE])) == {**FOREIGN, "fluid.io/dataset-num": "1"}


def test_a_dataset_whose_name_looks_like_a_capacity_label_is_left_alone() -> None:
    live = {"fluid.io/s-h-jindocache-t-x": "true", "fluid.io/s-x": "true"}
    assert plan_labels(live, [], [], [ENGINE]) == {}


@dataclass
class Cluster:
    """One node, the runtimes that exist, and where they have workers."""

    capacities: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    workers: dict[int, bool] = field(default_factory=dict[int, bool])
    leaving: set[int] = field(default_factory=set[int])
    published: set[int] = field(default_factory=set[int])
    foreign: dict[str, str] = field(default_factory=dict[str, str])

    def step(self, action: str, which: int, capacities: dict[str, int]) -> None:
        match action:
            case "create" if which not in self.capacities:
                self.capacities[which] = capacities
                self.published.add(which)
            case "resize" if which in self.capacities:
                self.capacities[which] = capacities
            case "worker" if which in self.capacities:
                self.workers[which] = which % 2 == 0
            case "no worker":
                self.workers.pop(which, None)
            case "delete" if which in self.capacities:
                self.leaving.add(which)
            case "unpublish":
                self.published.discard(which)
            case "gone" if which in self.leaving and which not in self.published:
                self.capacities.pop(which)
                self.leaving.discard(which)
                self.workers.pop(which, None)
            case _:
                return

    def footprints(self) -> dict[int, Footprint]:
        return {
            which: footprint(
                IDENTITIES[which],
                sizes,
                leaving=which in self.leaving,
                unpublished=which not in self.published,
            )
            for which, sizes in self.capacities.items()
        }

    def pass_over(self, live: dict[str, str]) -> dict[str, str]:
        known = self.footprints()
        staying = [
            Worker(known[which], alone) for which, alone in self.workers.items() if which not in self.leaving
        ]
        return applied(live, plan_labels(live, staying, [*known.values()], [ENGINE]))


STEPS = st.tuples(
    st.sampled_from(["create", "resize", "worker", "no worker", "delete", "unpublish", "gone", "pass"]),
    st.integers(0, len(IDENTITIES) - 1),
    st.dictionaries(st.sampled_from(["MEM", "SSD", "HDD"]), st.integers(0, 4 * GIB)),
)


@given(steps=st.lists(STEPS, max_size=40), foreign=st.booleans())
def test_any_history_ends_with_the_labels_of_a_computation_from_nothing(
    steps: list[tuple[str, int, dict[str, int]]], foreign: bool
) -> None:
    base = {**FOREIGN, "fluid.io/dataset-num": "1"} if foreign else {"kubernetes.io/hostname": "node-1"}
    cluster, live = Cluster(), dict(base)
    for action, which, capacities in steps:
        if action in ("pass", "gone"):  # a runtime goes only when its labels are gone
            live = cluster.pass_over(live)
        cluster.step(action, which, capacities)
    live = cluster.pass_over(live)
    assert live == cluster.pass_over(base)
    assert live == cluster.pass_over(live), "a second pass changes nothing"
    assert {key: live.get(key) for key in FOREIGN if key in base} == {
        k: v for k, v in FOREIGN.items() if k in base
    }
