"""Sizes of tiers: above 0, or refused; the labels that tell of them are labels."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.controllers.node_labels import footprint_labels
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.kit.tiers import refuse_no_room, tier_capacities
from fluid.models import Level, TieredStore
from fluid.naming import Identity
from fluid.types import Quantity
from tests import strategies

_LABEL = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


def store(*quotas: str) -> TieredStore:
    return TieredStore(levels=[Level(mediumtype="MEM", path="/a", quota=Quantity(quota)) for quota in quotas])


@given(st.lists(strategies.any_quantities(), min_size=1, max_size=4))
def test_whatever_the_quota_is_its_label_is_a_label(quotas: list[str]) -> None:
    found = footprint_labels(Identity.of("a", "b", "u"), "thin", tier_capacities(store(*quotas)))
    assert all(_LABEL.fullmatch(value) and len(value) <= 63 for value in found.values()), found


@given(st.lists(strategies.any_quantities(), min_size=1, max_size=4))
def test_a_quota_is_refused_exactly_if_it_leaves_no_room(quotas: list[str]) -> None:
    empty = [index for index, quota in enumerate(quotas) if int(Quantity(quota)) <= 0]
    if not empty:
        refuse_no_room(store(*quotas))
        return
    with pytest.raises(InvalidSpec, match=rf"levels\[{empty[0]}\].quota: .* leaves no room. Write sizes"):
        refuse_no_room(store(*quotas))


def test_each_size_of_a_list_counts_and_not_the_quota_beside_it() -> None:
    level = Level(mediumtype="SSD", path="/a,/b", quota=Quantity("-1Gi"), quota_list="1Gi,2Gi")
    refuse_no_room(TieredStore(levels=[level]))
    level.quota_list = "1Gi,-2Gi"
    with pytest.raises(InvalidSpec, match=r"levels\[0\].quotaList: '-2Gi' leaves no room"):
        refuse_no_room(TieredStore(levels=[level]))
    assert tier_capacities(TieredStore(levels=[level])) == {"SSD": 1 << 30}
