"""Folders of nodes that users name for their pods: which can be mounted, and which are allowed."""

from collections.abc import Iterable
from posixpath import normpath

from fluid.charts.text import has_control


def host_path_problem(path: str, allowed: Iterable[str] | None = None) -> str | None:
    """Why a folder of a node cannot be mounted, as the rest of a sentence about it; None if it can.

    Args:
        path: as the user wrote it.
        allowed: folders at or below which it has to be; None for anywhere but the root.
    """
    if not path.startswith("/"):
        return "is no absolute path"
    if ".." in path.split("/"):
        return "has '..'"
    if ":" in path or has_control(path):
        return "has a colon or a control character"
    if is_within(path, "/") and is_within("/", path):
        return "is the root of the node"
    if allowed is not None and not any(is_within(path, one) for one in allowed):
        return "is not below a folder that the administrator allows"
    return None


def is_within(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or below it, however both are spelled."""
    below, above = _parts(path), _parts(folder)
    return below[: len(above)] == above


def _parts(path: str) -> list[str]:
    return [part for part in normpath(path).split("/") if part]
