"""Names on the wire, and that no two Datasets ever share one."""

from hypothesis import given
from hypothesis import strategies as st

from fluid.naming import (
    LABEL_LIMIT,
    Identity,
    default_dataset_id,
    operation_finalizer,
    runtime_finalizer,
)

UID = "6f0c1b8e-0000-4000-8000-000000000001"
labels = st.from_regex(r"[a-z][-a-z0-9]{0,35}[a-z0-9]", fullmatch=True)


def test_the_names_of_the_specification() -> None:
    identity = Identity.of("default", "hbase", UID)
    assert identity.dataset_id == "default-hbase"
    assert identity.common_label == "fluid.io/s-default-hbase"
    assert identity.runtime_label("jindocache") == "fluid.io/s-jindocache-default-hbase"
    assert identity.capacity_label("jindocache", "d") == "fluid.io/s-h-jindocache-d-default-hbase"
    assert identity.fuse_label == "fluid.io/f-default-hbase"
    assert identity.exclusive_label == ("fluid_exclusive", "default_hbase")
    assert identity.volume_name == "default-hbase"
    assert runtime_finalizer("jindo") == "jindo-runtime-controller-finalizer"
    assert operation_finalizer("DataLoad") == "fluid-dataload-controller-finalizer"


def test_a_prefix_counts_towards_the_limit() -> None:
    identity = Identity.of("n" * 20, "m" * 33, UID)  # 54 characters joined, 65 with fluid.io/s-
    assert identity.dataset_id == identity.joined
    assert identity.common_label == f"fluid.io/s-{UID}"
    assert identity.volume_name == identity.joined


def test_the_limit_itself_is_too_long() -> None:
    assert default_dataset_id("a" * 30, "b" * 31, UID) == "a" * 30 + "-" + "b" * 31
    assert default_dataset_id("a" * 30, "b" * 32, UID) == UID
    assert default_dataset_id("a" * 30, "b" * 32, "") == "a" * 30 + "-" + "b" * 32


def test_who_lost_the_joined_spelling_uses_the_uid_everywhere() -> None:
    first, second = Identity.of("a", "b-c", "uid-1"), Identity.of("a-b", "c", UID, recorded_id=UID)
    assert first.joined == second.joined
    for name in ("common_label", "fuse_label", "volume_name", "dataset_id", "exclusive_label"):
        assert getattr(first, name) != getattr(second, name)
    assert second.volume_name == UID
    assert second.common_label == f"fluid.io/s-{UID}"


@given(namespace=labels, name=labels)
def test_names_fit_wherever_they_go(namespace: str, name: str) -> None:
    identity = Identity.of(namespace, name, UID)
    keys = [identity.common_label, identity.fuse_label, identity.runtime_label("jindocache")]
    assert all(len(key.split("/")[1]) <= LABEL_LIMIT for key in keys)
    assert len(identity.dataset_id) <= LABEL_LIMIT
    assert len(identity.exclusive_label[1]) <= LABEL_LIMIT
