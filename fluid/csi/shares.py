"""How many helpers may run, and hang: for one file system, for one tenant, and on the node."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

AT_ONCE, AT_ONCE_OF_ONE, AT_ONCE_IN_ONE = 16, 6, 4
"""Helpers that may run: in all, for one tenant, in one file system. In one that was silent, one alone."""
_MOST_HANGING = 4
"""Helpers that may hang in one file system. More than one: who lost a request may still answer the next."""
_OF_ONE, _MOST = 12, 48
"""Helpers that may hang, for one tenant and in all, before one is asked again in which one hangs already."""
_FIRST_OF_ONE, _FIRST = 32, 64
"""The same before one is asked in which none hangs: nobody's silence is taken for another's.

There is a FUSE pod behind each, of which a node has a hundred; one tenant has half of these helpers at most.
"""
_RESERVE = 8
"""Helpers more that may hang if they ask no file system: without them nothing could be taken away."""
WORST = _FIRST + _RESERVE - 1 + AT_ONCE
"""Helpers that there can be: all that run when one fewer hangs than may come to hang as well, which makes 87.

A helper has 4 MB for itself: 350 MB in all, and 100 MB for the plugin and its supervisor, of the 512 MiB that
its container may have (`manifests`). Of more memory the kernel would kill, the plugin perhaps.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file system that is asked, or none.

    Attributes:
        device: Its device.
        tenant: Whose it is.
    """

    device: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a helper is not started.

    Attributes:
        silent: Whether the file system itself is why; else too many hang elsewhere.
        why: For people.
    """

    silent: bool
    why: str


def refusal(hanging: Sequence[Asked], asked: Asked) -> Refusal | None:
    """Whether a helper may not be started, given those that hang; None if it may."""
    if not asked.device:
        return _too_many(hanging) if len(hanging) >= _FIRST + _RESERVE else None
    here = sum(one.device == asked.device for one in hanging)
    if here >= _MOST_HANGING:
        return Refusal(silent=True, why=f"the file system owes the answer to {here} earlier questions")
    theirs = [one for one in hanging if one.tenant == asked.tenant]
    of_one, most = (_OF_ONE, _MOST) if here else (_FIRST_OF_ONE, _FIRST)
    if len(theirs) >= of_one:
        return _too_many(theirs)
    return _too_many(hanging) if len(hanging) >= most else None


def _too_many(hanging: Collection[Asked]) -> Refusal:
    where = ", ".join(sorted({one.device for one in hanging} - {""})) or "the kernel"
    why = (
        f"not tried: {len(hanging)} helpers on this node wait for an answer of {where}; find these devices in"
        " /proc/self/mountinfo of the node plugin, and delete the FUSE pods behind"
    )
    return Refusal(silent=False, why=why)
