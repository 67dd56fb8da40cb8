"""Settings that an administrator gives by environment variables: a frozen dataclass says which.

@dataclass(frozen=True)
class HelloSettings:
image: Image = variable("HELLO_IMAGE", Image("example.com/hello", "1.0"), "Image of workers.")
verbose: bool = variable("HELLO_VERBOSE", False, "Whether workers log every read.")

read_settings(HelloSettings, {"HELLO_VERBOSE": "true"})
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
S = TypeVar("S", bound="DataclassInstance")
_IMAGE = re.compile(r"\S[^\s:]*:\S+")
_KEY = "variable"


class Image(NamedTuple):
    """A container image: where it is and which one."""

    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True)
class Variable:
    """One environment variable.

    Attributes:
        name: Its name.
        doc: What it sets, as a sentence.
        read: The value of a text that is not empty; None for one that is malformed.
        installed: What `fluid manifests` sets it to; empty for nothing.
    """

    name: str
    doc: str
    read: Callable[[str], object]
    installed: str = ""


def variable(
    name: str, default: T, doc: str, *, read: Callable[[str], T | None] | None = None, installed: str = ""
) -> T:
    """A field of a settings class.

    Args:
        name: The environment variable.
        default: The value where it is not set, is empty or is malformed.
        doc: What it sets, as a sentence.
        read: Reads the text; None for malformed. Without it the type of the default says how: text as it is,
            numbers in decimal digits, `true` in any case for a flag, `repository:tag` for an image.
        installed: What `fluid manifests` sets it to.

    Raises:
        TypeError: The default has another type, and nothing says how to read it.
    """
    reader = read or _READERS.get(type(default))
    if reader is None:
        raise TypeError(f"{name}: say how a {type(default).__name__} is read")
    return field(default=default, metadata={_KEY: Variable(name, doc, reader, installed)})


def variables(settings: "type[DataclassInstance]") -> Iterator[tuple[str, Variable]]:
    """The variables of a settings class, each with the name of its field."""
    for one in fields(settings):
        found = one.metadata.get(_KEY)
        if isinstance(found, Variable):
            yield one.name, found


def read_settings(settings: type[S], environment: Mapping[str, str]) -> S:
    """The settings that an environment says."""
    found = settings()
    for name, one in variables(settings):
        text = environment.get(one.name, "")
        value = _read(one, text) if text else None
        if value is not None:
            found = replace(found, **{name: value})
    return found


def _read(one: Variable, text: str) -> object:
    """The value of a text; None as well where a reader fails, which may be anybody's."""
    try:
        return one.read(text)
    except Exception:  # noqa: BLE001 - it has its default, as any text that is malformed
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _image(text: str) -> Image | None:
    return Image(*text.rsplit(":", 1)) if _IMAGE.fullmatch(text) else None


_READERS: Mapping[type, Callable[[str], object]] = {
    bool: lambda text: text.lower() == "true",
    int: _number,
    str: str,
    Image: _image,
}
