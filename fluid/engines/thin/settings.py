"""What an administrator sets for ThinRuntimes alone."""

from dataclasses import dataclass

from fluid.engines import api


@dataclass(frozen=True)
class ThinSettings:
    """What existing installations may have set."""

    config_storage: str = api.variable(
        "THIN_FUSE_CONFIG_STORAGE",
        "configmap",
        "Where ThinRuntimes keep `config.json`; only `configmap` is carried out.",
        read=str.lower,
    )
