"""What is broken, what renews it, and whose it is: from tables, records and /proc, without mounts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.csi.garbage_collector import Target, mounted_targets
from fluid.csi.mount_namespaces import NamespaceScans, pod_of, scan_namespaces
from fluid.csi.mountinfo import Mount, MountTable, parse
from fluid.csi.records import PublishedTarget, Records, StagedVolume
from fluid.csi.stale_mounts import dead_mounts_of_pod, find_stale_mounts
from fluid.csi.steps import Attach, Detach, to_renew
from fluid.csi.volume import Volume

POD = "0b1c2d3e-0000-4000-8000-000000000001"
KUBELET = "/var/lib/kubelet"
TARGET = f"{KUBELET}/pods/{POD}/volumes/kubernetes.io~csi/v/mount"
PART = f"{KUBELET}/pods/{POD}/volume-subpaths/v/app/0"
VOLUME = Volume("v", "/runtime-mnt/x", "fuse.rclone")
RECORD = PublishedTarget(volume_id="v", target=TARGET, pod_uid=POD)


def line(
    number: int, parent: int, device: str, point: str, root: str = "/", kind: str = "fuse.rclone"
) -> str:
    return f"{number} {parent} {device} {root} {point} ro - {kind} minio: rw"


def table(*lines: str) -> MountTable:
    return MountTable(tuple(parse("\n".join(lines))))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([line(2, 1, "0:1", VOLUME.path), line(3, 1, "0:1", TARGET)], False),
        ([line(2, 1, "0:2", VOLUME.path), line(3, 1, "0:1", TARGET)], True),
        ([line(3, 1, "0:1", TARGET)], False),
        ([line(2, 1, "0:2", VOLUME.path)], False),
        ([line(2, 1, "0:2", VOLUME.path, kind="tmpfs"), line(3, 1, "0:1", TARGET)], False),
        ([line(2, 1, "8:1", VOLUME.path), line(3, 1, "8:2", TARGET, kind="ext4")], False),
    ],
    ids=["same", "newer", "no source", "no target", "other type", "no fuse"],
)
def test_a_target_is_looked_at_when_a_newer_mount_is_at_the_path_of_its_volume(
    lines: list[str], found: bool
) -> None:
    assert bool([*find_stale_mounts(table(*lines), [RECORD], {"v": VOLUME})]) is found
    assert [*find_stale_mounts(table(*lines), [RECORD], {})] == []


def test_parts_of_a_volume_in_the_same_pod_are_renewed_with_it() -> None:
    seen = table(
        line(2, 1, "0:2", VOLUME.path),
        line(3, 1, "0:1", TARGET),
        line(4, 1, "0:1", PART, root="/part"),
        line(5, 1, "0:1", PART.replace(POD, "another")),
        line(6, 1, "0:9", f"{KUBELET}/pods/{POD}/volumes/other"),
    )
    (stale,) = find_stale_mounts(seen, [RECORD], {"v": VOLUME})
    assert [(one.point, one.root) for one in dead_mounts_of_pod(seen, stale, KUBELET)] == [
        (TARGET, "/"),
        (PART, "/part"),
    ]


def test_what_an_unfinished_renewal_noted_is_looked_for_unless_it_is_another_volumes_now() -> None:
    record = RECORD.model_copy(update={"devices": ["0:1", "0:2", "0:3", "0:4"]})
    other = Volume("w", "/runtime-mnt/y", "fuse.rclone")
    seen = table(line(2, 1, "0:4", VOLUME.path), line(3, 1, "0:4", TARGET), line(4, 1, "0:3", other.path))
    (stale,) = find_stale_mounts(seen, [record], {"v": VOLUME, "w": other})
    assert stale.dead == {"0:1", "0:2"}
    assert dead_mounts_of_pod(seen, stale, KUBELET) == []


def test_a_dead_mount_that_a_reference_still_shows_is_looked_for_all_the_same() -> None:
    record = RECORD.model_copy(update={"devices": ["0:1"]})
    borrowed = Volume("tenant-w", VOLUME.path, "fuse.rclone", sub_path="part")
    there = TARGET.replace("/v/", "/w/")
    reader = PublishedTarget(volume_id="tenant-w", target=there, pod_uid=POD)
    seen = table(line(2, 1, "0:2", VOLUME.path), line(3, 1, "0:2", TARGET), line(4, 1, "0:1", there))
    found = [*find_stale_mounts(seen, [record, reader], {"v": VOLUME, "tenant-w": borrowed})]
    assert [(one.record.volume_id, one.dead) for one in found] == [("v", {"0:1"}), ("tenant-w", {"0:1"})]


@given(st.lists(st.sampled_from(["0:1", "0:2", "live", "other"]), max_size=6), st.booleans())
def test_any_stack_comes_to_show_the_live_file_system(devices: list[str], beneath: bool) -> None:
    """Killed after any step, too: each step starts from nothing but the stack."""
    numbers, dead = iter(range(10, 100)), frozenset({"0:1", "0:2"})

    def mount(device: str) -> Mount:
        return Mount(next(numbers), 1, device, "/", "/t", frozenset(), 0, 0, "fuse", "s", "")

    wanted = Attach("/runtime-mnt/x", "live", "", read_only=True)
    stack = [mount(device) for device in devices]
    others = [one for one in stack if one.device == "other"]
    before = len(stack)
    for _ in range(before + 3):
        step = to_renew(stack, wanted, dead)
        if step is None:
            break
        if isinstance(step, Detach):
            assert stack.pop().id == step.mount_id
            assert stack, "nobody ever sees the directory below"
            assert stack[-1].device != "other", "nor what somebody else mounted below"
        else:
            assert step == replace(wanted, beneath=True)
            stack.insert(len(stack) - 1 if beneath else len(stack), mount("live"))
    assert to_renew(stack, wanted, dead) is None
    assert not devices or stack[-1].device == ("other" if devices[-1] == "other" else "live")
    assert [one for one in stack if one.device == "other"] == others
    assert len(stack) <= max(before, 2) + bool(others)


@pytest.mark.parametrize(
    "cgroup",
    [
        f"0::/kubepods/burstable/pod{POD}/cri-1",
        f"0::/kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-1.scope",
        f"5:cpu:/../../pod{POD}/cri-1\n4:memory:/../../pod{POD}/cri-1",
    ],
)
def test_the_cgroup_of_a_process_names_its_pod(tmp_path: Path, cgroup: str) -> None:
    (tmp_path / "cgroup").write_text(cgroup)
    assert pod_of(tmp_path) == POD


def test_processes_of_no_pod_and_those_that_ended_have_none(tmp_path: Path) -> None:
    assert pod_of(tmp_path / "ended") == ""
    (tmp_path / "cgroup").write_text("0::/system.slice/sshd.service")
    assert pod_of(tmp_path) == ""


def process(proc: Path, number: int | str, namespace: str, cgroup: str = "", *mounts: str) -> None:
    folder = proc / str(number)
    (folder / "ns").mkdir(parents=True)
    (folder / "ns/mnt").symlink_to(f"mnt:[{namespace}]")
    (folder / "cgroup").write_text(f"0::/kubepods/{cgroup}")
    (folder / "mountinfo").write_text("".join(f"{one}\n" for one in mounts))


def test_each_mount_namespace_of_a_pod_is_found_once(tmp_path: Path) -> None:
    process(tmp_path, "self", "plugin")
    process(tmp_path, 1, "host")
    for number, namespace in {20: "app", 21: "app", 30: "side", 31: "plugin", 32: "host"}.items():
        process(tmp_path, number, namespace, f"pod{POD}")
    process(tmp_path, 40, "foreign", "pod" + POD.replace("1", "2"))
    process(tmp_path, 19, "app", "somebody who entered it")
    found = {one.name: one for one in scan_namespaces(proc=tmp_path)[POD]}
    assert {name: [one.name for one in found[name].processes] for name in found} == {
        "mnt:[app]": ["20", "21"],
        "mnt:[side]": ["30"],
    }


def test_a_cgroup_that_a_tenant_made_is_not_its_pod(tmp_path: Path) -> None:
    other = POD.replace("1", "2")
    for number, cgroup in enumerate((f"pod{POD}/cri-1/pod{other}", f"pod{POD}/x-pod{other}.slice")):
        process(tmp_path, number + 2, f"{number}", cgroup)
        assert pod_of(tmp_path / str(number + 2)) == POD
    process(tmp_path, 9, "9", f"pod{POD}0/cri-1")
    assert pod_of(tmp_path / "9") == ""


@pytest.mark.anyio
async def test_thousands_of_processes_of_a_pod_cost_a_link_each_and_once_for_all_who_ask(
    tmp_path: Path,
) -> None:
    asked: list[Path] = []

    def told(process: Path) -> str:
        asked.append(process)
        return POD

    for number in range(2, 3_002):
        folder = tmp_path / str(number) / "ns"
        folder.mkdir(parents=True)
        (folder / "mnt").symlink_to("mnt:[one]")
    scans = NamespaceScans(told, tmp_path)
    found: list[int] = []

    async def ask() -> None:
        (one,) = await scans.of(POD)
        found.append(len(one.processes))
        assert not one.all

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(ask)
    assert (len(asked), found) == (16 * scans.begun, [4] * 50)
    assert scans.begun <= 2, "whoever comes while one goes on waits for the next"
    before = scans.begun
    await ask()
    assert scans.begun == before + 1, "who asks later is told what is there later"


def test_only_fuse_is_a_reason_to_look_into_a_namespace_and_a_table_without_end(tmp_path: Path) -> None:
    process(tmp_path, 20, "app", f"pod{POD}", line(7, 1, "0:1", "/dev/shm", kind="tmpfs"))
    process(tmp_path, 30, "side", f"pod{POD}", line(8, 1, "0:1", "/data"))
    endless = [line(number, 1, "0:9", f"/{number}") for number in range(10_000)]
    process(tmp_path, 40, "many", f"pod{POD}", *endless)
    app, side, many = scan_namespaces(proc=tmp_path)[POD]
    assert [one.may_show(frozenset({"0:1"})) for one in (app, side, many)] == [False, True, True]


def test_a_number_of_a_dead_mount_that_the_kernel_gave_to_something_else_is_left_alone() -> None:
    empty_dir = f"{KUBELET}/pods/{POD}/volumes/kubernetes.io~empty-dir/cache"
    seen = table(
        line(2, 1, "0:4", VOLUME.path),
        line(3, 1, "0:3", TARGET),
        line(4, 1, "0:1", empty_dir, kind="tmpfs"),
    )
    (stale,) = find_stale_mounts(seen, [RECORD.model_copy(update={"devices": ["0:1", "0:3"]})], {"v": VOLUME})
    assert [one.point for one in dead_mounts_of_pod(seen, stale, KUBELET)] == [TARGET]


def test_records_survive_a_restart_and_odd_names_and_broken_files(tmp_path: Path) -> None:
    for volume_id in ("a-b", "a/b", "..", "*", "x" * 300):
        records = Records(tmp_path / "volumes")
        records.stage(StagedVolume(volume_id=volume_id, attributes={"fluid_path": "/x"}))
        records.publish(PublishedTarget(volume_id=volume_id, target="/t"))
        assert Records(tmp_path / "volumes").volume(volume_id) is not None
        assert [one.target for one in records.targets(volume_id)] == ["/t"]
        records.forget(volume_id)
        assert len(records.targets(volume_id)) == 1
        records.forget_target(volume_id, "/t")
        records.forget(volume_id)
        assert records.volumes() == records.targets() == []
    broken = tmp_path / "volumes" / "v" / "volume.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    (tmp_path / "volumes" / "w" / "volume.json").mkdir(parents=True)
    assert Records(tmp_path / "volumes").volumes() == []


def test_a_volume_is_forgotten_while_a_call_puts_a_target_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(tmp_path)
    records.stage(StagedVolume(volume_id="v", attributes={}))
    records.publish(RECORD)

    def before(folder: Path) -> Iterator[Path]:
        del folder
        return iter(())

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", before)
        records.forget("v")
    assert records.volume("v") is None
    assert records.targets("v") == [RECORD]


def test_targets_of_other_drivers_are_not_ours(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, (name, data) in enumerate(
        {
            "ours": '{"driverName": "fuse.csi.fluid.io", "volumeHandle": "v"}',
            "theirs": '{"driverName": "other.example.org", "volumeHandle": "w"}',
            "odd": "[]",
            "forgotten": "",
        }.items()
    ):
        folder = tmp_path / "pods" / POD / "volumes/kubernetes.io~csi" / name
        folder.mkdir(parents=True)
        if data:
            (folder / "vol_data.json").write_text(data)
        lines.append(line(number + 10, 1, "0:1", str(folder / "mount")))
    lines.append(line(99, 1, "0:1", str(tmp_path / "pods" / POD / "volumes/kubernetes.io~nfs/x/mount")))
    found = [*mounted_targets(table(*lines), tmp_path)]
    assert [(Path(one.path).parent.name, one.volume_id) for one in found] == [
        ("ours", "v"),
        ("forgotten", ""),
    ]
    assert isinstance(found[0], Target)
