"""Tiers: directories and sizes that every engine takes or refuses alike, and how sizes are spelled."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.controllers.node_labels import footprint_labels
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.kit.tiers import (
    attach_directories,
    directories,
    in_memory,
    in_units,
    refuse_no_room,
    tier,
    tier_capacities,
)
from fluid.models import Level, TieredStore
from fluid.naming import Identity
from fluid.types import Quantity
from tests import strategies
from tests.pure.jindo.support import Case as JindoCase
from tests.pure.thin.support import Case as ThinCase

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


BAD_DIRECTORIES = {
    "relative": "'relative' is not a directory of a node",
    "/a/../b": "'/a/../b' is not a directory of a node",
    "/a:/b": "'/a:/b' is not a directory of a node",
    "/a,,/b": "'' is not a directory of a node",
    "/": "'/' is the root of a node",
    "/a,//": "'//' is the root of a node",
    "/./": "'/./' is the root of a node",
    "/a,/b,/a": "names '/a' twice",
    "/a,/a/": "names '/a' twice",
    "/a, /a/.": "names '/a' twice",
    "/a//b,/a/b": "names '/a//b' twice",
}
ENGINES: dict[str, Callable[[JsonValue], object]] = {
    "thin": lambda store: ThinCase({"tieredstore": store}).objects,
    "jindo": lambda store: JindoCase({"tieredstore": store}).objects,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", BAD_DIRECTORIES)
def test_a_directory_that_cannot_be_mounted_or_stands_there_twice_is_refused_alike(
    engine: str, path: str
) -> None:
    level: JsonValue = {"mediumtype": "SSD", "path": path, "quota": "10Gi"}
    with pytest.raises(InvalidSpec) as caught:
        ENGINES[engine]({"levels": [level]})
    assert caught.value.field == "spec.tieredstore.levels[0].path"
    assert BAD_DIRECTORIES[path] in str(caught.value)


def test_a_problem_of_another_tier_names_that_tier() -> None:
    with pytest.raises(InvalidSpec, match=r"^spec.tieredstore.levels\[2\].path: '/' is the root"):
        tier(Level(mediumtype="SSD", path="/", quota=Quantity("1Gi")), 2)
    with pytest.raises(InvalidSpec, match=r"^spec.tieredstore.levels\[1\]: has neither quota nor quotaList"):
        tier(Level(mediumtype="SSD", path="/a"), 1)
    with pytest.raises(InvalidSpec, match=r"^spec.tieredstore.levels\[1\].quotaList: has 3 quotas for 2"):
        tier(Level(mediumtype="SSD", path="/a,/b", quota_list="1Gi,1Gi,1Gi"), 1)


def test_directories_may_be_separated_by_what_the_engine_says() -> None:
    assert directories(Level(mediumtype="SSD", path="/a:/b/"), separator=":") == ["/a", "/b"]


@given(count=st.integers(1, 5), quota=st.integers(1, 2**50))
def test_the_shares_of_a_quota_leave_room_and_never_exceed_it(count: int, quota: int) -> None:
    paths = ",".join(f"/d{index}" for index in range(count))
    level = Level(mediumtype="SSD", path=paths, quota=Quantity(quota))
    if quota < count:
        with pytest.raises(InvalidSpec, match="leaves no room"):
            tier(level)
        return
    found = tier(level)
    assert len(found.sizes) == count
    assert 0 < sum(int(Quantity(size)) for size in found.sizes) == int(found.quota) <= quota


@pytest.mark.parametrize(
    ("size", "spelled"),
    [
        ("2048Mi", "2048m"),
        ("2Gi", "2g"),
        ("1.5Gi", "1536m"),
        ("2Ti", "2048g"),
        ("10G", "9536m"),
        ("1000", "1000"),
    ],
)
def test_a_size_is_spelled_in_the_units_of_the_cache_and_never_rounded_up(size: str, spelled: str) -> None:
    assert in_units(size, gibi="g", mebi="m") == spelled


def test_the_last_tier_says_whether_the_cache_is_in_memory() -> None:
    levels = [Level(mediumtype="SSD"), Level(mediumtype="MEM")]
    assert in_memory(TieredStore(levels=levels))
    assert not in_memory(TieredStore(levels=levels[:1]))
    assert not in_memory(None)


def test_directories_are_mounted_where_they_are_as_the_tier_says() -> None:
    def wires(level: Level) -> list[JsonValue]:
        found = attach_directories(level, lambda index: f"v{index}")
        return [one.to_wire() for one in (*found.volumes.values(), *found.mounts.values())]

    assert wires(Level(mediumtype="SSD", path="/a,/b/")) == [
        {"name": "v0", "hostPath": {"path": "/a", "type": "DirectoryOrCreate"}},
        {"name": "v1", "hostPath": {"path": "/b", "type": "DirectoryOrCreate"}},
        {"name": "v0", "mountPath": "/a"},
        {"name": "v1", "mountPath": "/b"},
    ]
    memory = Level(mediumtype="MEM", volume_type="emptyDir", path="/a")
    assert wires(memory)[0] == {"name": "v0", "emptyDir": {"medium": "Memory"}}
    assert wires(Level(mediumtype="SSD", volume_type="emptyDir", path="/a"))[0] == {
        "name": "v0",
        "emptyDir": {},
    }
    assert wires(Level(mediumtype="SSD")) == []
