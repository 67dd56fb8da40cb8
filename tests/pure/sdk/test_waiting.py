"""Waiters: on watches, to the end or to a message of at most ten lines."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import monotonic

import anyio
import pytest

from fluid import (
    AsyncClient,
    Client,
    DataLoadNotComplete,
    DataProcess,
    DataProcessNotComplete,
    Dataset,
    DatasetNotBound,
    NotDeleted,
    WaitError,
)
from fluid.models import DataLoad
from tests.harness.server import status
from tests.pure.sdk.support import (
    BOUND,
    DATASETS,
    EVENTS,
    LOADS,
    PROCESSES,
    STUCK,
    WAITING,
    Json,
    Stage,
    condition,
    dataset,
    load,
    process,
    warning,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def client(stage: Stage) -> AsyncGenerator[AsyncClient]:
    async with AsyncClient(connect=stage.server.connect) as opened:
        yield opened


@asynccontextmanager
async def meanwhile(act: Callable[[], Coroutine[None, None, None]]) -> AsyncGenerator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(act)
        yield


async def test_what_is_bound_already_costs_one_request(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset(BOUND))
    bound = await client.wait_bound("hbase")
    assert (type(bound), bound.name) == (Dataset, "hbase")
    assert len(stage.server.requests) == 1


@pytest.mark.parametrize("before", [None, WAITING, STUCK])
async def test_binding_is_noticed_by_a_watch(stage: Stage, client: AsyncClient, before: Json | None) -> None:
    stage.server.put(DATASETS, dataset(before))

    async def bind() -> None:
        await stage.watched("datasets")
        stage.set_status(DATASETS, "hbase", BOUND)

    async with meanwhile(bind):
        bound = await client.wait_bound("hbase", timeout=30)
    assert bound.status
    assert bound.status.phase == "Bound"
    assert len(stage.server.requests) == 3, "get, list, watch: nothing is polled"


async def test_bound_for_an_older_spec_is_not_bound(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset(BOUND))
    changed = dataset(BOUND)
    changed["spec"]["mounts"].append({"mountPoint": "s3://other", "name": "other"})
    stage.server.put(DATASETS, changed)
    with pytest.raises(DatasetNotBound, match=r"did not become Bound within 0.05 s\n  phase: Bound"):
        await client.wait_bound("hbase", timeout=0.05)


async def test_time_up_says_phase_condition_warnings_and_next_step(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset(WAITING))
    for minute in (4, 2, 3, 1):
        stage.server.put(EVENTS, warning(minute, f"minute {minute}\n" + "x" * 1000))
    with pytest.raises(DatasetNotBound) as raised:
        await client.wait_bound("hbase", timeout=0.05)
    lines = str(raised.value).splitlines()
    assert lines[:3] == [
        "Dataset default/hbase did not become Bound within 0.05 s",
        "  phase: NotBound",
        "  Ready: False, RuntimeNotFound: no runtime is named hbase: create one",
    ]
    for line, minute in zip(lines[3:6], (2, 3, 4), strict=True):
        assert line.startswith(f"  warning ({minute}x): ErrorProcessRuntime: minute {minute} xxx")
    kinds = "dataset,alluxioruntime,jindoruntime,juicefsruntime,thinruntime"
    assert lines[6:] == [f"  next: kubectl -n default describe {kinds} hbase"]
    assert max(map(len, lines)) <= 302
    error = raised.value
    assert error.condition
    assert (error.timed_out, error.phase, error.condition.reason) == (True, "NotBound", "RuntimeNotFound")
    assert [event.count for event in error.events] == [2, 3, 4]


async def test_a_new_problem_ends_the_wait_at_once(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset())

    async def fail() -> None:
        await stage.watched("datasets")
        stage.set_status(DATASETS, "hbase", STUCK)

    began = monotonic()
    async with meanwhile(fail):
        with pytest.raises(DatasetNotBound, match="does not become Bound: pod hbase-0 waits") as raised:
            await client.wait_bound("hbase", timeout=60)
    assert (raised.value.timed_out, monotonic() - began < 1.5) == (False, True)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "Dataset default/hbase does not become Bound: it does not exist"),
        (dataset(STUCK), "hbase-0 waits with ErrImagePull"),
        (
            dataset(
                {
                    "phase": "NotBound",
                    "conditions": [condition("Ready", "False", "InvalidMounts", "one mount")],
                }
            ),
            "does not become Bound: one mount",
        ),
    ],
)
async def test_an_old_problem_ends_the_wait_when_nobody_solves_it(
    stage: Stage, client: AsyncClient, found: Json | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.05)
    if found:
        stage.server.put(DATASETS, found)
    with pytest.raises(DatasetNotBound, match=words):
        await client.wait_bound("hbase", timeout=60)


async def test_a_problem_of_an_older_spec_is_none(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset(STUCK))
    changed = dataset(STUCK)
    changed["spec"]["placement"] = "Shared"
    stage.server.put(DATASETS, changed)
    with pytest.raises(DatasetNotBound) as raised:
        await client.wait_bound("hbase", timeout=0.05)
    assert raised.value.timed_out


async def test_without_a_controller_the_next_step_is_to_start_it(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset())
    with pytest.raises(DatasetNotBound, match="next: see that the operator runs"):
        await client.wait_bound("hbase", timeout=0.05)


async def test_a_wait_without_the_right_to_see_events_says_the_rest(
    stage: Stage, client: AsyncClient
) -> None:
    stage.server.put(DATASETS, dataset(WAITING))
    stage.server.faults.append(lambda r: status(403, "Forbidden") if r.url.path.endswith("/events") else None)
    with pytest.raises(DatasetNotBound, match="RuntimeNotFound"):
        await client.wait_bound("hbase", timeout=0.05)


async def test_a_dataset_deleted_meanwhile_does_not_become_bound(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.server.put(DATASETS, dataset(WAITING))

    async def delete() -> None:
        await stage.watched("datasets")
        stage.server.remove(DATASETS, "default", "hbase")

    async with meanwhile(delete):
        with pytest.raises(DatasetNotBound, match="it does not exist"):
            await client.wait_bound("hbase", timeout=60)


async def test_a_load_is_followed_to_its_end(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(LOADS, load("Pending"))
    phases: list[str] = []

    def progress(now: DataLoad) -> None:
        phases.append(now.status.phase if now.status else "")

    async def complete() -> None:
        await stage.watched("dataloads")
        for phase in ("Executing", "Complete"):
            stage.set_status(LOADS, "warm", load(phase)["status"])

    async with meanwhile(complete):
        done = await client.wait_complete("warm", progress=progress)
    assert done.status
    assert done.status.phase == "Complete"
    assert list(dict.fromkeys(phases)) == ["Pending", "Executing", "Complete"]


async def test_a_failed_load_ends_the_wait_with_its_reason(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.0)
    stage.server.put(
        LOADS, load("Failed", condition("Failed", "True", "BackoffLimitExceeded", "no more retries"))
    )
    with pytest.raises(DataLoadNotComplete, match="does not complete: no more retries") as raised:
        await client.wait_complete("warm")
    assert "next: kubectl -n default describe dataload warm" in str(raised.value)


async def test_a_process_is_waited_for_like_a_load(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.0)
    stage.server.put(PROCESSES, process("Complete"))
    done = await client.wait_processed("count")
    assert (type(done), done.name) == (DataProcess, "count")
    conflict = condition("Failed", "True", "ConflictMountPath", "mount that volume elsewhere")
    stage.set_status(PROCESSES, "count", process("Failed", conflict)["status"])
    with pytest.raises(DataProcessNotComplete, match="does not complete: mount that volume") as raised:
        await client.wait_processed(done)
    assert "next: kubectl -n default describe dataprocess count" in str(raised.value)


async def test_what_a_progress_function_raises_comes_out_as_it_is(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(LOADS, load("Pending"))

    def stop(now: DataLoad) -> None:
        if now.status and now.status.phase == "Executing":
            raise KeyError("stop")

    async def execute() -> None:
        await stage.watched("dataloads")
        stage.set_status(LOADS, "warm", load("Executing")["status"])

    async with meanwhile(execute):
        with pytest.raises(KeyError):
            await client.wait_complete("warm", timeout=10, progress=stop)


async def test_deletion_is_waited_for_and_what_blocks_it_is_said(stage: Stage, client: AsyncClient) -> None:
    blocked = condition("DeletionBlocked", "True", "PodsUseIt", "pod reader uses it: delete it")
    found = dataset({"phase": "Bound", "conditions": [blocked]})
    found["metadata"]["finalizers"] = ["held"]
    stage.server.put(DATASETS, found)
    read = await client.datasets.get("hbase")
    await client.datasets.delete("hbase")
    with pytest.raises(NotDeleted, match="DeletionBlocked: True, PodsUseIt: pod reader uses it"):
        await client.wait_deleted(read, timeout=0.05)
    stage.server.remove(DATASETS, "default", "hbase")
    stage.server.put(DATASETS, dataset())
    await client.wait_deleted(read, timeout=1)


async def test_what_nobody_deletes_is_not_waited_for(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.0)
    stage.server.put(DATASETS, dataset())
    with pytest.raises(NotDeleted, match="nobody has asked for its deletion"):
        await client.wait_deleted(await client.datasets.get("hbase"))


def test_the_blocking_client_waits_too(stage: Stage) -> None:
    stage.server.put(DATASETS, dataset(BOUND))
    with Client(connect=stage.server.connect) as client:
        assert client.wait_bound("hbase", timeout=1).name == "hbase"
        with pytest.raises(WaitError):
            client.wait_complete("missing", timeout=0.05)


FAILING: Json = {
    "phase": "Bound",
    "conditions": [
        condition("Ready", "False", "FuseNotReady", "1 of 1 FUSE pods does not serve: NoSuchBucket"),
        condition("FusesFailing", "True", "FuseNotReady", "NoSuchBucket"),
    ],
}


async def test_bound_is_not_enough_while_a_client_fails(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.05)
    stage.server.put(DATASETS, dataset(FAILING))
    with pytest.raises(DatasetNotBound, match="does not serve: NoSuchBucket") as raised:
        await client.wait_bound("hbase", timeout=60)
    assert not raised.value.timed_out


async def test_a_client_that_starts_again_is_waited_for(stage: Stage, client: AsyncClient) -> None:
    stage.server.put(DATASETS, dataset({**FAILING, "conditions": FAILING["conditions"][:1]}))

    async def serve() -> None:
        await stage.watched("datasets")
        stage.set_status(DATASETS, "hbase", BOUND)

    async with meanwhile(serve):
        assert (await client.wait_bound("hbase", timeout=30)).name == "hbase"


async def test_an_older_installations_word_that_an_update_is_over_is_bound(
    stage: Stage, client: AsyncClient
) -> None:
    over = condition("Ready", "False", "DatasetReady", "The ddc runtime has updated completely.")
    stage.server.put(DATASETS, dataset({"phase": "Bound", "conditions": [over]}))
    assert (await client.wait_bound("hbase", timeout=1)).name == "hbase"


@pytest.mark.parametrize("reason", ["FuseNotReady", "DatasetFailedToSetup"])
async def test_a_load_that_waits_for_help_ends_the_wait_unless_it_comes_in_a_moment(
    stage: Stage, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr("fluid.sdk.waiting.PATIENCE", 0.3)
    blocked = load("Executing", condition("Progressing", "False", reason, "NoSuchBucket"))["status"]
    stage.server.put(LOADS, load("Executing"))

    async def block_and_help() -> None:
        await stage.watched("dataloads")
        stage.set_status(LOADS, "warm", blocked)
        await anyio.sleep(0.05)
        stage.set_status(LOADS, "warm", load("Complete")["status"])

    async with meanwhile(block_and_help):
        await client.wait_complete("warm", timeout=30)
    stage.set_status(LOADS, "warm", blocked)
    with pytest.raises(DataLoadNotComplete, match="does not complete: NoSuchBucket") as raised:
        await client.wait_complete("warm", timeout=30)
    assert not raised.value.timed_out


async def test_warnings_about_predecessors_of_the_name_are_not_shown(
    stage: Stage, client: AsyncClient
) -> None:
    found = stage.server.put(DATASETS, dataset(WAITING))
    runtimes = "data.fluid.io/v1alpha1/jindoruntimes"
    runtime: Json = {"metadata": {"name": "hbase", "namespace": "default"}, "spec": {}}
    mine = stage.server.put(runtimes, runtime)
    known = [("Dataset", found["metadata"]["uid"]), ("JindoRuntime", mine["metadata"]["uid"])]
    for minute, (kind, uid) in enumerate(
        [*known, ("Dataset", "old"), ("JindoRuntime", "old"), ("Pod", "x")], 1
    ):
        event = warning(minute, f"about {kind} {uid}")
        event["involvedObject"] = {"kind": kind, "name": "hbase", "namespace": "default", "uid": uid}
        stage.server.put(EVENTS, event)
    with pytest.raises(DatasetNotBound) as raised:
        await client.wait_bound("hbase", timeout=0.05)
    assert [one.message for one in raised.value.events] == [f"about {kind} {uid}" for kind, uid in known]
