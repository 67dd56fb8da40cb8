"""What an administrator sets for JuiceFSRuntimes alone."""

from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.juicefs.values import Edition


@dataclass(frozen=True)
class JuiceFSSettings:
    """Images, where a JuiceFSRuntime says nothing."""

    community_image: api.Image = api.variable(
        "JUICEFS_CE_IMAGE_ENV",
        api.Image("juicedata/juicefs-fuse", "ce-v1.1.0-beta2"),
        "Image of JuiceFSRuntimes of the community edition that name none.",
        installed="juicedata/mount:ce-v1.3.0",
    )
    enterprise_image: api.Image = api.variable(
        "JUICEFS_EE_IMAGE_ENV",
        api.Image("juicedata/juicefs-fuse", "ee-4.9.14"),
        "Image of JuiceFSRuntimes of the enterprise edition that name none.",
        installed="juicedata/mount:ee-5.2.10-eb0a8b3",
    )


def default_image(settings: api.Settings, edition: Edition) -> api.Image:
    """The image of an edition."""
    own = settings.of(JuiceFSSettings)
    return own.community_image if edition == "community" else own.enterprise_image
