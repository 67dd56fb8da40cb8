"""Which images a runtime's pods run, and what their versions can do."""

import re

from fluid.engines.core.settings import Image, Settings
from fluid.models import JindoRuntime

_SECRET_FILES_SINCE = (4, 6, 8)
_LEGACY_PREFETCHER_UNTIL = (6, 2, 0)
_RELEASE = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-.+)?")
_GENERIC = re.compile(r"v?(\d{1,18}(?:\.\d{1,18})+).*", re.DOTALL)


def smartdata_image(runtime: JindoRuntime, settings: Settings) -> Image:
    """Image of masters, workers and data operations: the runtime's own, else the operator's."""
    wanted, default = runtime.spec.jindo_version, settings.smartdata_image
    if wanted is None:
        return default
    return Image(wanted.image or default.repository, wanted.image_tag or default.tag)


def fuse_image(runtime: JindoRuntime, settings: Settings) -> Image:
    """Image of the FUSE client."""
    wanted, default = runtime.spec.fuse, settings.fuse_image
    if wanted is None:
        return default
    return Image(wanted.image or default.repository, wanted.image_tag or default.tag)


def reads_secret_files(tag: str) -> bool:
    """Whether this version reads credentials from files; a tag that is no version counts as new."""
    match = _GENERIC.fullmatch(tag.strip().removeprefix("release-"))
    if match is None:
        return True
    numbers = tuple(int(number) for number in match[1].split("."))
    return numbers + (0,) * (3 - len(numbers)) >= _SECRET_FILES_SINCE


def has_legacy_prefetcher(fuse_tag: str) -> bool:
    """Whether this FUSE client is too old for the default read-ahead; unknown ones are not."""
    match = _RELEASE.fullmatch(fuse_tag)
    return match is not None and tuple(int(number) for number in match.groups()) <= _LEGACY_PREFETCHER_UNTIL
