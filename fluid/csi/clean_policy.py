"""The clean policies: when the node label that keeps a FUSE pod on the node is removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from fluid.naming import FUSE_GENERATION

_log = structlog.get_logger("fluid.csi.clean_policy")


class CleanPolicy(StrEnum):
    """`spec.fuse.cleanPolicy` of a runtime."""

    ON_RUNTIME_DELETED = "OnRuntimeDeleted"
    """The FUSE pod stays until its runtime is deleted."""
    ON_DEMAND = "OnDemand"
    """The FUSE pod goes with the last pod on the node that uses the volume."""
    ON_FUSE_CHANGED = "OnFuseChanged"
    """The same, but only if a new FUSE pod would be created from a newer generation."""


def read_policy(text: str | None, whose: str) -> CleanPolicy:
    """The clean policy of a runtime; the default for no text and for an unknown word.

    The API server refuses unknown words, and the operator reports them on objects that have one all the same.
    An unknown word must not make an unstage fail here: the kubelet would repeat the call for ever.

    Args:
        text: `spec.fuse.cleanPolicy`.
        whose: the object, for the log.
    """
    try:
        return CleanPolicy(text or CleanPolicy.ON_RUNTIME_DELETED)
    except ValueError:
        _log.warning("no such clean policy, the default counts", whose=whose, policy=str(text)[:63])
        return CleanPolicy.ON_RUNTIME_DELETED


@dataclass(frozen=True, slots=True)
class CleanState:
    """What is known when the last pod on the node has unmounted a volume.

    Attributes:
        policy: The runtime's clean policy; None if the runtime is deleted.
        generation: Generation of the FUSE DaemonSet now; empty if it is not recorded.
        running: Generation from which the FUSE pod of this node was created; empty if it is not recorded.
    """

    policy: CleanPolicy | None
    generation: str = ""
    running: str = ""


def removes_fuse_label(state: CleanState) -> bool:
    """Whether to remove the node's label, so that the FUSE pod is deleted."""
    match state.policy:
        case CleanPolicy.ON_RUNTIME_DELETED:
            return False
        case CleanPolicy.ON_FUSE_CHANGED:
            return bool(state.generation) and state.generation != state.running
        case CleanPolicy.ON_DEMAND | None:
            return True


def running_generation(labels_file: str) -> str:
    """The generation in the file that a FUSE pod writes beside its mount, with lines ``key=value``."""
    lines = (line.partition("=") for line in labels_file.splitlines())
    labels: Mapping[str, str] = {key.strip(): value.strip().strip('"') for key, _, value in lines}
    return labels.get(FUSE_GENERATION, "")
