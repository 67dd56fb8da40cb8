"""The mount table as the kernel writes it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.csi.mountinfo import MountTable, parse
from fluid.csi.mountinfo_lines import fuse_line, unescape

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /runtime-mnt/thin/a/b/thin-fuse rw,nosuid shared:7 - fuse.rclone minio: rw,user_id=0,allow_other
51 22 0:40 /sub /pods/1/mount ro,relatime shared:8 master:7 - fuse.rclone minio: rw,user_id=0
52 51 0:44 / /pods/1/mount rw shared:9 - fuse none rw
60 22 0:50 / /with\040blank\134and\011tab rw - tmpfs no\040name rw
not a line
70 22
"""
escaped = str.maketrans({" ": r"\040", "\t": r"\011", "\n": r"\012", "\\": r"\134"})


def test_every_field_is_read_and_odd_lines_are_left_out() -> None:
    root, cache, target, second, blank = parse(TABLE)
    assert (root.id, root.parent, root.device, root.point, root.fuse) == (22, 1, "8:1", "/", False)
    assert (cache.type, cache.source, cache.shared, cache.master) == ("fuse.rclone", "minio:", 7, 0)
    assert (target.root, target.master, target.read_only, target.fuse) == ("/sub", 7, True, True)
    assert second.fuse
    assert (blank.point, blank.source) == ("/with blank\\and\ttab", "no name")


FORGED = "99 1 0:40 / /runtime-mnt/thin/victim/d/thin-fuse rw - fuse.rclone s rw"


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_no_name_that_a_tenant_gives_is_a_line_of_the_table(tmp_path: Path, end: str) -> None:
    line = f"60 22 0:50 / /data rw - fuse.rclone x{end}{FORGED.replace(' ', chr(92) + '040')}{end}{FORGED} rw"
    (tmp_path / "mountinfo").write_bytes(f"{line}\n".encode())
    assert [mount.id for mount in MountTable.read(tmp_path / "mountinfo").mounts] == [60]
    found = fuse_line(line, frozenset({"0:40", "0:50"}))
    assert found is not None
    assert found.id == 60


def test_fuse_mounts_of_some_devices_are_found_line_by_line() -> None:
    target, second = TABLE.splitlines()[3:5]
    found = fuse_line(target, frozenset({"0:40"}))
    assert found is not None
    assert (found.id, found.parent, found.device) == (51, 22, "0:40")
    assert (found.root, found.point, found.read_only) == ("/sub", "/pods/1/mount", True)
    odd = [
        second.replace("fuse none", "tmpfs none"),
        "",
        "1 2",
        "52 51 0:44",
        "x 51 0:44 / /a rw - fuse a rw",
    ]
    assert [fuse_line(one, frozenset({"0:44"})) for one in odd] == [None] * 5


def test_a_directory_that_the_kernel_forgot_keeps_its_name() -> None:
    (part, whole) = parse("51 22 0:40 /a/sub//deleted /p ro - fuse f ro\n52 22 0:40 / /q ro - fuse f ro")
    assert (part.root, whole.root) == ("/a/sub", "/")


def test_a_stack_is_ordered_by_who_is_mounted_on_whom_and_not_by_numbers() -> None:
    lines = [
        "65 66 0:40 / /t rw - fuse a rw",
        "66 22 0:41 / /t rw - fuse b rw",
        "22 1 8:1 / / rw - ext4 d rw",
    ]
    table = MountTable(tuple(parse("\n".join(lines))))
    assert [mount.id for mount in table.stack("/t")] == [66, 65]
    assert table.top("/t") == table.stack("/t")[-1]
    assert table.stack("/nowhere") == ()
    assert table.top("/nowhere") is None


def test_points_below_a_folder_do_not_include_the_folder_or_its_namesakes() -> None:
    lines = [
        f"{n} 1 0:1 / {point} rw - tmpfs t rw" for n, point in enumerate(("/a", "/a/b", "/ab", "/a/b/c"))
    ]
    assert list(MountTable(tuple(parse("\n".join(lines)))).below("/a/")) == ["/a/b", "/a/b/c"]


def test_a_path_lies_in_the_mount_at_the_nearest_folder_above_it() -> None:
    table = MountTable(tuple(parse(TABLE)))
    cache = "/runtime-mnt/thin/a/b/thin-fuse"
    found = [
        table.holding(path) for path in (f"{cache}/sub/inner", cache, f"{cache}2", "/pods/1/mount", "/", "")
    ]
    assert [mount.id if mount else None for mount in found] == [40, 40, 22, 52, 22, None]


def test_our_own_table_is_readable() -> None:
    assert MountTable.read().top("/") is not None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_any_path_survives_its_escapes(path: str) -> None:
    assert unescape(path.translate(escaped)) == path


@given(st.text())
def test_no_text_makes_the_parser_fail(text: str) -> None:
    MountTable(tuple(parse(text))).top("/")
