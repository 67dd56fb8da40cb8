"""Stage, publish and back, with real mounts: repeated, at once, in each way to publish."""

import errno
import os
from pathlib import Path

import anyio
import httpx2
import pytest

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code
from fluid.csi.mountinfo import MountTable
from tests.harness.server import status
from tests.mounts.support import LABEL, READER, VOLUME, WRITER, Machine, plugin

pytestmark = pytest.mark.anyio


def stack(path: Path) -> int:
    return len(MountTable.read().stack(str(path)))


def gone(path: Path) -> bool:
    return not os.path.lexists(path)


async def test_a_pod_reads_and_everything_is_as_before_when_it_is_gone(machine: Machine) -> None:
    machine.fuse("one")
    before, target = machine.mounts(), machine.target()
    async with plugin(machine) as calls:
        await calls.stage()
        assert calls.labels == {"zone": "a", LABEL: "true"}
        await calls.publish(target)
        assert (target / "hello").read_text() == "one"
        with pytest.raises(OSError, match="Read-only") as refused:
            (target / "hello").write_text("no")
        assert refused.value.errno == errno.EROFS
        await calls.unpublish(target)
        await calls.unstage()
        assert not target.exists()
        assert machine.mounts() == before


async def test_every_call_twice_and_five_times_at_once(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        for count in (1, 1, 5):
            for call in (calls.stage, lambda: calls.publish(target)):
                async with anyio.create_task_group() as tasks:
                    for _ in range(count):
                        tasks.start_soon(call)
            assert stack(target) == 1
        for count in (1, 1, 5):
            for call in (lambda: calls.unpublish(target), calls.unstage):
                async with anyio.create_task_group() as tasks:
                    for _ in range(count):
                        tasks.start_soon(call)
            assert stack(target) == 0
            assert not target.exists()
        assert len(calls.node.publishing.locks) == 0


async def test_publish_waits_for_the_mount_and_comes_once_the_kernel_tells(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, waits = machine.target(), anyio.Event()

    async def until_told(change: anyio.Event, seconds: float) -> None:
        del seconds  # however long that is
        waits.set()
        await change.wait()

    async with plugin(machine) as calls, anyio.create_task_group() as tasks:
        monkeypatch.setattr(calls.watch, "wait", until_told)
        tasks.start_soon(calls.publish, target)
        with anyio.fail_after(10):
            await waits.wait()
            assert stack(target) == 0
            machine.fuse()
            while stack(target) == 0:  # noqa: ASYNC110
                await anyio.sleep(0.01)


async def test_a_mount_that_never_comes_is_said_with_a_next_step(machine: Machine) -> None:
    async with plugin(machine, patience=0.2) as calls:
        with pytest.raises(CallError, match="nothing is mounted there") as refused:
            await calls.publish(machine.target())
    assert refused.value.code is Code.UNAVAILABLE
    for part in (
        "Dataset default/hbase",
        str(machine.path),
        "node-1",
        "kubectl get pods --namespace default",
    ):
        assert part in refused.value.message


async def test_what_is_mounted_has_to_be_of_the_type_that_the_volume_names(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine, patience=0.1) as calls:
        with pytest.raises(CallError, match=r"of type 'fuse.test' and not 'jindo'"):
            await calls.publish(machine.target(), mount_type="jindo")


async def test_a_writer_writes_and_a_sub_path_is_all_that_is_seen(machine: Machine) -> None:
    machine.fuse("x")
    target = machine.target()
    async with plugin(machine, patience=0.1) as calls:
        await calls.publish(target, WRITER, fluid_sub_path="sub")
        assert [one.name for one in target.iterdir()] == ["inner"]
        (target / "inner").write_text("may be")
        with pytest.raises(CallError, match="No such file"):
            await calls.publish(machine.target("pod-2"), fluid_sub_path="nowhere")


async def test_a_link_when_the_volume_says_so_and_a_bind_mount_when_not(
    machine: Machine,
) -> None:
    machine.fuse("linked")
    target = machine.target()
    async with plugin(machine) as calls:
        target.mkdir()
        for _ in range(2):
            await calls.publish(target, node_publish_method="symlink")
        assert (target.is_symlink(), (target / "hello").read_text()) == (True, "linked")
        await calls.publish(target)
        assert (target.is_symlink(), stack(target)) == (False, 1)
        await calls.publish(target, node_publish_method="symlink")
        await calls.unpublish(target)
        assert gone(target)


async def test_the_check_can_be_skipped(machine: Machine) -> None:
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, READER, **{"fluid.io/skip-check-mount-ready-target": "MountPod"})
        assert stack(target) == 1


async def test_files_of_a_pod_in_the_way_are_kept_and_named(machine: Machine) -> None:
    target = machine.target()
    target.mkdir()
    (target / "precious").write_text("keep")
    async with plugin(machine) as calls:
        with pytest.raises(CallError, match="there are files in the directory"):
            await calls.unpublish(target)
    assert (target / "precious").read_text() == "keep"


async def test_usage_is_what_the_fuse_process_says(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target)
        request = csi.NodeGetVolumeStatsRequest(volume_id=VOLUME, volume_path=str(target))
        size, files = (await calls.node.stats(request)).usage
        assert (size.total, size.available, size.used) == (100 * 512, 30 * 512, 60 * 512)
        assert (files.total, files.available, files.used) == (10, 4, 6)
        with pytest.raises(CallError, match="nothing is published"):
            await calls.node.stats(csi.NodeGetVolumeStatsRequest(volume_id=VOLUME, volume_path="/nowhere"))


@pytest.mark.parametrize(
    ("policy", "stays"), [("OnRuntimeDeleted", True), ("OnDemand", False), ("", True), ("onDemand", True)]
)
async def test_the_clean_policy_decides_about_the_label(machine: Machine, policy: str, stays: bool) -> None:
    async with plugin(machine) as calls:
        runtimes = [{"name": "hbase", "namespace": "default", "type": "thin"}]
        key = {"name": "hbase", "namespace": "default"}
        calls.server.put(
            "data.fluid.io/v1alpha1/datasets", {"metadata": key, "status": {"runtimes": runtimes}}
        )
        spec = {"fuse": {"cleanPolicy": policy}} if policy else {}
        calls.server.put("data.fluid.io/v1alpha1/thinruntimes", {"metadata": key, "spec": spec})
        for _ in range(2):
            await calls.stage()
        for _ in range(2):
            await calls.unstage()
        assert (LABEL in calls.labels) is stays


async def test_an_unstage_without_a_record_asks_the_volume(
    machine: Machine,
) -> None:
    async with plugin(machine) as calls:
        await calls.unstage()
        source = {
            "driver": "fuse.csi.fluid.io",
            "volumeHandle": VOLUME,
            "volumeAttributes": machine.attributes(),
        }
        calls.server.put("v1/persistentvolumes", {"metadata": {"name": VOLUME}, "spec": {"csi": source}})
        await calls.node.staging.cluster.add_label(LABEL)
        await calls.unstage()
        assert calls.labels == {"zone": "a"}, "its runtime is gone: nothing asks for the FUSE pod any more"


async def test_the_label_is_found_by_the_dataset_when_the_volume_names_none(machine: Machine) -> None:
    async with plugin(machine) as calls:
        with pytest.raises(CallError, match="nobody knows which node label"):
            await calls.stage(mount_pod_node_selector_key="")
        metadata = {
            "name": "hbase",
            "namespace": "default",
            "labels": {"fluid.io/dataset-id": "uid-7"},
            "uid": "uid-7",
        }
        calls.server.put("data.fluid.io/v1alpha1/datasets", {"metadata": metadata})
        await calls.stage(mount_pod_node_selector_key="")
        assert "fluid.io/f-uid-7" in calls.labels


async def test_a_label_of_somebody_else_is_never_sent(machine: Machine) -> None:
    async with plugin(machine) as calls:
        with pytest.raises(CallError, match=r"has to begin with fluid.io/f-") as refused:
            await calls.stage(mount_pod_node_selector_key="node-role.kubernetes.io/control-plane")
        assert refused.value.code is Code.INVALID_ARGUMENT
        assert calls.server.writes() == []


@pytest.mark.parametrize(
    ("answer", "code", "next_step"),
    [
        (status(403, "Forbidden"), Code.FAILED_PRECONDITION, "rights and policies"),
        (status(500, "InternalError"), Code.UNAVAILABLE, "it is tried again"),
    ],
)
async def test_an_api_server_that_refuses_is_told_with_a_next_step(
    machine: Machine, answer: httpx2.Response, code: Code, next_step: str
) -> None:
    async with plugin(machine) as calls:
        calls.server.faults.append(lambda request: answer if request.method == "PATCH" else None)
        with pytest.raises(
            CallError, match=f"default/hbase, node node-1: the API server: .*{next_step}"
        ) as told:
            await calls.stage()
        assert told.value.code is code
