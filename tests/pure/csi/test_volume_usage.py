"""What FUSE processes say of their space, and what is told of it."""

from hypothesis import given
from hypothesis import strategies as st

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.node import LARGEST, volume_usage

NAMES = ("bytes", "bytes_available", "bytes_used", "files", "files_available", "files_used")
S3FS: dict[str, int | str] = dict(zip(NAMES, (2**64 - 2**24, 2**64 - 2**24, 0, 0, 0, 0), strict=True))
RCLONE: dict[str, int | str] = dict(zip(NAMES, (2**50, 2**50, 0, 10**9, 0, 10**9), strict=True))


def test_more_than_the_protocol_can_say_is_the_most_that_it_can() -> None:
    [space] = volume_usage(S3FS)
    assert (space.total, space.available, space.used) == (LARGEST, LARGEST, 0)


def test_files_that_nobody_counts_are_not_told_as_a_full_volume() -> None:
    assert [one.unit for one in volume_usage(RCLONE)] == [csi.VolumeUsage.Unit.BYTES]
    counted = volume_usage({**RCLONE, "files_available": 10**9 - 7, "files_used": 7})
    assert [(one.total, one.used) for one in counted] == [(2**50, 0), (10**9, 7)]


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(-(2**65), 2**65))))
def test_nothing_that_is_said_is_a_failure_or_negative(found: dict[str, int | str]) -> None:
    for one in volume_usage(found):
        assert min(one.total, one.available, one.used) >= 0
