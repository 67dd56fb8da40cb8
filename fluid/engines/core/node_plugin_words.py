"""Words for the node plugin: those that it does not know mean the default there, and are told here."""

from fluid.engines.core.errors import SpecWarning, Subject, Whose, meaningless
from fluid.models import PersistentVolume
from fluid.naming import CLEAN_POLICIES, METADATA_LIST, NODE_PUBLISH_METHOD, SKIP_CHECK_MOUNT_READY
from fluid.types import KubeObject

_SKIPS = ("All", "MountPod", "Sidecar")
_METHODS = ("", "bindMount", "symlink")
_SHOWN = 63
"""Characters of a word that are shown."""


def clean_policy_words(subject: Subject, field: str, text: str | None) -> list[SpecWarning]:
    """A warning about a clean policy that does not exist.

    Args:
        subject: The object that has it.
        field: Path of the field.
        text: What stands there.
    """
    if not text or text in CLEAN_POLICIES:
        return []
    message = f"{text[:_SHOWN]!r} is no clean policy, {CLEAN_POLICIES[0]} counts"
    fix = f"Write one of {', '.join(CLEAN_POLICIES)}"
    return [meaningless(subject, field, f"cleanPolicy={text}", message, fix)]


def volume_words(runtime: KubeObject, volume: PersistentVolume) -> list[SpecWarning]:
    """Warnings about how the runtime's annotations want its volume to be published."""
    found: list[SpecWarning] = []
    text = (runtime.metadata.annotations or {}).get(SKIP_CHECK_MOUNT_READY, "")
    unknown = next((word for word in map(str.strip, text.split(",")) if word and word not in _SKIPS), "")
    if unknown:
        message = f"{unknown[:_SHOWN]!r} means nothing, and skips no check"
        fix = f"Write one of {', '.join(_SKIPS)}"
        where = f"metadata.annotations[{SKIP_CHECK_MOUNT_READY}]"
        found.append(meaningless(Whose.RUNTIME, where, f"{SKIP_CHECK_MOUNT_READY}={unknown}", message, fix))
    method = (volume.metadata.labels or {}).get(NODE_PUBLISH_METHOD, "")
    if method not in _METHODS:
        where = f"metadata.annotations[{METADATA_LIST}], label {NODE_PUBLISH_METHOD} of PersistentVolume"
        message = f"{method[:_SHOWN]!r} means nothing, pods get a bind mount"
        word = f"{NODE_PUBLISH_METHOD}={method}"
        found.append(meaningless(Whose.RUNTIME, where, word, message, "Write symlink, or remove it"))
    return found
