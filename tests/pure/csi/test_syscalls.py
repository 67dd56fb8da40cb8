"""Paths that are opened while others rename what leads to them."""

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fluid.csi.syscalls import Kernel


@dataclass
class Busy(Kernel):
    """A kernel that cannot tell a few times where a path leads.

    Attributes:
        times: How often.
        calls: How often it was asked.
    """

    times: int
    calls: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__init__()

    def _call(self, name: str, number: int, *arguments: object) -> int:
        self.calls.append(name)
        if len(self.calls) <= self.times:
            raise OSError(errno.EAGAIN, "openat2: Resource temporarily unavailable")
        return super()._call(name, number, *arguments)


def test_a_path_is_opened_again_while_the_kernel_cannot_tell_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    base = os.open(tmp_path, os.O_PATH)
    try:
        kernel = Busy(2)
        os.close(kernel.open_beneath(base, "part/../part"))
        assert kernel.calls == ["openat2"] * 3
        endless = Busy(1 << 30)
        with pytest.raises(OSError, match="temporarily unavailable") as refused:
            endless.open_exactly(base, "part")
        assert refused.value.filename == "part"
        assert len(endless.calls) == 100
    finally:
        os.close(base)


def test_links_are_followed_only_where_that_is_said_and_never_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "volume/part").mkdir(parents=True)
    (tmp_path / "volume/link").symlink_to("part")
    (tmp_path / "volume/out").symlink_to("..")
    base, kernel = os.open(tmp_path / "volume", os.O_PATH), Kernel()
    try:
        os.close(kernel.open_beneath(base, "link", links=True))
        for path, links, number in (
            ("link", False, errno.ELOOP),
            ("out", False, errno.ELOOP),
            ("out", True, errno.EXDEV),
            ("..", True, errno.EXDEV),
        ):
            with pytest.raises(OSError, match="openat2") as refused:
                kernel.open_beneath(base, path, links=links)
            assert refused.value.errno == number
    finally:
        os.close(base)
