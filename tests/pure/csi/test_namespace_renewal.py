"""Renewal in a container while its folders are renamed, or another renewal is at work, at any moment."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.csi.namespace_renewal import NamespaceRenewal
from fluid.csi.syscalls import Kernel, ProcSelf

DEAD, LIVE = "0:40", "0:50"
HERE, AWAY = "/x/y", "/away/y"
Mount = tuple[int, str]
"""Id and device."""


class Killed(Exception):  # noqa: N818 - it is an outcome
    """The renewal was killed."""


@dataclass
class Container:
    """Mounts of a volume at one path, as the kernel shows and changes them; the lowest first.

    Attributes:
        mounts: What is mounted there.
        path: The path, as it is now.
        hidden: For how many more readings of the table nothing is visible at the path.
        moment: How often the renewal asked the kernel for something; each line of the table counts.
        at: What happens at a moment, before the answer.
        beneath: Whether the kernel can attach beneath a mount.
    """

    mounts: list[Mount]
    path: str = HERE
    hidden: int = 0
    moment: int = 0
    at: dict[int, Callable[[], None]] = field(default_factory=dict[int, Callable[[], None]])
    beneath: bool = True
    opened: dict[int, Mount] = field(default_factory=dict[int, Mount])
    last_id: int = 99

    def passes(self) -> None:
        self.moment += 1
        self.at.get(self.moment, lambda: None)()

    def rename(self) -> None:
        self.path = AWAY if self.path == HERE else HERE

    def move_on(self) -> None:
        self.path = f"/{self.moment}/y"

    def kill(self) -> None:
        raise Killed

    @property
    def devices(self) -> list[str]:
        return [device for _, device in self.mounts]

    # What the renewal uses of `ProcSelf`

    def namespace(self) -> int:
        return 0

    def lines(self) -> Iterator[str]:
        self.hidden = max(0, self.hidden - 1)
        parent = 1
        for number, device in [*self.mounts]:
            self.passes()
            yield f"{number} {parent} {device} / {self.path} rw - fuse.test test rw\n"
            parent = number

    def mount_id(self, descriptor: int) -> int:
        return self.opened[descriptor][0]

    def reopen(self, at: int) -> int:
        del at
        return os.open("/", os.O_RDONLY)

    def unmount(self, at: int) -> None:
        self.passes()
        self._place(at)
        self.mounts.remove(self.opened[at])

    # What the renewal uses of `Kernel`

    def open_exactly(self, root: int, path: str) -> int:
        del root
        self.passes()
        if path != self.path or self.hidden:
            raise OSError(errno.ELOOP, "a link or nothing")
        descriptor = os.open("/", os.O_PATH)
        self.opened[descriptor] = self.mounts[-1]
        return descriptor

    def open_beneath(self, base: int, path: str) -> int:
        assert path == ""
        return base

    def clone_tree(self, part: int, *, read_only: bool, receives: bool) -> int:
        assert not read_only
        assert not receives
        return os.dup(part)

    def attach(self, tree: int, at: int, *, beneath: bool) -> None:
        del tree
        self.passes()
        place = self._place(at)
        if beneath and not self.beneath:
            raise OSError(errno.EINVAL, "the flag is not known")
        self.last_id += 1
        self.mounts.insert(place if beneath else place + 1, (self.last_id, LIVE))

    def enter_mount_namespace(self, namespace: int) -> None:
        del namespace

    def ask(self, path: int) -> None:
        del path

    def _place(self, at: int) -> int:
        if self.opened[at] not in self.mounts:
            raise OSError(errno.EINVAL, "it is unmounted")
        return self.mounts.index(self.opened[at])


@pytest.fixture(scope="module")
def base() -> Iterator[int]:
    descriptor = os.open("/", os.O_PATH)
    yield descriptor
    os.close(descriptor)


def renew(container: Container, base: int) -> list[str]:
    kernel, own = cast("Kernel", container), cast("ProcSelf", container)
    pauses: list[float] = []
    renewal = NamespaceRenewal(kernel, own, 0, base, LIVE, frozenset({DEAD}), pauses.append)
    told = [*renewal.renew()]
    assert sum(pauses) < 0.5
    return told


def one() -> Container:
    return Container([(2, DEAD)])


def two() -> Container:
    return Container([(2, DEAD), (3, DEAD)])


@pytest.mark.parametrize("made", [one, two])
def test_one_or_two_renames_at_any_moment_leave_one_live_mount(
    base: int, made: Callable[[], Container]
) -> None:
    calm = made()
    assert renew(calm, base) == []
    moments = range(1, calm.moment + 10)
    for renames in (*combinations(moments, 1), *combinations(moments, 2)):
        container = made()
        container.at = dict.fromkeys(renames, container.rename)
        assert renew(container, base) == []
        assert container.devices == [LIVE], renames


@given(st.sets(st.integers(1, 80), max_size=10))
def test_what_is_told_is_true_after_a_few_renames(base: int, moments: set[int]) -> None:
    container = two()
    container.at = dict.fromkeys(moments, container.rename)
    assert renew(container, base) == []
    assert container.devices == [LIVE]


def test_a_mount_that_is_not_visible_in_five_looks_is_renewed_in_the_sixth(base: int) -> None:
    container = two()
    container.hidden = 6
    assert renew(container, base) == []
    assert container.devices == [LIVE]


def test_a_mount_that_moves_before_each_look_is_looked_for_until_it_is_seen(base: int) -> None:
    container = one()
    container.hidden = 14
    tries = 12
    container.at = dict.fromkeys(range(1, 13 * (1 + tries), 1 + tries), container.rename)
    assert renew(container, base) == []
    assert container.devices == [LIVE]


def test_renames_all_the_time_are_told(base: int) -> None:
    container = one()
    container.at = dict.fromkeys(range(1, 1000), container.move_on)
    assert renew(container, base) == ["mounts are changed there all the time"]
    assert container.devices == [DEAD]


@pytest.mark.parametrize("made", [one, two])
def test_another_renewal_that_ends_or_is_killed_at_any_moment_leaves_one_live_mount(
    base: int, made: Callable[[], Container]
) -> None:
    calm = made()
    assert renew(calm, base) == []
    for moment, length in product(range(1, calm.moment + 1), range(1, calm.moment + 2)):
        container = made()

        def other(container: Container = container, length: int = length) -> None:
            container.at = {container.moment + length: container.kill}
            with suppress(Killed):
                renew(container, base)
            container.at = {}

        container.at = {moment: other}
        assert renew(container, base) == []
        assert container.devices == [LIVE], (moment, length)


def test_a_mount_that_another_one_covers_is_left_and_is_no_failure(base: int) -> None:
    container = two()
    container.hidden = 1000
    assert renew(container, base) == []
    assert container.devices == [DEAD, DEAD]


@pytest.mark.parametrize("made", [one, two])
def test_a_kernel_that_cannot_attach_beneath_gets_the_new_mount_over_the_lowest_dead_one(
    base: int, made: Callable[[], Container]
) -> None:
    container = made()
    container.beneath = False
    assert renew(container, base) == []
    assert container.devices == [DEAD, LIVE]
