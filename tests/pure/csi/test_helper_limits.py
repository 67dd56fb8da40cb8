"""Who may ask a file system while others do not answer."""

from pathlib import Path

import pytest

from fluid.csi.helper_limits import MOST_HELPERS, RUNNING, FileSystem, Refusal, Tenants, refusal


def hanging(tenant: str, *counts: int) -> list[FileSystem]:
    """So many helpers in each file system of a tenant."""
    return [
        FileSystem(f"{tenant}:{number}", tenant) for number, count in enumerate(counts) for _ in range(count)
    ]


def refused(hung: list[FileSystem], device: str, tenant: str) -> str:
    found = refusal(hung, FileSystem(device, tenant))
    return "" if found is None else "silent" if found.silent else "too many"


SHARE, HALF = hanging("a", *[2] * 6), hanging("a", *[1] * 32)
FULL = [one for tenant in "abcd" for one in hanging(tenant, *[4] * 3)]
PACKED = [*HALF, *hanging("b", *[1] * 32)]


@pytest.mark.parametrize(
    ("hung", "device", "tenant", "expected"),
    [
        ([], "a:0", "a", ""),
        (hanging("a", 3), "a:0", "a", ""),
        (hanging("a", 4), "a:0", "a", "silent"),
        (SHARE, "a:0", "a", "too many"),
        (SHARE, "a:9", "a", ""),
        (SHARE, "b:0", "b", ""),
        ([*SHARE, FileSystem("b:0", "b")], "b:0", "b", ""),
        (HALF, "a:99", "a", "too many"),
        (HALF, "b:0", "b", ""),
        (FULL, "e:0", "e", ""),
        ([*FULL, FileSystem("e:0", "e")], "e:0", "e", "too many"),
        (PACKED, "c:0", "c", "too many"),
        (PACKED, "", "", ""),
        ([*PACKED, *[FileSystem()] * 8], "", "", "too many"),
    ],
)
def test_a_first_question_is_asked_and_a_tenant_has_its_share(
    hung: list[FileSystem], device: str, tenant: str, expected: str
) -> None:
    assert refused(hung, device, tenant) == expected


def test_no_tenants_alone_fill_the_memory() -> None:
    """Each asks whatever it is let to: the file systems of ten tenants, none of which ever answers."""
    hung: list[FileSystem] = []
    for _ in range(5):
        for tenant in "abcdefghij":
            for number in range(40):
                asked = FileSystem(f"{tenant}:{number}", tenant)
                hung += [asked] if refusal(hung, asked) is None else []
    assert len(hung) + RUNNING <= MOST_HELPERS
    assert max(sum(one.tenant == tenant for one in hung) for tenant in "abcdefghij") <= len(hung) / 2


def test_a_refusal_names_the_devices_and_what_to_do() -> None:
    found = refusal(SHARE, FileSystem("a:0", "a"))
    assert isinstance(found, Refusal)
    assert "12 helpers on this node wait for an answer of a:0, a:1, a:2, a:3, a:4, a:5; find" in found.why


def test_the_tenant_of_a_device_is_the_namespace_at_the_place_of_its_mount(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    tenants = Tenants("/runtime-mnt", table)
    place = "40 1 0:40 / /runtime-mnt/thin/team/data/thin-fuse rw - fuse.rclone s rw\n"
    target = "41 1 0:40 / /var/lib/kubelet/pods/1/mount rw - fuse.rclone s rw\n"
    table.write_text(target)
    assert tenants.of("0:40") == "0:40"
    table.write_text(target + place)
    assert tenants.of("0:40") == "team"
    table.write_text(target)
    assert tenants.of("0:40") == "team", "pods may have it still"
    table.write_text(place.replace("team", "next"))
    assert tenants.of("0:40") == "next", "a number is given again"
    assert tenants.of("0:41") == "0:41"
