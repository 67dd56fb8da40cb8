"""ThinRuntime, as far as it is to be known without its engine."""

from collections.abc import Mapping
from types import MappingProxyType

from fluid.kinds.record import RuntimeKind
from fluid.models import ThinRuntime, ThinRuntimeProfile

CACHE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "alluxio.": "Alluxio",
        "jindocache.": "JindoCache",
        "fs.jindo": "JindoCache",
        **{f"fs.{store}.": "JindoCache" for store in ("oss", "s3", "cos", "obs", "dls")},
    }
)
"""Whose words options of a mount are, by their beginnings: clients of ThinRuntimes read none of them."""

KIND = RuntimeKind(ThinRuntime, profile=ThinRuntimeProfile, unread_options=CACHE_WORDS)
