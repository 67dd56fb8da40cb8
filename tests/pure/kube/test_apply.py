import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.kube import (
    DESIRED_HASH,
    Connection,
    InformerFactory,
    Stamps,
    Unavailable,
    controller_reference,
    converge,
)
from fluid.kube.diff import covers, digest, without_repeats
from fluid.models import ConfigMap, OwnerReference, StatefulSet
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import CONFIG_MAPS, config_map, key, raw, running

pytestmark = pytest.mark.anyio
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "name", "env"]), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECT = st.dictionaries(st.sampled_from(["spec", "data", "metadata"]), JSON, max_size=3)


@given(OBJECT)
def test_everything_covers_itself_and_what_the_server_adds_to_it(desired: dict[str, Any]) -> None:
    def with_defaults(value: JsonValue) -> JsonValue:
        if isinstance(value, dict):
            return {**{k: with_defaults(v) for k, v in value.items()}, "serverDefault": 1}
        return [with_defaults(item) for item in value] if isinstance(value, list) else value

    assert covers(desired, desired)
    live = with_defaults(desired)
    assert isinstance(live, dict)
    assert covers(live, desired)


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1), st.integers(4, 9))
def test_a_changed_leaf_is_never_covered(data: dict[str, int], other: int) -> None:
    name = min(data)
    assert not covers({"data": {**data, name: other}}, {"data": data})
    assert not covers({"data": {k: v for k, v in data.items() if k != name}}, {"data": data})


@given(OBJECT)
def test_the_digest_ignores_the_order_of_keys_and_nothing_else(desired: dict[str, Any]) -> None:
    turned = dict(reversed(desired.items()))
    assert digest(turned) == digest(desired)
    assert digest({**desired, "more": 1}) != digest(desired)


@pytest.mark.parametrize(
    ("live", "desired", "same"),
    [
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1024Mi"}}, True),
        ({"limits": {"cpu": "500m"}}, {"limits": {"cpu": 0.5}}, True),
        ({"limits": {"memory": "2Gi"}}, {"limits": {"memory": "1Gi"}}, False),
        ({"emptyDir": {"sizeLimit": "1Gi"}}, {"emptyDir": {"sizeLimit": "1024Mi"}}, True),
        ({}, {"tolerations": [], "nodeSelector": {}, "hostNetwork": False, "args": None}, True),
        ({}, {"emptyDir": {}}, True),
        ({}, {"hostNetwork": True}, False),
        ({"args": ["a", "b"]}, {"args": ["a"]}, False),
        ({"args": ["b", "a"]}, {"args": ["a", "b"]}, False),
        ({"env": [{"name": "z"}, {"name": "a", "value": "1"}]}, {"env": [{"name": "a", "value": "1"}]}, True),
        ({"env": [{"name": "a", "value": "2"}]}, {"env": [{"name": "a", "value": "1"}]}, False),
        (
            {"ports": [{"port": 2, "protocol": "TCP"}, {"port": 1}]},
            {"ports": [{"port": 1}, {"port": 2}]},
            True,
        ),
        ({"ports": [{"port": 1, "protocol": "UDP"}]}, {"ports": [{"port": 1, "protocol": "TCP"}]}, False),
        ({"limits": "odd"}, {"limits": {"cpu": 1}}, False),
        ({"limits": {"cpu": "odd"}}, {"limits": {"cpu": 1}}, False),
    ],
)
def test_server_spellings_are_no_difference_and_differences_are(
    live: dict[str, Any], desired: dict[str, Any], same: bool
) -> None:
    assert covers({"spec": live}, {"spec": desired}) is same


def test_of_repeated_names_the_last_one_counts() -> None:
    env: list[JsonValue] = [{"name": "a", "value": "1"}, {"name": "b"}, {"name": "a", "value": "2"}]
    assert without_repeats({"env": env, "args": ["x", "x"]}) == {"env": env[1:], "args": ["x", "x"]}


class World:
    """InformerFactory over a server in memory, and the owner of everything."""

    def __init__(self, connection: Connection, server: FakeServer) -> None:
        self.informers = InformerFactory(connection)
        self.store = self.informers.of(ConfigMap).store
        self.server = server

    async def start(self) -> None:
        await self.informers.synced()
        self.owner = await self.informers.api(ConfigMap).create(config_map("owner"))

    def owned(self, name: str, **data: str) -> ConfigMap:
        obj = config_map(name, **data)
        obj.metadata.owner_references = [OwnerReference.model_validate(controller_reference(self.owner))]
        return obj

    async def converge(self, *desired: ConfigMap) -> Any:
        return await converge(desired, self.store.entries(), apis=self.informers, owner_uid=self.owner.uid)


async def test_applying_twice_sends_nothing_and_hand_edits_heal() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        world = World(connection, server)
        async with running(world.informers.run):
            await world.start()
            desired = [world.owned("a", v="1"), world.owned("b", v="1")]
            assert len((await world.converge(*desired)).applied) == 2
            asked = len(server.writes())
            report = await world.converge(*desired)
            assert (len(report.unchanged), report.changed, len(server.writes())) == (2, False, asked)

            edited = copy.deepcopy(server.get(CONFIG_MAPS, "x", "a")) or {}
            edited["data"]["v"] = "by hand"
            world.informers.observe(ConfigMap.model_validate(server.put(CONFIG_MAPS, edited)))
            assert [o.name for o in (await world.converge(*desired)).applied] == ["a"]
            healed = server.get(CONFIG_MAPS, "x", "a") or {}
            assert healed["data"] == {"v": "1"}


async def test_pruning_spares_what_we_do_not_own() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        world = World(connection, server)
        async with running(world.informers.run):
            await world.start()
            await world.converge(world.owned("a"), world.owned("b"))
            server.put(CONFIG_MAPS, raw("foreign"))
            report = await world.converge(world.owned("b"))
            assert [entry.key.name for entry in report.pruned] == ["a"]
            assert {name for _, name in server.objects[CONFIG_MAPS]} == {"owner", "b", "foreign"}


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (422, "Invalid", "field is immutable"),
        (413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"),
        (500, "InternalError", "etcdserver: request is too large"),
    ],
)
async def test_a_refusal_is_reported_once_and_the_others_go_on(code: int, reason: str, words: str) -> None:
    server = FakeServer()
    async with server.connect() as connection:
        world = World(connection, server)
        async with running(world.informers.run):
            await world.start()
            await world.converge(world.owned("a", v="1"))
            refusal = status(code, reason, words)
            server.faults.append(
                lambda r: refusal if r.method == "PATCH" and r.url.path.endswith("/a") else None
            )
            desired = [world.owned("a", v="2"), world.owned("b")]
            report = await world.converge(*desired)
            assert [(o.name, e.message) for o, e in report.refused] == [("a", words)]
            assert [o.name for o in report.applied] == ["b"]
            asked = len(server.requests)
            assert [o.name for o, _ in (await world.converge(*desired)).refused] == ["a"]
            assert len(server.requests) == asked, "the same version refuses the same wish again"


async def test_a_failure_is_raised_after_the_others_were_sent() -> None:
    server = FakeServer()
    server.faults.append(lambda r: status(503, "Down") if b'"name":"a"' in r.content else None)
    async with server.connect() as connection:
        with pytest.raises(Unavailable):
            await converge([config_map("a"), config_map("b")], [], apis=connection)
    assert (server.get(CONFIG_MAPS, "x", "b") or {})["metadata"]["annotations"][DESIRED_HASH]


async def test_typed_objects_serve_as_live_ones_too() -> None:
    server = FakeServer()
    desired = StatefulSet.model_validate(
        {
            "metadata": {"name": "s", "namespace": "x"},
            "spec": {"replicas": 0, "serviceName": "s", "selector": {}, "template": {}},
        }
    )
    async with server.connect() as connection:
        await converge([desired], [], apis=connection)
        live = await connection.api(StatefulSet).get(key("s"))
        assert (await converge([desired], [live], apis=connection)).unchanged == [desired]


def test_a_stamp_is_made_once_per_object_and_goes_with_it() -> None:
    stamps, first, second = Stamps(), config_map("one"), config_map("two")
    assert stamps.of(first) is stamps.of(first)
    assert stamps.of(first) != stamps.of(second)
    copied = first.model_copy(update={"data": {"other": "value"}})
    assert stamps.of(copied) != stamps.of(first)


@given(st.lists(st.integers(0, 3), max_size=30))
def test_a_stamp_is_never_that_of_an_object_that_had_its_place_in_memory_before(names: list[int]) -> None:
    stamps = Stamps()
    for name in names:  # each object dies at once, so the next one often gets its place
        assert stamps.of(config_map(f"c-{name}"))["metadata"]["name"] == f"c-{name}"
