"""Steps at one place, whoever else is at work there and whatever the kernel can."""

import errno
from collections.abc import Iterator

import pytest

from fluid.csi.errors import ChangedError, HelperError, NotConvergingError
from fluid.csi.mounts import converge
from fluid.csi.steps import Attach, Detach

pytestmark = pytest.mark.anyio
BENEATH = Attach("/source", "0:2", "", read_only=True, beneath=True)
OVER = Attach("/source", "0:2", "", read_only=True)
Change = Attach | Detach


class Place:
    """Decides what it is told, and fails as it is told."""

    def __init__(self, decisions: list[Change], failures: dict[int, HelperError]) -> None:
        self.decisions: Iterator[Change] = iter(decisions)
        self.failures = failures
        self.taken: list[Change] = []

    async def decide(self) -> Change | None:
        return next(self.decisions, None)

    async def take(self, step: Change) -> None:
        self.taken.append(step)
        if error := self.failures.get(len(self.taken)):
            raise error

    async def run(self, most: int = 5) -> list[Change]:
        await converge(self.decide, self.take, most=most)
        return self.taken


INVALID = HelperError(errno.EINVAL, "move_mount: Invalid argument")


async def test_where_nothing_can_go_beneath_it_goes_over_once_the_place_was_looked_at_again() -> None:
    assert await Place([BENEATH, BENEATH], {1: INVALID}).run() == [BENEATH, OVER]
    assert await Place([BENEATH], {1: INVALID}).run() == [BENEATH], "there is nothing left to do"
    assert await Place([BENEATH, Detach(7), BENEATH], {1: INVALID}).run() == [BENEATH, Detach(7), OVER]


@pytest.mark.parametrize(
    ("decisions", "failures"),
    [
        ([BENEATH, BENEATH], {1: INVALID, 2: INVALID}),
        ([OVER], {1: INVALID}),
        ([Detach(7)], {1: INVALID}),
        ([BENEATH], {1: HelperError(errno.EPERM, "move_mount: Operation not permitted")}),
        ([BENEATH], {1: ChangedError("the source")}),
    ],
    ids=["over too", "not beneath", "no attach", "another error", "another source"],
)
async def test_what_the_kernel_refuses_otherwise_is_told(
    decisions: list[Change], failures: dict[int, HelperError]
) -> None:
    with pytest.raises(HelperError) as told:
        await Place(decisions, failures).run()
    assert told.value is failures[max(failures)]


async def test_a_mount_that_is_not_the_uppermost_any_more_is_looked_at_again() -> None:
    place = Place([Detach(7), Detach(8)], {1: ChangedError("another one")})
    assert await place.run() == [Detach(7), Detach(8)]


async def test_mounts_that_never_converge_are_given_up() -> None:
    with pytest.raises(NotConvergingError, match="after 3 steps"):
        await Place([Detach(number) for number in range(9)], {}).run(3)
