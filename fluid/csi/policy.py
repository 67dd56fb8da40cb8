"""When the FUSE pod of a volume may leave the node: the clean policies."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

GENERATION_LABEL = "fuse.runtime.fluid.io/generation"
"""On the claim: the generation of the FUSE DaemonSet that a new pod would be made from."""
_log = structlog.get_logger("fluid.csi.policy")


class CleanPolicy(StrEnum):
    """`spec.fuse.cleanPolicy` of a runtime."""

    ON_RUNTIME_DELETED = "OnRuntimeDeleted"
    """The FUSE pod stays until its runtime goes."""
    ON_DEMAND = "OnDemand"
    """It goes with the last pod that uses the volume on the node."""
    ON_FUSE_CHANGED = "OnFuseChanged"
    """It goes like that only if a new one would be a different one."""


def read_policy(text: str | None, whose: str) -> CleanPolicy:
    """The policy that a runtime states; none is the default, and so is a word that means nothing.

    Such a word is refused where it is written, and the operator shows it on objects that have it all the
    same. Here it must not keep a volume from being unstaged: the kubelet would try for ever.
    """
    try:
        return CleanPolicy(text or CleanPolicy.ON_RUNTIME_DELETED)
    except ValueError:
        _log.warning("no such clean policy, the default counts", whose=whose, policy=str(text)[:63])
        return CleanPolicy.ON_RUNTIME_DELETED


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is known once the last pod on the node has given a volume back.

    Attributes:
        policy: What the runtime says; None when there is no runtime any more.
        generation: Generation of the FUSE DaemonSet now, empty where nobody keeps it.
        running: Generation that the FUSE pod of this node was made from, empty where nobody keeps it.
    """

    policy: CleanPolicy | None
    generation: str = ""
    running: str = ""


def gives_up_fuse(leaving: Leaving) -> bool:
    """Whether the node's label is removed, so that the FUSE pod goes."""
    match leaving.policy:
        case CleanPolicy.ON_RUNTIME_DELETED:
            return False
        case CleanPolicy.ON_FUSE_CHANGED:
            return bool(leaving.generation) and leaving.generation != leaving.running
        case CleanPolicy.ON_DEMAND | None:
            return True


def running_generation(labels_file: str) -> str:
    """The generation in the file that a FUSE pod leaves beside its mount: lines of ``key=value``."""
    lines = (line.partition("=") for line in labels_file.splitlines())
    labels: Mapping[str, str] = {key.strip(): value.strip().strip('"') for key, _, value in lines}
    return labels.get(GENERATION_LABEL, "")
