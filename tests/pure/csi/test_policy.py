"""When a FUSE pod may leave the node."""

import pytest

from fluid.csi.policy import (
    CleanPolicy,
    Leaving,
    gives_up_fuse,
    read_policy,
    running_generation,
)


@pytest.mark.parametrize(
    ("leaving", "goes"),
    [
        (Leaving(CleanPolicy.ON_RUNTIME_DELETED), False),
        (Leaving(CleanPolicy.ON_DEMAND), True),
        (Leaving(CleanPolicy.ON_FUSE_CHANGED), False),
        (Leaving(CleanPolicy.ON_FUSE_CHANGED, generation="2", running="2"), False),
        (Leaving(CleanPolicy.ON_FUSE_CHANGED, generation="2", running="1"), True),
        (Leaving(CleanPolicy.ON_FUSE_CHANGED, generation="2"), True),
        (Leaving(None), True),
    ],
)
def test_the_label_goes_if_the_policy_says_so(leaving: Leaving, goes: bool) -> None:
    assert gives_up_fuse(leaving) is goes


@pytest.mark.parametrize("text", ["", None, "onDemand", "OnDemandDeleted", "Never", "\x00"])
def test_no_policy_and_a_word_that_means_nothing_are_the_default(text: str | None) -> None:
    assert read_policy(text, "JindoRuntime a/b") is CleanPolicy.ON_RUNTIME_DELETED
    assert read_policy("OnDemand", "r") is CleanPolicy.ON_DEMAND


def test_the_generation_is_read_from_the_file_of_a_fuse_pod() -> None:
    assert running_generation('app="fuse"\nfuse.runtime.fluid.io/generation="3"\n') == "3"
    assert running_generation("nothing") == ""
