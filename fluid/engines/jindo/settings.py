"""What an administrator sets for JindoRuntimes alone."""

from dataclasses import dataclass

from fluid.engines import api

_REPOSITORY = "registry.cn-shanghai.aliyuncs.com/jindofs"
_INSTALLED = "6.9.1-202509151826"
"""What existing installations run: one that is taken over keeps its images."""
_NO_DNS_SERVER = "1.1.1.1"  # has always meant "not set" on the wire


def _dns_server(text: str) -> str | None:
    return None if text == _NO_DNS_SERVER else text


@dataclass(frozen=True)
class JindoSettings:
    """Images and the like, where a JindoRuntime says nothing."""

    smartdata_image: api.Image = api.variable(
        "JINDO_SMARTDATA_IMAGE_ENV",
        api.Image(f"{_REPOSITORY}/smartdata", "6.2.0"),
        "Image of masters and workers for JindoRuntimes that name none.",
        installed=f"{_REPOSITORY}/smartdata:{_INSTALLED}",
    )
    fuse_image: api.Image = api.variable(
        "JINDO_FUSE_IMAGE_ENV",
        api.Image(f"{_REPOSITORY}/jindo-fuse", "6.2.0"),
        "Image of the FUSE client for JindoRuntimes that name none.",
        installed=f"{_REPOSITORY}/jindo-fuse:{_INSTALLED}",
    )
    dns_server: str = api.variable(
        "JINDO_DNS_SERVER_ENV",
        "",
        "Name server for the pods of JindoRuntimes instead of the cluster's; empty for the cluster's.",
        read=_dns_server,
    )
    default_memory_limit: bool = api.variable(
        "USE_DEFAULT_MEM_LIMIT",
        False,
        "Whether masters of JindoRuntimes with large memory caches request 30Gi.",
    )
