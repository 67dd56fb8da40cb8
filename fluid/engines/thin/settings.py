"""What an administrator sets for ThinRuntimes alone."""

from dataclasses import dataclass

from fluid.engines.core.variables import variable


@dataclass(frozen=True)
class ThinSettings:
    """What existing installations may have set."""

    config_storage: str = variable(
        "THIN_FUSE_CONFIG_STORAGE",
        "configmap",
        "Where ThinRuntimes keep `config.json`; only `configmap` is carried out.",
        read=str.lower,
    )
