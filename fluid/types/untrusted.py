"""Untrusted texts: limits on how much of each is read, and readers that never fail.

Any user may write objects, annotations, files and answers of commands. A text longer than its limit is not
read at all; reading takes time linear in the length. The readers return None for a text that they cannot
read, and raise nothing.
"""

import json
from datetime import datetime
from typing import Final, cast

from pydantic import JsonValue

ANNOTATION: Final = 4096
"""Characters of an annotation that is parsed: Fluid's own annotations have some hundred."""
COMMAND_OUTPUT: Final = 4 * 1024**2
"""Characters of a command's answer that are parsed: a table of 256 long mounts has nearly as many."""
CONFIG_MAP: Final = 1024**2
"""Bytes of all data of a ConfigMap: the API server accepts no more."""
OBJECT: Final = 3 * 1024**2 // 2
"""Bytes of one object: etcd accepts no more in one request."""
DURATION: Final = 256
"""Characters of a duration."""
QUANTITY: Final = 256
"""Characters of a quantity."""
TIME: Final = 64
"""Characters of a point in time."""
DIGITS: Final = 18
"""Digits of a whole number in a text: all of these fit 64 bits."""
MOUNT_OPTIONS: Final = 65536
"""Options of all mounts of a Dataset together, shared ones counted once for each mount."""
MOUNT_LINES: Final = 1024
"""Lines of a cache's mount table that are read; a Dataset has 256 mounts at most."""


def whole_number(text: str, most: int = 10**DIGITS - 1) -> int | None:
    """The number that a text of decimal digits spells; None for any other text, and above `most`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > DIGITS:
        return None
    number = int(text)
    return number if number <= most else None


def read_time(text: str) -> datetime | None:
    """The moment that a text spells as in ISO 8601; None for any other text, and for one without a zone."""
    try:
        found = datetime.fromisoformat(text) if len(text) <= TIME else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def read_json(text: str, limit: int = ANNOTATION) -> JsonValue | None:
    """The JSON value in a text; None for what is no JSON, nested too deeply, or longer than `limit`."""
    if len(text) > limit:
        return None
    try:
        return cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):  # a number with thousands of digits raises ValueError too
        return None
