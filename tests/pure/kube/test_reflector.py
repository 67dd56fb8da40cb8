from collections.abc import Callable
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fluid.kube import Backoff, Change, Connection, InformerFactory, Malformed, Reflector
from fluid.kube.listwatch import ListWatch
from fluid.models import ConfigMap, Pod
from fluid.types import Key
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import CONFIG_MAPS, config_map, eventually, key, raw, running

pytestmark = pytest.mark.anyio


def reflector_of(
    connection: Connection, *, idle: float = 300.0, labels: str | None = None
) -> Reflector[ConfigMap]:
    source = ListWatch(connection, ConfigMap.resource, labels=labels)
    return Reflector(ConfigMap, source, backoff=Backoff(base=0.001, cap=0.002), idle=idle)


def versions(server: FakeServer) -> dict[Key, str]:
    stored = server.objects.get(CONFIG_MAPS, {})
    return {Key(*k): o["metadata"]["resourceVersion"] for k, o in stored.items()}


def held(reflector: Reflector[ConfigMap]) -> dict[Key, str]:
    return {e.key: str(e.version) for e in reflector.store.entries()}


def once(server: FakeServer, response: Callable[[httpx2.Request], httpx2.Response]) -> None:
    """The next request fails in this way."""
    pending = [response]
    server.faults.append(lambda request: pending.pop()(request) if pending else None)


def unreachable(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)


def watched(content: bytes) -> httpx2.Response:
    """An answer that is read as it comes; one with ``content=`` counts as read already."""
    return httpx2.Response(200, stream=httpx2.ByteStream(content))


FAULTS: dict[str, Callable[[httpx2.Request], httpx2.Response]] = {
    "http 410": lambda _: status(410, "Expired"),
    "proxy 502": lambda _: httpx2.Response(502, content=b"<html>"),
    "not json": lambda _: watched(b"hello\n"),
    "half a line": lambda _: watched(b'{"type":"MODIFIED","object":{"metadata":{"name":"ghost'),
    "nothing": lambda _: watched(b""),
    "no metadata": lambda _: watched(b'{"type":"ADDED","object":{"kind":"X"}}\n'),
    "in-stream 410": lambda _: watched(
        b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
    ),
    "in-stream 500": lambda _: watched(
        b'{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}\n'
    ),
    "refused": unreachable,
}
STEPS = st.one_of(
    st.tuples(st.sampled_from(["put", "own", "remove"]), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["compact", "drop", "bookmark", "breathe"]), st.just("")),
    st.tuples(st.just("fault"), st.sampled_from(sorted(FAULTS))),
)


async def step(
    server: FakeServer, reflector: Reflector[ConfigMap], action: str, argument: str, count: int
) -> None:
    if action in {"put", "own"}:
        written = server.put(CONFIG_MAPS, raw(argument, labels={"n": str(count)}))
        if action == "own":
            reflector.observe(ConfigMap.model_validate(written))
    elif action == "remove" and key(argument) in versions(server):
        server.remove(CONFIG_MAPS, "x", argument)
    elif action == "fault":
        once(server, FAULTS[argument])
        server.drop_watches()
    elif action in {"compact", "drop", "bookmark"}:
        {"compact": server.compact, "drop": server.drop_watches, "bookmark": server.bookmark}[action]()
    else:
        await anyio.sleep(0.002)


@settings(max_examples=60)
@example([("put", "a"), ("breathe", ""), ("remove", "a"), ("put", "b"), ("compact", "")])
@example(
    [("put", "a"), ("breathe", ""), ("fault", "http 410"), ("remove", "a"), ("put", "b"), ("compact", "")]
)
@given(st.lists(STEPS, max_size=25))
async def test_whatever_happens_the_store_ends_equal_to_the_server(steps: list[tuple[str, str]]) -> None:
    server, mirror = FakeServer(), dict[Key, str]()

    def mirrored(change: Change[ConfigMap]) -> None:
        assert (change.key in mirror) == (change.before is not None)
        mirror.pop(change.key, None)
        if change.after is not None:
            mirror[change.key] = str(change.after.version)

    with capture_logs():
        async with server.connect() as connection:
            reflector = reflector_of(connection)
            reflector.subscribe(mirrored)
            async with running(reflector.run):
                for count, (action, argument) in enumerate(steps):
                    await step(server, reflector, action, argument, count)
                    await anyio.lowlevel.checkpoint()
                server.faults.clear()
                server.drop_watches()
                await eventually(
                    lambda: held(reflector) == versions(server) and reflector.problem is None, 2.0
                )
                assert mirror == versions(server)


async def test_an_own_write_is_seen_at_once_and_announced_once() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        reflector = informers.of(ConfigMap)
        async with running(informers.run):
            await informers.synced()
            changes: list[Change[ConfigMap]] = []
            reflector.subscribe(changes.append)
            written = await informers.api(ConfigMap).create(config_map("a"))
            found = reflector.store.get(key("a"))
            assert found is not None
            assert found.uid == written.uid
            server.put(CONFIG_MAPS, raw("b"))
            await eventually(lambda: len(reflector.store) == 2)
            assert [c.key.name for c in changes] == ["a", "b"]


async def test_own_writes_enter_only_the_stores_whose_selector_they_match() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        mine, other = informers.of(ConfigMap, labels="app=me"), informers.of(ConfigMap, labels="app=you")
        elsewhere, slim = informers.of(ConfigMap, namespace="y"), informers.of(ConfigMap, metadata_only=True)
        async with running(informers.run):
            await informers.synced()
            obj = config_map("a", secret="s")
            obj.metadata.labels = {"app": "me"}
            await informers.api(ConfigMap).create(obj)
            assert [len(r.store) for r in (mine, other, elsewhere, slim)] == [1, 0, 0, 1]
            found = slim.store.entry(key("a"))
            assert found is not None
            assert "data" not in found.raw
            assert found.object.name == "a"


async def test_reflectors_are_shared_by_selector_and_may_come_late() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("a"))
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        async with running(informers.run):
            await anyio.lowlevel.checkpoint()
            late = informers.of(ConfigMap)
            assert informers.of(ConfigMap) is late
            assert informers.of(ConfigMap, labels="a=b") is not late
            await eventually(lambda: len(late.store) == 1)


async def test_only_the_kept_paths_stay_in_memory() -> None:
    server = FakeServer()
    pod: dict[str, Any] = {
        **raw("p", managedFields=[{}]),
        "spec": {"nodeName": "n", "containers": []},
        "status": {"phase": "Running"},
    }
    server.put("v1/pods", pod)
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        reflector = informers.of(Pod, keep=("spec.nodeName", "status"))
        async with running(informers.run):
            await informers.synced()
            found = reflector.store.entry(key("p"))
            assert found is not None
            assert set(found.raw) == {"metadata", "spec", "status"}
            assert found.raw["spec"] == {"nodeName": "n"}
            assert "managedFields" not in found.raw["metadata"]


async def test_metadata_only_asks_for_metadata_alone() -> None:
    server, accepts = FakeServer(), list[str]()
    server.faults.append(lambda request: accepts.append(request.headers["Accept"]))
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        informers.of(ConfigMap, metadata_only=True)
        async with running(informers.run):
            await eventually(lambda: len(accepts) == 2)
    assert accepts == [
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    ]


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (status(403, "Forbidden", "cannot list"), "no permission to list and watch configmaps: cannot list"),
        (status(401, "Unauthorized"), "the API server refuses the credentials for configmaps"),
        (httpx2.Response(404, text="404 page not found"), "the kind configmaps is not installed"),
        (httpx2.Response(503), "cannot list or watch configmaps"),
    ],
)
async def test_trouble_is_told_once_and_ends_without_a_restart(response: httpx2.Response, words: str) -> None:
    server = FakeServer()
    server.faults.append(lambda _: httpx2.Response(response.status_code, content=response.content))
    with capture_logs() as logs:
        async with server.connect() as connection:
            reflector = reflector_of(connection)
            async with running(reflector.run):
                await eventually(lambda: len(server.requests) > 5)
                assert reflector.problem is not None
                assert reflector.problem.startswith(words)
                server.faults.clear()
                await eventually(lambda: reflector.problem is None)
    assert [line["event"] for line in logs] == ["cannot follow a kind", "following again"]


def optional_reflector(connection: Connection) -> Reflector[ConfigMap]:
    source = ListWatch(connection, ConfigMap.resource)
    return Reflector(ConfigMap, source, optional=True, backoff=Backoff(0.001, 0.002))


async def test_nobody_waits_for_an_optional_kind_that_is_not_installed_but_it_is_told_once() -> None:
    server = FakeServer(missing={CONFIG_MAPS})
    async with server.connect() as connection:
        reflector = optional_reflector(connection)
        with capture_logs() as logs:
            async with running(reflector.run):
                await eventually(lambda: len(server.requests) > 3)
                assert reflector.store.synced.is_set(), "there is nothing to wait for"
                advice = "the kind configmaps is not installed: apply its CRD (fluid manifests --crds)"
                assert reflector.problem == advice
                server.missing.clear()
                server.put(CONFIG_MAPS, raw("first"))
                await eventually(lambda: len(reflector.store) == 1)
                assert reflector.problem is None
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "cannot follow a kind"),
        ("info", "following again"),
    ]


async def test_the_objects_of_an_optional_kind_go_with_it_but_not_at_the_first_word() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("old"))
    async with server.connect() as connection:
        reflector, lists = optional_reflector(connection), list[int]()

        def absent(request: httpx2.Request) -> httpx2.Response:
            lists.append(len(reflector.store))
            return httpx2.Response(404, text="404 page not found\n")

        with capture_logs():
            async with running(reflector.run):
                await eventually(lambda: len(reflector.store) == 1)
                server.faults.append(absent)
                server.drop_watches()
                await eventually(lambda: len(reflector.store) == 0)
                assert lists[:5] == [1] * 5
                server.faults.clear()
                await eventually(lambda: len(reflector.store) == 1)


TOO_NEW = status(504, "Timeout", "Timeout: Too large resource version: 900, current: 7")


async def test_after_a_restore_from_a_backup_what_was_lost_is_forgotten() -> None:
    server = FakeServer(version=900)
    server.put(CONFIG_MAPS, raw("lost"))
    server.put(CONFIG_MAPS, raw("back", labels={"now": "new"}))
    async with server.connect() as connection:
        reflector = reflector_of(connection)
        with capture_logs():
            async with running(reflector.run):
                await eventually(lambda: len(reflector.store) == 2)
                once(server, lambda _: TOO_NEW)
                server.restore(version=5)
                server.put(CONFIG_MAPS, raw("back", labels={"now": "old"}))
                await eventually(lambda: held(reflector) == {key("back"): "6"})
                server.put(CONFIG_MAPS, raw("next"))
                await eventually(lambda: len(reflector.store) == 2)


async def test_a_watch_from_a_version_of_the_future_is_silent_and_ends_in_a_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fluid.kube.reflector._BRIEF", 0.0)
    server = FakeServer(version=900)
    server.put(CONFIG_MAPS, raw("lost"))
    async with server.connect() as connection:
        reflector = reflector_of(connection)
        async with running(reflector.run):
            await eventually(lambda: len(server.requests) == 2)
            server.drop_watches()
            await eventually(lambda: len(server.requests) == 2 + 2)
            assert len(reflector.store) == 1, "a quiet watch alone is no reason to list"
            server.restore(version=5)
            server.put(CONFIG_MAPS, raw("back"))
            await eventually(lambda: held(reflector) == {key("back"): "6"})


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: status(500, "InternalError", "who knows why"),
        lambda: watched(b'{"type":"ERROR","object":{"code":500,"message":"who knows why"}}\n'),
    ],
)
async def test_a_watch_that_is_refused_again_and_again_is_begun_anew_with_a_list(
    refusal: Callable[[], httpx2.Response],
) -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("a"))
    first = str(server.version)

    def no_more(request: httpx2.Request) -> httpx2.Response | None:
        return refusal() if request.url.params.get("resourceVersion") == first else None

    async with server.connect() as connection:
        reflector = reflector_of(connection)
        with capture_logs():
            async with running(reflector.run):
                await eventually(lambda: len(server.requests) == 2)
                server.faults.append(no_more)
                server.version += 100
                server.drop_watches()
                await eventually(lambda: len(server.requests) == 2 + 5 + 2)
                server.put(CONFIG_MAPS, raw("b"))
                await eventually(lambda: len(reflector.store) == 2 and reflector.problem is None)


async def test_a_silent_watch_is_given_up() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        reflector = reflector_of(connection, idle=0.01)
        async with running(reflector.run):
            await eventually(lambda: len(server.requests) > 4)


async def test_an_object_that_misfits_is_kept_and_named_when_read() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, {**raw("bad"), "data": 7})
    async with server.connect() as connection:
        reflector = reflector_of(connection)
        async with running(reflector.run):
            await eventually(reflector.store.synced.is_set)
            with pytest.raises(Malformed, match="x/bad: data: "):
                reflector.store.get(key("bad"))


async def test_a_reflector_that_is_stopped_follows_no_further_and_a_new_one_can_be_made() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("one"))
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        async with running(informers.run):
            first = informers.of(ConfigMap)
            await eventually(lambda: len(first.store) == 1)
            informers.stop(first)
            again = informers.of(ConfigMap)
            server.put(CONFIG_MAPS, raw("two"))
            await eventually(lambda: len(again.store) == 2)
            assert len(first.store) == 1
