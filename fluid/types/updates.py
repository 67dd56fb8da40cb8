"""Update policies: what a change of a field of a spec needs until it is in force."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

Update = Literal["hot", "rolling", "on-fuse-restart", "on-restart", "recreate"]
"""What a change of a field needs, from the least to the most.

``hot``              Nothing: it is in force in running pods, or concerns no pod.
``rolling``          Pods are replaced one after another, FUSE pods when they have no readers.
``on-fuse-restart``  FUSE pods take it when they are replaced, which nobody does for its sake.
``on-restart``       Pods of any component take it when they are replaced, which nobody does for its sake.
``recreate``         Something that is there keeps the old value until it is deleted and made anew.
"""
ORDER: Sequence[Update] = ("hot", "rolling", "on-fuse-restart", "on-restart", "recreate")
"""All policies, from the least to the most."""
_INDEX = re.compile(r"\[[^][]*\]")


def strongest(updates: Iterable[Update]) -> Update:
    """The policy of a change that needs several things; ``hot`` of none."""
    found = {*updates}
    for one in reversed(ORDER):
        if one in found:
            return one
    return "hot"


def plain(path: str) -> str:
    """The path of a field without what tells the items of a list apart: `spec.mounts[0].name` is one."""
    return _INDEX.sub("", path)


def update_at(updates: Mapping[str, Update], path: str) -> Update | None:
    """The policy of a field, its own or that of the nearest field around it; None if nobody says.

    Args:
        updates: Policies by path, such as `updates` of a kind.
        path: Path of the field, such as `spec.fuse.args[0]`.
    """
    path = plain(path)
    while path:
        if (found := updates.get(path)) is not None:
            return found
        path = path.rpartition(".")[0]
    return None
