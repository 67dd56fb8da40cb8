"""What the versions of JindoCache can do."""

import re

from fluid.engines.kit.images import version_of

_SECRET_FILES_SINCE = (4, 6, 8)
_LEGACY_PREFETCHER_UNTIL = (6, 2, 0)
_RELEASE = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-.+)?")


def reads_secret_files(tag: str) -> bool:
    """Whether this version reads credentials from files; a tag that is no version counts as new."""
    version = version_of(tag)
    return version is None or version >= _SECRET_FILES_SINCE


def has_legacy_prefetcher(fuse_tag: str) -> bool:
    """Whether this FUSE client is too old for the default read-ahead; unknown ones are not."""
    match = _RELEASE.fullmatch(fuse_tag)
    return match is not None and tuple(int(number) for number in match.groups()) <= _LEGACY_PREFETCHER_UNTIL
