# pyright: basic
"""Queries in the background: what is asked how often, what a failure does; nothing waits for it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest
from structlog.testing import capture_logs

from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_handlers import uses_claim
from fluid.controllers.query_runner import QueryRunner
from fluid.engines.core.queries import UNKNOWN_USER, ClaimUsers, ClaimVolume, Exec, ReadClaim, ReadConfigMap
from fluid.kube import Backoff, ExecResult, Unavailable
from fluid.models import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod
from fluid.types import Key
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
KEY, OTHER = Key("ns", "a"), Key("ns", "b")
REPORT = Exec(Key("ns", "a-master-0"), "master", ("jindocache", "-report"))
LIST = replace(REPORT, command=("jindocache", "-mount"))
COUNT = replace(REPORT, command=("jindo", "fs", "-count", "/"), background=True)


class Pods:
    """What commands say; each run is noted. One that hangs waits for `release`."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.says: dict[tuple[str, ...], ExecResult | Exception] = {}
        self.hangs: set[tuple[str, ...]] = set()
        self.release = anyio.Event()
        self.objects: dict[type, list] = {}
        self.broken = False

    async def exec(self, pod, container, command, **_):
        self.ran.append(command)
        if command in self.hangs:
            await self.release.wait()
        said = self.says.get(command, ExecResult(exit_code=0, stdout="fine", stderr=""))
        if isinstance(said, Exception):
            raise said
        return said

    def api(self, model):
        if self.broken:
            raise RuntimeError("unforeseen")
        objects = self.objects.get(model, [])

        class Objects:
            async def find(self, key):
                return next((one for one in objects if one.key == key), None)

            async def list(self, *, namespace, labels=None, strict=False, keep=None):
                return [one for one in objects if one.namespace == namespace]

        return Objects()


class Desk:
    """QueryRunner, and the keys that they have woken."""

    def __init__(self, pods: Pods, query_runner: QueryRunner) -> None:
        self.pods, self.query_runner = pods, query_runner
        self.woken: list[Key] = []

    def wake(self, key: Key) -> None:
        self.woken.append(key)

    def ask(self, *queries, key: Key = KEY, **how) -> None:
        self.query_runner.ask(key, queries, lambda: self.wake(key), **how)

    async def wakes(self, count: int) -> None:
        await eventually(lambda: len(self.woken) >= count)


@asynccontextmanager
async def desk(backoff: float = 0.01) -> AsyncGenerator[Desk]:
    pods = Pods()
    query_runner = QueryRunner(QueryExecutor(pods))  # type: ignore[arg-type] - the two methods that query_runner use
    query_runner._backoff = Backoff(base=backoff, cap=30.0)
    async with anyio.create_task_group() as group:
        await group.start(query_runner.run)
        yield Desk(pods, query_runner)
        group.cancel_scope.cancel()


async def test_an_answer_wakes_its_key_and_serves_one_complete_pass() -> None:
    async with desk() as one:
        one.ask(REPORT)
        await one.wakes(1)
        results = one.query_runner.results(KEY)
        assert results[REPORT].stdout == "fine"
        assert results.fresh == {REPORT}
        one.ask(REPORT)
        assert one.query_runner.results(KEY).answers == {}
        assert (one.woken, one.pods.ran) == ([KEY], [REPORT.command])


async def test_a_question_is_asked_once_however_often_passes_repeat_it() -> None:
    async with desk() as one:
        one.pods.hangs.add(REPORT.command)
        for _ in range(3):
            one.ask(REPORT)
            await anyio.lowlevel.checkpoint()
        one.pods.release.set()
        await one.wakes(1)
        assert one.pods.ran == [REPORT.command]


async def test_an_answer_that_comes_while_a_pass_is_at_work_is_there_for_the_next_one() -> None:
    async with desk() as one:
        one.ask(REPORT)
        assert one.query_runner.results(KEY).answers == {}
        await one.wakes(1)
        one.ask(REPORT)  # the pass that began before the answer ends after it
        assert REPORT in one.query_runner.results(KEY)


async def test_setup_keeps_its_answers() -> None:
    async with desk() as one:
        one.ask(LIST, keep=True)
        await one.wakes(1)
        for _ in range(3):
            assert LIST in one.query_runner.results(KEY)
            one.ask(LIST, keep=True)
        assert one.pods.ran == [LIST.command]


async def test_a_failure_stays_the_answer_until_its_time_is_over() -> None:
    async with desk(backoff=0.2) as one:
        one.pods.says[REPORT.command] = ExecResult(exit_code=1, stdout="", stderr="no")
        one.ask(REPORT)
        await one.wakes(1)
        for _ in range(5):
            assert one.query_runner.results(KEY)[REPORT].stderr == "no"
            one.ask(REPORT)
        assert one.pods.ran == [REPORT.command]
        await one.wakes(2)
        assert one.query_runner.results(KEY).answers == {}
        one.ask(REPORT)
        await one.wakes(3)
        assert one.pods.ran == [REPORT.command] * 2


async def test_a_useless_answer_counts_as_a_failure() -> None:
    async with desk() as one:
        one.ask(REPORT, keep=True)
        await one.wakes(1)
        for _ in range(3):
            assert REPORT in one.query_runner.results(KEY)
            one.ask(REPORT, keep=True, useless={REPORT})
        await one.wakes(2)
        assert one.query_runner.results(KEY).answers == {}
        assert one.woken == [KEY] * 2


async def test_retries_of_useless_answers_come_later_and_later() -> None:
    async with desk() as one:
        delays = []
        for _ in range(4):
            one.ask(REPORT)
            await eventually(lambda: REPORT in one.query_runner.results(KEY))
            one.ask(REPORT, useless={REPORT})
            began = anyio.current_time()
            await eventually(lambda: REPORT not in one.query_runner.results(KEY))
            delays.append(anyio.current_time() - began)
        assert delays[-1] > 2 * delays[0]


async def test_an_unreachable_pod_is_an_answer_too() -> None:
    async with desk() as one:
        one.pods.says[REPORT.command] = Unavailable(0, "Timeout", "no answer in 30 s")
        one.ask(REPORT)
        await one.wakes(1)
        answer = one.query_runner.results(KEY)[REPORT]
        assert answer.exit_code == -1
        assert "no answer in 30 s" in answer.stderr


async def test_a_fault_in_one_question_is_a_failed_answer_and_ends_no_other() -> None:
    async with desk() as one:
        one.pods.says[REPORT.command] = RuntimeError("unforeseen")
        one.pods.broken = True
        config, users, claim = ReadConfigMap(Key("ns", "hadoop")), ClaimUsers(KEY), ReadClaim(KEY)
        with capture_logs() as logs:
            one.ask(REPORT, config, users, claim)
            one.ask(LIST, key=OTHER)
            await one.wakes(2)
        results = one.query_runner.results(KEY)
        assert results.answers == {
            REPORT: ExecResult(exit_code=-1, stdout="", stderr="unforeseen"),
            config: None,
            users: (UNKNOWN_USER,),
            claim: None,
        }
        assert one.query_runner.results(OTHER)[LIST].exit_code == 0
    assert len([line for line in logs if line.get("exc_info")]) == 4


async def test_a_hanging_command_holds_up_neither_other_keys_nor_what_runs_in_the_background() -> None:
    async with desk() as one:
        one.pods.hangs.add(REPORT.command)
        one.ask(REPORT, COUNT)
        one.ask(LIST, key=OTHER)
        await one.wakes(2)
        assert sorted(one.woken) == [KEY, OTHER]
        assert set(one.query_runner.results(KEY).answers) == {COUNT}


async def test_a_background_question_holds_up_no_batch() -> None:
    async with desk() as one:
        one.pods.hangs.add(COUNT.command)
        one.ask(COUNT, REPORT)
        await one.wakes(1)
        assert set(one.query_runner.results(KEY).answers) == {REPORT}


async def test_the_commands_of_a_pass_run_in_their_order() -> None:
    async with desk() as one:
        commands = [replace(REPORT, command=("step", str(number))) for number in range(5)]
        one.ask(*commands)
        await one.wakes(1)
        assert one.pods.ran == [one.command for one in commands]


async def test_what_is_forgotten_is_asked_again() -> None:
    async with desk() as one:
        one.ask(REPORT, keep=True)
        await one.wakes(1)
        one.query_runner.forget(KEY)
        assert one.query_runner.results(KEY).answers == {}
        one.query_runner.forget(OTHER)


async def test_config_maps_are_read_by_their_keys() -> None:
    async with desk() as one:
        there, missing = ReadConfigMap(Key("ns", "hadoop")), ReadConfigMap(Key("ns", "none"))
        found = {"metadata": {"name": "hadoop", "namespace": "ns"}, "data": {"core-site.xml": "secret"}}
        one.pods.objects[ConfigMap] = [ConfigMap.model_validate(found)]
        one.ask(there, missing)
        await one.wakes(1)
        assert one.query_runner.results(KEY).answers == {
            there: frozenset({"core-site.xml"}),
            missing: None,
        }


async def test_users_that_cannot_be_found_out_are_asked_for_again() -> None:
    async with desk() as one:
        one.pods.broken = True
        query = ClaimUsers(KEY)
        with capture_logs():
            one.ask(query)
            await one.wakes(2)
        one.pods.broken = False
        assert one.query_runner.results(KEY).answers == {}
        one.ask(query)
        await one.wakes(3)
        assert one.query_runner.results(KEY).answers == {query: ()}


def _claim(name: str, phase: str, volume: str = "vol") -> PersistentVolumeClaim:
    metadata = {"name": name, "namespace": "ns"}
    return PersistentVolumeClaim.model_validate(
        {"metadata": metadata, "spec": {"volumeName": volume}, "status": {"phase": phase}}
    )


def _for(claim: str) -> dict[str, object]:
    return {"claimRef": {"namespace": "ns", "name": claim}}


async def test_the_volume_behind_a_claim_is_read_once_the_claim_is_bound() -> None:
    async with desk() as one:
        old = {"volume.beta.kubernetes.io/mount-options": "ro,vers=4"}
        csi = {"driver": "nfs", "volumeHandle": "h"}
        one.pods.objects[PersistentVolumeClaim] = [
            _claim("a", "Bound"),
            _claim("b", "Bound", "old"),
            _claim("c", "Pending"),
            _claim("d", "Bound", "gone"),
            _claim("f", "Bound", "theirs"),
        ]
        one.pods.objects[PersistentVolume] = [
            PersistentVolume.model_validate(
                {"metadata": {"name": "vol"}, "spec": {"csi": csi, "mountOptions": ["noatime"], **_for("a")}}
            ),
            PersistentVolume.model_validate(
                {"metadata": {"name": "old", "annotations": old}, "spec": _for("b")}
            ),
            PersistentVolume.model_validate(
                {"metadata": {"name": "theirs"}, "spec": {"csi": csi, **_for("b")}}
            ),
        ]
        queries = [ReadClaim(Key("ns", name)) for name in "abcdef"]
        one.ask(*queries)
        await one.wakes(1)
        found = one.query_runner.results(KEY)
        first = found[queries[0]]
        assert first is not None
        assert first.csi is not None
        assert (first.csi.to_wire(), first.mount_options) == (csi, ("noatime",))
        assert found[queries[1]] == ClaimVolume(None, ("ro", "vers=4"))
        assert [found[one] for one in queries[2:]] == [None, None, None, None], "nor one of another claim"


async def test_users_of_a_claim_are_pods_that_have_not_finished() -> None:
    async with desk() as one:
        one.pods.objects[Pod] = [_pod("reads"), _pod("done", phase="Succeeded"), _pod("other", claim="b")]
        query = ClaimUsers(KEY)
        one.ask(query)
        await one.wakes(1)
        users = one.query_runner.results(KEY)[query]
        assert [(user.name, user.node) for user in users] == [("reads", "n1")]
        assert uses_claim(_pod("x"), "a")


def _pod(name: str, claim: str = "a", phase: str = "Running") -> Pod:
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": claim}}
    spec = {"nodeName": "n1", "containers": [{"name": "main"}], "volumes": [volume]}
    metadata = {"name": name, "namespace": "ns"}
    return Pod.model_validate({"metadata": metadata, "spec": spec, "status": {"phase": phase}})


async def test_a_namespace_of_slow_commands_holds_up_neither_another_one_nor_its_own_setup() -> None:
    async with desk() as one:
        slow = [replace(REPORT, pod=Key("hog", f"m-{number}"), sample=True) for number in range(200)]
        one.pods.hangs |= {REPORT.command, COUNT.command}
        for number, query in enumerate(slow):
            count = replace(COUNT, pod=query.pod)
            one.ask(query, count, key=Key("hog", f"r-{number}"))
        await eventually(lambda: len(one.pods.ran) >= 16)
        mine = Key("hog", "new")
        one.ask(replace(LIST, pod=Key("hog", "new-0")), key=mine, keep=True)
        one.ask(LIST, key=OTHER)
        await one.wakes(2)
        assert sorted(one.woken) == [mine, OTHER]
        assert len(one.pods.ran) <= 16 + 2, "the samples of a namespace have a share"


async def test_one_runtime_has_few_commands_at_work_however_many_it_asks_for() -> None:
    async with desk() as one:
        one.pods.hangs.add(COUNT.command)
        one.ask(*(replace(COUNT, incarnation=str(number)) for number in range(50)))
        one.ask(replace(COUNT, pod=Key("ns", "b-master-0"), command=("count",)), key=OTHER)
        await one.wakes(1)
        assert one.pods.ran == [COUNT.command, COUNT.command, ("count",)]


async def test_what_a_failed_command_printed_is_kept_as_far_as_it_is_shown() -> None:
    async with desk() as one:
        one.pods.says[REPORT.command] = ExecResult(exit_code=1, stdout="x" * 60_000, stderr="y" * 60_000)
        one.ask(REPORT)
        await one.wakes(1)
        said = one.query_runner.results(KEY)[REPORT]
        assert len(said.stdout) + len(said.stderr) < 10_000
