"""Images of components: the runtime's own, else the administrator's, and what their versions are."""

import re
from typing import Protocol

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.variables import Image

_VERSION = re.compile(r"v?(\d{1,18}(?:\.\d{1,18})+).*", re.DOTALL)


class ImageSpec(Protocol):
    """The part of a spec that names an image."""

    @property
    def image(self) -> str | None: ...  # noqa: D102 - as in the spec
    @property
    def image_tag(self) -> str | None: ...  # noqa: D102


def chosen_image(wanted: ImageSpec | None, default: Image) -> Image:
    """The image of a component: repository and tag, each the user's or the default.

    Args:
        wanted: What the user says; None for nothing.
        default: What the administrator or the engine says.
    """
    if wanted is None:
        return default
    return Image(wanted.image or default.repository, wanted.image_tag or default.tag)


def version_of(tag: str) -> tuple[int, ...] | None:
    """The numbers that a tag such as `v6.2.0`, `release-2.8.1-SNAPSHOT` or `6.2` begins with, at least three.

    None for a tag that is no version, such as `latest`.
    """
    match = _VERSION.fullmatch(tag.strip().removeprefix("release-"))
    if match is None:
        return None
    numbers = tuple(int(number) for number in match[1].split("."))
    return numbers + (0,) * (3 - len(numbers))


def named_image(spec: ImageSpec, field: str, missing: str) -> str:
    """The image that the user has to name, with its tag where there is one.

    Args:
        spec: What the user says.
        field: Field of the image.
        missing: What to say where there is none, as the rest of a sentence after the field.

    Raises:
        InvalidSpec: There is none.
    """
    if not spec.image:
        raise InvalidSpec(Whose.RUNTIME, field, missing, "Name an image")
    return f"{spec.image}:{spec.image_tag}" if spec.image_tag else spec.image
