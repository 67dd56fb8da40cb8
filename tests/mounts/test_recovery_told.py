"""What is said of a recovery is true: success after a read, failure once it stays."""

import anyio
import pytest

from fluid.csi.containers import Renewal
from tests.mounts.recovering import (
    POD,
    events,
    published,
    reasons,
    recovering,
    shows,
)
from tests.mounts.support import Machine

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
