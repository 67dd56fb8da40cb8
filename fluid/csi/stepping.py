"""Takes steps at one place until none is left: look, take one, look again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from fluid.csi.bounded import ChangedError, HelperError
from fluid.csi.deciding import Attach, Step

S = TypeVar("S", bound=Step)
_CANNOT_BENEATH = frozenset({22})
"""EINVAL: the kernel does not know the flag, or cannot tuck a mount in there."""


class RestlessError(Exception):
    """A place was changed by others as fast as by us."""


async def step_until_done(
    decide: Callable[[], Awaitable[S | None]], take: Callable[[S], Awaitable[None]], *, most: int
) -> None:
    """Take the steps that are decided, one by one.

    Somebody else may change the place meanwhile, so a mount that cannot be taken away because it is not the
    uppermost any more is no failure: it is looked at again. Where the kernel cannot attach beneath, the place
    is looked at again, too, and then it is attached over what is there.

    Args:
        decide: looks, and says what is next; None for nothing.
        take: carries it out.
        most: steps.

    Raises:
        ChangedError: what was to be attached is not what is there now.
        HelperError: a step failed.
        RestlessError: there were too many.
    """
    able = True
    for _ in range(most):
        step = await decide()
        if step is None:
            return
        beneath = isinstance(step, Attach) and step.beneath
        if isinstance(step, Attach) and not able:
            step = replace(step, beneath=False)
        try:
            await take(step)
        except ChangedError:
            if isinstance(step, Attach):
                raise
        except HelperError as error:
            if not (beneath and able) or error.number not in _CANNOT_BENEATH:
                raise
            able = False
    raise RestlessError(f"still not as it should be after {most} steps")
