"""What is said of a recovery is true: success after a read, failure once it stays."""

from collections.abc import Callable
from dataclasses import fields

import anyio
import pytest
from structlog.testing import capture_logs

from fluid.csi.cluster import Cluster
from fluid.csi.containers import Renewal
from fluid.csi.errors import TooManyError
from fluid.csi.readiness import Readiness
from fluid.csi.recovery import Recovery
from fluid.csi.runtimes import NamedDataset
from fluid.csi.volume import Volume
from tests.mounts.recovery import (
    POD,
    count,
    events,
    published,
    reasons,
    recovering,
    shows,
)
from tests.mounts.support import NODE, Machine

pytestmark = pytest.mark.anyio


async def test_success_is_not_said_when_a_container_could_not_be_renewed(machine: Machine) -> None:
    process = machine.fuse("one")

    class Failing:
        async def renew(self, renewal: Renewal) -> list[str]:
            return ["process 7, /data: Operation not permitted"]

    async with recovering(machine) as (calls, recovery):
        recovery.containers = Failing()
        target = await published(calls, POD + "1")
        machine.restart(process, "two")
        assert await events(calls, 1) == ["FuseRecoverFailed"]
        (event,) = calls.server.objects["v1/events"].values()
        for part in ("default/app-1", "/data: Operation not permitted", "delete the pod"):
            assert part in event["message"]
        await shows(target / "hello", "two")  # what new containers of the pod get
        assert set(reasons(calls)) == {"FuseRecoverFailed"}


async def test_a_pod_that_ends_meanwhile_is_no_failure(machine: Machine) -> None:
    process, ended = machine.fuse("one"), anyio.Event()
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")

        class Ending:
            async def renew(self, renewal: Renewal) -> list[str]:
                if renewal.pod_uid == POD + "1":
                    await calls.unpublish(target)
                    ended.set()
                return []

        recovery.containers = Ending()
        process = machine.restart(process, "two")
        with anyio.fail_after(5):
            await ended.wait()
        other = await published(calls, POD + "2")
        machine.restart(process, "three")
        await shows(other / "hello", "three")
        assert await events(calls, 1) == ["FuseRecoverSucceed"]


async def test_a_failure_that_passes_within_moments_is_not_told(machine: Machine) -> None:
    process = machine.fuse("one")

    class FailingTwice:
        left = 2

        async def renew(self, renewal: Renewal) -> list[str]:
            self.left -= 1
            return ["process 7, /data: Input/output error"] if self.left >= 0 else []

    async with recovering(machine) as (calls, recovery):
        recovery.containers = FailingTwice()
        target = await published(calls, POD + "1")
        machine.restart(process, "two")
        assert await events(calls, 1) == ["FuseRecoverSucceed"]
        assert (target / "hello").read_text() == "two"


async def test_pods_are_renewed_while_the_api_server_does_not_answer(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        # More than are renewed at once
        targets = [await published(calls, f"{POD}{number}") for number in range(10)]

        class Away(Cluster):
            async def dataset(self, volume: Volume) -> NamedDataset | None:
                await anyio.sleep_forever()
                return None

        recovery.cluster = Away(recovery.cluster.connection, NODE)
        machine.restart(process, "two")
        for target in targets:
            await shows(target / "hello", "two")
        await count(recovery, len(targets))


async def test_a_dataset_that_cannot_be_read_does_not_end_the_recovery(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")
        key = {"name": "hbase", "namespace": "default"}
        calls.server.put("data.fluid.io/v1alpha1/datasets", {"metadata": key, "status": {"runtimes": 7}})
        with capture_logs() as logs:
            for life in (1, 2):
                process = machine.restart(process, f"life {life}")
                await shows(target / "hello", f"life {life}")
                await count(recovery, life)
            with anyio.fail_after(5):
                while not any(one["event"] == "no event" for one in logs):  # noqa: ASYNC110
                    await anyio.sleep(0.01)
        assert recovery.metrics.succeeded == 2


def missing(recovery: Recovery, answer: Callable[[], str]) -> None:
    """Have it told why a volume cannot be read."""

    class Told(Readiness):
        async def missing(self, volume: Volume) -> str:
            return answer()

    parts = {one.name: getattr(recovery.readiness, one.name) for one in fields(Readiness)}
    recovery.readiness = Told(**parts)


async def test_what_a_pod_waits_for_is_said_once(machine: Machine) -> None:
    process, asked = machine.fuse("one"), list[str]()

    def answer() -> str:
        asked.append("why")
        return "" if len(asked) > 4 else "its FUSE process does not answer"

    async with recovering(machine) as (calls, recovery):
        target = await published(calls, POD + "1")
        missing(recovery, answer)
        with capture_logs() as logs:
            machine.restart(process, "two")
            await shows(target / "hello", "two")
        (told,) = [one for one in logs if one["event"] == "not yet recovered"]
        assert (told["target"], told["problem"]) == (str(target), "its FUSE process does not answer")


async def test_too_many_helpers_that_hang_on_the_node_are_a_failure_that_is_told(machine: Machine) -> None:
    process = machine.fuse("one")

    def answer() -> str:
        raise TooManyError("not tried: 64 helpers on this node wait")

    async with recovering(machine) as (calls, recovery):
        await published(calls, POD + "1")
        missing(recovery, answer)
        machine.restart(process, "two")
        assert set(await events(calls, 1)) == {"FuseRecoverFailed"}
        (event,) = calls.server.objects["v1/events"].values()
        assert "64 helpers on this node wait" in event["message"]
        assert recovery.metrics.succeeded == 0
