from contextlib import aclosing

import anyio
import httpx2
import pytest

from fluid.kube import (
    AlreadyExists,
    Api,
    Conflict,
    Connection,
    Forbidden,
    Invalid,
    KubeError,
    NotFound,
    Oversized,
    Throttled,
    Unavailable,
    add_finalizer,
    amend_metadata,
    remove_finalizer,
)
from fluid.models import ConfigMap, Dataset, PersistentVolume, StatefulSet
from fluid.types import Key
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import CONFIG_MAPS, config_map, key

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server() -> FakeServer:
    return FakeServer()


async def test_what_is_created_can_be_found_listed_and_deleted(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        created = await api.create(config_map("a", v="1"))
        assert created.uid
        assert (await api.get(key("a"))).data == {"v": "1"}
        assert [m.name for m in await api.list(namespace="x")] == ["a"]
        assert await api.list(namespace="y") == []
        await api.delete(key("a"), uid=created.uid)
        assert await api.find(key("a")) is None


async def test_a_name_that_is_taken_is_refused(server: FakeServer) -> None:
    async with server.connect() as connection:
        await connection.api(ConfigMap).create(config_map("a"))
        with pytest.raises(AlreadyExists, match="already exists"):
            await connection.api(ConfigMap).create(config_map("a"))


async def test_deleting_with_another_uid_spares_the_object(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        await api.create(config_map("a"))
        with pytest.raises(Conflict):
            await api.delete(key("a"), uid="other")
        assert await api.find(key("a"))


async def test_deleting_what_is_gone_is_success_unless_asked_otherwise(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        await api.delete(key("a"))
        with pytest.raises(NotFound):
            await api.delete(key("a"), missing_ok=False)


async def test_cluster_wide_kinds_have_no_namespace_in_their_path(server: FakeServer) -> None:
    async with server.connect() as connection:
        assert await connection.api(PersistentVolume).find(Key("", "pv")) is None
    assert server.requests == ["GET /api/v1/persistentvolumes/pv"]


async def test_apply_removes_what_is_applied_no_more(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        await api.apply(config_map("a", v="1", w="2"))
        assert (await api.apply(config_map("a", w="2"))).data == {"w": "2"}


async def test_a_status_meant_for_one_object_never_reaches_a_later_one_of_its_name(
    server: FakeServer,
) -> None:
    datasets, named = "data.fluid.io/v1alpha1/datasets", {"namespace": "x", "name": "a"}
    made = server.put(datasets, {"metadata": named, "spec": {}})
    identity = {**named, "uid": made["metadata"]["uid"]}
    wanted = Dataset.model_validate({"metadata": identity, "status": {"phase": "Bound", "conditions": []}})
    async with server.connect() as connection:
        await connection.api(Dataset).apply_status(wanted)
        server.remove(datasets, "x", "a")
        server.put(datasets, {"metadata": named, "spec": {}})
        with pytest.raises(Conflict, match="another one"):
            await connection.api(Dataset).apply_status(wanted)
    assert "status" not in (server.get(datasets, "x", "a") or {})


async def test_scale_sets_the_replicas(server: FakeServer) -> None:
    server.put("apps/v1/statefulsets", {"metadata": {"namespace": "x", "name": "s"}, "spec": {"replicas": 1}})
    async with server.connect() as connection:
        await connection.api(StatefulSet).scale(key("s"), 3)
    stored = server.get("apps/v1/statefulsets", "x", "s")
    assert stored is not None
    assert stored["spec"]["replicas"] == 3


async def test_lists_are_read_to_the_last_page(server: FakeServer) -> None:
    for number in range(1201):
        server.put(CONFIG_MAPS, {"metadata": {"namespace": "x", "name": f"m{number}"}})
    async with server.connect() as connection:
        assert len(await connection.api(ConfigMap).list()) == 1201
    assert len(server.requests) == 3


async def test_an_object_that_does_not_fit_is_left_out_of_a_list(server: FakeServer) -> None:
    server.put(CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "good"}})
    server.put(CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "bad"}, "data": 7})
    async with server.connect() as connection:
        assert [m.name for m in await connection.api(ConfigMap).list()] == ["good"]


@pytest.mark.parametrize(
    ("response", "kind", "message"),
    [
        (status(404, "NotFound", "no such thing"), NotFound, "no such thing"),
        (status(403, "Forbidden", "not you"), Forbidden, "not you"),
        (status(500, "InternalError", "oh"), Unavailable, "oh"),
        (status(413, "RequestEntityOversized", "limit is 3145728"), Oversized, "limit is 3145728"),
        (httpx2.Response(413, text="too large"), Oversized, "HTTP 413"),
        (status(500, "InternalError", "etcdserver: request is too large"), Oversized, "too large"),
        (
            status(500, "", "rpc error: trying to send message larger than max (2100000 vs. 2097152)"),
            Oversized,
            "larger than max",
        ),
        (httpx2.Response(404, text="404 page not found"), NotFound, "HTTP 404"),
        (httpx2.Response(502, content=b"<html>"), Unavailable, "HTTP 502"),
        (httpx2.Response(409, content=b'{"reason":"AlreadyExists"}'), AlreadyExists, "HTTP 409"),
        (httpx2.Response(429, headers={"Retry-After": "3600"}), Throttled, "HTTP 429"),
        (httpx2.Response(200, content=b"garbage"), Unavailable, "cannot be read"),
        (httpx2.Response(200, content=b"[]"), Unavailable, "cannot be read"),
        (httpx2.Response(200, content=b'{"metadata":{}}'), Unavailable, "cannot be read"),
    ],
)
async def test_every_answer_becomes_an_error_of_ours_whatever_its_content_type(
    server: FakeServer, response: httpx2.Response, kind: type[KubeError], message: str
) -> None:
    server.faults.append(
        lambda _: httpx2.Response(
            response.status_code,
            headers={k: v for k, v in response.headers.items() if k == "retry-after"},
            content=response.content,
        )
    )
    async with server.connect() as connection:
        with pytest.raises(kind, match=message):
            await connection.api(ConfigMap).get(key("a"))


async def test_the_causes_of_a_refusal_name_the_fields(server: FakeServer) -> None:
    details = {"causes": [{"field": "spec.replicas", "message": "too many", "reason": "FieldValueInvalid"}]}
    body = {"kind": "Status", "code": 422, "reason": "Invalid", "message": "no", "details": details}
    server.faults.append(lambda _: httpx2.Response(422, json=body))
    async with server.connect() as connection:
        with pytest.raises(Invalid) as caught:
            await connection.api(ConfigMap).create(config_map("a"))
    assert caught.value.causes == [("spec.replicas", "too many")]


async def test_network_failures_become_unavailable() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    async with Connection.open(transport=httpx2.MockTransport(refuse)) as connection:
        with pytest.raises(Unavailable, match="GET /api/v1/namespaces/x/configmaps/a: refused"):
            await connection.api(ConfigMap).get(key("a"))


async def test_silence_ends_at_the_deadline() -> None:
    async def silent(_: httpx2.Request) -> httpx2.Response:
        await anyio.sleep_forever()
        raise AssertionError

    async with Connection.open(transport=httpx2.MockTransport(silent)) as connection:
        with pytest.raises(Unavailable, match="no answer in time"):
            await connection.request("GET", "/x", deadline=0.01)


async def test_a_throttled_request_is_repeated_when_the_server_says_so(server: FakeServer) -> None:
    answers = iter([httpx2.Response(429, headers={"Retry-After": "0"})])
    server.faults.append(lambda _: next(answers, None))
    async with server.connect() as connection:
        await connection.api(ConfigMap).create(config_map("a"))
    assert len(server.requests) == 2


async def test_a_dropped_connection_is_tried_again_but_never_a_create(server: FakeServer) -> None:
    drops: list[str] = []

    def drop_first(request: httpx2.Request) -> None:
        if request.method not in drops:
            drops.append(request.method)
            raise httpx2.RemoteProtocolError("dropped", request=request)

    server.faults.append(drop_first)
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        assert await api.find(key("a")) is None
        with pytest.raises(Unavailable):
            await api.create(config_map("a"))


async def test_a_watch_shows_what_exists_and_survives_410_and_closing(server: FakeServer) -> None:
    server.put(CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "a"}})
    seen: list[tuple[str, str]] = []
    async with (
        server.connect() as connection,
        aclosing(connection.api(ConfigMap).watch(namespace="x")) as events,
    ):
        for step in (lambda: None, server.compact, server.drop_watches):
            step()
            server.put(
                CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "a", "labels": {"n": str(len(seen))}}}
            )
            with anyio.fail_after(5):
                event = await anext(events)
            seen.append((event.type, event.object.name))
    assert {name for _, name in seen} == {"a"}
    assert len(seen) == 3


async def test_a_finalizer_is_added_once_and_removed_beside_others(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        obj = await add_finalizer(api, await api.create(config_map("a")), "one")
        obj = await add_finalizer(api, await add_finalizer(api, obj, "two"), "two")
        assert obj.metadata.finalizers == ["one", "two"]
        assert len(server.writes()) == 3
        left = await remove_finalizer(api, obj, "one")
        assert left is not None
        assert left.metadata.finalizers == ["two"]


async def test_a_finalizer_goes_even_when_others_moved_it(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        stale = await add_finalizer(api, await api.create(config_map("a")), "mine")
        server.put(
            CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "a", "finalizers": ["other", "mine"]}}
        )
        left = await remove_finalizer(api, stale, "mine")
        assert left is not None
        assert left.metadata.finalizers == ["other"]


async def test_removing_a_finalizer_spares_a_successor_and_tolerates_absence(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        old = await add_finalizer(api, await api.create(config_map("a")), "f")
        server.remove(CONFIG_MAPS, "x", "a")
        assert await remove_finalizer(api, old, "f") is None
        await add_finalizer(api, await api.create(config_map("a")), "f")
        assert await remove_finalizer(api, old, "f") is None
        assert (await api.get(key("a"))).metadata.finalizers == ["f"]


async def test_metadata_is_amended_in_one_request_and_not_again(server: FakeServer) -> None:
    async with server.connect() as connection:
        api: Api[ConfigMap] = connection.api(ConfigMap)
        owner, obj = await api.create(config_map("owner")), await api.create(config_map("a"))
        before = len(server.requests)
        obj = await amend_metadata(api, obj, finalizer="f", labels={"l": "1"}, owner=owner)
        assert len(server.requests) == before + 1
        assert (obj.metadata.finalizers, obj.metadata.labels) == (["f"], {"l": "1"})
        assert [(r.uid, r.controller) for r in obj.metadata.owner_references or []] == [(owner.uid, True)]
        assert await amend_metadata(api, obj, finalizer="f", labels={"l": "1"}, owner=owner) is obj
        assert len(server.requests) == before + 1


async def test_amending_a_stale_object_keeps_what_others_added(server: FakeServer) -> None:
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        stale = await api.create(config_map("a"))
        server.put(CONFIG_MAPS, {"metadata": {"namespace": "x", "name": "a", "finalizers": ["other"]}})
        assert (await add_finalizer(api, stale, "mine")).metadata.finalizers == ["other", "mine"]


@pytest.mark.parametrize("name", ["..", ".", "../../kube-system/configmaps/a", "a?limit=1", "a%2fb"])
async def test_no_name_leads_to_another_path(server: FakeServer, name: str) -> None:
    """Some names come from users' specs, and the operator may see more than they."""
    async with server.connect() as connection:
        await connection.api(ConfigMap).create(config_map("a"))
        with pytest.raises((NotFound, Invalid)):
            await connection.api(ConfigMap).get(Key("x", name))
