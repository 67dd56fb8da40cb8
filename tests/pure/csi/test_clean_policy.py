"""Which clean policy counts, and when it removes the label that keeps a FUSE pod on the node."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from pydantic import JsonValue

from fluid.csi.clean_policy import (
    CleanPolicy,
    CleanState,
    read_policy,
    removes_fuse_label,
    running_generation,
)
from fluid.csi.cluster import Cluster
from fluid.csi.volume import Volume
from fluid.types import Key
from tests.harness.server import FakeServer, status

VOLUME = Volume("ns-store", "/runtime-mnt/thin/ns/store/thin-fuse", "fuse", Key("ns", "store"))
GROUP = "data.fluid.io/v1alpha1"


@pytest.mark.parametrize(
    ("state", "removed"),
    [
        (CleanState(CleanPolicy.ON_RUNTIME_DELETED), False),
        (CleanState(CleanPolicy.ON_DEMAND), True),
        (CleanState(CleanPolicy.ON_FUSE_CHANGED), False),
        (CleanState(CleanPolicy.ON_FUSE_CHANGED, generation="2", running="2"), False),
        (CleanState(CleanPolicy.ON_FUSE_CHANGED, generation="2", running="1"), True),
        (CleanState(CleanPolicy.ON_FUSE_CHANGED, generation="2"), True),
        (CleanState(None), True),
    ],
)
def test_the_label_goes_if_the_policy_says_so(state: CleanState, removed: bool) -> None:
    assert removes_fuse_label(state) is removed


@pytest.mark.parametrize("text", ["", None, "onDemand", "OnDemandDeleted", "Never", "\x00"])
def test_no_policy_and_a_word_that_means_nothing_are_the_default(text: str | None) -> None:
    assert read_policy(text, "JindoRuntime a/b") is CleanPolicy.ON_RUNTIME_DELETED
    assert read_policy("OnDemand", "r") is CleanPolicy.ON_DEMAND


def test_the_generation_is_read_from_the_file_of_a_fuse_pod() -> None:
    assert running_generation('app="fuse"\nfuse.runtime.fluid.io/generation="3"\n') == "3"
    assert running_generation("nothing") == ""


@asynccontextmanager
async def cluster(
    type_: str, spec: dict[str, JsonValue], profile: dict[str, JsonValue] | None = None
) -> AsyncGenerator[tuple[Cluster, FakeServer]]:
    """A Dataset that a runtime of a type serves."""
    server, key = FakeServer(), {"name": "store", "namespace": "ns"}
    runtimes = [{**key, "type": type_}]
    server.put(f"{GROUP}/datasets", {"metadata": key, "status": {"runtimes": runtimes}})
    server.put(f"{GROUP}/{type_}runtimes", {"metadata": key, "spec": spec})
    if profile is not None:
        server.put(f"{GROUP}/thinruntimeprofiles", {"metadata": {"name": "p"}, "spec": profile})
    async with server.connect() as connection:
        yield Cluster(connection, "node-1"), server


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("type_", "spec", "policy"),
    [
        ("jindo", {"fuse": {"cleanPolicy": "OnDemand"}}, CleanPolicy.ON_DEMAND),
        ("jindo", {"fuse": {"cleanPolicy": "onDemand"}}, CleanPolicy.ON_RUNTIME_DELETED),
        ("jindo", {"fuse": None}, CleanPolicy.ON_RUNTIME_DELETED),
        ("jindo", {"profileName": "p"}, CleanPolicy.ON_RUNTIME_DELETED),
        ("cache", {"client": {"cleanPolicy": "OnDemand"}}, CleanPolicy.ON_DEMAND),
        ("cache", {"fuse": {"cleanPolicy": "OnDemand"}}, CleanPolicy.ON_RUNTIME_DELETED),
        ("thin", {"profileName": "p"}, CleanPolicy.ON_DEMAND),
        ("thin", {"profileName": "p", "fuse": {"cleanPolicy": ""}}, CleanPolicy.ON_DEMAND),
        (
            "thin",
            {"profileName": "p", "fuse": {"cleanPolicy": "OnRuntimeDeleted"}},
            CleanPolicy.ON_RUNTIME_DELETED,
        ),
        ("thin", {"profileName": "gone"}, CleanPolicy.ON_RUNTIME_DELETED),
    ],
)
async def test_the_runtime_counts_and_where_a_thin_one_says_nothing_its_profile(
    type_: str, spec: dict[str, JsonValue], policy: CleanPolicy
) -> None:
    async with cluster(type_, spec, {"fuse": {"cleanPolicy": "OnDemand"}}) as (plugin, _):
        assert (await plugin.clean_state(VOLUME)).policy is policy


@pytest.mark.anyio
async def test_a_kind_that_may_not_be_read_has_the_default_and_fails_nothing() -> None:
    async with cluster("alluxio", {"fuse": {"cleanPolicy": "OnDemand"}}) as (plugin, server):
        refused = status(403, "Forbidden")
        server.faults.append(lambda request: refused if "alluxioruntimes" in request.url.path else None)
        assert (await plugin.clean_state(VOLUME)).policy is CleanPolicy.ON_RUNTIME_DELETED
