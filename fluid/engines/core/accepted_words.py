"""Words that mean nothing: refused at creation and at a change, shown where a runtime is Bound with them.

Which ones a runtime is Bound with is kept in an annotation of its values ConfigMap. A ConfigMap without it
was made by an earlier release, which accepted everything; it gets it with the first such word.
"""

from collections.abc import Sequence
from hashlib import sha256

from fluid.engines.core.errors import SpecWarning
from fluid.models import ConfigMap
from fluid.naming import ACCEPTED_WORDS

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
