"""Words in specs without a meaning: refused at creation and at a change, reported on Bound runtimes.

Which ones a runtime is Bound with is kept in an annotation of its values ConfigMap. A ConfigMap without it
was made by an earlier release, which accepted everything; it gets it with the first such word.
"""

from collections.abc import Sequence
from hashlib import sha256

from fluid.engines.core.errors import SpecWarning, Subject, Whose, meaningless
from fluid.models import ConfigMap, PersistentVolume
from fluid.naming import (
    ACCEPTED_WORDS,
    CLEAN_POLICIES,
    METADATA_LIST,
    NODE_PUBLISH_METHOD,
    SKIP_CHECK_MOUNT_READY,
)
from fluid.types import KubeObject

_DIGITS = 12
"""Of a word's SHA-256: words are a user's text of any length."""
_MOST = 1000
"""Words that are kept; an annotation has its limit, and the others are refused at the next pass."""


def refuse_new_words(warnings: Sequence[SpecWarning], live: ConfigMap | None, *, registered: bool) -> None:
    """Refuse the words that the runtime is not Bound with.

    Args:
        warnings: What was found in the specs.
        live: The values ConfigMap as it is; None if there is none.
        registered: Whether the runtime has been bound to its Dataset.

    Raises:
        InvalidSpec: The first of these words.
    """
    accepted = _accepted(live)
    if registered and accepted is None:
        return
    known = accepted if registered and accepted else frozenset[str]()
    for warning in warnings:
        if warning.refusal is not None and _digest(warning.word) not in known:
            raise warning.refusal


def with_accepted_words(
    child: ConfigMap, warnings: Sequence[SpecWarning], live: ConfigMap | None
) -> ConfigMap:
    """The values ConfigMap with the words that its runtime is Bound with.

    Args:
        child: The ConfigMap as rendered.
        warnings: What was found in the specs.
        live: The ConfigMap as it is; None if there is none.
    """
    words = sorted({_digest(warning.word) for warning in warnings if warning.refusal is not None})[:_MOST]
    if not words and live is not None and _accepted(live) is None:
        return child
    copy = child.model_copy(update={"metadata": child.metadata.model_copy()})
    copy.metadata.annotations = {**(child.metadata.annotations or {}), ACCEPTED_WORDS: ",".join(words)}
    return copy


def _accepted(live: ConfigMap | None) -> frozenset[str] | None:
    """Digests of the accepted words; None if nobody recorded them."""
    text = (live.metadata.annotations or {}).get(ACCEPTED_WORDS) if live else None
    return None if text is None else frozenset(text[: _MOST * (_DIGITS + 1)].split(","))


def _digest(word: str) -> str:
    return sha256(word.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


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
