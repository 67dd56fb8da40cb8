"""What may be a name at the API server, asked before anything with the name is sent."""

import re

_OBJECT = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_VOLUME = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def is_object_name(text: str) -> bool:
    """Whether a text can be the name of a Secret, a ConfigMap or a claim."""
    return _OBJECT.fullmatch(text) is not None


def is_volume_name(text: str) -> bool:
    """Whether a text can be the name of a volume of a pod."""
    return _VOLUME.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether a text can be a key of a Secret or a ConfigMap, and so the name of a file."""
    return _KEY.fullmatch(text) is not None and text not in (".", "..")
