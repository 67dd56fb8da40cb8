"""What an administrator sets for AlluxioRuntimes alone."""

from dataclasses import dataclass

from fluid.engines import api

_REPOSITORY, _TAG = "registry.cn-huhehaote.aliyuncs.com/alluxio", "2.3.0-SNAPSHOT-2c41226"
_INSTALLED = "alluxio/alluxio-dev:2.9.0"
"""What existing installations run: one that is taken over keeps its images."""


@dataclass(frozen=True)
class AlluxioSettings:
    """Images, where an AlluxioRuntime names none."""

    image: api.Image = api.variable(
        "ALLUXIO_RUNTIME_IMAGE_ENV",
        api.Image(f"{_REPOSITORY}/alluxio", _TAG),
        "Image of masters, workers and loaders for AlluxioRuntimes that name none.",
        installed=_INSTALLED,
    )
    fuse_image: api.Image = api.variable(
        "ALLUXIO_FUSE_IMAGE_ENV",
        api.Image(f"{_REPOSITORY}/alluxio-fuse", _TAG),
        "Image of the FUSE client for AlluxioRuntimes that name none.",
        installed=_INSTALLED,
    )
