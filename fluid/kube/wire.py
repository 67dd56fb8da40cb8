"""JSON as it travels: plain dictionaries, decoded by msgspec, never shown above this package."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from fluid.types import Key

Wire: TypeAlias = dict[str, Any]
"""One JSON object; its values are `Any`, because nothing has been validated yet."""

_decoder = msgspec.json.Decoder(Wire)
# U+007F to U+009F, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF in UTF-8; JSON has them within strings only.
_NOT_YAML = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def decode(data: bytes) -> Wire:
    """Parses one JSON object.

    Raises:
        msgspec.DecodeError: the bytes are not one JSON object.
    """
    return _decoder.decode(data)


def encode(value: object) -> bytes:
    """JSON bytes of plain data that a YAML reader reads as the same data.

    The API server reads an apply as YAML, which refuses raw control characters and folds some line breaks,
    although JSON allows both. Therefore they are escaped.
    """
    return _NOT_YAML.sub(_escaped, msgspec.json.encode(value))


def canonical(value: object) -> bytes:
    """JSON bytes with sorted keys: equal data, equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(match[0].decode())


def key_of(raw: Wire) -> Key:
    """Namespace and name of an object.

    Raises:
        KeyError, TypeError: it has no metadata or no name.
    """
    metadata = raw["metadata"]
    return Key(metadata.get("namespace") or "", metadata["name"])


def slim(raw: Wire) -> Wire:
    """Drops, in place, fields that no reader needs and that cost most memory."""
    raw.pop("apiVersion", None)  # lists leave both out as well; models have them as defaults
    raw.pop("kind", None)
    metadata = raw["metadata"]
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if annotations is not None:
        annotations.pop(_LAST_APPLIED, None)
    return raw


def version_of(raw: Wire) -> int:
    """The resourceVersion of an object as a number; 0 when absent or not a number."""
    return version_number(raw["metadata"].get("resourceVersion", ""))


def version_number(version: str) -> int:
    """A resourceVersion as a number; 0 when it is none."""
    return int(version) if version.isdecimal() else 0


def prune(raw: Wire, keep: Sequence[Sequence[str]]) -> Wire:
    """A copy with the metadata and the given paths alone; ``x[]`` stands for every item of the list ``x``."""
    kept: Wire = {"metadata": raw["metadata"]}
    for path in keep:
        _keep(raw, kept, path)
    return kept


def _keep(source: Wire, target: Wire, path: Sequence[str]) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        if name in source:
            target[name] = source[name]
    elif name.endswith("[]"):
        items: list[Wire] = source.get(name[:-2]) or []
        kept: list[Wire] = target.setdefault(name[:-2], [{} for _ in items])
        for item, part in zip(items, kept, strict=True):
            _keep(item, part, rest)
    else:
        _keep(source.get(name) or {}, target.setdefault(name, {}), rest)
