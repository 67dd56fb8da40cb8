"""Makes any text readable in a condition or an event."""

import re
from collections.abc import Sequence

LONGEST = 4000
"""Characters of a message in a condition, at most."""
_CUT = " ..."
_WORD = 80
"""Longest word in characters that is dropped for a cut at its beginning; a longer one is cut within."""
_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+ *")


def fit(text: str, longest: int = LONGEST) -> str:
    r"""The same text on one line, bounded, with what cannot be seen escaped (`\x7f`, `\u202e`).

    Control characters, directional overrides and halves of surrogate pairs are escaped, so that untrusted
    text can neither break the object that carries it nor mislead its readers. A text that is too long is cut
    at the end of a word. The function is idempotent.

    Args:
        text: from anybody; only its beginning is looked at.
        longest: characters that may be left, the mark of the cut included.
    """
    if len(text) <= longest and text.isprintable():
        return text
    line = _BREAKS.sub(" ", text[: longest + 1])
    shown = line if line.isprintable() else "".join(map(_escaped, line))
    if len(text) <= longest and len(shown) <= longest:
        return shown
    kept = shown[: longest - len(_CUT)]
    whole, _, word = kept.rpartition(" ")
    return (whole if whole and len(word) <= _WORD else kept) + _CUT


def alternatives(names: Sequence[str]) -> str:
    """Names as a choice, such as ``Job, CronJob or Pod``; empty without any."""
    *others, last = names or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
