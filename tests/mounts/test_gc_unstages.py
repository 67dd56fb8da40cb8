"""Volumes that the kubelet unstages while something of them is still published, and garbage collection."""

from pathlib import Path

import pytest

from tests.mounts.garbage_collection import collector, describe
from tests.mounts.support import LABEL, VOLUME, Machine, Plugin, plugin

pytestmark = pytest.mark.anyio
METHODS = pytest.mark.parametrize("method", ["bind", "symlink"])


def on_demand(calls: Plugin) -> None:
    """The FUSE pod of the Dataset goes with the last pod that uses it."""
    key = {"name": "hbase", "namespace": "default"}
    status = {"runtimes": [{"name": "hbase", "namespace": "default", "type": "thin"}]}
    calls.server.put("data.fluid.io/v1alpha1/datasets", {"metadata": key, "status": status})
    runtime = {"metadata": key, "spec": {"fuse": {"cleanPolicy": "OnDemand"}}}
    calls.server.put("data.fluid.io/v1alpha1/thinruntimes", runtime)


async def unstaged_too_early(calls: Plugin, method: str) -> Path:
    """A target that the kubelet has forgotten, of a volume that it has unstaged since."""
    target, staging = calls.machine.target(), calls.machine.kubelet / "plugins/globalmount"
    on_demand(calls)
    staging.mkdir(parents=True)
    await calls.stage()
    await calls.publish(target, node_publish_method=method)
    (target.parent / "vol_data.json").unlink()
    await calls.unstage()
    staging.rmdir()
    return target


@METHODS
async def test_a_volume_is_unstaged_once_the_target_that_the_kubelet_forgot_is_gone(
    machine: Machine, method: str
) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        target = await unstaged_too_early(calls, method)
        assert LABEL in calls.labels
        assert await collector(calls).reconcile()
        assert not target.exists()
        assert not target.is_symlink()
        assert LABEL not in calls.labels
        records = calls.node.staging.records
        assert records.volumes() == records.targets() == []


async def test_a_volume_of_an_earlier_plugin_is_unstaged_so_as_well(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        describe(calls)
        on_demand(calls)
        target, staging = machine.target(), machine.kubelet / "plugins/globalmount"
        await calls.stage()
        calls.node.staging.records.forget(VOLUME)
        await calls.publish(target)  # which notes no staging directory
        (target.parent / "vol_data.json").unlink()
        await calls.unstage()
        assert not staging.exists()
        assert await collector(calls).reconcile()
        assert LABEL not in calls.labels


async def test_a_stage_after_such_an_unstage_holds(machine: Machine) -> None:
    machine.fuse()
    async with plugin(machine) as calls:
        target = await unstaged_too_early(calls, "bind")
        (machine.kubelet / "plugins/globalmount").mkdir()
        await calls.stage()
        assert await collector(calls).reconcile()
        assert not target.exists()
        assert LABEL in calls.labels
        assert [one.volume_id for one in calls.node.staging.records.volumes()] == [VOLUME]


async def test_a_link_that_is_published_again_while_it_is_taken_for_forgotten_stays(machine: Machine) -> None:
    machine.fuse()
    target = machine.target()
    async with plugin(machine) as calls:
        await calls.publish(target, node_publish_method="symlink")
        (target.parent / "vol_data.json").unlink()
        # A kubelet notes it, then it calls
        assert await collector(
            calls, lambda _: machine.target()
        ).reconcile()  # a kubelet notes it, then it calls
        assert target.is_symlink()
