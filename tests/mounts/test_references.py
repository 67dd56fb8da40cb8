"""References on a node: volumes with handles of their own over the FUSE mount of another Dataset."""

from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code
from tests.mounts.recovery import POD, Container, recovering, shows
from tests.mounts.support import LABEL, READER, Machine, Plugin, plugin
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
DATASETS, CLAIMED = "data.fluid.io/v1alpha1/datasets", "v1/persistentvolumes"


@dataclass(frozen=True)
class Borrowed:
    """The volume of a reference in namespace `tenant`."""

    calls: Plugin
    name: str
    sub_path: str = ""

    @property
    def handle(self) -> str:
        return f"tenant-{self.name}"

    @property
    def staging_path(self) -> str:
        return str(self.calls.machine.kubelet / f"plugins/{self.handle}")

    def context(self, pod: str = "") -> dict[str, str]:
        more = {"fluid_sub_path": self.sub_path} if self.sub_path else {}
        known = {"uid": pod, "name": "app", "namespace": "tenant"} if pod else {}
        told = {f"csi.storage.k8s.io/pod.{key}": value for key, value in known.items()}
        return self.calls.machine.attributes(**more, **told)

    async def stage(self) -> None:
        await self.calls.node.stage(
            csi.NodeStageVolumeRequest(
                volume_id=self.handle,
                staging_target_path=self.staging_path,
                volume_capability=READER,
                volume_context=self.context(),
            )
        )

    async def unstage(self) -> None:
        await self.calls.node.unstage(
            csi.NodeUnstageVolumeRequest(volume_id=self.handle, staging_target_path=self.staging_path)
        )

    async def publish(self, pod: str) -> Path:
        target = self.calls.machine.target(pod, self.handle)
        await self.calls.node.publish(
            csi.NodePublishVolumeRequest(
                volume_id=self.handle,
                target_path=str(target),
                volume_capability=READER,
                volume_context=self.context(pod),
            )
        )
        return target

    async def unpublish(self, target: Path) -> None:
        await self.calls.node.unpublish(
            csi.NodeUnpublishVolumeRequest(volume_id=self.handle, target_path=str(target))
        )


def lend(calls: Plugin, *listed: str, policy: str = "OnDemand") -> None:
    """The other Dataset, which lists who may read it, and its runtime."""
    key = {"name": "hbase", "namespace": "default", "uid": "uid-1"}
    runtimes = [{"name": "hbase", "namespace": "default", "type": "thin"}]
    status = {"runtimes": runtimes, "datasetRef": list(listed)}
    calls.server.put(DATASETS, {"metadata": key, "status": status})
    runtime = {"metadata": key, "spec": {"fuse": {"cleanPolicy": policy}}}
    calls.server.put("data.fluid.io/v1alpha1/thinruntimes", runtime)


async def test_two_references_in_one_pod_show_their_parts(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls, "tenant/whole", "tenant/part")
        whole, part = Borrowed(calls, "whole"), Borrowed(calls, "part", "sub")
        targets: list[Path] = []
        for one in (whole, part):
            await one.stage()
            targets.append(await one.publish(POD + "1"))
        assert [sorted(path.name for path in target.iterdir()) for target in targets] == [
            ["hello", "sub"],
            ["inner"],
        ]
        for one, target in zip((whole, part), targets, strict=True):
            await one.unpublish(target)
            await one.unstage()
        assert LABEL not in calls.labels


async def test_the_fuse_pod_stays_until_the_last_of_its_volumes_is_unstaged(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls, "tenant/one")
        one, other = Borrowed(calls, "one"), Borrowed(calls, "other")
        for staged in (one, other):
            await staged.stage()
        await calls.stage()
        await one.unstage()
        assert LABEL in calls.labels
        await calls.unstage()
        assert LABEL in calls.labels, "the Dataset's own pods are gone, those of a reference are not"
        await other.unstage()
        assert LABEL not in calls.labels


async def test_of_volumes_that_are_unstaged_and_staged_at_once_the_last_word_counts(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls)
        borrowed = [Borrowed(calls, f"ref-{number}") for number in range(6)]
        for _ in range(5):
            for one in borrowed[:3]:
                await one.stage()
            async with anyio.create_task_group() as tasks:
                for one in borrowed[:3]:
                    tasks.start_soon(one.unstage)
                for one in borrowed[3:]:
                    tasks.start_soon(one.stage)
            assert LABEL in calls.labels
            async with anyio.create_task_group() as tasks:
                for one in borrowed[3:]:
                    tasks.start_soon(one.unstage)
            assert LABEL not in calls.labels


async def test_a_pod_of_a_namespace_that_is_not_listed_gets_nothing(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls, "tenants/one", "other/tenant")
        one = Borrowed(calls, "one")
        await one.stage()
        with pytest.raises(CallError, match="does not allow references from namespace tenant") as refused:
            await one.publish(POD + "1")
        assert refused.value.code is Code.PERMISSION_DENIED
        calls.server.remove(DATASETS, "default", "hbase")
        with pytest.raises(CallError, match="does not allow"):
            await one.publish(POD + "1")
        lend(calls, "tenant/one")
        target = await one.publish(POD + "1")
        assert (target / "hello").read_text() == "hello"


async def test_a_pod_that_reads_goes_on_when_consent_is_withdrawn_and_a_new_one_is_refused(
    machine: Machine,
) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls, "tenant/one")
        one = Borrowed(calls, "one")
        await one.stage()
        target = await one.publish(POD + "1")
        lend(calls)
        assert await one.publish(POD + "1") == target, "a kubelet that starts again publishes what is there"
        assert (target / "hello").read_text() == "hello"
        with pytest.raises(CallError, match="does not allow"):
            await one.publish(POD + "2")


async def test_pods_of_the_datasets_own_namespace_are_not_asked_about(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        await calls.stage()
        target = machine.target()
        await calls.publish(target, READER, **{"csi.storage.k8s.io/pod.namespace": "default"})
        assert (target / "hello").read_text() == "hello"


@pytest.mark.parametrize("sub_path", ["../other", "a/../../b", ".."])
async def test_a_part_that_leads_out_of_the_dataset_is_refused(machine: Machine, sub_path: str) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        lend(calls, "tenant/one")
        with pytest.raises(CallError, match="leads out of the Dataset"):
            await Borrowed(calls, "one", sub_path).stage()


async def test_pods_that_read_by_references_recover_beside_those_of_the_dataset(machine: Machine) -> None:
    process = machine.fuse("one")
    async with recovering(machine) as (calls, _):
        lend(calls, "tenant/whole", "tenant/part")
        reference = {"metadata": {"name": "whole", "namespace": "tenant", "uid": "uid-2"}}
        calls.server.put(DATASETS, reference)
        for name in ("whole", "part"):
            claim = {"namespace": "tenant", "name": "whole"}
            volume = {"metadata": {"name": f"tenant-{name}"}, "spec": {"claimRef": claim}}
            calls.server.put(CLAIMED, volume)
        await calls.stage()
        own = machine.target(POD + "1")
        await calls.publish(own)
        whole, part = Borrowed(calls, "whole"), Borrowed(calls, "part", "sub")
        for one in (whole, part):
            await one.stage()
        targets = [await whole.publish(POD + "2"), await part.publish(POD + "2")]
        container = Container.run(machine, targets[0], POD + "2")
        for content in ("two", "three"):
            process = machine.restart(process, content)
            await container.reads(content)
            await shows(own / "hello", content)
            await shows(targets[0] / "hello", content)
            await shows(targets[1] / "inner", content)
        await eventually(lambda: bool(_told(calls)))
        assert set(_told(calls)) == {"whole"}, "the owner of the data is not told about pods of others"


def _told(calls: Plugin) -> list[str]:
    """Names of the Datasets that have an event about the pod of the tenant."""
    events = calls.server.objects.get("v1/events", {}).values()
    return [one["involvedObject"]["name"] for one in events if "tenant/app" in one["message"]]
