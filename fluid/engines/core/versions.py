"""The version of the interface between engines and everything that calls them.

The first number changes when a registration that was written before has to be changed, the second when
something is added. A registration says which version it was written for; one for another first number, or for
a later second one, is refused.
"""

import re

INTERFACE = "1.0"
"""The version that this distribution has."""
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})")


def version_problem(written_for: str, ours: str = INTERFACE) -> str:
    """Why a registration cannot be used, as the rest of a sentence; empty if it can.

    Args:
        written_for: The version that it names.
        ours: The version to compare with.
    """
    theirs, mine = _VERSION.fullmatch(written_for), _VERSION.fullmatch(ours)
    assert mine is not None, "our own version is one"
    if theirs is None:
        return f"names {written_for[:40]!r} as the version of the interface; write it like {ours!r}"
    if theirs[1] != mine[1] or int(theirs[2]) > int(mine[2]):
        fix = "install releases that fit"
        return f"was written for version {written_for} of the interface, and this is {ours}: {fix}"
    return ""
